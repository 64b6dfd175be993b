/**
 * Sums of cells that live on, at hand for the next question. Each event adds one to the requests or to the rotations of its
 * cell, neither ever falls: as long as they are as many, and those in flight, so is everything else in the sum. It keeps
 * no number of its own: a sum that is not of today is added up anew.
 */
import { type Cell, zeroCell } from "../ledger/cell.ts";
import { SLOT, SUMS_LAYOUT } from "../ledger/cell-layout.ts";
import { addSums } from "./add-sums.ts";

type Sum = { readonly cell: Cell; events: number; inFlight: number };

/** Slots of requests, by status and streaming. */
const REQUESTS = SLOT.errors - SLOT.requests;

export class SumMemo {
  readonly #sums = new Map<string, Sum>();

  /**
   * The sum of these cells, of which nothing may be kept. `key` stands for the same cells each time, or for more that come
   * after them.
   */
  of(key: string, cells: readonly Cell[]): Cell {
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      sum = { cell: zeroCell(SUMS_LAYOUT), events: 0, inFlight: 0 };
      this.#sums.set(key, sum);
    }
    let events = 0;
    let inFlight = 0;
    for (const { values, base } of cells) {
      const first = base + SLOT.requests;
      for (let slot = first; slot < first + REQUESTS; slot++) events += values[slot]!;
      events += values[base + SLOT.rotations]!;
      inFlight += values[base + SLOT.inFlight]!;
    }
    if (sum.events === events && sum.inFlight === inFlight) return sum.cell;
    clear(sum.cell);
    for (const cell of cells) addSums(sum.cell, cell);
    sum.events = events;
    sum.inFlight = inFlight;
    return sum.cell;
  }
}

/** Histograms keep their room. */
export function clear(cell: Cell): Cell {
  cell.values.fill(0);
  for (const histogram of cell.exponentials) {
    if (histogram === undefined) continue;
    histogram.zeroCount = 0;
    histogram.counts.fill(0);
  }
  return cell;
}
