import fc from "fast-check";
import { expect, it } from "vitest";
import type { Cell } from "../../src/ledger/cell.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { seriesKeys } from "../../src/ledger/series-key.ts";
import { SumMemo } from "../../src/query/sum-memo.ts";
import { ORDERS, type TotalsNode, type TreeBounds, totalsTree } from "../../src/query/totals-tree.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByReport } from "../pricing/pricers.ts";
import { LAYOUT, mergeOf, sumsOf } from "./sample-cells.ts";

type Step = {
  readonly kind: "end" | "start" | "stop";
  readonly provider: string;
  readonly model: string;
  readonly pool: string;
  readonly durationMillis: number;
};

const DIMENSIONS = ["provider", "model", "pool"] as const;
const arbitraryStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("end", "end", "start", "stop"),
  provider: fc.constantFrom("a", "b"),
  model: fc.constantFrom("m", "n"),
  pool: fc.integer({ min: 0, max: 70 }).map((pool) => `p-${pool}`),
  durationMillis: fc.nat({ max: 10_000 }),
});
const arbitraryBounds: fc.Arbitrary<TreeBounds> = fc.record({
  childrenMax: fc.integer({ min: 1, max: 100 }),
  nodesMax: fc.integer({ min: 1, max: 300 }),
  order: fc.constantFrom(...ORDERS),
});

function take(ledger: Ledger, { kind, provider, model, pool, durationMillis }: Step): void {
  const event = eventOf({
    provider,
    model,
    pool,
    duration_ms: durationMillis,
    cost_usd: durationMillis / 1e6,
  });
  const series = ledger.seriesOf(event);
  if (kind === "end") ledger.enter(series, event, priceByReport(event), false);
  else ledger.addInFlight(series, kind === "start" ? 1 : -1);
}

function treeOf(ledger: Ledger, depth: number, bounds: TreeBounds, memo?: SumMemo) {
  const parts = ledger.series.map(({ labelValues, cell }) => ({
    startMicros: 0,
    values: labelValues.slice(0, depth),
    sums: cell,
  }));
  const work = totalsTree(parts, bounds, (cell: Cell) => sumsOf(mergeOf([cell])), memo);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value satisfies TotalsNode<unknown>;
  }
}

it("a tree from sums at hand is the tree of the cells as they are now, question after question", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(arbitraryStep, { maxLength: 60 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: DIMENSIONS.length }),
      fc.array(arbitraryBounds, { minLength: 6, maxLength: 6 }),
      (rounds, depth, bounds) => {
        const limits = { seriesMax: 1_000, valuesPerLabelMax: 1_000 };
        const ledger = new Ledger(LAYOUT, seriesKeys([]), limits);
        const memo = new SumMemo();
        for (const [round, steps] of rounds.entries()) {
          for (const step of steps) take(ledger, step);
          const now = treeOf(ledger, depth, bounds[round]!, memo);
          expect(now).toEqual(treeOf(ledger, depth, bounds[round]!));
        }
      },
    ),
    { numRuns: 60 },
  );
});
