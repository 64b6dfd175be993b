/**
 * The totals of a ledger as families of samples, for libraries that take labels as objects. The names are those of the
 * catalogue, and which slot is which sample is read off the tables that the exporter writes.
 */
import { FAMILIES, type FamilyKey, HISTOGRAM_KEYS, type HistogramKey } from "../catalogue/families.ts";
import type { FamilyDeclaration } from "../catalogue/family.ts";
import { writeUsd } from "../event/money.ts";
import type { Column, FamilyTable, Reading } from "../exposition/family-table.ts";
import { LedgerFamilies } from "../exposition/ledger-families.ts";
import { writeNanos } from "../exposition/write-labels.ts";
import type { Cell } from "../ledger/cell.ts";
import type { ExponentialHistogram } from "../ledger/exponential-histogram.ts";
import type { Ledger, Series } from "../ledger/ledger.ts";

export type Labels = Readonly<Record<string, string>>;

export type Sample = {
  /** What is appended to the name of the family: parts of a histogram are samples of their own. */
  readonly suffix: Column["suffix"];
  readonly labels: Labels;
  readonly value: number;
};

/** A histogram as it is kept, with buckets that grow by 2^(1/32): bucket i holds values in (2^(i/32), 2^((i+1)/32)]. */
export type Distribution = {
  readonly labels: Labels;
  readonly count: number;
  /** In the unit of the family, as all values. */
  readonly sum: number;
  readonly zeroCount: number;
  /** Index of the bucket in `counts[0]`. */
  readonly offset: number;
  readonly counts: readonly number[];
};

export type TotalFamily = {
  readonly name: string;
  readonly type: FamilyDeclaration["type"];
  readonly unit: FamilyDeclaration["unit"] | undefined;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** As they are now; of a histogram its cumulative buckets, sum and count. */
  readonly samples: () => Sample[];
  /** As they are now; none unless it is a histogram. */
  readonly distributions: () => Distribution[];
};

/** Families that `RequestMetrics` have something to say about. */
const KEYS: readonly FamilyKey[] = [
  ...(["requests", "errors", "retries", "rotations", "lastRequest"] as const),
  ...(["duration", "timeToFirstToken", "timePerOutputToken", "tokens"] as const),
  ...(["cost", "costLookups", "unpricedTokens", "cacheSavings", "cacheSurcharge"] as const),
  ...(["comparedReportedCost", "comparedBookCost"] as const),
];

/** `settle` is called before the ledger is read, so that it has all that was counted. */
export function totalFamilies(ledger: Ledger, settle: () => void): readonly TotalFamily[] {
  const tables = new LedgerFamilies(ledger.layout, ledger.keys.names).tables({ series: [], pages: [] });
  const names = ledger.keys.names;
  return KEYS.map((key): TotalFamily => {
    const { name, type, help, labels, ...declared } = FAMILIES[key];
    const table = tables.find(({ family }) => family.name === name)!;
    const columns = table.columns.map((column) => ({ ...column, labels: labelsOf(column) }));
    const shown = () => {
      settle();
      return ledger.series.filter(({ cell }) => isShown(table, cell));
    };
    const isHistogram = type === "histogram";
    return {
      ...{ name, type, help, unit: "unit" in declared ? declared.unit : undefined },
      labelNames: [...names, ...labels, ...(isHistogram ? ["le"] : [])],
      samples: () => shown().flatMap((series) => samplesOf(columns, names, series)),
      distributions: () =>
        isHistogram
          ? shown().flatMap((series) => distributionOf(table, key as HistogramKey, names, series))
          : [],
    };
  });
}

type PlainColumn = Omit<Column, "labels"> & { readonly labels: Labels };

/** Values of these labels are words of ours: nothing in them is escaped. */
function labelsOf({ labels }: Column): Labels {
  return Object.fromEntries(
    Array.from(labels.matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [name, value]),
  );
}

function isShown({ presenceSlots }: FamilyTable, { values, base }: Cell): boolean {
  return presenceSlots === undefined || presenceSlots.some((slot) => values[base + slot] !== 0);
}

function samplesOf(columns: readonly PlainColumn[], names: readonly string[], series: Series): Sample[] {
  const labels = baseLabels(names, series);
  let cumulative = 0;
  return columns.map(({ suffix, labels: own, reading }) => {
    const value = readingIn(reading, series.cell);
    if (reading.kind === "bucket") cumulative += value;
    return { suffix, labels: { ...labels, ...own }, value: reading.kind === "bucket" ? cumulative : value };
  });
}

function distributionOf(
  { columns }: FamilyTable,
  key: HistogramKey,
  names: readonly string[],
  series: Series,
): Distribution[] {
  const histogram = series.cell.exponentials[HISTOGRAM_KEYS.indexOf(key)];
  if (histogram === undefined) return [];
  const part = (suffix: Column["suffix"]) =>
    readingIn(columns.find((column) => column.suffix === suffix)!.reading, series.cell);
  return [
    { labels: baseLabels(names, series), count: part("_count"), sum: part("_sum"), ...bucketsOf(histogram) },
  ];
}

/** Without the spare room at both ends. */
function bucketsOf({ zeroCount, offset, counts }: ExponentialHistogram) {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  return first === -1
    ? { zeroCount, offset: 0, counts: [] }
    : { zeroCount, offset: offset + first, counts: Array.from(counts.subarray(first, last + 1)) };
}

function baseLabels(names: readonly string[], { labelValues }: Series): Labels {
  return Object.fromEntries(names.map((name, index) => [name, labelValues[index]!]));
}

/** Of a bucket what is in it alone. */
function readingIn(reading: Reading, { values, base }: Cell): number {
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
