/**
 * A price book of an operator's entries. An exact id goes before a pattern, a named provider before any, a pattern with
 * more literal characters before one with fewer; of equals the later entry goes before.
 */

import { globMatcher, isGlob } from "../event/glob.ts";
import { canonicalProvider } from "../event/provider-names.ts";
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

type Asked = Pick<ModelName, "provider" | "canonical" | "model">;

/** An entry of either kind, ready to be asked. */
type Rule<Entry extends Named> = {
  readonly entry: Entry;
  readonly matchesProvider: (name: Asked) => boolean;
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
    alias: (asked): ModelAlias | undefined => {
      const [alias] = names.find(asked);
      // What the file prices by its own id it does not mean to be something else.
      if (alias === undefined || prices.hasExactly(asked)) return undefined;
      return { provider: alias.asProvider, model: alias.asModel, entry: `${name}, ${alias.entry}` };
    },
  };
}

function cardOf({ provider, model, entry, ...rest }: PriceEntry, source: string): RateCard {
  return { ...rest, provider: provider ?? "*", model, source, entry };
}

/**
 * Entries of one kind, to be found by name. A name that no entry has, which anybody may send, meets only the patterns
 * whose beginning it has, and those that begin with a wildcard, of which price files may have few.
 */
class Rules<Entry extends Named> {
  /** By exact id, and by what stands before the first wildcard of a pattern; in lower case. */
  readonly #exact = new Map<string, Rule<Entry>[]>();
  readonly #byBeginning = new Map<string, Rule<Entry>[]>();
  readonly #lengths: readonly number[];

  constructor(entries: readonly Entry[]) {
    entries.forEach((entry, position) => {
      const rule = ruleOf(entry, position);
      const model = (entry.model ?? "*").toLowerCase();
      if (rule.matchesModel === undefined) pushTo(this.#exact, model, rule);
      else pushTo(this.#byBeginning, beginningOf(model), rule);
    });
    this.#lengths = Array.from(new Set(Array.from(this.#byBeginning.keys(), ({ length }) => length)));
  }

  /** The one that goes before the others first. */
  find(name: Asked): readonly Entry[] {
    const model = name.model.toLowerCase();
    const found = this.#exactly(name, model);
    for (const length of this.#lengths) {
      if (length > model.length) continue;
      for (const rule of this.#byBeginning.get(model.slice(0, length)) ?? []) {
        if (rule.matchesProvider(name) && rule.matchesModel!(model)) found.push(rule);
      }
    }
    return found.sort((one, other) => compareRanks(one.rank, other.rank)).map(({ entry }) => entry);
  }

  /** Whether an entry has the model's exact id. */
  hasExactly(name: Asked): boolean {
    return this.#exactly(name, name.model.toLowerCase()).length > 0;
  }

  #exactly(name: Asked, model: string): Rule<Entry>[] {
    return (this.#exact.get(model) ?? []).filter((rule) => rule.matchesProvider(name));
  }
}

function pushTo<Of>(lists: Map<string, Of[]>, key: string, item: Of): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function beginningOf(pattern: string): string {
  return pattern.slice(0, pattern.search(/[*?]/));
}

function ruleOf<Entry extends Named>(entry: Entry, position: number): Rule<Entry> {
  const { provider, model } = entry;
  const isPattern = model === undefined || isGlob(model);
  return {
    entry,
    matchesProvider: providerMatcher(provider),
    // Names are in lower case when they are asked.
    matchesModel: isPattern ? globMatcher((model ?? "*").toLowerCase(), { ignoreCase: false }) : undefined,
    rank: [
      isPattern ? 0 : 1,
      literals(model),
      provider === undefined ? 0 : isGlob(provider) ? 1 : 2,
      position,
    ],
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
