/** Cells of arbitrary events, and cells as values that can be compared. */
import fc from "fast-check";
import { FAMILIES } from "../../src/catalogue/families.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { type Cell, merge, record, zeroCell } from "../../src/ledger/cell.ts";
import { cellLayout, SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import { arbitraryEvent } from "../ledger/sample-events.ts";
import { priceByBook } from "../pricing/pricers.ts";

export const LAYOUT = cellLayout({
  duration: FAMILIES.duration.buckets,
  timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
  timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
});

export function cellOf(events: readonly RequestEvent[]): Cell {
  const cell = zeroCell(LAYOUT);
  for (const event of events) record(cell, LAYOUT, event, priceByBook(event), false);
  return cell;
}

export const arbitraryCell: fc.Arbitrary<Cell> = fc.array(arbitraryEvent, { maxLength: 8 }).map(cellOf);

/** By the ledger's own algebra. */
export function mergeOf(cells: readonly Cell[]): Cell {
  const into = zeroCell(SUMS_LAYOUT);
  for (const cell of cells) merge(into, cell, SUMS_LAYOUT);
  return into;
}

/** Sums of a cell, of whichever layout; the spare room of histograms says nothing, nor does an empty one. */
export function sumsOf({ values, base, exponentials }: Cell) {
  return {
    values: Array.from(values.subarray(base, base + SUMS_LAYOUT.size)),
    exponentials: exponentials.map((histogram) => ({
      zeroCount: histogram?.zeroCount ?? 0,
      buckets: Array.from(histogram?.buckets() ?? []),
    })),
  };
}
