/**
 * How names are written for who reads them. OTLP takes them as they are. The Prometheus exporter replaces what Prometheus
 * does not take, but neither appends units nor sees that two names have become one or begin with a digit, and either of
 * these fails the whole scrape.
 */
import type { Instrument } from "./metric-data.ts";

export type Naming = {
  readonly instrument: (instrument: Instrument) => Instrument;
  /**
   * Names of attributes, none of them twice, in their order. `taken` are those that stand beside them, as they will be
   * written.
   */
  readonly attributes: (names: readonly string[], taken?: Iterable<string>) => string[];
};

export const OTLP_NAMING: Naming = {
  instrument: (instrument) => instrument,
  attributes: (names) => [...names],
};

/** Words for units in names. What stands in braces is none. */
const SUFFIXES: Readonly<Record<string, string>> = { s: "seconds", By: "bytes" };

export const PROMETHEUS_NAMING: Naming = {
  instrument: (instrument) => {
    const suffix = SUFFIXES[instrument.unit];
    const named = suffix === undefined || instrument.name.endsWith(`_${suffix}`);
    return { ...instrument, name: named ? instrument.name : `${instrument.name}_${suffix}`, unit: "" };
  },
  attributes: prometheusAttributes,
};

/** As https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ has it, and made unique. */
function prometheusAttributes(names: readonly string[], taken: Iterable<string> = []): string[] {
  const used = new Set([...taken, "le"]);
  return names.map((name) => {
    // As the exporter writes it, so that it has nothing to change.
    const written = `${/^[0-9]/.test(name) ? "key_" : ""}${name}`
      .replace(/[^a-zA-Z0-9_]/g, "_")
      .replace(/_{2,}/g, "_");
    let unique = written;
    for (let count = 2; used.has(unique); count++) unique = `${written}_${count}`;
    used.add(unique);
    return unique;
  });
}
