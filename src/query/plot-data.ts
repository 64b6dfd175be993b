/** What a plot of requests over time is drawn from, in arrays: a point for each period, not for each request. */
import type { Group } from "./fold.ts";
import { sumsBy } from "./sum-groups.ts";
import { type SplitSums, splitSums, tokensInOut } from "./sums.ts";

const MINUTE_MICROS = 60e6;
const DAY_MINUTES = 1_440;
/** Lengths of periods in minutes; longer ones are whole days. */
const STEPS_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720];

/** The shortest usual length of a period of which so many make up a range. In microseconds. */
export function plotStepMicros(rangeMicros: number, pointsMax: number): number {
  const leastMinutes = rangeMicros / MINUTE_MICROS / pointsMax;
  const minutes =
    STEPS_MINUTES.find((step) => step >= leastMinutes) ?? Math.ceil(leastMinutes / DAY_MINUTES) * DAY_MINUTES;
  return minutes * MINUTE_MICROS;
}

/** Side by side, the earliest first; only periods with requests. */
export type PlotData = {
  /** All tokens of a period. */
  readonly tokens: readonly number[];
  /** Means in milliseconds; null where no duration is known. */
  readonly latency: readonly (number | null)[];
  /** When each period starts, in microseconds. */
  readonly startsMicros: readonly number[];
};

export function plotData(groups: readonly Group[]): PlotData {
  const points = Array.from(sumsBy(groups, ({ startMicros }) => startMicros))
    .map(([micros, cell]) => ({ micros, sums: splitSums(cell, "total") }))
    .filter(({ sums }) => sums.requests > 0)
    .sort((one, other) => one.micros - other.micros);
  return {
    tokens: points.map(({ sums }) => {
      const { input, output } = tokensInOut(sums);
      return input + output;
    }),
    latency: points.map(({ sums }) => averageMillis(sums) ?? null),
    startsMicros: points.map(({ micros }) => micros),
  };
}

/** With two decimals; `undefined` if no duration is known. */
export function averageMillis({ timed, durationMillis }: SplitSums): number | undefined {
  return timed === 0 ? undefined : Math.round((durationMillis / timed) * 100) / 100;
}
