/**
 * Adds encoded cells up as they are. A checkpoint does so four times for each cell, on the loop that accepts events, and
 * decoding, merging and encoding would take five times as long. The form is that of ledger/cell-codec.ts.
 */
import { type Cell, carryAll } from "../../ledger/cell.ts";
import { SLOT } from "../../ledger/cell-layout.ts";

/** Slots of cells with the usual buckets; there is room for more when they come. */
const FIRST_SLOTS = 256;
const SLOTS_MAX = 65_536;
/** What a sum may be longer than both its parts together: pairs that carry into a slot that was not in use. */
const CARRY_BYTES = 128;
/** Above the index of any bucket. */
const NO_INDEX = 2 ** 30;

export class EncodedMerge {
  /** Scratch for slots, histograms and bytes, so that a merge allocates next to nothing. */
  #sums = rowOf(FIRST_SLOTS);
  readonly #indexes: number[] = [];
  readonly #counts: number[] = [];
  #bytes = new Uint8Array(0);
  #end = 0;

  /**
   * The sum of two cells of one layout, which are left as they are; it is good until the next one is made. Throws a
   * RangeError for bytes that are no cell.
   */
  merge(one: Uint8Array, other: Uint8Array): Uint8Array {
    const length = one.length + other.length + CARRY_BYTES;
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(2 * length);
    this.#end = 0;
    const [left, right] = [new Varints(one), new Varints(other)];
    const version = left.next();
    if (right.next() !== version) throw new RangeError("cells are of different versions");
    this.#push(version);
    this.#mergeSlots(left, right);
    while (!left.isAtEnd || !right.isAtEnd) this.#mergeHistograms(left, right);
    return this.#bytes.subarray(0, this.#end);
  }

  #mergeSlots(left: Varints, right: Varints): void {
    this.#sums.values.fill(0);
    const size = 1 + Math.max(this.#addSlots(left), this.#addSlots(right));
    carryAll(this.#sums);
    const { values } = this.#sums;
    let used = 0;
    for (let slot = 0; slot < size; slot++) if (values[slot] !== 0) used += 1;
    this.#push(used);
    let previous = 0;
    for (let slot = 0; slot < size; slot++) {
      const value = values[slot]!;
      if (value === 0) continue;
      this.#push(2 * (slot - previous));
      this.#push(value);
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
    this.#push(left.next() + right.next());
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
    this.#push(this.#indexes.length);
    let previous = 0;
    for (let at = 0; at < this.#indexes.length; at++) {
      const step = this.#indexes[at]! - previous;
      this.#push(step < 0 ? -2 * step - 1 : 2 * step);
      this.#push(this.#counts[at]!);
      previous = this.#indexes[at]!;
    }
  }

  #push(number: number): void {
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#end++] = (rest % 128) + 128;
    this.#bytes[this.#end++] = rest;
  }
}

function rowOf(slots: number): Cell {
  return { values: new Float64Array(slots), base: 0, exponentials: [], exemplars: undefined };
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/** Reads one number after the other. */
class Varints {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  next(): number {
    let number = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError("a cell ends early");
      if (byte < 128) return number + byte * scale;
      number += (byte - 128) * scale;
    }
  }
}
