/**
 * The totals of a ledger as families of samples, for libraries that take labels as objects. The names are those of the
 * catalogue, and which slot is which sample is read off the tables that the exporter writes.
 */
import { FAMILIES, type FamilyKey, type HistogramKey } from "../catalogue/families.ts";
import type { FamilyDeclaration } from "../catalogue/family.ts";
import {
  type Distribution as CellDistribution,
  distributionIn,
  isShown,
  type Labels,
  labelsOf,
  readingIn,
} from "../exposition/cell-readings.ts";
import type { Column } from "../exposition/family-table.ts";
import { LedgerFamilies } from "../exposition/ledger-families.ts";
import type { Ledger, Series } from "../ledger/ledger.ts";

export type { Labels };

export type Sample = {
  /** What is appended to the name of the family: parts of a histogram are samples of their own. */
  readonly suffix: Column["suffix"];
  readonly labels: Labels;
  readonly value: number;
};

/** A histogram as it is kept. */
export type Distribution = CellDistribution & { readonly labels: Labels };

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
          ? shown().flatMap((series) => {
              const distribution = distributionIn(key as HistogramKey, series.cell, ledger.layout);
              return distribution === undefined
                ? []
                : [{ labels: baseLabels(names, series), ...distribution }];
            })
          : [],
    };
  });
}

type PlainColumn = Omit<Column, "labels"> & { readonly labels: Labels };

function samplesOf(columns: readonly PlainColumn[], names: readonly string[], series: Series): Sample[] {
  const labels = baseLabels(names, series);
  let cumulative = 0;
  return columns.map(({ suffix, labels: own, reading }) => {
    const value = readingIn(reading, series.cell);
    if (reading.kind === "bucket") cumulative += value;
    return { suffix, labels: { ...labels, ...own }, value: reading.kind === "bucket" ? cumulative : value };
  });
}

function baseLabels(names: readonly string[], { labelValues }: Series): Labels {
  return Object.fromEntries(names.map((name, index) => [name, labelValues[index]!]));
}
