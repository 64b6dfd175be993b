/**
 * Adds cells up by what a question asks: the one place where parts become totals, wherever the cells come from: the
 * ledger, a store, or minutes that no store has yet.
 */
import { type Cell, zeroCell } from "../ledger/cell.ts";
import { SUMS_LAYOUT } from "../ledger/cell-layout.ts";
import { SEPARATOR } from "../ledger/series-key.ts";
import { matcherOf, type Question, type RangeQuestion } from "./question.ts";

/** A sum of cells. */
export type Group = {
  /** Start of the period, in microseconds; of a question without a step, of the range. */
  readonly startMicros: number;
  /** In the order of the question's `by`. */
  readonly values: readonly string[];
  /** Of SUMS_LAYOUT. */
  readonly cell: Cell;
};

/** What a sum is made of: a cell that lives on, of any layout, or one that a store has, encoded. */
export type Part = {
  /** When what it is of began. */
  readonly startMicros: number;
  /** In the order of the question's `by`. */
  readonly values: readonly string[];
  readonly sums: Cell | Uint8Array;
};

/** Where cells of one label set are added. */
export type Place = { readonly values: readonly string[]; readonly periods: Map<number, Group> };

type Asked = Question & Partial<Pick<RangeQuestion, "fromMicros" | "stepMicros">>;

export class Fold {
  /** The answer would have more cells than it may; what was added is not all. */
  isTooLarge = false;
  readonly #asked: Asked;
  readonly #fromMicros: number;
  readonly #selectorFor: ReturnType<typeof selectors>;
  readonly #places = new Map<string, Place>();
  readonly #groups: Group[] = [];

  constructor(asked: Asked) {
    this.#asked = asked;
    this.#fromMicros = asked.fromMicros ?? 0;
    this.#selectorFor = selectors(asked);
  }

  /** Where cells with these labels belong; `undefined` if they are not asked for. Made once for each label set. */
  place(names: readonly string[], values: readonly string[]): Place | undefined {
    const selected = this.#selectorFor(names)(values);
    return selected && this.placeOf(selected);
  }

  /** Where sums of the same question with these values of `by` belong. */
  placeOf(values: readonly string[]): Place {
    const key = values.join(SEPARATOR);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { values, periods: new Map() };
      this.#places.set(key, place);
    }
    return place;
  }

  /** The cell to add to for what began then. */
  cell({ values, periods }: Place, micros: number): Cell {
    const { stepMicros, cellsMax } = this.#asked;
    const startMicros =
      stepMicros === undefined
        ? this.#fromMicros
        : this.#fromMicros + Math.floor((micros - this.#fromMicros) / stepMicros) * stepMicros;
    let group = periods.get(startMicros);
    if (group === undefined) {
      group = { startMicros, values, cell: zeroCell(SUMS_LAYOUT) };
      if (this.#groups.length >= cellsMax) this.isTooLarge = true;
      else {
        periods.set(startMicros, group);
        this.#groups.push(group);
      }
    }
    return group.cell;
  }

  /** All sums, in the order in which their label sets and periods were first met. */
  get groups(): readonly Group[] {
    return this.#groups;
  }
}

/** The values of `by` of a label set; `undefined` if it does not meet the conditions. */
export type Selector = (values: readonly string[]) => readonly string[] | undefined;

/** For label sets of these names; what one lacks is "". Matchers are made once, a selector anew when the names change. */
export function selectors({
  by,
  where,
}: Pick<Question, "by" | "where">): (names: readonly string[]) => Selector {
  const conditions = where.map((condition) => ({ ...condition, matches: matcherOf(condition) }));
  let latestNames: readonly string[] | undefined;
  let latest: Selector = () => undefined;
  return (names) => {
    if (names === latestNames) return latest;
    const wanted = conditions.map(({ dimension, matches }) => ({ at: names.indexOf(dimension), matches }));
    const byAt = by.map((dimension) => names.indexOf(dimension));
    const isWhole = byAt.length === names.length && byAt.every((at, index) => at === index);
    latestNames = names;
    latest = (values) => {
      if (!wanted.every(({ at, matches }) => matches(values[at] ?? ""))) return undefined;
      return isWhole ? values : byAt.map((at) => values[at] ?? "");
    };
    return latest;
  };
}
