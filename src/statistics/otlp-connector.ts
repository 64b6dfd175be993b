/**
 * Pushes totals to an OpenTelemetry collector over OTLP/HTTP, by OpenTelemetry's own exporter. Counters are cumulative, so
 * a flush that fails loses nothing; histograms go as the exponential ones that they are, bucket for bucket.
 */
import type { Attributes } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { MetricData, PushMetricExporter, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { counterData, exponentialData, gaugeData, hrTime, type Times, UNITS } from "../otel/metric-data.ts";
import type { Connector, StatisticsSource } from "./connector.ts";
import type { TotalFamily } from "./total-families.ts";

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

function metricOf(family: TotalFamily, times: Times): MetricData {
  const { name, type, unit, help, samples, distributions } = family;
  const instrument = {
    ...{ name, help, unit: unit === undefined ? "" : UNITS[unit] },
    isInteger: unit === undefined,
  };
  const points = () => samples().map(({ labels, value }) => ({ attributes: labels, value }));
  switch (type) {
    case "histogram":
      return exponentialData(
        instrument,
        times,
        distributions().map((value) => ({ attributes: value.labels, value })),
      );
    case "counter":
      return counterData(instrument, times, points());
    case "gauge":
      return gaugeData(instrument, times, points());
  }
}
