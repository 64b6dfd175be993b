import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZERO_USD } from "../../src/event/money.ts";
import type { Group } from "../../src/query/fold.ts";
import {
  METRICS,
  type Metric,
  metricOf,
  type SeriesRange,
  type TimeSeries,
  timeSeries,
} from "../../src/query/time-series.ts";
import { arbitraryCell, cellOf, mergeOf } from "./sample-cells.ts";

const RANGE: SeriesRange = { fromMicros: 0, untilMicros: 300e6, stepMicros: 60e6 };

function seriesOf(groups: readonly Group[], metric: Metric, seriesMax: number): readonly TimeSeries[] {
  const work = timeSeries(groups, { metric, range: RANGE, seriesMax });
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const arbitraryGroups: fc.Arbitrary<readonly Group[]> = fc.uniqueArray(
  fc.record({
    startMicros: fc.integer({ min: 0, max: 4 }).map((period) => period * 60e6),
    values: fc.tuple(fc.constantFrom("a", "b", "c", "d")),
    cell: arbitraryCell,
  }),
  { maxLength: 12, selector: ({ startMicros, values }) => `${startMicros} ${values[0]}` },
);

describe("series over time", () => {
  it("have a point for each period, 0 or null where there was nothing", () => {
    for (const metric of METRICS) {
      const group = { startMicros: 120e6, values: ["a"], cell: cellOf([]) };
      const [series] = seriesOf([group], metric, 10);
      const empty = ["requests", "errors", "tokens", "tokens_in", "tokens_out"].includes(metric)
        ? 0
        : metric === "cost_usd"
          ? ZERO_USD
          : null;
      expect(series!.points).toEqual([0, 60e6, 120e6, 180e6, 240e6].map((start) => [start, empty]));
    }
  });

  it("show the highest, and the merge of all others as one more", () => {
    fc.assert(
      fc.property(
        arbitraryGroups,
        fc.constantFrom(...METRICS),
        fc.integer({ min: 1, max: 4 }),
        (groups, metric, seriesMax) => {
          const names = new Set(groups.map(({ values }) => values[0]));
          const all = seriesOf(groups, metric, seriesMax);
          expect(all.length).toBe(Math.min(names.size, seriesMax));
          expect(all.reduce((sum, series) => sum + series.groups, 0)).toBe(names.size);
          const shown = new Set(all.flatMap(({ values }) => values ?? []));
          for (const { values, points } of all) {
            for (const [start, value] of points) {
              const cells = groups.filter(
                (group) =>
                  group.startMicros === start &&
                  (values === undefined ? !shown.has(group.values[0]!) : group.values[0] === values[0]),
              );
              expect(value).toEqual(metricOf(mergeOf(cells.map(({ cell }) => cell)), metric));
            }
          }
        },
      ),
    );
  });

  it("are in the order of their totals", () => {
    fc.assert(
      fc.property(arbitraryGroups, (groups) => {
        const totals = seriesOf(groups, "requests", 10).map(({ points }) =>
          points.reduce((sum, [, value]) => sum + (value as number), 0),
        );
        expect(totals).toEqual([...totals].sort((one, other) => other - one));
      }),
    );
  });
});
