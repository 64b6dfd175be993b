/** Sums of encoded cells. What is encoded and decoded again is tested with the cells themselves. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { type Cell, merge, record, zeroCell } from "../../src/ledger/cell.ts";
import { addEncodedSums, decodeCell, encodeCell, mergeEncoded } from "../../src/ledger/cell-codec.ts";
import { type CellLayout, cellLayout, SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import { priceByReport } from "../pricing/pricers.ts";
import { arbitraryEvent } from "./sample-events.ts";

const LAYOUTS = [
  cellLayout({ duration: [], timeToFirstToken: [], timePerOutputToken: [] }),
  cellLayout({ duration: [0.1, 1, 10], timeToFirstToken: [0.5], timePerOutputToken: [0.01, 0.1] }),
];

/** Many events, some of them very long or short: numbers of one byte and of several. */
const arbitraryCells = fc.array(fc.array(arbitraryEvent, { maxLength: 5 }), { maxLength: 6 });

function cellsOf(groups: readonly (readonly RequestEvent[])[], layout: CellLayout): Cell[] {
  return groups.map((events) => {
    const cell = zeroCell(layout);
    for (const event of events) record(cell, layout, event, priceByReport(event), false);
    return cell;
  });
}

test("encoded cells of any layout add up to what the cells do", () => {
  const oftenDoubled = fc.integer({ min: 0, max: 12 });
  fc.assert(
    fc.property(arbitraryCells, fc.constantFrom(...LAYOUTS), oftenDoubled, (groups, layout, doublings) => {
      const [sum, added] = [zeroCell(SUMS_LAYOUT), zeroCell(SUMS_LAYOUT)];
      for (const cell of cellsOf(groups, layout)) {
        for (let time = 0; time < doublings; time++) merge(cell, copyOf(cell, layout), layout);
        merge(sum, cell, SUMS_LAYOUT);
        addEncodedSums(added, encodeCell(cell, layout));
      }
      expect(encodeCell(added, SUMS_LAYOUT)).toEqual(encodeCell(sum, SUMS_LAYOUT));
    }),
  );
});

function copyOf(cell: Cell, layout: CellLayout): Cell {
  return decodeCell(encodeCell(cell, layout), layout);
}

test("encoded cells of a layout are merged without knowing it", () => {
  fc.assert(
    fc.property(arbitraryCells, fc.constantFrom(...LAYOUTS), (groups, layout) => {
      const cells = cellsOf(groups, layout);
      const merged = mergeEncoded(cells.map((cell) => encodeCell(cell, layout)));
      const sum = zeroCell(layout);
      for (const cell of cells) merge(sum, cell, layout);
      expect(Buffer.from(merged)).toEqual(Buffer.from(encodeCell(sum, layout)));
    }),
  );
});

test("bytes that are no cell are not added", () => {
  const cell = encodeCell(zeroCell(LAYOUTS[1]!), LAYOUTS[1]!);
  for (const bytes of [
    ...[Uint8Array.of(), Uint8Array.of(9, 0), cell.subarray(1), cell.subarray(0, -1)],
    ...[Uint8Array.of(...cell, 0), Uint8Array.of(...cell.subarray(0, -1), 3, 2)],
  ]) {
    expect(() => addEncodedSums(zeroCell(SUMS_LAYOUT), bytes)).toThrow(RangeError);
  }
});

test("bytes that are no cell are not merged", () => {
  const cell = encodeCell(zeroCell(LAYOUTS[1]!), LAYOUTS[1]!);
  for (const bytes of [Uint8Array.of(), Uint8Array.of(9, 0), cell.subarray(1), cell.subarray(0, -1)]) {
    expect(() => mergeEncoded([cell, bytes])).toThrow(RangeError);
  }
});
