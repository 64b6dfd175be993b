/** What a cell says, for libraries that take numbers and labels as objects: columns of the tables read one cell at a time. */
import { HISTOGRAM_KEYS, type HistogramKey } from "../catalogue/families.ts";
import { writeUsd } from "../event/money.ts";
import type { Cell } from "../ledger/cell.ts";
import type { CellLayout } from "../ledger/cell-layout.ts";
import type { Column, FamilyTable, Reading } from "./family-table.ts";
import { writeNanos } from "./write-labels.ts";

export type Labels = Readonly<Record<string, string>>;

/** A histogram as it is kept, with buckets that grow by 2^(1/32): bucket i holds values in (2^(i/32), 2^((i+1)/32)]. */
export type Distribution = {
  readonly count: number;
  /** In the unit of the family, as all values. */
  readonly sum: number;
  readonly zeroCount: number;
  /** Index of the bucket in `counts[0]`. */
  readonly offset: number;
  readonly counts: readonly number[];
};

/** A histogram with bounds. */
export type BoundedDistribution = {
  readonly count: number;
  readonly sum: number;
  /** Upper bounds in seconds, without +Inf. */
  readonly bounds: readonly number[];
  /** Not cumulative; the last one is +Inf. */
  readonly counts: readonly number[];
};

/** Values of these labels are words of ours: nothing in them is escaped. */
export function labelsOf({ labels }: Column): Labels {
  return Object.fromEntries(
    Array.from(labels.matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [name, value]),
  );
}

/** Whether the family has anything to say about a cell. */
export function isShown({ presenceSlots }: Pick<FamilyTable, "presenceSlots">, cell: Cell): boolean {
  return presenceSlots === undefined || presenceSlots.some((slot) => cell.values[cell.base + slot] !== 0);
}

/** Of a bucket what is in it alone. */
export function readingIn(reading: Reading, { values, base }: Cell): number {
  const sum = (slots: readonly number[], offset = 0) =>
    slots.reduce((total, slot) => total + values[base + slot + offset]!, 0);
  switch (reading.kind) {
    case "slots":
      return sum(reading.slots);
    case "bucket":
      return values[base + reading.slot]!;
    case "nanoPairs":
      return Number(writeNanos(sum(reading.slots), sum(reading.slots, 1)));
    case "money":
      return Number(
        writeUsd({ microUsd: values[base + reading.slot]!, picoUsd: values[base + reading.slot + 1]! }),
      );
    case "micros":
      return values[base + reading.slot]! / 1e6;
  }
}

/** The exponential histogram of a cell, without the spare room at both ends; `undefined` if nothing was observed. */
export function distributionIn(key: HistogramKey, cell: Cell, layout: CellLayout): Distribution | undefined {
  const histogram = cell.exponentials[HISTOGRAM_KEYS.indexOf(key)];
  if (histogram === undefined) return undefined;
  const { zeroCount, offset, counts } = histogram;
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const buckets =
    first === -1
      ? { offset: 0, counts: [] }
      : { offset: offset + first, counts: Array.from(counts.subarray(first, last + 1)) };
  return { ...countAndSum(key, cell, layout), zeroCount, ...buckets };
}

/** The histogram of a cell by the bounds of its layout; `undefined` if nothing was observed. */
export function boundedDistributionIn(
  key: HistogramKey,
  cell: Cell,
  layout: CellLayout,
): BoundedDistribution | undefined {
  const { boundsSeconds, firstBucket } = layout.histograms[key];
  const { count, sum } = countAndSum(key, cell, layout);
  if (count === 0) return undefined;
  const from = cell.base + firstBucket;
  const counts = Array.from({ length: boundsSeconds.length + 1 }, (_, bucket) => cell.values[from + bucket]!);
  return { count, sum, bounds: boundsSeconds, counts };
}

function countAndSum(key: HistogramKey, cell: Cell, { histograms }: CellLayout) {
  const { countSlots, sumSlots } = histograms[key];
  return {
    count: readingIn({ kind: "slots", slots: countSlots }, cell),
    sum: readingIn({ kind: "nanoPairs", slots: sumSlots }, cell),
  };
}
