/**
 * Numbers as cells are kept with (see cell-codec.ts): base-128 varints of integers from 0 to 2^53 - 1, one after the other.
 */

/** Bytes from here on say that more of the number follows. */
export const VARINT_REST = 128;
/** Bytes of the largest number. */
const VARINT_MAX = 8;
const FIRST_BYTES = 256;

/** Signed integers as unsigned ones, small for small magnitudes. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/** Writes one number after the other. */
export class VarintBytes {
  #bytes = new Uint8Array(FIRST_BYTES);
  #size = 0;

  push(number: number): void {
    if (this.#size + VARINT_MAX > this.#bytes.length) this.#grow();
    let rest = number;
    while (rest >= VARINT_REST) {
      const low = rest % VARINT_REST;
      this.#bytes[this.#size++] = low + VARINT_REST;
      rest = (rest - low) / VARINT_REST;
    }
    this.#bytes[this.#size++] = rest;
  }

  /** A copy of its own size. */
  taken(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  /** What was pushed; good until something else is. */
  get view(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Begins anew, in the room that there is. */
  clear(): void {
    this.#size = 0;
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads one number after the other. */
export class Varints {
  readonly bytes: Uint8Array;
  /** Place of the byte that comes next. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** Throws a RangeError if the bytes end before the number does. */
  next(): number {
    const { bytes } = this;
    let number = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[this.at];
      if (byte === undefined) throw new RangeError("a cell ends early");
      this.at += 1;
      if (byte < VARINT_REST) return number + byte * scale;
      number += (byte - VARINT_REST) * scale;
      scale *= VARINT_REST;
    }
  }
}
