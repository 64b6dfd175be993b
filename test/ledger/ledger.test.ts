import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FAMILIES } from "../../src/catalogue/families.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { merge, zeroCell } from "../../src/ledger/cell.ts";
import { cellLayout, SLOT } from "../../src/ledger/cell-layout.ts";
import { Ledger, OTHER } from "../../src/ledger/ledger.ts";
import { type ExtraLabel, seriesKeys } from "../../src/ledger/series-key.ts";
import { priceByBook } from "../pricing/pricers.ts";
import { arbitraryEvent, eventOf } from "./sample-events.ts";

const layout = cellLayout({
  duration: FAMILIES.duration.buckets,
  timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
  timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
});

function ledgerOf(
  events: readonly RequestEvent[],
  limits: { seriesMax?: number; valuesPerLabelMax?: number } = {},
  labels: readonly ExtraLabel[] = [],
): Ledger {
  const keys = seriesKeys(labels);
  const ledger = new Ledger(layout, keys, { seriesMax: 1_000, valuesPerLabelMax: 1_000, ...limits });
  for (const event of events) ledger.enter(ledger.seriesOf(event), event, priceByBook(event), false);
  return ledger;
}

function total(ledger: Ledger): number[] {
  const sum = zeroCell(layout);
  for (const { cell } of ledger.series) merge(sum, cell, layout);
  return Array.from(sum.values);
}

const labelSets = (ledger: Ledger) => ledger.series.map(({ labelValues }) => labelValues.join("/"));
const named = (provider: string, model: string, pool = "p") => eventOf({ provider, model, pool });

describe("the ledger", () => {
  test("goes on with the series that it had, in whatever order they are restored", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryEvent, { maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        fc.func(fc.integer()),
        (events, seriesMax, orderOf) => {
          const before = ledgerOf(events, { seriesMax });
          const after = ledgerOf([], { seriesMax });
          const kept = before.series.toSorted((one, other) => orderOf(one.key) - orderOf(other.key));
          for (const { labelValues, cell } of kept) after.restore(labelValues, cell);
          expect(labelSets(after).sort()).toEqual(labelSets(before).sort());
          expect(total(after)).toEqual(total(before));
        },
      ),
    );
  });

  test("keeps a cell for each label set", () => {
    const ledger = ledgerOf([named("a", "m"), named("a", "n"), named("a", "m")]);
    expect(labelSets(ledger)).toEqual(["a/m/p", "a/n/p"]);
    expect(ledger.series[0]!.cell.values[SLOT.requests]).toBe(2);
  });

  test("does not mistake one label set for another, whatever the values hold", () => {
    const ledger = ledgerOf([named("a,b", "c"), named("a", "b,c"), named("a:b", "c"), named("a", "b:c")]);
    expect(ledger.series).toHaveLength(4);
  });

  test("adds the labels that the operator configured, empty where an event lacks them", () => {
    const labels = [{ name: "team", source: "team" } as const, { name: "route", source: { tag: "route" } }];
    const ledger = ledgerOf([eventOf({ team: "growth", tags: { route: "/chat" } }), eventOf({})], {}, labels);
    expect(labelSets(ledger)).toEqual(["unknown/unknown/default/growth//chat", "unknown/unknown/default//"]);
  });

  test("folds what exceeds any limits without changing a sum", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryEvent),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 3 }),
        (events, seriesMax, valuesPerLabelMax) => {
          const folded = ledgerOf(events, { seriesMax, valuesPerLabelMax });
          expect(total(folded)).toEqual(total(ledgerOf(events)));
          expect(folded.series.length).toBeLessThanOrEqual(seriesMax + 1);
        },
      ),
    );
  });

  test("folds one label at a time while only its values are too many", () => {
    const events = [named("a", "m1"), named("a", "m2"), named("a", "m3"), named("b", "m4"), named("a", "m1")];
    const ledger = ledgerOf(events, { valuesPerLabelMax: 2 });
    expect(labelSets(ledger)).toEqual(["a/m1/p", "a/m2/p", `a/${OTHER}/p`, `b/${OTHER}/p`]);
    expect(ledger.overflow.get("model")).toBe(2);
    expect(ledger.overflow.get("provider")).toBe(0);
  });

  test("folds whole label sets when those are too many, and counts each event", () => {
    const ledger = ledgerOf([named("a", "m1"), named("a", "m2"), named("b", "m3"), named("c", "m4")], {
      seriesMax: 1,
    });
    expect(labelSets(ledger)).toEqual(["a/m1/p", "other/other/other"]);
    expect(ledger.overflow.get("series")).toBe(3);
  });

  test("a snapshot stays as it was, and its pages can be written again", () => {
    const many = Array.from({ length: 600 }, (_, index) => named("a", `m${index}`));
    const ledger = ledgerOf(many);
    const before = ledger.snapshot([]);
    const copy = before.pages.map((page) => page.slice());
    ledger.enter(ledger.series[0]!, many[0]!, priceByBook(many[0]!), false);
    expect(before.pages).toEqual(copy);
    const after = ledger.snapshot([...before.pages]);
    expect(after.pages[0]).toBe(before.pages[0]);
    expect(after.pages[0]![SLOT.requests]).toBe(2);
  });
});
