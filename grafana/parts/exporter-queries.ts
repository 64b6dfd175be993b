/** PromQL over the exporter's own metrics, and those that others have of it. They know the filter for jobs only. */
import * as promql from "../../prometheus/promql.ts";
import type { FamilyDeclaration } from "../../src/catalogue/family.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";
import { EXPORTER } from "./filters.ts";
import { RATE } from "./request-queries.ts";

/** Of each exporter, without labels that a scrape configuration adds. */
export const INSTANCE = ["job", "instance"] as const;

type Metric = FamilyDeclaration | string;

export function self(metric: Metric, ...matchers: readonly string[]): string {
  return promql.select(metric, EXPORTER, ...matchers);
}

export function gauge(metric: Metric, ...matchers: readonly string[]): string {
  return promql.sumBy(INSTANCE, self(metric, ...matchers));
}

/** Every target of Prometheus has these metrics: only of jobs that have, or had within a day, an exporter. */
const OF_EXPORTERS = `and on (job) last_over_time(${self(SELF_FAMILIES.buildInfo)}[1d])`;

/** A gauge that others have of an exporter. */
export function gaugeOfTarget(metric: string): string {
  return promql.sumBy(INSTANCE, `${self(metric)} ${OF_EXPORTERS}`);
}

/** A counter that others have of an exporter, how often a second. */
export function rateOfTarget(metric: string): string {
  return promql.sumBy(["instance"], `${promql.rate(self(metric), RATE)} ${OF_EXPORTERS}`);
}

/** Seconds since an instant. */
export function age(instant: FamilyDeclaration): string {
  return promql.sumBy(INSTANCE, `time() - ${self(instant)}`);
}

/** How often a second, by some of its labels. */
export function rates(counter: Metric, ...labels: readonly string[]): string {
  return promql.sumBy(["instance", ...labels], promql.rate(self(counter), RATE));
}

/** The same without what did not happen: of thirty reasons two are of interest. */
export function occurred(counter: FamilyDeclaration, ...labels: readonly string[]): string {
  return `${rates(counter, ...labels)} > 0`;
}

/** How often in each interval, by some of its labels. */
export function times(counter: FamilyDeclaration, ...labels: readonly string[]): string {
  return promql.sumBy(["instance", ...labels], promql.increase(self(counter), RATE));
}

/** In seconds; no row instead of NaN where nothing was measured. */
export function quantile(q: number, histogram: FamilyDeclaration): string {
  return `${promql.quantile(q, ["instance"], promql.rate(promql.buckets(histogram, EXPORTER), RATE))} >= 0`;
}
