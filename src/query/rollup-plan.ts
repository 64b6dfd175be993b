/**
 * Which rollups a range of time is added up from: days in its middle, hours and minutes at its ends. Where the minutes are
 * no longer kept, the range is widened to whole hours, and the plan says so.
 */

const MINUTE = 60e6;
const HOUR = 3_600e6;
const DAY = 86_400e6;

/** Rollups by their length, the longest first, in microseconds. Each begins at a multiple of it, in UTC. */
export const RESOLUTIONS = { day: DAY, hour: HOUR, minute: MINUTE } as const;
export type Resolution = keyof typeof RESOLUTIONS;

/** Rollups of one length that start from this instant on, until before that one. */
export type Span = {
  readonly resolution: Resolution;
  readonly fromMicros: number;
  readonly untilMicros: number;
};

export type RollupPlan = {
  /** One after the other, without gap or overlap, the earliest first. */
  readonly spans: readonly Span[];
  /** What is covered: at least what was asked for and kept. */
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly stepMicros: number | undefined;
};

export type RollupRange = {
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly stepMicros: number | undefined;
};

/** What there is no more, in microseconds. */
export type RollupsGone = {
  /** Rollups by the minute, and by the hour and day, that start before these instants may be missing; 0: none is. */
  readonly minutesBeforeMicros: number;
  readonly hoursBeforeMicros: number;
  /** An instant at which a minute is split, so that a range can begin there. */
  readonly cutMicros?: number;
};

export function planRollups(asked: RollupRange, gone: RollupsGone): RollupPlan {
  const { stepMicros, fromMicros, untilMicros } =
    asked.stepMicros === undefined ? whole(asked, gone) : inSteps(asked, asked.stepMicros, gone);
  const usable = (Object.keys(RESOLUTIONS) as Resolution[]).filter((resolution) => {
    const length = RESOLUTIONS[resolution];
    // A rollup must not lie in two periods.
    return stepMicros === undefined || (stepMicros % length === 0 && fromMicros % length === 0);
  });
  return { spans: tile(fromMicros, untilMicros, usable), fromMicros, untilMicros, stepMicros };
}

function whole(
  asked: RollupRange,
  { minutesBeforeMicros, hoursBeforeMicros, cutMicros }: RollupsGone,
): RollupRange {
  const askedFrom = Math.max(asked.fromMicros, up(hoursBeforeMicros, HOUR));
  const askedUntil = Math.max(asked.untilMicros, askedFrom);
  const minutesSince = up(minutesBeforeMicros, MINUTE);
  const byMinutes = askedFrom >= minutesSince;
  const endsByMinutes = byMinutes || down(askedUntil, HOUR) >= minutesSince;
  const fromMicros =
    asked.fromMicros === cutMicros
      ? // What was before must not come back: without its minutes the hour of the cut is left out.
        byMinutes
        ? askedFrom
        : up(askedFrom, HOUR)
      : down(askedFrom, byMinutes ? MINUTE : HOUR);
  const untilMicros = up(askedUntil, endsByMinutes ? MINUTE : HOUR);
  return { stepMicros: undefined, fromMicros, untilMicros: Math.max(fromMicros, untilMicros) };
}

/** Periods begin at multiples of their length, the first one later if its beginning is gone. */
function inSteps(
  asked: RollupRange,
  askedStep: number,
  { minutesBeforeMicros, hoursBeforeMicros }: RollupsGone,
): RollupRange {
  const hoursSince = up(hoursBeforeMicros, HOUR);
  let stepMicros = up(askedStep, MINUTE);
  let fromMicros = down(Math.max(asked.fromMicros, hoursSince), stepMicros);
  if (stepMicros % HOUR !== 0 && fromMicros < up(minutesBeforeMicros, MINUTE)) {
    stepMicros = up(stepMicros, HOUR);
    fromMicros = down(Math.max(asked.fromMicros, hoursSince), stepMicros);
  }
  fromMicros = Math.max(fromMicros, hoursSince);
  const periods = Math.ceil((asked.untilMicros - fromMicros) / stepMicros);
  return { stepMicros, fromMicros, untilMicros: fromMicros + Math.max(0, periods) * stepMicros };
}

/** As few and as long rollups as there are. */
function tile(fromMicros: number, untilMicros: number, usable: readonly Resolution[]): readonly Span[] {
  const [resolution, ...shorter] = usable;
  if (resolution === undefined || fromMicros >= untilMicros) return [];
  // The first minute may be a part of one.
  if (resolution === "minute") return [{ resolution, fromMicros, untilMicros }];
  const first = up(fromMicros, RESOLUTIONS[resolution]);
  const end = down(untilMicros, RESOLUTIONS[resolution]);
  if (first >= end) return tile(fromMicros, untilMicros, shorter);
  return [
    ...tile(fromMicros, first, shorter),
    { resolution, fromMicros: first, untilMicros: end },
    ...tile(end, untilMicros, shorter),
  ];
}

function down(micros: number, unit: number): number {
  return Math.floor(micros / unit) * unit;
}

function up(micros: number, unit: number): number {
  return Math.ceil(micros / unit) * unit;
}
