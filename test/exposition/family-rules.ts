/**
 * Rules that hold between the samples of one family, in both formats: counters, buckets, sums, quantiles and
 * exemplars by https://prometheus.io/docs/specs/om/open_metrics_spec/#metric-types-1 and
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details.
 */
import { ExpositionError, type Rule } from "./exposition-error.ts";
import { type Labels, numberOf, type ParsedSample } from "./sample-line.ts";

export type FamilySamples = {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly ParsedSample[];
};

/** Labels that are not part of a series' identity, but tell the samples of one series apart. */
const POINT_LABELS: ReadonlyMap<string, string> = new Map([
  ["histogram", "le"],
  ["gaugehistogram", "le"],
  ["summary", "quantile"],
]);

export function checkFamily(family: FamilySamples): void {
  checkDuplicates(family);
  for (const sample of family.samples) checkSample(family, sample);
  for (const series of seriesOf(family)) {
    if (family.type === "histogram") checkHistogram(series, family.name, "_sum", "_count");
    if (family.type === "gaugehistogram") checkHistogram(series, family.name, "_gsum", "_gcount");
  }
}

/** The form of a number in `le` and `quantile`: Go's %g, with `.0` behind a bare integer. */
export function canonicalFloat(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  const [mantissa, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 6)) {
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const printed = String(value);
  return printed.includes(".") ? printed : `${printed}.0`;
}

function checkDuplicates({ samples }: FamilySamples): void {
  const seen = new Set<string>();
  for (const sample of samples) {
    const key = `${sample.name}${identity(sample.labels, undefined)}`;
    if (seen.has(key)) fail("duplicate_sample", sample, key);
    seen.add(key);
  }
}

function checkSample({ name, type }: FamilySamples, sample: ParsedSample): void {
  const suffix = sample.name.slice(name.length);
  const { value } = sample;
  const counted =
    (type === "counter" && suffix !== "_created") ||
    ((type === "histogram" || type === "summary") && (suffix === "_sum" || suffix === "_count")) ||
    suffix === "_bucket";
  if (counted && !(value >= 0)) fail("counter_value", sample, String(value));
  if (
    ["_bucket", "_count", "_gcount"].includes(suffix) &&
    POINT_LABELS.has(type) &&
    !Number.isInteger(value)
  ) {
    fail("integer_count", sample, String(value));
  }
  if (type === "info" && value !== 1) fail("info_value", sample, String(value));
  if (type === "stateset" && ((value !== 0 && value !== 1) || !sample.labels.has(name))) {
    fail("info_value", sample, String(value));
  }
  const pointLabel = POINT_LABELS.get(type);
  const isPoint = pointLabel === "le" ? suffix === "_bucket" : pointLabel === "quantile" && suffix === "";
  if (pointLabel === "le") checkPointLabel(sample, pointLabel, isPoint, "bucket_bound");
  if (pointLabel === "quantile") checkPointLabel(sample, pointLabel, isPoint, "quantile");
}

function checkPointLabel(sample: ParsedSample, label: string, isPoint: boolean, rule: Rule): void {
  const text = sample.labels.get(label);
  if (!isPoint) {
    if (text !== undefined) fail(rule, sample, `${label} on ${sample.name}`);
    return;
  }
  const bound = text === undefined ? Number.NaN : (numberOf(text) ?? Number.NaN);
  if (Number.isNaN(bound) || canonicalFloat(bound) !== text) fail(rule, sample, `${label}=${text}`);
  if (label === "quantile" && !(bound >= 0 && bound <= 1 && !(sample.value < 0)))
    fail(rule, sample, `${text}`);
}

/** Runs of samples of one label set, each of which is whole. */
function seriesOf({ type, samples }: FamilySamples): ParsedSample[][] {
  const runs: ParsedSample[][] = [];
  const seen = new Set<string>();
  let current: string | undefined;
  for (const sample of samples) {
    const key = identity(sample.labels, POINT_LABELS.get(type));
    if (key !== current) {
      if (seen.has(key)) fail("series_apart", sample, key);
      seen.add(key);
      current = key;
      runs.push([]);
    }
    runs.at(-1)!.push(sample);
  }
  return runs;
}

function checkHistogram(series: readonly ParsedSample[], name: string, sum: string, count: string): void {
  const first = series[0]!;
  const buckets = series.filter((sample) => sample.name === `${name}_bucket`);
  let lower = Number.NEGATIVE_INFINITY;
  let cumulative = 0;
  for (const bucket of buckets) {
    const bound = numberOf(bucket.labels.get("le")!)!;
    if (bound <= lower) fail("bucket_order", bucket, `le ${bound} after ${lower}`);
    if (bucket.value < cumulative) fail("bucket_cumulative", bucket, `${bucket.value} after ${cumulative}`);
    const exemplar = bucket.exemplar?.value;
    if (exemplar !== undefined && !(exemplar > lower && exemplar <= bound)) {
      fail("exemplar_bucket", bucket, `${exemplar} in (${lower}, ${bound}]`);
    }
    lower = bound;
    cumulative = bucket.value;
  }
  if (lower !== Number.POSITIVE_INFINITY)
    fail("bucket_inf", buckets.at(-1) ?? first, `le ${lower} as the last`);
  const total = series.find((sample) => sample.name === name + count);
  if (total === undefined) fail("histogram_parts", first, `no ${count}`);
  if (total.value !== cumulative) fail("bucket_inf", total, `+Inf ${cumulative} and count ${total.value}`);
  if (!series.some((sample) => sample.name === name + sum)) fail("histogram_parts", first, `no ${sum}`);
}

/** Labels as Prometheus compares them: in no order, empty ones absent. */
function identity(labels: Labels, without: string | undefined): string {
  return JSON.stringify([...labels].filter(([name, value]) => value !== "" && name !== without).sort());
}

function fail(rule: Rule, { line }: ParsedSample, got: string): never {
  throw new ExpositionError(rule, line, got);
}
