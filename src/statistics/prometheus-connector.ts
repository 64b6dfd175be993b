/**
 * Shows totals in a registry of prom-client. They are read whenever the registry is, so a scrape has every request up to
 * that moment and waits for no flush. The library is not imported: a registry takes any object that answers as its
 * metrics do.
 */
import type { Connector, StatisticsSource } from "./connector.ts";
import type { Sample, TotalFamily } from "./total-families.ts";

/** What of a prom-client `Registry` is used. */
export type PrometheusRegistry = {
  // Metrics of prom-client are classes with private parts, which no object of another kind has.
  registerMetric(metric: never): void;
};

export class PrometheusConnector implements Connector {
  readonly #registry: PrometheusRegistry;

  /** `registry`: where the families go, `register` of prom-client or one of your own. */
  constructor({ registry }: { readonly registry: PrometheusRegistry }) {
    if (typeof registry?.registerMetric !== "function") {
      throw new TypeError("registry: expected a Registry of prom-client");
    }
    this.#registry = registry;
  }

  /** Throws an Error if the registry has a metric of one of the names: two collectors cannot share one. */
  attach({ families }: StatisticsSource): void {
    for (const family of families) this.#registry.registerMetric(registryMetric(family) as never);
  }

  /** The registry has read all there is, or will when it is asked. */
  flush(): void {}
}

/** What a registry asks of a metric. */
function registryMetric({ name, type, help, labelNames, samples }: TotalFamily) {
  return {
    // The registry takes the `_total` off it for good when it writes OpenMetrics, and puts it back on samples.
    name,
    ...{ help, type, labelNames },
    // Of several processes of a cluster: the latest is the latest of all, the rest adds up.
    aggregator: type === "gauge" ? "max" : "sum",
    async get() {
      const values = samples().map((sample) => registryValue(name, sample));
      return { name: this.name, help, type, aggregator: this.aggregator, values };
    },
    /** Counters do not go back. */
    reset: () => undefined,
  };
}

function registryValue(name: string, { suffix, labels, value }: Sample) {
  return suffix === "" ? { labels, value } : { labels, value, metricName: name + suffix };
}
