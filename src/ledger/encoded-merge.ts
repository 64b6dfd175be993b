/**
 * Adds encoded cells up as they are, whatever their buckets. A checkpoint does so four times for each cell, and decoding,
 * merging and encoding would take five times as long. The form is that of cell-codec.ts.
 */
import { type Cell, carryAll } from "./cell.ts";
import { SLOT } from "./cell-layout.ts";
import { unzigzag, VarintBytes, Varints, zigzag } from "./varints.ts";

/** Of the form of cells. */
export const CELL_VERSION = 1;

/** Slots of cells with the usual buckets; there is room for more when they come. */
const FIRST_SLOTS = 256;
const SLOTS_MAX = 65_536;
/** Above the index of any bucket. */
const NO_INDEX = 2 ** 30;

export class EncodedMerge {
  /** Scratch for slots, histograms and bytes, so that a merge allocates next to nothing. */
  #sums = rowOf(FIRST_SLOTS);
  readonly #indexes: number[] = [];
  readonly #counts: number[] = [];
  readonly #bytes = new VarintBytes();

  /**
   * The sum of two cells of one layout, which are left as they are; it is good until the next one is made. Throws a
   * RangeError for bytes that are no cell.
   */
  merge(one: Uint8Array, other: Uint8Array): Uint8Array {
    this.#bytes.clear();
    const [left, right] = [new Varints(one), new Varints(other)];
    if (left.next() !== CELL_VERSION || right.next() !== CELL_VERSION) {
      throw new RangeError("a cell is of an unknown version");
    }
    this.#bytes.push(CELL_VERSION);
    this.#mergeSlots(left, right);
    while (!left.isAtEnd || !right.isAtEnd) this.#mergeHistograms(left, right);
    return this.#bytes.view;
  }

  #mergeSlots(left: Varints, right: Varints): void {
    this.#sums.values.fill(0);
    const size = 1 + Math.max(this.#addSlots(left), this.#addSlots(right));
    carryAll(this.#sums);
    const { values } = this.#sums;
    let used = 0;
    for (let slot = 0; slot < size; slot++) if (values[slot] !== 0) used += 1;
    this.#bytes.push(used);
    let previous = 0;
    for (let slot = 0; slot < size; slot++) {
      const value = values[slot]!;
      if (value === 0) continue;
      this.#bytes.push(zigzag(slot - previous));
      this.#bytes.push(value);
      previous = slot;
    }
  }

  /** The last slot that was added to; -1 of none. */
  #addSlots(from: Varints): number {
    let slot = 0;
    let last = -1;
    for (let pairs = from.next(); pairs > 0; pairs--) {
      slot += unzigzag(from.next());
      const value = from.next();
      if (slot < 0 || slot >= SLOTS_MAX) throw new RangeError("a cell has a slot beyond any layout");
      if (slot >= this.#sums.values.length) this.#makeRoom(slot);
      const { values } = this.#sums;
      if (slot === SLOT.lastRequestMicros) values[slot] = Math.max(values[slot]!, value);
      else values[slot]! += value;
      last = slot;
    }
    return last;
  }

  #makeRoom(slot: number): void {
    const { values } = this.#sums;
    this.#sums = rowOf(2 * (slot + 1));
    this.#sums.values.set(values);
  }

  /** Of one kind: what was too short for a bucket, then buckets by ascending index. */
  #mergeHistograms(left: Varints, right: Varints): void {
    this.#bytes.push(left.next() + right.next());
    this.#indexes.length = 0;
    this.#counts.length = 0;
    let leftPairs = left.next();
    let rightPairs = right.next();
    let leftIndex = leftPairs > 0 ? unzigzag(left.next()) : NO_INDEX;
    let rightIndex = rightPairs > 0 ? unzigzag(right.next()) : NO_INDEX;
    while (leftPairs > 0 || rightPairs > 0) {
      const index = Math.min(leftIndex, rightIndex);
      let count = 0;
      if (leftIndex === index) {
        count += left.next();
        leftPairs -= 1;
        leftIndex = leftPairs > 0 ? leftIndex + unzigzag(left.next()) : NO_INDEX;
      }
      if (rightIndex === index) {
        count += right.next();
        rightPairs -= 1;
        rightIndex = rightPairs > 0 ? rightIndex + unzigzag(right.next()) : NO_INDEX;
      }
      this.#indexes.push(index);
      this.#counts.push(count);
    }
    this.#bytes.push(this.#indexes.length);
    let previous = 0;
    for (let at = 0; at < this.#indexes.length; at++) {
      this.#bytes.push(zigzag(this.#indexes[at]! - previous));
      this.#bytes.push(this.#counts[at]!);
      previous = this.#indexes[at]!;
    }
  }
}

function rowOf(slots: number): Cell {
  return { values: new Float64Array(slots), base: 0, exponentials: [], exemplars: undefined };
}
