/**
 * Models whose requests could not be priced, or not in full: which, how often, and since when. Bounded; what comes
 * beyond the limit is counted together.
 */
import type { Component, Price } from "../event/price.ts";
import { type RequestEvent, STANDARD_TIER } from "../event/request-event.ts";

export type UnpricedModel = {
  readonly provider: string;
  readonly model: string;
  readonly serviceTier: string | undefined;
  /** Requests without any price, and those of which a part had none. */
  unpricedRequests: number;
  partialRequests: number;
  /** Tokens without a price. */
  unpricedTokens: number;
  /** Completion of the earliest and of the latest of these requests, in microseconds since the epoch. */
  firstSeenMicros: number;
  lastSeenMicros: number;
  /** What had no price. */
  readonly missing: Set<Component>;
};

export type UnpricedLimits = { readonly modelsMax: number };

export class UnpricedModels {
  limits: UnpricedLimits;
  /** Requests of models beyond the limit. */
  dropped = 0;
  readonly #models = new Map<string, Map<string, UnpricedModel>>();
  #size = 0;

  constructor(limits: UnpricedLimits) {
    this.limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Notes an event of which some tokens have no price. */
  note(event: RequestEvent, price: Price): void {
    const entry = this.#entryOf(event);
    if (entry === undefined) {
      this.dropped += 1;
      return;
    }
    if (price.result === "partial") entry.partialRequests += 1;
    else entry.unpricedRequests += 1;
    entry.unpricedTokens += price.unpricedTokens;
    entry.firstSeenMicros = Math.min(entry.firstSeenMicros, event.timestampMicros);
    entry.lastSeenMicros = Math.max(entry.lastSeenMicros, event.timestampMicros);
    for (const component of price.missing ?? []) entry.missing.add(component);
  }

  /** Takes up an earlier list. Before the first event. */
  restore(
    models: readonly (Omit<UnpricedModel, "missing"> & { readonly missing: readonly Component[] })[],
  ): void {
    for (const { missing, ...model } of models.slice(0, this.limits.modelsMax)) {
      this.#put({ ...model, missing: new Set(missing) });
    }
  }

  /** Those with the most tokens first. */
  list(): readonly UnpricedModel[] {
    return Array.from(this.#models.values())
      .flatMap((byModel) => Array.from(byModel.values()))
      .sort((one, other) => other.unpricedTokens - one.unpricedTokens);
  }

  #entryOf(event: RequestEvent): UnpricedModel | undefined {
    const { provider, model, timestampMicros } = event;
    const serviceTier = event.serviceTier === STANDARD_TIER ? undefined : event.serviceTier;
    const known = this.#models.get(groupOf(provider, serviceTier))?.get(model);
    if (known !== undefined || this.#size >= this.limits.modelsMax) return known;
    const entry: UnpricedModel = {
      provider,
      model,
      serviceTier,
      unpricedRequests: 0,
      partialRequests: 0,
      unpricedTokens: 0,
      firstSeenMicros: timestampMicros,
      lastSeenMicros: timestampMicros,
      missing: new Set(),
    };
    this.#put(entry);
    return entry;
  }

  #put(entry: UnpricedModel): void {
    const group = groupOf(entry.provider, entry.serviceTier);
    let byModel = this.#models.get(group);
    if (byModel === undefined) {
      byModel = new Map();
      this.#models.set(group, byModel);
    }
    byModel.set(entry.model, entry);
    this.#size += 1;
  }
}

function groupOf(provider: string, serviceTier: string | undefined): string {
  return serviceTier === undefined ? provider : `${provider}\n${serviceTier}`;
}
