/** One number over time, split by labels: points of a metric from sums of periods. */
import type { Money } from "../event/money.ts";
import { type Cell, zeroCell } from "../ledger/cell.ts";
import { SUMS_LAYOUT } from "../ledger/cell-layout.ts";
import { SEPARATOR } from "../ledger/series-key.ts";
import { addSums } from "./add-sums.ts";
import type { Group } from "./fold.ts";
import { latencyOf, type Timing } from "./latency.ts";
import { splitSums, tokensInOut, wholeSums } from "./sums.ts";

export const METRICS = [
  "requests",
  "errors",
  "error_rate",
  "cost_usd",
  "tokens",
  "tokens_in",
  "tokens_out",
  "latency_p50",
  "latency_p95",
  "latency_p99",
  "latency_average",
  "ttft_p50",
  "ttft_p95",
  "ttft_p99",
] as const;
export type Metric = (typeof METRICS)[number];
export type Unit = "requests" | "tokens" | "usd" | "ratio" | "milliseconds";

/** `null` where there is nothing that it could be of. */
export type PointValue = number | Money | null;

export type TimeSeries = {
  /** In the order of the question's `by`; `undefined`: all others. */
  readonly values: readonly string[] | undefined;
  /** Label sets in it. */
  readonly groups: number;
  /** One for each period, empty ones as well. */
  readonly points: readonly (readonly [startMicros: number, value: PointValue])[];
};

export function unitOf(metric: Metric): Unit {
  if (metric === "cost_usd") return "usd";
  if (metric === "error_rate") return "ratio";
  if (metric === "requests" || metric === "errors") return "requests";
  return metric.startsWith("tokens") ? "tokens" : "milliseconds";
}

export type SeriesRange = {
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly stepMicros: number;
};

/** Groups and points that are worked on between two chances to be interrupted. */
const A_PIECE = 16;

/**
 * Of groups of a range with a step. At most `seriesMax` of them by their total, or by requests if totals of the metric say
 * nothing; all others are merged into a last one. A generator that says where it may be interrupted.
 */
export function* timeSeries(
  groups: readonly Group[],
  {
    metric,
    range,
    seriesMax,
  }: { readonly metric: Metric; readonly range: SeriesRange; readonly seriesMax: number },
): Generator<void, readonly TimeSeries[]> {
  const all = yield* ranked(groups, metric);
  const shown = all.length <= seriesMax ? all : all.slice(0, seriesMax - 1);
  const others = all.slice(shown.length);
  const series: TimeSeries[] = [];
  for (const { values, cells } of shown) {
    series.push({ values, groups: 1, points: yield* pointsOf(cells, metric, range) });
  }
  if (others.length === 0) return series;
  const rest = yield* merged(others);
  const points = yield* pointsOf(rest, metric, range);
  return [...series, { values: undefined, groups: others.length, points }];
}

type Cells = Map<number, Cell>;
type Series = { readonly values: readonly string[]; readonly cells: Cells; weight: number };

function* ranked(groups: readonly Group[], metric: Metric): Generator<void, readonly Series[]> {
  const byKey = new Map<string, Series>();
  for (const [index, { startMicros, values, cell }] of groups.entries()) {
    if (index % A_PIECE === 0) yield;
    const key = values.join(SEPARATOR);
    let series = byKey.get(key);
    if (series === undefined) {
      series = { values, cells: new Map(), weight: 0 };
      byKey.set(key, series);
    }
    series.cells.set(startMicros, cell);
    series.weight += weightOf(cell, metric);
  }
  return Array.from(byKey)
    .sort(([name, one], [otherName, other]) => other.weight - one.weight || (name < otherName ? -1 : 1))
    .map(([, series]) => series);
}

function* merged(series: readonly Series[]): Generator<void, Cells> {
  const sums: Cells = new Map();
  for (const { cells } of series) {
    for (const [start, cell] of cells) {
      yield;
      const sum = sums.get(start) ?? zeroCell(SUMS_LAYOUT);
      sums.set(start, sum);
      addSums(sum, cell);
    }
  }
  return sums;
}

function* pointsOf(
  cells: Cells,
  metric: Metric,
  { fromMicros, untilMicros, stepMicros }: SeriesRange,
): Generator<void, TimeSeries["points"]> {
  const empty = zeroCell(SUMS_LAYOUT);
  const points: [number, PointValue][] = [];
  for (let start = fromMicros; start < untilMicros; start += stepMicros) {
    if (points.length % A_PIECE === 0) yield;
    points.push([start, metricOf(cells.get(start) ?? empty, metric)]);
  }
  return points;
}

function weightOf(cell: Cell, metric: Metric): number {
  const unit = unitOf(metric);
  const value = metricOf(cell, unit === "ratio" || unit === "milliseconds" ? "requests" : metric);
  return typeof value === "number" ? value : value === null ? 0 : value.microUsd + value.picoUsd / 1e6;
}

/** Counts of an empty cell are 0, all else is unknown. */
export function metricOf(cell: Cell, metric: Metric): PointValue {
  const sums = splitSums(cell, "total");
  switch (metric) {
    case "requests":
      return sums.requests;
    case "errors":
      return sums.failures;
    case "error_rate":
      return sums.requests === 0 ? null : sums.failures / sums.requests;
    case "cost_usd":
      return wholeSums(cell).cost;
    case "tokens":
      return tokensInOut(sums).input + tokensInOut(sums).output;
    case "tokens_in":
      return tokensInOut(sums).input;
    case "tokens_out":
      return tokensInOut(sums).output;
    default:
      return latencyAt(cell, metric);
  }
}

function latencyAt(cell: Cell, metric: Metric): number | null {
  const timing: Timing = metric.startsWith("ttft") ? "time_to_first_token" : "duration";
  const latency = latencyOf(cell, timing);
  if (latency === undefined) return null;
  if (metric.endsWith("average")) return latency.averageMillis;
  if (metric.endsWith("p50")) return latency.p50Millis;
  return metric.endsWith("p95") ? latency.p95Millis : latency.p99Millis;
}
