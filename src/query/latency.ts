/** How long requests took, from the sums and the histogram of a cell. */
import type { Cell } from "../ledger/cell.ts";
import { SLOT } from "../ledger/cell-layout.ts";
import { quantileSeconds } from "./quantile.ts";

/** The durations that a cell has a histogram of, in the order of its `exponentials`. */
export const TIMINGS = ["duration", "time_to_first_token", "time_per_output_token"] as const;
export type Timing = (typeof TIMINGS)[number];

export type Latency = {
  /** Requests whose duration is known. */
  readonly count: number;
  /** Exact. */
  readonly averageMillis: number;
  /** Within 1.1 %. */
  readonly p50Millis: number;
  readonly p95Millis: number;
  readonly p99Millis: number;
};

/** Count and sum of each; those of the duration are split by streaming. */
const SUMS: Readonly<Record<Timing, { counts: readonly number[]; sums: readonly number[] }>> = {
  duration: {
    counts: [SLOT.durationCount, SLOT.durationCount + 1],
    sums: [SLOT.durationSum, SLOT.durationSum + 2],
  },
  time_to_first_token: { counts: [SLOT.timeToFirstTokenCount], sums: [SLOT.timeToFirstTokenSum] },
  time_per_output_token: { counts: [SLOT.timePerOutputTokenCount], sums: [SLOT.timePerOutputTokenSum] },
};

/** `undefined` if it is known of no request. */
export function latencyOf(cell: Cell, timing: Timing): Latency | undefined {
  const { values, base } = cell;
  const { counts, sums } = SUMS[timing];
  const count = counts.reduce((sum, slot) => sum + values[base + slot]!, 0);
  if (count === 0) return undefined;
  const millis = sums.reduce(
    (sum, slot) => sum + values[base + slot]! * 1e3 + values[base + slot + 1]! / 1e6,
    0,
  );
  const quantile = (q: number) => quantileSeconds(cell.exponentials[TIMINGS.indexOf(timing)], q)! * 1e3;
  return {
    count,
    averageMillis: millis / count,
    p50Millis: quantile(0.5),
    p95Millis: quantile(0.95),
    p99Millis: quantile(0.99),
  };
}
