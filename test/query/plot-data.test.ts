/** Points of a plot: how long a period is, and that there are never many. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plotStepMicros } from "../../src/query/plot-data.ts";

const MINUTE = 60e6;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a period of a plot", () => {
  it.each([
    { name: "an hour", range: HOUR, step: MINUTE },
    { name: "a day", range: DAY, step: 5 * MINUTE },
    { name: "a week", range: 7 * DAY, step: 30 * MINUTE },
    { name: "a month", range: 30 * DAY, step: 2 * HOUR },
    { name: "a year", range: 365 * DAY, step: DAY },
    { name: "since 1970", range: 20_778 * DAY, step: 42 * DAY },
    { name: "nothing", range: 0, step: MINUTE },
  ])("of $name is as long as it must", ({ range, step }) => {
    expect(plotStepMicros(range, 500)).toBe(step);
  });

  it("is of whole minutes, and no range has more than so many", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 1_000 }), (seconds, pointsMax) => {
        const step = plotStepMicros(seconds * 1e6, pointsMax);
        expect(step % MINUTE).toBe(0);
        expect(Math.ceil((seconds * 1e6) / step)).toBeLessThanOrEqual(pointsMax);
      }),
    );
  });
});
