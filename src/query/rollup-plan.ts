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

export type RollupsKept = {
  /** From when on there are minutes, and hours and days, in microseconds. */
  readonly minutesSinceMicros: number;
  readonly hoursSinceMicros: number;
  /** An instant at which a minute is split, so that a range can begin there. */
  readonly cutMicros?: number;
};

export function planRollups(asked: RollupRange, kept: RollupsKept): RollupPlan {
  const { stepMicros, fromMicros, untilMicros } = aligned(asked, kept);
  const usable = (Object.keys(RESOLUTIONS) as Resolution[]).filter(
    (resolution) => stepMicros === undefined || stepMicros % RESOLUTIONS[resolution] === 0,
  );
  return { spans: tile(fromMicros, untilMicros, usable), fromMicros, untilMicros, stepMicros };
}

function aligned(asked: RollupRange, kept: RollupsKept): RollupRange {
  const askedFrom = Math.max(asked.fromMicros, up(kept.hoursSinceMicros, HOUR));
  const askedUntil = Math.max(asked.untilMicros, askedFrom);
  const minutesSince = up(kept.minutesSinceMicros, MINUTE);
  if (asked.stepMicros === undefined) {
    const byMinutes = askedFrom >= minutesSince;
    const endsByMinutes = byMinutes || down(askedUntil, HOUR) >= minutesSince;
    return {
      stepMicros: undefined,
      fromMicros:
        byMinutes && askedFrom === kept.cutMicros ? askedFrom : down(askedFrom, byMinutes ? MINUTE : HOUR),
      untilMicros: up(askedUntil, endsByMinutes ? MINUTE : HOUR),
    };
  }
  let stepMicros = up(asked.stepMicros, MINUTE);
  const needsMinutes = stepMicros % HOUR !== 0;
  if (needsMinutes && down(askedFrom, stepMicros) < minutesSince) stepMicros = up(stepMicros, HOUR);
  // A period whose beginning is gone would be told for less than it was.
  const fromMicros = Math.max(down(askedFrom, stepMicros), up(kept.hoursSinceMicros, stepMicros));
  return { stepMicros, fromMicros, untilMicros: Math.max(up(askedUntil, stepMicros), fromMicros) };
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
