/** Sums of groups by what one makes of each: the parts of an answer put together again, and all of it. */
import { type Cell, merge, zeroCell } from "../ledger/cell.ts";
import { SUMS_LAYOUT } from "../ledger/cell-layout.ts";
import type { Group } from "./fold.ts";

/** By their keys, in the order in which these are first met. The groups themselves stay as they are. */
export function sumsBy<Key>(groups: Iterable<Group>, keyOf: (group: Group) => Key): Map<Key, Cell> {
  const sums = new Map<Key, Cell>();
  for (const group of groups) {
    const key = keyOf(group);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = zeroCell(SUMS_LAYOUT);
      sums.set(key, sum);
    }
    merge(sum, group.cell, SUMS_LAYOUT);
  }
  return sums;
}

export function sumOf(cells: Iterable<Cell>): Cell {
  const sum = zeroCell(SUMS_LAYOUT);
  for (const cell of cells) merge(sum, cell, SUMS_LAYOUT);
  return sum;
}
