/**
 * What happens in the time that the pictures show: a company's weeks and days, and the incidents of the last hours. The
 * demo tells its own story every ten minutes; here its scenes are shown when this one wants them.
 */
import type { PhaseName } from "../../src/demo/scenario.ts";

const HOUR_MILLIS = 3_600_000;
const DAY_MILLIS = 24 * HOUR_MILLIS;
const WEEK_MILLIS = 7 * DAY_MILLIS;

/** The "now" of every picture: a Wednesday in the middle of a month, so that weeks and months have something to show. */
export const NOW_MILLIS = Date.parse("2026-11-18T15:40:00Z");
/** More than two weeks before, and the beginning of the month. */
export const BEGIN_MILLIS = Date.parse("2026-11-01T00:00:00Z");

export type Scene = {
  readonly phase: PhaseName;
  /** Which bad day of the demo it is; the demo takes its slow providers in turn. */
  readonly cycle: number;
  /** Arrivals against the demo's rate. */
  readonly pace: number;
};

/** The demo's bursts are meant for minutes; over a quarter of an hour half as many callers are believable. */
const BURST_PACE = 0.55;
/** Sundays first. */
const DAYS = [0.4, 0.97, 1.02, 1, 1.04, 0.93, 0.45];

type Incident = Pick<Scene, "phase" | "cycle"> & { readonly from: string; readonly until: string };

const INCIDENTS: readonly Incident[] = [
  incident("burst", "2026-11-12T09:30", "2026-11-12T09:50"),
  incident("slow spell", "2026-11-13T13:00", "2026-11-13T15:00", 1),
  incident("burst", "2026-11-18T10:40", "2026-11-18T10:52"),
  incident("slow spell", "2026-11-18T12:45", "2026-11-18T13:30", 0),
  incident("recovery", "2026-11-18T13:30", "2026-11-18T13:45", 0),
  incident("burst", "2026-11-18T15:02", "2026-11-18T15:07"),
];

export function sceneAt(millis: number): Scene {
  const now = new Date(millis).toISOString();
  const { phase, cycle } = INCIDENTS.find(({ from, until }) => from <= now && now < until) ?? {
    phase: "calm" as const,
    cycle: 0,
  };
  return { phase, cycle, pace: paceAt(millis) * (phase === "burst" ? BURST_PACE : 1) };
}

/** Most is asked in the afternoon, some at night, less on Saturdays and Sundays, and a little more every week. */
function paceAt(millis: number): number {
  const hour = (millis % DAY_MILLIS) / HOUR_MILLIS;
  const day = new Date(millis).getUTCDay();
  const daytime = 0.3 + 0.7 * Math.exp(-(((hour - 14) / 5) ** 2));
  const growth = 1.1 ** ((millis - NOW_MILLIS) / WEEK_MILLIS);
  return daytime * DAYS[day]! * growth;
}

function incident(phase: PhaseName, from: string, until: string, cycle = 0): Incident {
  return { phase, cycle, from, until };
}
