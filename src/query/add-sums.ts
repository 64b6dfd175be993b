/** Adds what stores and the ledger have to a cell of SUMS_LAYOUT: thousands of times for one answer. */
import { addCell, type Cell } from "../ledger/cell.ts";
import { addEncodedSums } from "../ledger/cell-codec.ts";
import { SUMS_LAYOUT } from "../ledger/cell-layout.ts";

/** `sums`: a cell of any layout, which is left as it is, or an encoded one. Throws a RangeError for bytes that are none. */
export function addSums(into: Cell, sums: Cell | Uint8Array): void {
  if (sums instanceof Uint8Array) addEncodedSums(into, sums);
  else addCell(into, sums, SUMS_LAYOUT);
}
