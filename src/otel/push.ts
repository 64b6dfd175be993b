/**
 * Sends the ledger to an OpenTelemetry collector over OTLP/HTTP, at intervals and once more at the end. Sums are cumulative:
 * what is not taken is in what comes next. What the settings leave open, `OTEL_EXPORTER_OTLP_*` say, which
 * OpenTelemetry's exporter reads.
 */
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import type { Resource } from "@opentelemetry/resources";
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { HistogramKind } from "./gen-ai-metrics.ts";
import { LedgerProducer, type LedgerProducerParts } from "./ledger-producer.ts";
import { OTLP_NAMING } from "./naming.ts";

export type PushSettings = {
  /** Of the metrics endpoint. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly intervalMillis: number;
  /** Of one push, its repetitions included. */
  readonly timeoutMillis: number | undefined;
  readonly compression: "none" | "gzip" | undefined;
  readonly histograms: HistogramKind;
};

export type PushParts = {
  readonly producer: LedgerProducerParts;
  readonly resource: Resource;
  readonly onResult: (error: Error | undefined) => void;
  /** The push at the end was given up. */
  readonly onLastFailure: (error: unknown) => void;
};

/** In one request. Thousands more would be larger than what collectors take, and hold the event loop while they are printed. */
const POINTS_MAX = 5_000;
/** The last push may take so long; a shutdown waits for it. */
const LAST_PUSH_MILLIS = 3_000;
/** Where the exporter's own default fits in and the environment may say something else. */
const INTERVAL_AMPLE_MILLIS = 15_000;

/** Pushes until it is closed. */
export function startPush(
  settings: PushSettings,
  { producer, resource, onResult, onLastFailure }: PushParts,
) {
  const { url, headers, intervalMillis, timeoutMillis, compression, histograms } = settings;
  const exporter = new OTLPMetricExporter({
    ...{ url, headers: { ...headers } },
    ...timeoutOf(timeoutMillis, intervalMillis),
    // The type is an enum of a package that is not ours to import; its values are these words.
    ...(compression === undefined ? {} : { compression: compression as never }),
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: observed(exporter, onResult),
    exportIntervalMillis: intervalMillis,
    exportTimeoutMillis: intervalMillis,
    maxExportBatchSize: POINTS_MAX,
    metricProducers: [new LedgerProducer(producer, OTLP_NAMING, () => histograms)],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return {
    /** Pushes once more, and no longer than a few seconds. */
    close: async (): Promise<void> => {
      try {
        await provider.shutdown({ timeoutMillis: LAST_PUSH_MILLIS });
      } catch (error) {
        onLastFailure(error);
      }
    },
  };
}

/** In a hurry the exporter has to end before the reader gives up on it, or nobody learns how a push went. */
function timeoutOf(timeoutMillis: number | undefined, intervalMillis: number): { timeoutMillis?: number } {
  if (timeoutMillis !== undefined) return { timeoutMillis };
  return intervalMillis < INTERVAL_AMPLE_MILLIS ? { timeoutMillis: intervalMillis * 0.8 } : {};
}

/** The reader keeps to itself how a push went. */
function observed(exporter: OTLPMetricExporter, onResult: PushParts["onResult"]): PushMetricExporter {
  return {
    export: (metrics: ResourceMetrics, done) =>
      exporter.export(metrics, (result) => {
        onResult(result.code === 0 ? undefined : (result.error ?? new Error("not taken")));
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
    selectAggregationTemporality: (instrument) => exporter.selectAggregationTemporality(instrument),
    selectAggregation: (instrument) => exporter.selectAggregation(instrument),
  };
}
