import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRollups, RESOLUTIONS, type RollupRange } from "../../src/query/rollup-plan.ts";

const MINUTE = 60e6;
const HOUR = 3_600e6;
const DAY = 86_400e6;
const NOW = 1_772_366_400e6;
const ALL = { minutesBeforeMicros: 0, hoursBeforeMicros: 0 };

const arbitraryRange: fc.Arbitrary<RollupRange> = fc
  .record({
    fromMicros: fc.integer({ min: NOW - 40 * DAY, max: NOW }),
    lengthMicros: fc.integer({ min: 0, max: 40 * DAY }),
    stepMicros: fc.option(fc.constantFrom(MINUTE, 5 * MINUTE, 45 * MINUTE, HOUR, 6 * HOUR, DAY), {
      nil: undefined,
    }),
  })
  .map(({ fromMicros, lengthMicros, stepMicros }) => ({
    fromMicros,
    untilMicros: fromMicros + lengthMicros,
    stepMicros,
  }));
const arbitraryKept = fc.record({
  minutesBeforeMicros: fc.integer({ min: NOW - 4 * DAY, max: NOW }),
  hoursBeforeMicros: fc.integer({ min: NOW - 60 * DAY, max: NOW - 5 * DAY }),
});

describe("a plan", () => {
  it("has spans one after the other, without gap or overlap, that cover its range", () => {
    fc.assert(
      fc.property(arbitraryRange, arbitraryKept, (asked, kept) => {
        const { spans, fromMicros, untilMicros } = planRollups(asked, kept);
        let at = fromMicros;
        for (const span of spans) {
          expect(span.fromMicros).toBe(at);
          expect(span.untilMicros).toBeGreaterThan(at);
          at = span.untilMicros;
        }
        expect(at).toBe(untilMicros);
      }),
    );
  });

  it("begins and ends each span where a rollup of its length does, inside what is kept", () => {
    fc.assert(
      fc.property(arbitraryRange, arbitraryKept, (asked, kept) => {
        for (const { resolution, fromMicros, untilMicros } of planRollups(asked, kept).spans) {
          expect(fromMicros % RESOLUTIONS[resolution]).toBe(0);
          expect(untilMicros % RESOLUTIONS[resolution]).toBe(0);
          const since = resolution === "minute" ? kept.minutesBeforeMicros : kept.hoursBeforeMicros;
          expect(fromMicros).toBeGreaterThanOrEqual(since);
        }
      }),
    );
  });

  it("covers all that was asked for and is kept, and widens it by less than an hour at either end", () => {
    fc.assert(
      fc.property(arbitraryRange, arbitraryKept, (asked, kept) => {
        fc.pre(asked.stepMicros === undefined);
        const plan = planRollups(asked, kept);
        const askedFrom = Math.max(asked.fromMicros, Math.ceil(kept.hoursBeforeMicros / HOUR) * HOUR);
        expect(plan.fromMicros).toBeLessThanOrEqual(askedFrom);
        expect(plan.fromMicros).toBeGreaterThan(askedFrom - HOUR);
        const askedUntil = Math.max(asked.untilMicros, askedFrom);
        expect(plan.untilMicros).toBeGreaterThanOrEqual(askedUntil);
        expect(plan.untilMicros).toBeLessThan(askedUntil + HOUR);
      }),
    );
  });

  it("splits a range with a step into whole periods of it, at least as long as asked", () => {
    fc.assert(
      fc.property(arbitraryRange, arbitraryKept, (asked, kept) => {
        fc.pre(asked.stepMicros !== undefined);
        const { fromMicros, untilMicros, stepMicros } = planRollups(asked, kept);
        expect(stepMicros).toBeGreaterThanOrEqual(asked.stepMicros!);
        expect((untilMicros - fromMicros) % stepMicros!).toBe(0);
      }),
    );
  });

  it("covers with its periods all that was asked for and is kept, however long they are", () => {
    fc.assert(
      fc.property(arbitraryRange, arbitraryKept, fc.nat({ max: 3_650 }), (range, kept, days) => {
        const asked = { ...range, stepMicros: (days + 1) * DAY };
        const plan = planRollups(asked, kept);
        const first = Math.max(asked.fromMicros, Math.ceil(kept.hoursBeforeMicros / HOUR) * HOUR);
        fc.pre(asked.untilMicros > first);
        expect(plan.fromMicros).toBeLessThanOrEqual(first);
        expect(plan.untilMicros).toBeGreaterThanOrEqual(asked.untilMicros);
      }),
    );
  });

  it("takes days in the middle and hours and minutes at the ends", () => {
    const midnight = Math.floor(NOW / DAY) * DAY;
    const asked = {
      fromMicros: midnight - HOUR - MINUTE,
      untilMicros: midnight + DAY + HOUR + MINUTE,
      stepMicros: undefined,
    };
    expect(planRollups(asked, ALL).spans).toEqual([
      { resolution: "minute", fromMicros: midnight - HOUR - MINUTE, untilMicros: midnight - HOUR },
      { resolution: "hour", fromMicros: midnight - HOUR, untilMicros: midnight },
      { resolution: "day", fromMicros: midnight, untilMicros: midnight + DAY },
      { resolution: "hour", fromMicros: midnight + DAY, untilMicros: midnight + DAY + HOUR },
      { resolution: "minute", fromMicros: midnight + DAY + HOUR, untilMicros: asked.untilMicros },
    ]);
  });

  it("may begin inside a minute only where that is split", () => {
    const fromMicros = NOW + 12_345_678;
    const asked = { fromMicros, untilMicros: NOW + HOUR, stepMicros: undefined };
    expect(planRollups(asked, ALL).fromMicros).toBe(NOW);
    const plan = planRollups(asked, { ...ALL, cutMicros: fromMicros });
    expect(plan.fromMicros).toBe(fromMicros);
    expect(plan.spans).toEqual([{ resolution: "minute", fromMicros, untilMicros: NOW + HOUR }]);
    // What was before the cut must not come back with its hour.
    const past = { ...ALL, cutMicros: fromMicros, minutesBeforeMicros: NOW + DAY };
    expect(planRollups(asked, past).fromMicros).toBe(NOW + HOUR);
  });
});
