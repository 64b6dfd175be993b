/**
 * The ledger as OpenTelemetry's Prometheus exporter prints it. Its own request handler answers a failed collection with 200
 * and no metrics, so its reader and its serializer are used by themselves.
 */
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { LedgerProducer, type LedgerProducerParts } from "./ledger-producer.ts";
import { PROMETHEUS_NAMING } from "./naming.ts";

export class PrometheusView {
  readonly #reader: PrometheusExporter;
  readonly #target = serializer({ withTarget: true });
  readonly #serializer = serializer({ withTarget: false });
  #next: Promise<string> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: LedgerProducerParts, resource: Resource) {
    const producer = new LedgerProducer(parts, PROMETHEUS_NAMING, () => "explicit");
    this.#reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] });
    // A reader that is bound to none refuses to collect.
    new MeterProvider({ resource: withSafeNames(resource), readers: [this.#reader] });
  }

  /** Everything as of now, or later. One is printed at a time; those who ask before it is read share it. */
  text(): Promise<string> {
    this.#next ??= this.#last.then(nextTurn).then(() => {
      this.#next = undefined;
      const text = this.#render();
      this.#last = text.catch(() => undefined);
      return text;
    });
    return this.#next;
  }

  /** Metric by metric, between which the event loop runs: what was collected is of one instant all the same. */
  async #render(): Promise<string> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new Error("metrics could not be collected", { cause: errors[0] });
    const { resource, scopeMetrics } = resourceMetrics;
    let text = this.#target.serialize({ resource, scopeMetrics: [] }).replace(/^# no .*/m, "");
    for (const { scope, metrics } of scopeMetrics) {
      for (const metric of metrics) {
        await nextTurn();
        text += this.#serializer.serialize({ resource, scopeMetrics: [{ scope, metrics: [metric] }] });
      }
    }
    return text;
  }
}

/** Labels of the scope would say the same on every line. */
function serializer({ withTarget }: { readonly withTarget: boolean }): PrometheusSerializer {
  return new PrometheusSerializer("", false, undefined, !withTarget, true);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Its attributes are labels of `target_info`. */
function withSafeNames({ attributes }: Resource): Resource {
  const entries = Object.entries(attributes);
  const keys = PROMETHEUS_NAMING.attributes(entries.map(([name]) => name));
  return resourceFromAttributes(Object.fromEntries(entries.map(([, value], at) => [keys[at]!, value])));
}
