/** Sums of encoded cells that are not decoded for it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { merge, record, zeroCell } from "../../src/ledger/cell.ts";
import { decodeCell, encodeCell } from "../../src/ledger/cell-codec.ts";
import { cellLayout } from "../../src/ledger/cell-layout.ts";
import { EncodedMerge } from "../../src/ledger/encoded-merge.ts";
import { priceByReport } from "../pricing/pricers.ts";
import { arbitraryEvent, eventOf } from "./sample-events.ts";

const USUAL = cellLayout({
  duration: [0.1, 1, 10],
  timeToFirstToken: [0.1, 1],
  timePerOutputToken: [0.01, 0.1],
});

function encoded(events: readonly RequestEvent[], layout = USUAL): Uint8Array {
  const cell = zeroCell(layout);
  for (const event of events) record(cell, layout, event, priceByReport(event), false);
  return encodeCell(cell, layout);
}

const wide = cellLayout({
  duration: Array.from({ length: 400 }, (_, at) => (at + 1) / 10),
  timeToFirstToken: [1],
  timePerOutputToken: [1],
});

test.each([
  { name: "usual buckets", layout: USUAL },
  { name: "very many buckets", layout: wide },
])("sums of cells with $name are byte for byte what decoding, merging and encoding gives", ({ layout }) => {
  const events = fc.array(arbitraryEvent, { maxLength: 6 });
  const sums = new EncodedMerge();
  fc.assert(
    fc.property(events, events, (one, other) => {
      const both = [encoded(one, layout), encoded(other, layout)] as const;
      const into = decodeCell(both[0], layout);
      merge(into, decodeCell(both[1], layout), layout);
      expect(sums.merge(...both)).toEqual(encodeCell(into, layout));
    }),
    { numRuns: 200 },
  );
});

test("bytes that are no cell are refused, and the next sum is right", () => {
  const sums = new EncodedMerge();
  const cell = encoded([1, 2_000].map((duration_ms) => eventOf({ duration_ms })));
  const two = sums.merge(cell, cell).slice();
  const otherVersion = Uint8Array.of(2, ...cell.subarray(1));
  for (const bad of [
    cell.subarray(0, -1),
    Uint8Array.of(),
    otherVersion,
    Uint8Array.of(1, 1, 254, 255, 255, 127, 1),
  ]) {
    expect(() => sums.merge(cell, bad)).toThrow(RangeError);
    expect(sums.merge(cell, cell)).toEqual(two);
  }
  expect(() => sums.merge(otherVersion, otherVersion)).toThrow(RangeError);
});
