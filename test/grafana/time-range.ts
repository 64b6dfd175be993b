/** Time ranges as dashboards and panels write them. */
import { durationSeconds } from "../../prometheus/rule.ts";

const DAY_SECONDS = 86_400;

/**
 * When a range begins that goes up to `untilSeconds`: `now-6h`, `6h`, or `now/d`, the midnight before in UTC. Throws a
 * RangeError for anything else.
 */
export function fromSeconds(from: string, untilSeconds: number): number {
  if (from === "now/d") return untilSeconds - (untilSeconds % DAY_SECONDS);
  return untilSeconds - durationSeconds(from.replace(/^now-/, ""));
}
