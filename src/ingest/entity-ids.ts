/**
 * Numbers for providers and for models of a provider, for clients that know them by number. They are given by first sight,
 * from 1 on, and never change or come back; what a name is was decided before it got here, so that there are as many as
 * the limits on label sets let in.
 */
import { OTHER } from "../ledger/ledger.ts";

/** A model of a provider. */
export type Entity = {
  readonly modelId: number;
  readonly providerId: number;
  readonly provider: string;
  readonly model: string;
};

export class EntityIds {
  /** In the order of their numbers. */
  readonly #entities: Entity[] = [];
  readonly #byName = new Map<string, Map<string, Entity>>();
  readonly #providers: string[] = [];
  #state: string | undefined;

  /** How many models have a number. */
  get size(): number {
    return this.#entities.length;
  }

  /** Gives the next numbers to a provider and to a model of it, unless they have theirs. */
  meet(provider: string, model: string): Entity {
    const known = this.find(provider, model);
    if (known !== undefined) return known;
    const models = this.#byName.get(provider) ?? new Map<string, Entity>();
    const [sibling] = models.values();
    const providerId = sibling?.providerId ?? this.#providers.push(provider);
    const entity = { modelId: this.#entities.length + 1, providerId, provider, model };
    this.#entities.push(entity);
    this.#byName.set(provider, models.set(model, entity));
    this.#state = undefined;
    return entity;
  }

  find(provider: string, model: string): Entity | undefined {
    return this.#byName.get(provider)?.get(model);
  }

  /** What a request is counted under: its names, or what they are folded into beyond the limits. */
  counted(provider: string, model: string): Entity | undefined {
    return (
      this.find(provider, model) ??
      this.find(provider, OTHER) ??
      this.find(OTHER, model) ??
      this.find(OTHER, OTHER)
    );
  }

  /** Whether a name is what others are folded into. */
  isFold(name: string): boolean {
    return name === OTHER;
  }

  ofModel(modelId: number): Entity | undefined {
    return this.#entities[modelId - 1];
  }

  /** The name of a provider. */
  ofProvider(providerId: number): string | undefined {
    return this.#providers[providerId - 1];
  }

  /** All names in their order, as JSON. */
  state(): string {
    this.#state ??= JSON.stringify(this.#entities.map(({ provider, model }) => [provider, model]));
    return this.#state;
  }

  /** Goes on from a state. Before the first number is given. */
  restore(state: string): void {
    for (const [provider, model] of JSON.parse(state) as [string, string][]) this.meet(provider, model);
  }
}
