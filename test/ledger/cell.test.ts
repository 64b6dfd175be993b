import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FAMILIES } from "../../src/catalogue/families.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { type Cell, merge, record, zeroCell } from "../../src/ledger/cell.ts";
import { decodeCell, encodeCell } from "../../src/ledger/cell-codec.ts";
import { cellLayout, SLOT } from "../../src/ledger/cell-layout.ts";
import { priceByBook } from "../pricing/pricers.ts";
import { arbitraryEvent, eventOf } from "./sample-events.ts";

const layout = cellLayout({
  duration: FAMILIES.duration.buckets,
  timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
  timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
});

function cellOf(events: readonly RequestEvent[]): Cell {
  const cell = zeroCell(layout);
  for (const event of events) record(cell, layout, event, priceByBook(event), false);
  return cell;
}

function merged(...cells: readonly Cell[]): Cell {
  const into = zeroCell(layout);
  for (const cell of cells) merge(into, cell, layout);
  return into;
}

/** A cell as values that can be compared; the spare room of histograms says nothing. */
function content(cell: Cell) {
  return {
    values: Array.from(cell.values.subarray(cell.base, cell.base + layout.size)),
    exponentials: cell.exponentials.map((histogram) =>
      histogram === undefined
        ? undefined
        : { zeroCount: histogram.zeroCount, buckets: [...histogram.buckets()] },
    ),
    exemplars: new Map([...(cell.exemplars ?? [])].sort(([one], [other]) => one - other)),
  };
}

const events = fc.array(arbitraryEvent, { maxLength: 30 });

describe("the algebra of cells", () => {
  test("merging is commutative", () => {
    fc.assert(
      fc.property(events, events, (some, others) => {
        const [one, other] = [cellOf(some), cellOf(others)];
        expect(content(merged(one, other))).toEqual(content(merged(other, one)));
      }),
    );
  });

  test("merging is associative", () => {
    fc.assert(
      fc.property(events, events, events, (a, b, c) => {
        const [one, two, three] = [cellOf(a), cellOf(b), cellOf(c)];
        expect(content(merged(merged(one, two), three))).toEqual(content(merged(one, merged(two, three))));
      }),
    );
  });

  test("the cell of no events changes nothing when merged", () => {
    fc.assert(
      fc.property(events, (some) => {
        expect(content(merged(cellOf(some), zeroCell(layout)))).toEqual(content(cellOf(some)));
      }),
    );
  });

  test("splitting a set of events anywhere and merging the parts gives the cell of the whole", () => {
    fc.assert(
      fc.property(events, fc.nat(30), (all, cut) => {
        const parts = merged(cellOf(all.slice(cut)), cellOf(all.slice(0, cut)));
        expect(content(parts)).toEqual(content(cellOf(all)));
      }),
    );
  });

  test("a cell survives its compact form, but for exemplars", () => {
    fc.assert(
      fc.property(events, (some) => {
        const cell = cellOf(some);
        const { exemplars: _, ...kept } = content(cell);
        expect(content(decodeCell(encodeCell(cell, layout), layout))).toMatchObject(kept);
      }),
    );
  });

  test("cells in a shared page do not touch each other", () => {
    const page = new Float64Array(layout.size * 3);
    const middle = zeroCell(layout, page, layout.size);
    const event = eventOf({ duration_ms: 1e9, ttft_ms: 1e9, output_tokens: 2, cost_usd: 1e6 });
    record(middle, layout, event, priceByBook(event), false);
    expect(page.subarray(0, layout.size).every((value) => value === 0)).toBe(true);
    expect(page.subarray(layout.size * 2).every((value) => value === 0)).toBe(true);
    expect(content(middle)).toEqual(content(cellOf([event])));
  });
});

describe("decoding a cell", () => {
  const bytes = encodeCell(cellOf([eventOf({ duration_ms: 12, cost_usd: 3 })]), layout);
  test.each([
    { name: "nothing", bytes: new Uint8Array() },
    { name: "another version", bytes: Uint8Array.from([9, ...bytes.slice(1)]) },
    { name: "a cut cell", bytes: bytes.slice(0, -2) },
    { name: "a cut number", bytes: Uint8Array.from([1, 255]) },
    { name: "a cell with more behind it", bytes: Uint8Array.from([...bytes, 0]) },
    { name: "a slot beyond the layout", bytes: Uint8Array.from([1, 1, 255, 255, 1, 1, 0, 0, 0, 0, 0, 0]) },
  ])("refuses $name", ({ bytes: bad }) => {
    expect(() => decodeCell(bad, layout)).toThrow(RangeError);
  });
});

describe("recording an event", () => {
  const value = (cell: Cell, slot: number) => cell.values[cell.base + slot];

  test("money carries from picos to micro-dollars without losing a pico", () => {
    const cell = cellOf(Array.from({ length: 1_001 }, () => eventOf({ cost_usd: 0.999999999 })));
    expect([value(cell, SLOT.cost), value(cell, SLOT.cost + 1)]).toEqual([1_000_999_998, 999_000]);
  });

  test("an event of unknown cost adds no cost, and its tokens are counted as unpriced", () => {
    const cell = cellOf([eventOf({ input_tokens: 10, output_tokens: 5 })]);
    expect(value(cell, SLOT.cost)).toBe(0);
    expect(value(cell, SLOT.unpricedTokens)).toBe(15);
    expect(value(cell, SLOT.costLookups + 3)).toBe(1);
  });

  test("an event without usage or reported cost is no cost look-up", () => {
    const cell = cellOf([eventOf({ status: "error" })]);
    expect(Array.from(cell.values.subarray(SLOT.costLookups, SLOT.costLookups + 4))).toEqual([0, 0, 0, 0]);
  });

  test.each([
    { name: "success without any count", fields: {}, missing: 1 },
    { name: "success with a count of zero", fields: { output_tokens: 0 }, missing: 0 },
    { name: "an error", fields: { status: "error" }, missing: 0 },
    { name: "an answer of the response cache", fields: { cache_hit: true }, missing: 0 },
  ])("usage is missing or not: $name", ({ fields, missing }) => {
    expect(value(cellOf([eventOf(fields)]), SLOT.usageMissing)).toBe(missing);
  });

  test.each([
    { name: "a value on a bound is in the bucket of that bound", ms: 100, bucket: 1 },
    { name: "a nanosecond above it is in the next one", ms: 100.000001, bucket: 2 },
    { name: "zero is in the first", ms: 0, bucket: 0 },
    { name: "what exceeds all bounds is in the last", ms: 1_200_001, bucket: 15 },
  ])("buckets: $name", ({ ms, bucket }) => {
    const { firstBucket, boundsNanos } = layout.histograms.duration;
    const cell = cellOf([eventOf({ duration_ms: ms })]);
    const counts = Array.from({ length: boundsNanos.length + 1 }, (_, index) =>
      value(cell, firstBucket + index),
    );
    expect(counts.indexOf(1)).toBe(bucket);
    expect(counts.reduce((sum, n) => sum! + n!, 0)).toBe(1);
  });

  test.each([
    { name: "a whole streamed answer", fields: {}, count: 1 },
    { name: "one token only", fields: { output_tokens: 1 }, count: 0 },
    { name: "a failed stream", fields: { status: "error" }, count: 0 },
    { name: "no usage", fields: { output_tokens: undefined }, count: 0 },
  ])("time per output token: $name", ({ fields, count }) => {
    const event = { duration_ms: 1_100, ttft_ms: 100, output_tokens: 11, ...fields };
    const cell = cellOf([eventOf(JSON.parse(JSON.stringify(event)))]);
    expect(value(cell, SLOT.timePerOutputTokenCount)).toBe(count);
    if (count === 1) expect(value(cell, SLOT.timePerOutputTokenSum + 1)).toBe(100_000_000);
  });

  test("the exponential histogram knows any duration to within 1.1 %", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 2.5e9, noNaN: true }), (ms) => {
        const event = eventOf({ duration_ms: ms });
        const [bucket] = cellOf([event]).exponentials[0]!.buckets();
        const base = 2 ** (1 / 32);
        const low = base ** bucket!.index;
        const middle = (2 * low * base) / (1 + base);
        expect(Math.abs(middle / (event.durationNanos! / 1e9) - 1)).toBeLessThan(0.011);
      }),
    );
  });

  test("the latest request is the latest by its own time, not by arrival", () => {
    const [late, early] = [eventOf({ timestamp: 1_790_000_000 }), eventOf({ timestamp: 1_780_000_000 })];
    expect(value(cellOf([late, early]), SLOT.lastRequestMicros)).toBe(1_790_000_000e6);
  });
});
