/**
 * What a dashboard of costs shows of a range of time: totals, parts by model, and how it went hour by hour. Every request
 * counts, whatever became of it.
 */
import type { Money } from "../event/money.ts";
import type { Cell } from "../ledger/cell.ts";
import type { Group } from "./fold.ts";
import { sumOf, sumsBy } from "./sum-groups.ts";
import { splitSums, tokensInOut, wholeSums } from "./sums.ts";

export type DashboardCells = {
  /** Of groups by model. */
  readonly byModel: readonly Group[];
  /** Of periods that do not reach beyond an hour. */
  readonly byHour: readonly Group[];
};

/** Amounts are US dollars, durations milliseconds, rates from 0 to 100; a mean of nothing is 0. */
export type CostDashboard = {
  readonly total_cost: Money;
  readonly total_tokens: number;
  readonly total_requests: number;
  readonly avg_latency_ms: number;
  readonly cache_hit_rate: number;
  readonly error_rate: number;
  readonly model_usage: Readonly<Record<string, { count: number; tokens: number; cost: Money }>>;
  /** By the hour in UTC, `2026-01-31 12:00`, in order; only hours with requests. */
  readonly hourly_trend: Readonly<Record<string, { cost: Money; count: number }>>;
};

const HOUR_MICROS = 3_600e6;

export function costDashboard({ byModel, byHour }: DashboardCells): CostDashboard {
  const models = sumsBy(byModel, ({ values }) => values[0]!);
  const hours = sumsBy(byHour, ({ startMicros }) => Math.floor(startMicros / HOUR_MICROS) * HOUR_MICROS);
  const total = sumOf(models.values());
  const { requests, failures, timed, durationMillis } = splitSums(total, "total");
  const { cost, responseCache } = wholeSums(total);
  return {
    total_cost: cost,
    total_tokens: tokensOf(total),
    total_requests: requests,
    avg_latency_ms: ratio(durationMillis, timed),
    cache_hit_rate: ratio(responseCache.hit * 100, responseCache.hit + responseCache.miss),
    error_rate: ratio(failures * 100, requests),
    model_usage: Object.fromEntries(
      withRequests(models)
        .map(([model, cell]) => [model, { ...costAndCount(cell), tokens: tokensOf(cell) }] as const)
        .sort(([, one], [, other]) => other.count - one.count),
    ),
    hourly_trend: Object.fromEntries(
      withRequests(hours)
        .sort(([one], [other]) => one - other)
        .map(([micros, cell]) => [hourText(micros), costAndCount(cell)]),
    ),
  };
}

function withRequests<Key>(cells: ReadonlyMap<Key, Cell>): [Key, Cell][] {
  return Array.from(cells).filter(([, cell]) => splitSums(cell, "total").requests > 0);
}

function costAndCount(cell: Cell): { cost: Money; count: number } {
  return { cost: wholeSums(cell).cost, count: splitSums(cell, "total").requests };
}

function tokensOf(cell: Cell): number {
  const { input, output } = tokensInOut(splitSums(cell, "total"));
  return input + output;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function hourText(micros: number): string {
  return `${new Date(micros / 1e3).toISOString().slice(0, 13).replace("T", " ")}:00`;
}
