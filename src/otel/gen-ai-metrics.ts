/** Cells under the names of the conventions, as far as cells can speak to them. */
import type { Attributes } from "@opentelemetry/api";
import type { MetricData } from "@opentelemetry/sdk-metrics";
import { HISTOGRAM_KEYS, TOKEN_TYPES } from "../catalogue/families.ts";
import {
  GEN_AI_ATTRIBUTES,
  type GenAiProfile,
  LABEL_ATTRIBUTE_PREFIX,
  type TokenMetric,
} from "../catalogue/gen-ai.ts";
import { STATUSES } from "../event/outcome.ts";
import { registeredProvider } from "../event/registered-provider.ts";
import { boundedDistributionIn, distributionIn } from "../exposition/cell-readings.ts";
import type { Cell } from "../ledger/cell.ts";
import { type CellLayout, SLOT } from "../ledger/cell-layout.ts";
import {
  counterData,
  exponentialData,
  histogramData,
  type Instrument,
  type Times,
  UNITS,
} from "./metric-data.ts";
import type { Naming } from "./naming.ts";
import { mergedBy, type ShownSeries } from "./shown-series.ts";

export type HistogramKind = "explicit" | "exponential";

export type GenAiParts = {
  readonly layout: CellLayout;
  /** Names of the labels of a series: provider, model and pool first. */
  readonly labelNames: readonly string[];
  /** Which of the labels hold an operation and the model that was asked for; the conventions have names for these. */
  readonly operationLabel: string | undefined;
  readonly requestedModelLabel: string | undefined;
  readonly naming: Naming;
};

type Described = { readonly attributes: Attributes; readonly cell: Cell; readonly isOlder: boolean };

export function genAiMetrics(
  parts: GenAiParts,
  profile: GenAiProfile,
  {
    series,
    times,
    histograms,
  }: {
    readonly series: readonly ShownSeries[];
    readonly times: Times;
    readonly histograms: HistogramKind;
  },
): MetricData[] {
  const described = describe(parts, profile, series);
  return [
    ...durationMetrics(parts, profile, { described, times, histograms }),
    ...tokenMetrics(parts, profile.tokens, described, times),
  ];
}

/** Two spellings of a provider may be one to the registry: their cells are added up. */
function describe(
  { layout, labelNames, operationLabel, requestedModelLabel, naming }: GenAiParts,
  { providerAttributes, tokens }: GenAiProfile,
  series: readonly ShownSeries[],
): Described[] {
  const attributeOf = (name: string, index: number): string => {
    if (index === 1) return GEN_AI_ATTRIBUTES.responseModel;
    if (index === 2) return GEN_AI_ATTRIBUTES.pool;
    if (name === operationLabel) return GEN_AI_ATTRIBUTES.operation;
    if (name === requestedModelLabel) return GEN_AI_ATTRIBUTES.requestModel;
    return LABEL_ATTRIBUTE_PREFIX + name;
  };
  const own = tokens.flatMap(({ attributes }) => Object.keys(attributes));
  const names = [...providerAttributes, ...labelNames.slice(1).map((name, at) => attributeOf(name, at + 1))];
  const keys = naming.attributes(names, naming.attributes(Array.from(new Set(own))));
  const providers = providerAttributes.length;
  const valuesOf = ({ labelValues }: ShownSeries) => [
    registeredProvider(labelValues[0]!),
    ...labelValues.slice(1),
  ];
  const registered = series.map((each) => ({ ...each, labelValues: valuesOf(each) }));
  return mergedBy(registered, layout, ({ labelValues }) => labelValues.join("\0")).map(
    ({ labelValues, cell, isOlder }) => {
      const attributes: Attributes = {};
      keys.forEach((key, at) => {
        const value = labelValues[at < providers ? 0 : at - providers + 1]!;
        // What is not known has no attribute.
        if (value !== "") attributes[key] = value;
      });
      return { attributes, cell, isOlder };
    },
  );
}

function durationMetrics(
  { layout, naming }: GenAiParts,
  { durations }: GenAiProfile,
  {
    described,
    times,
    histograms,
  }: {
    readonly described: readonly Described[];
    readonly times: Times;
    readonly histograms: HistogramKind;
  },
): MetricData[] {
  const pointsOf = <Value>(valueIn: (cell: Cell) => Value | undefined) =>
    described.flatMap(({ attributes, cell, isOlder }) => {
      const value = valueIn(cell);
      return value === undefined ? [] : [{ attributes, value, isOlder }];
    });
  return HISTOGRAM_KEYS.map((key) => {
    const instrument = naming.instrument({ ...durations[key], unit: UNITS.seconds, isInteger: false });
    return histograms === "explicit"
      ? histogramData(
          instrument,
          times,
          pointsOf((cell) => boundedDistributionIn(key, cell, layout)),
        )
      : exponentialData(
          instrument,
          times,
          pointsOf((cell) => distributionIn(key, cell, layout)),
        );
  });
}

function tokenMetrics(
  { naming }: GenAiParts,
  tokens: readonly TokenMetric[],
  described: readonly Described[],
  times: Times,
): MetricData[] {
  // Where no token was ever reported there is nothing to say, and zero would be a statement.
  const reported = described.filter(({ cell }) => TOKEN_TYPES.some((type) => tokensOf(cell, [type]) > 0));
  const byName = Map.groupBy(tokens, ({ name }) => name);
  return Array.from(byName.values(), (metrics) => {
    const [{ name, help, type }] = metrics as [TokenMetric];
    const instrument: Instrument = naming.instrument({ name, help, unit: "{token}", isInteger: true });
    const pointsOf = <Value>(read: (cell: Cell, metric: TokenMetric) => Value) =>
      metrics.flatMap((metric) => {
        const own = withNames(naming, metric.attributes);
        return reported.map(({ attributes, cell, isOlder }) => ({
          attributes: { ...attributes, ...own },
          ...{ value: read(cell, metric), isOlder },
        }));
      });
    return type === "counter"
      ? counterData(
          instrument,
          times,
          pointsOf((cell, { tokenTypes }) => tokensOf(cell, tokenTypes)),
        )
      : histogramData(
          instrument,
          times,
          pointsOf((cell, { tokenTypes }) => ({
            ...{ count: requestsOf(cell), sum: tokensOf(cell, tokenTypes) },
            ...{ bounds: [], counts: [requestsOf(cell)] },
          })),
        );
  });
}

function withNames(naming: Naming, attributes: Readonly<Record<string, string>>): Attributes {
  const keys = naming.attributes(Object.keys(attributes));
  return Object.fromEntries(Object.values(attributes).map((value, at) => [keys[at]!, value]));
}

function tokensOf({ values, base }: Cell, types: readonly (typeof TOKEN_TYPES)[number][]): number {
  return types.reduce((sum, type) => {
    const at = base + SLOT.tokens + TOKEN_TYPES.indexOf(type) * 2;
    return sum + values[at]! + values[at + 1]!;
  }, 0);
}

function requestsOf({ values, base }: Cell): number {
  let requests = 0;
  for (let slot = 0; slot < STATUSES.length * 2; slot++) requests += values[base + SLOT.requests + slot]!;
  return requests;
}
