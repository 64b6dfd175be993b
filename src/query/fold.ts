/**
 * Adds cells up by what a question asks: the one place where parts become totals, wherever the cells come from: the
 * ledger, a store, or minutes that no store has yet.
 */
import { type Cell, zeroCell } from "../ledger/cell.ts";
import { SUMS_LAYOUT } from "../ledger/cell-layout.ts";
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

/** Where cells of one label set are added. */
export type Place = { readonly values: readonly string[]; readonly periods: Map<number, Group> };

type Asked = Question & Partial<Pick<RangeQuestion, "fromMicros" | "stepMicros">>;

export class Fold {
  /** The answer would have more cells than it may; what was added is not all. */
  isTooLarge = false;
  readonly #asked: Asked;
  readonly #fromMicros: number;
  readonly #conditions: readonly {
    readonly dimension: string;
    readonly matches: (value: string) => boolean;
  }[];
  readonly #places = new Map<string, Place>();
  readonly #groups: Group[] = [];

  constructor(asked: Asked) {
    this.#asked = asked;
    this.#fromMicros = asked.fromMicros ?? 0;
    this.#conditions = asked.where.map((condition) => ({
      dimension: condition.dimension,
      matches: matcherOf(condition),
    }));
  }

  /** Where cells with these labels belong; `undefined` if they are not asked for. Made once for each label set. */
  place(names: readonly string[], values: readonly string[]): Place | undefined {
    const valueFor = (dimension: string) => values[names.indexOf(dimension)] ?? "";
    for (const { dimension, matches } of this.#conditions)
      if (!matches(valueFor(dimension))) return undefined;
    return this.placeOf(this.#asked.by.map(valueFor));
  }

  /** Where sums of the same question with these values of `by` belong. */
  placeOf(values: readonly string[]): Place {
    const key = JSON.stringify(values);
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
