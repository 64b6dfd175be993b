/** Adds what stores and the ledger have to a cell of SUMS_LAYOUT: thousands of times for one answer. */
import { type Cell, carryAll, exponential } from "../ledger/cell.ts";
import { addEncodedSums } from "../ledger/cell-codec.ts";
import { SLOT, SUMS_LAYOUT } from "../ledger/cell-layout.ts";

/** `sums`: a cell of any layout, which is left as it is, or an encoded one. Throws a RangeError for bytes that are none. */
export function addSums(into: Cell, sums: Cell | Uint8Array): void {
  if (sums instanceof Uint8Array) addEncodedSums(into, sums);
  else addCell(into, sums);
}

/** What `merge` does, exemplars apart, which no answer shows. */
function addCell(into: Cell, from: Cell): void {
  const last = into.base + SLOT.lastRequestMicros;
  const lastRequestMicros = Math.max(into.values[last]!, from.values[from.base + SLOT.lastRequestMicros]!);
  const { values, base } = into;
  const { values: added, base: addedBase } = from;
  for (let slot = 0; slot < SUMS_LAYOUT.size; slot++) values[base + slot]! += added[addedBase + slot]!;
  values[last] = lastRequestMicros;
  carryAll(into);
  for (let index = 0; index < from.exponentials.length; index++) {
    const histogram = from.exponentials[index];
    if (histogram !== undefined) exponential(into, index).merge(histogram);
  }
}
