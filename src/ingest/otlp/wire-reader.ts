/**
 * Protobuf as it is on the wire: keys, lengths and numbers of a body, under the limits of the message that they are in.
 * Knows no message. https://protobuf.dev/programming-guides/encoding/
 */

/** Bytes that are no protobuf, or hold more than they may. The only error that reading throws. */
export class WireFault extends Error {
  readonly code: "malformed_otlp" | "too_many_values" | "too_many_events";

  constructor(code: WireFault["code"], detail: string) {
    super(detail);
    this.code = code;
  }
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;
const VARINT_BYTES_MAX = 10;
const VARINT_REST = 128;
/** Beyond it a key is none: numbers of fields have 29 bits. */
const KEYS_END = 2 ** 32;
const WORD = 2 ** 32;

/** The key of a field by its number, as its type has it. */
export const varintKey = (field: number): number => field * 8 + VARINT;
export const fixed64Key = (field: number): number => field * 8 + FIXED64;
export const lengthKey = (field: number): number => field * 8 + LENGTH;

/** A bit for each field of a message; their numbers are below 32. */
export function fieldsOf(message: Readonly<Record<string, number>>): number {
  return Object.values(message).reduce((bits, key) => bits | (1 << (key >>> 3)), 0);
}

/** Reads from `at` on. `end` is where the message ends that is being read; it lies within the bytes. */
export class WireReader {
  readonly bytes: Buffer;
  at = 0;
  #valuesLeft: number;

  /** `valuesMax`: how often `spend` may be called. */
  constructor(bytes: Buffer, valuesMax: number) {
    this.bytes = bytes;
    this.#valuesLeft = valuesMax;
  }

  /** To be called for whatever is kept of a few bytes, so that a body cannot take many times its size. */
  spend(): void {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) {
      throw new WireFault("too_many_values", "expected fewer values of attributes; send several bodies");
    }
  }

  key(end: number): number {
    const key = this.unsigned(end);
    if (key < 8 || key >= KEYS_END) throw this.fault(`expected the key of a field, got ${key}`);
    return key;
  }

  /** An integer from 0 on, exact up to 2^53. */
  unsigned(end: number): number {
    let number = 0;
    let scale = 1;
    for (let count = 0; count < VARINT_BYTES_MAX; count++) {
      const byte = this.#byte(end);
      if (byte < VARINT_REST) return number + byte * scale;
      number += (byte - VARINT_REST) * scale;
      scale *= VARINT_REST;
    }
    throw this.fault(`expected a varint of at most ${VARINT_BYTES_MAX} bytes`);
  }

  /** A signed integer of 64 bits; the nearest double of one beyond 2^53. */
  int64(end: number): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 7 * VARINT_BYTES_MAX; shift += 7) {
      const byte = this.#byte(end);
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << shift;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < VARINT_REST) return high * WORD + (low >>> 0);
    }
    throw this.fault(`expected a varint of at most ${VARINT_BYTES_MAX} bytes`);
  }

  /** An enum: what is beyond 32 bits is cut off. */
  int32(end: number): number {
    return this.int64(end) | 0;
  }

  double(end: number): number {
    return this.bytes.readDoubleLE(this.#fixed(8, end));
  }

  /** Nanoseconds of 64 bits as microseconds; `undefined` for zero and for what is beyond 2^53. */
  micros(end: number): number | undefined {
    const at = this.#fixed(8, end);
    const low = this.bytes.readUInt32LE(at);
    const high = this.bytes.readUInt32LE(at + 4);
    // 2^32 nanoseconds are 4,294,967 microseconds and 296 nanoseconds: nothing is rounded on the way.
    const micros = high * 4_294_967 + Math.floor((high * 296 + low) / 1_000);
    return micros > 0 && micros <= Number.MAX_SAFE_INTEGER ? micros : undefined;
  }

  /** Where the length-delimited field ends whose length comes next. */
  lengthEnd(end: number): number {
    const length = this.unsigned(end);
    if (length > end - this.at) {
      throw this.fault(`expected a field of at most ${end - this.at} bytes, got one of ${length}`);
    }
    return this.at + length;
  }

  text(end: number): string {
    const textEnd = this.lengthEnd(end);
    const from = this.at;
    this.at = textEnd;
    return this.bytes.toString("utf8", from, textEnd);
  }

  /** The field of a key that nobody reads. A known field of another type makes the bytes no message of ours. */
  skip(key: number, fields: number, end: number): void {
    const field = key >>> 3;
    if (field < 32 && ((fields >>> field) & 1) === 1) {
      throw this.fault(`expected field ${field} of another type than ${key & 7}`);
    }
    switch (key & 7) {
      case VARINT:
        this.unsigned(end);
        return;
      case FIXED64:
        this.#fixed(8, end);
        return;
      case LENGTH:
        this.at = this.lengthEnd(end);
        return;
      case FIXED32:
        this.#fixed(4, end);
        return;
      default:
        throw this.fault(`expected a type of protobuf 3, got ${key & 7}`);
    }
  }

  fault(expectation: string): WireFault {
    return new WireFault("malformed_otlp", `byte ${this.at}: ${expectation}`);
  }

  #byte(end: number): number {
    if (this.at >= end) throw this.fault("expected a number, got the end");
    return this.bytes[this.at++]!;
  }

  /** Where so many bytes begin, which are passed over. */
  #fixed(size: number, end: number): number {
    const from = this.at;
    if (end - from < size) throw this.fault(`expected ${size} bytes, got ${end - from}`);
    this.at = from + size;
    return from;
  }
}
