/**
 * The running totals: one cell for each label set, since the ledger began. It admits label sets up to a limit and
 * folds the rest into `other`, so that sums over all series stay exact whatever is sent.
 * It knows no family name and no format, and nothing is ever removed from it: counters do not go back.
 */

import { BASE_LABELS } from "../catalogue/families.ts";
import type { Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { type Cell, merge, record, recordRotation, zeroCell } from "./cell.ts";
import { type CellLayout, SLOT } from "./cell-layout.ts";
import { SEPARATOR, type SeriesKeys } from "./series-key.ts";

/** What a label value becomes that is beyond a limit. */
export const OTHER = "other";
/** The name under which reaching the limit on label sets is counted, beside the labels. */
export const SERIES = "series";

export type LedgerLimits = {
  /** Label sets; the one that all others are folded into comes on top. */
  readonly seriesMax: number;
  /** Distinct values of any one label. */
  readonly valuesPerLabelMax: number;
};

export type Series = {
  /** In the order of `SeriesKeys.names`. */
  readonly labelValues: readonly string[];
  readonly key: string;
  readonly cell: Cell;
  /** Position in `Ledger.series`; it never changes. */
  readonly index: number;
};

/** All cells at one instant. Slots of series i: `pages[i >> PAGE_SHIFT]`, from `(i & PAGE_MASK) * layout.size`. */
export type LedgerSnapshot = {
  readonly series: readonly Series[];
  readonly pages: readonly Float64Array[];
};

/** Cells live in pages of 256, so that a snapshot is a few large copies and a cell has no array of its own. */
export const PAGE_SHIFT = 8;
export const PAGE_MASK = (1 << PAGE_SHIFT) - 1;

export class Ledger {
  readonly layout: CellLayout;
  readonly keys: SeriesKeys;
  /** Events folded into `other`, by the label whose limit was reached, or SERIES. */
  readonly overflow = new Map<string, number>();

  /** New limits hold for label sets to come; those already admitted stay. */
  limits: LedgerLimits;

  readonly #byKey = new Map<string, Series>();
  /** The same by model, provider and pool, for ledgers without extra labels: three look-ups cost less than a joined key. */
  readonly #byName = new Map<string, Map<string, Map<string, Series>>>();
  readonly #series: Series[] = [];
  readonly #pages: Float64Array[] = [];
  readonly #hasExtraLabels: boolean;
  /** Distinct values admitted so far, for each label. */
  readonly #values: Set<string>[];

  constructor(layout: CellLayout, keys: SeriesKeys, limits: LedgerLimits) {
    this.layout = layout;
    this.keys = keys;
    this.limits = limits;
    this.#hasExtraLabels = keys.names.length > BASE_LABELS.length;
    this.#values = keys.names.map(() => new Set());
    for (const name of [...keys.names, SERIES]) this.overflow.set(name, 0);
  }

  /** All series in the order in which they were first seen. */
  get series(): readonly Series[] {
    return this.#series;
  }

  /** Adds one ended request to a series. `opensBatch`: it is the first of its batch there. */
  enter(series: Series, event: RequestEvent, price: Price, opensBatch: boolean): void {
    record(series.cell, this.layout, event, price, opensBatch);
  }

  /** Adds one rotation that no request reported. */
  enterRotation(series: Series): void {
    recordRotation(series.cell);
  }

  /** Adds to the number of requests in flight in a series. */
  addInFlight(series: Series, change: 1 | -1): void {
    series.cell.values[series.cell.base + SLOT.inFlight]! += change;
  }

  /** The series of an event, admitted if it is new and the limits allow, else the one that it is folded into. */
  seriesOf(event: RequestEvent): Series {
    const known = this.#hasExtraLabels
      ? undefined
      : this.#byName.get(event.model)?.get(event.provider)?.get(event.pool);
    if (known !== undefined) return known;
    const key = this.keys.keyOf(event);
    return this.#byKey.get(key) ?? this.#fold(key, this.keys.valuesOf(event));
  }

  /** Adds what a series had when it was kept. Label values beyond today's limits are folded as any. */
  restore(labelValues: readonly string[], cell: Cell): void {
    const key = labelValues.join(SEPARATOR);
    const series = this.#byKey.get(key) ?? this.#fold(key, [...labelValues]);
    merge(series.cell, cell, this.layout);
  }

  /** An empty page for a snapshot to be written into. Memory that is fresh costs many times the copying. */
  sparePage(): Float64Array {
    return new Float64Array(this.layout.size << PAGE_SHIFT);
  }

  /**
   * Copies every cell, about 1 kB for each series: a millisecond or two for ten thousand. `into` are spare pages that
   * nobody is reading; what it lacks is added to it.
   */
  snapshot(into: Float64Array[]): LedgerSnapshot {
    this.#pages.forEach((page, index) => {
      into[index] ??= this.sparePage();
      into[index].set(page);
    });
    return { series: this.#series.slice(), pages: into };
  }

  #fold(key: string, labelValues: string[]): Series {
    let changed = false;
    labelValues.forEach((value, label) => {
      const known = this.#values[label]!;
      if (value === OTHER || known.has(value) || known.size < this.limits.valuesPerLabelMax) return;
      labelValues[label] = OTHER;
      this.#countOverflow(this.keys.names[label]!);
      changed = true;
    });
    const folded = changed ? labelValues.join(SEPARATOR) : key;
    const existing = this.#byKey.get(folded);
    if (existing !== undefined) return existing;
    const others = labelValues.map(() => OTHER);
    const rest = others.join(SEPARATOR);
    const restSeries = this.#byKey.get(rest);
    const admitted = this.#series.length - (restSeries === undefined ? 0 : 1);
    // What all are folded into comes on top, whenever it comes: after a restart no series may find its place taken.
    if (folded === rest || admitted < this.limits.seriesMax) return this.#admit(folded, labelValues);
    this.#countOverflow(SERIES);
    return restSeries ?? this.#admit(rest, others);
  }

  #admit(key: string, labelValues: readonly string[]): Series {
    const index = this.#series.length;
    if (index >> PAGE_SHIFT === this.#pages.length) {
      this.#pages.push(new Float64Array(this.layout.size << PAGE_SHIFT));
    }
    const cell = zeroCell(
      this.layout,
      this.#pages[index >> PAGE_SHIFT]!,
      (index & PAGE_MASK) * this.layout.size,
    );
    const series = { labelValues, key, cell, index };
    labelValues.forEach((value, label) => {
      if (value !== OTHER) this.#values[label]!.add(value);
    });
    this.#series.push(series);
    this.#byKey.set(key, series);
    this.#name(series);
    return series;
  }

  #name(series: Series): void {
    if (this.#hasExtraLabels) return;
    const [provider, model, pool] = series.labelValues as [string, string, string];
    const byProvider = this.#byName.get(model) ?? new Map<string, Map<string, Series>>();
    const byPool = byProvider.get(provider) ?? new Map<string, Series>();
    this.#byName.set(model, byProvider.set(provider, byPool.set(pool, series)));
  }

  #countOverflow(label: string): void {
    this.overflow.set(label, this.overflow.get(label)! + 1);
  }
}
