/**
 * A price book of an operator's entries. An exact id goes before a pattern, a named provider before any, a pattern with
 * more literal characters before one with fewer; of equals the later entry goes before.
 */
import { canonicalProvider } from "../event/provider-names.ts";
import { globMatcher, isGlob } from "./glob.ts";
import type { ModelName } from "./model-names.ts";
import type { ModelAlias, PriceBook } from "./price-book.ts";
import type { AliasEntry, PriceEntry } from "./price-entry.ts";
import type { RateCard } from "./rate-card.ts";

export type EntryBookParts = {
  /** Path of the file. */
  readonly name: string;
  readonly version: string;
  readonly timestampMicros: number;
  readonly entries: readonly PriceEntry[];
  readonly aliases: readonly AliasEntry[];
  readonly ignoredCount: number;
};

type Named = { readonly provider: string | undefined; readonly model: string | undefined };

/** An entry of either kind, ready to be asked. */
type Rule<Entry extends Named> = {
  readonly entry: Entry;
  readonly matchesProvider: (name: Pick<ModelName, "provider" | "canonical">) => boolean;
  /** `undefined` for an exact id, which an index finds. */
  readonly matchesModel: ((model: string) => boolean) | undefined;
  /** How much the entry says, the most first. */
  readonly rank: readonly number[];
};

export function entryBook({ entries, aliases, ...about }: EntryBookParts): PriceBook {
  const { name } = about;
  const prices = new Rules(entries);
  const names = new Rules(aliases);
  return {
    ...about,
    cardCount: entries.length,
    find: (model) => prices.find(model).map((entry) => cardOf(entry, name)),
    alias: (provider, model): ModelAlias | undefined => {
      const [alias] = names.find({ provider, canonical: canonicalProvider(provider), model });
      if (alias === undefined) return undefined;
      return { provider: alias.asProvider, model: alias.asModel, entry: `${name}, ${alias.entry}` };
    },
  };
}

function cardOf({ provider, model, entry, ...rest }: PriceEntry, source: string): RateCard {
  return { ...rest, provider: provider ?? "*", model, source, entry };
}

/** Entries of one kind, to be found by name. */
class Rules<Entry extends Named> {
  /** By exact id in lower case. */
  readonly #exact = new Map<string, Rule<Entry>[]>();
  readonly #patterns: Rule<Entry>[] = [];

  constructor(entries: readonly Entry[]) {
    const rules = entries.map((entry, position) => ruleOf(entry, position));
    for (const rule of rules.sort((one, other) => compareRanks(one.rank, other.rank))) {
      if (rule.matchesModel !== undefined) {
        this.#patterns.push(rule);
        continue;
      }
      const model = rule.entry.model!.toLowerCase();
      const same = this.#exact.get(model);
      if (same === undefined) this.#exact.set(model, [rule]);
      else same.push(rule);
    }
  }

  /** The one that goes before the others first. */
  find(name: Pick<ModelName, "provider" | "canonical" | "model">): readonly Entry[] {
    const model = name.model.toLowerCase();
    const exact = (this.#exact.get(model) ?? []).filter((rule) => rule.matchesProvider(name));
    const patterns = this.#patterns.filter((rule) => rule.matchesProvider(name) && rule.matchesModel!(model));
    return [...exact, ...patterns].map(({ entry }) => entry);
  }
}

function ruleOf<Entry extends Named>(entry: Entry, position: number): Rule<Entry> {
  const { provider, model } = entry;
  const matchesModel =
    model === undefined || isGlob(model) ? globMatcher(model ?? "*", { ignoreCase: true }) : undefined;
  return {
    entry,
    matchesProvider: providerMatcher(provider),
    matchesModel,
    rank: [literals(model), provider === undefined ? 0 : isGlob(provider) ? 1 : 2, position],
  };
}

function literals(pattern: string | undefined): number {
  return (pattern ?? "").replace(/[*?]/g, "").length;
}

/** Higher numbers first. */
function compareRanks(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at === -1 ? 0 : other[at]! - one[at]!;
}

function providerMatcher(wanted: string | undefined): Rule<Named>["matchesProvider"] {
  if (wanted === undefined) return () => true;
  if (isGlob(wanted)) {
    const matches = globMatcher(wanted, { ignoreCase: true });
    return ({ provider, canonical }) => matches(provider) || (canonical !== undefined && matches(canonical));
  }
  const same = wanted.toLowerCase();
  const canonicalWanted = canonicalProvider(wanted);
  return ({ provider, canonical }) =>
    provider.toLowerCase() === same || (canonicalWanted !== undefined && canonical === canonicalWanted);
}
