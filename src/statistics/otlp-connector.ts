/**
 * Pushes totals to an OpenTelemetry collector over OTLP/HTTP, by OpenTelemetry's own exporter. Counters are cumulative, so
 * a flush that fails loses nothing; histograms go as the exponential ones that they are, bucket for bucket.
 */
import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { SCALE } from "../ledger/exponential-histogram.ts";
import type { Connector, StatisticsSource } from "./connector.ts";
import type { Distribution, Labels, TotalFamily } from "./total-families.ts";

export type OtlpConnectorOptions = {
  /** Of the metrics endpoint, `http://localhost:4318/v1/metrics` by default, or what `OTEL_EXPORTER_OTLP_*` say. */
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMillis?: number | undefined;
  /** Whose metrics they are; `{ "service.name": "..." }` at least. */
  readonly resource?: Attributes | undefined;
  /** In place of one made of the above: over gRPC, say. */
  readonly exporter?: PushMetricExporter | undefined;
};

const SCOPE = { name: "llm-exporter" };
/** As OpenTelemetry writes units; braces hold what is none, so that nothing is appended to a name for it. */
const UNITS = { seconds: "s", bytes: "By", usd: "{USD}" } as const;

export class OtlpConnector implements Connector {
  readonly #exporter: PushMetricExporter;
  readonly #resource: ResourceMetrics["resource"];
  #source: StatisticsSource | undefined;

  constructor(options: OtlpConnectorOptions = {}) {
    const { url, headers, timeoutMillis, resource = {} } = options;
    this.#exporter =
      options.exporter ??
      new OTLPMetricExporter({
        ...(url === undefined ? {} : { url }),
        ...(headers === undefined ? {} : { headers: { ...headers } }),
        ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
      });
    this.#resource = resourceFromAttributes(resource);
  }

  /** Throws an Error if it is attached already: the totals of two collectors would be points of the same series. */
  attach(source: StatisticsSource): void {
    if (this.#source !== undefined)
      throw new Error("connector: expected one collector for an OtlpConnector, got two");
    this.#source = source;
  }

  /** Rejects when the collector did not take them. */
  flush(): Promise<void> {
    const source = this.#source;
    if (source === undefined) return Promise.resolve();
    const metrics = {
      resource: this.#resource,
      scopeMetrics: [{ scope: SCOPE, metrics: metricsOf(source) }],
    };
    return new Promise((resolve, reject) => {
      this.#exporter.export(metrics, ({ error, code }) => {
        if (code === 0) resolve();
        else
          reject(
            new Error(`OTLP: totals not taken${error === undefined ? "" : `: ${error.message}`}`, {
              cause: error,
            }),
          );
      });
    });
  }

  close(): Promise<void> {
    return this.#exporter.shutdown();
  }
}

function metricsOf({ families, startedMicros, nowMicros }: StatisticsSource): MetricData[] {
  const times = { startTime: hrTime(startedMicros), endTime: hrTime(nowMicros()) };
  return families.map((family) => metricOf(family, times)).filter(({ dataPoints }) => dataPoints.length > 0);
}

function metricOf(
  family: TotalFamily,
  times: { readonly startTime: HrTime; readonly endTime: HrTime },
): MetricData {
  const { name, type, unit, help, samples, distributions } = family;
  const metric = {
    descriptor: {
      ...{ name, description: help, unit: unit === undefined ? "" : UNITS[unit] },
      valueType: unit === undefined ? ValueType.INT : ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const point = <Value>(attributes: Labels, value: Value) => ({ ...times, attributes, value });
  switch (type) {
    case "histogram":
      return {
        ...{ ...metric, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM },
        dataPoints: distributions().map((distribution) =>
          point(distribution.labels, exponential(distribution)),
        ),
      };
    case "counter":
      return {
        ...{ ...metric, dataPointType: DataPointType.SUM, isMonotonic: true },
        dataPoints: samples().map(({ labels, value }) => point(labels, value)),
      };
    case "gauge":
      return {
        ...{ ...metric, dataPointType: DataPointType.GAUGE },
        dataPoints: samples().map(({ labels, value }) => point(labels, value)),
      };
  }
}

/** Buckets have the same bounds and indices there. */
function exponential({ count, sum, zeroCount, offset, counts }: Distribution) {
  return {
    ...{ count, sum, zeroCount, scale: SCALE },
    positive: { offset, bucketCounts: [...counts] },
    negative: { offset: 0, bucketCounts: [] },
  };
}

function hrTime(micros: number): HrTime {
  return [Math.floor(micros / 1e6), (micros % 1e6) * 1e3];
}
