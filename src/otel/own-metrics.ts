/**
 * What the conventions have no name for: our own families, with our own labels, so that a backend that turns OTLP into
 * Prometheus series ends up with those of /metrics.
 */
import type { Attributes } from "@opentelemetry/api";
import type { MetricData } from "@opentelemetry/sdk-metrics";
import { FAMILIES } from "../catalogue/families.ts";
import type { FamilyDeclaration, Unit } from "../catalogue/family.ts";
import { isShown, type Labels, labelsOf, readingIn } from "../exposition/cell-readings.ts";
import type { FamilyTable } from "../exposition/family-table.ts";
import { LedgerFamilies } from "../exposition/ledger-families.ts";
import type { CellLayout } from "../ledger/cell-layout.ts";
import { counterData, gaugeData, type Instrument, type Times, UNITS } from "./metric-data.ts";
import type { Naming } from "./naming.ts";
import type { ShownSeries } from "./shown-series.ts";

export type OwnFamily = {
  readonly instrument: Instrument;
  readonly isCounter: boolean;
  readonly table: Pick<FamilyTable, "presenceSlots">;
  readonly columns: readonly {
    readonly labels: Labels;
    readonly reading: FamilyTable["columns"][number]["reading"];
  }[];
};

export type OwnFamilies = {
  readonly families: readonly OwnFamily[];
  /** Keys of the labels of a series. */
  readonly labelKeys: readonly string[];
};

/** All but the histograms, for which the conventions have names. */
export function ownFamilies(
  layout: CellLayout,
  labelNames: readonly string[],
  { naming, withTokens }: { readonly naming: Naming; readonly withTokens: boolean },
): OwnFamilies {
  const declared: readonly FamilyDeclaration[] = Object.values(FAMILIES);
  const tables = new LedgerFamilies(layout, labelNames).tables({ series: [], pages: [] });
  const families = declared.flatMap(({ name, type, unit, help }) => {
    if (type === "histogram" || (name === FAMILIES.tokens.name && !withTokens)) return [];
    const table = tables.find(({ family }) => family.name === name)!;
    return [
      {
        instrument: naming.instrument(instrumentOf(name, help, unit)),
        isCounter: type === "counter",
        table,
        columns: table.columns.map((column) => ({ labels: labelsOf(column), reading: column.reading })),
      },
    ];
  });
  return {
    families,
    labelKeys: naming.attributes(
      labelNames,
      declared.flatMap(({ labels }) => labels),
    ),
  };
}

export function ownMetrics(
  { families, labelKeys }: OwnFamilies,
  series: readonly ShownSeries[],
  times: Times,
): MetricData[] {
  const described = series.map(({ labelValues, cell, isOlder }) => ({
    attributes: Object.fromEntries(labelKeys.map((key, at) => [key, labelValues[at]!])) as Attributes,
    ...{ cell, isOlder },
  }));
  return families.map(({ instrument, isCounter, table, columns }) => {
    const points = described.flatMap(({ attributes, cell, isOlder }) =>
      isShown(table, cell)
        ? columns.map(({ labels, reading }) => ({
            attributes: { ...attributes, ...labels },
            ...{ value: readingIn(reading, cell), isOlder },
          }))
        : [],
    );
    return isCounter ? counterData(instrument, times, points) : gaugeData(instrument, times, points);
  });
}

/** Counters are called `_total` by Prometheus alone. */
function instrumentOf(name: string, help: string, unit: Unit | undefined): Instrument {
  return {
    ...{ name: name.replace(/_total$/, ""), help },
    unit: unit === undefined ? "" : UNITS[unit],
    isInteger: unit === undefined || unit === "bytes",
  };
}
