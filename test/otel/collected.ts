/** A ledger of events, and what the producer makes of it, by metric and attributes. */
import type { DataPoint, MetricData } from "@opentelemetry/sdk-metrics";
import { FAMILIES } from "../../src/catalogue/families.ts";
import type { GenAiProfileName } from "../../src/catalogue/gen-ai.ts";
import { cellLayout } from "../../src/ledger/cell-layout.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { type ExtraLabel, seriesKeys } from "../../src/ledger/series-key.ts";
import type { HistogramKind } from "../../src/otel/gen-ai-metrics.ts";
import { LedgerProducer } from "../../src/otel/ledger-producer.ts";
import { type Naming, OTLP_NAMING } from "../../src/otel/naming.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByBook } from "../pricing/pricers.ts";

export const STARTED_MICROS = 1_700_000_000_250_000;
export const NOW_MICROS = 1_700_000_060_500_000;

export function ledgerOf(
  events: readonly Record<string, unknown>[],
  extra: readonly ExtraLabel[] = [],
): Ledger {
  const { duration, timeToFirstToken, timePerOutputToken } = FAMILIES;
  const layout = cellLayout({
    duration: duration.buckets,
    timeToFirstToken: timeToFirstToken.buckets,
    timePerOutputToken: timePerOutputToken.buckets,
  });
  const ledger = new Ledger(layout, seriesKeys(extra), { seriesMax: 1_000, valuesPerLabelMax: 1_000 });
  for (const fields of events) {
    const event = eventOf(fields);
    ledger.enter(ledger.seriesOf(event), event, priceByBook(event), false);
  }
  return ledger;
}

export type CollectOptions = {
  readonly profile?: GenAiProfileName;
  readonly seriesMax?: number;
  readonly histograms?: HistogramKind;
  readonly naming?: Naming;
  readonly olderCount?: number;
};

export type Collected = {
  readonly scopes: readonly string[];
  readonly metrics: ReadonlyMap<string, MetricData>;
  /** Values by attributes, as JSON of these. */
  readonly points: (metric: string) => Record<string, unknown>;
  /** The sum of numbers, or of the sums of histograms, over all points. */
  readonly total: (metric: string) => number;
};

export async function collect(ledger: Ledger, options: CollectOptions = {}): Promise<Collected> {
  const { profile = "v1.36", seriesMax = 1_000, histograms = "explicit", naming = OTLP_NAMING } = options;
  const parts = {
    ...{ ledger, version: "1.2.3", settings: () => ({ profile, seriesMax }) },
    operationLabel: ledger.keys.names.includes("operation") ? "operation" : undefined,
    requestedModelLabel: ledger.keys.names.includes("requested_model") ? "requested_model" : undefined,
    ...{ startedMicros: STARTED_MICROS, olderCount: options.olderCount ?? 0 },
    nowMicros: () => NOW_MICROS,
  };
  const { resourceMetrics, errors } = await new LedgerProducer(parts, naming, () => histograms).collect();
  if (errors.length > 0) throw errors[0];
  const metrics = new Map(
    resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
      metrics.map((metric): [string, MetricData] => [metric.descriptor.name, metric]),
    ),
  );
  const pointsOf = (metric: string) => (metrics.get(metric)?.dataPoints ?? []) as DataPoint<unknown>[];
  return {
    scopes: resourceMetrics.scopeMetrics.map(({ scope }) => scope.name),
    metrics,
    points: (metric) =>
      Object.fromEntries(
        pointsOf(metric).map(({ attributes, value }) => [JSON.stringify(attributes), value]),
      ),
    total: (metric) =>
      pointsOf(metric).reduce((sum, { value }) => {
        return sum + (typeof value === "number" ? value : (value as { sum: number }).sum);
      }, 0),
  };
}
