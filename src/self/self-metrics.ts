/**
 * The exporter's own metrics, in a prom-client registry. Hot paths keep plain numbers; they are read here when
 * somebody collects, so that counting an event costs an addition and not a look-up of labels.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { FamilyDeclaration } from "../catalogue/family.ts";
import { SELF_FAMILIES, type SelfFamilyKey } from "../catalogue/self-families.ts";

/** One reading: a value for each combination of label values, in the order of the family's labels. */
export type Reading = readonly { readonly labels: readonly string[]; readonly value: number }[];

/** Where the numbers come from: a function for each family, asked at every collection. */
export type SelfSources = Readonly<
  Record<Exclude<SelfFamilyKey, "scrapeDuration" | "storeCommitDuration">, () => number | Reading>
>;

export type SelfMetrics = {
  readonly registry: Registry;
  /** Observes the time that rendering one exposition took. */
  readonly observeScrape: (seconds: number) => void;
  /** Observes the time that one commit took. */
  readonly observeCommit: (seconds: number) => void;
};

/** A registry of this exporter's own; with prom-client's process metrics. */
export function createSelfMetrics(sources: SelfSources): SelfMetrics {
  const registry = new Registry();
  for (const key of Object.keys(sources) as (keyof SelfSources)[])
    register(registry, SELF_FAMILIES[key], sources[key]);
  const histogram = ({ name, help, buckets }: FamilyDeclaration) =>
    new Histogram({ name, help, buckets: [...buckets!], registers: [registry] });
  const scrapeDuration = histogram(SELF_FAMILIES.scrapeDuration);
  const commitDuration = histogram(SELF_FAMILIES.storeCommitDuration);
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    observeScrape: (seconds) => scrapeDuration.observe(seconds),
    observeCommit: (seconds) => commitDuration.observe(seconds),
  };
}

function register(registry: Registry, family: FamilyDeclaration, source: () => number | Reading): void {
  const options = {
    name: family.name,
    help: family.help,
    labelNames: [...family.labels],
    registers: [registry],
  };
  if (family.type === "gauge") {
    new Gauge({
      ...options,
      collect() {
        const reading = readingOf(source);
        this.reset();
        // A family without labels is zero after a reset; nothing to read is nothing to show.
        if (reading.length === 0) this.remove();
        for (const { labels, value } of reading) this.set(labelsOf(family, labels), value);
      },
    });
  } else {
    new Counter({
      ...options,
      collect() {
        this.reset();
        for (const { labels, value } of readingOf(source)) this.inc(labelsOf(family, labels), value);
      },
    });
  }
}

function readingOf(source: () => number | Reading): Reading {
  const reading = source();
  return typeof reading === "number" ? [{ labels: [], value: reading }] : reading;
}

function labelsOf(family: FamilyDeclaration, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(family.labels.map((name, index) => [name, values[index]!]));
}

/** A reading of one label from a map or record of counts. */
export function readingByLabel(counts: Iterable<readonly [string, number]>): Reading {
  return Array.from(counts, ([label, value]) => ({ labels: [label], value }));
}
