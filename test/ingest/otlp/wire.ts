/** Protobuf put together and taken apart by hand, for forms that no encoder writes. */
import protobuf from "protobufjs";

/** A field of a length, with a key of its own. */
export function field(number: number, ...parts: (Uint8Array | string)[]): Buffer {
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([
    protobuf.Writer.create()
      .uint32(number * 8 + 2)
      .uint32(bytes.length)
      .finish(),
    bytes,
  ]);
}

export function numberField(number: number, value: number): Buffer {
  return Buffer.from(
    protobuf.Writer.create()
      .uint32(number * 8)
      .int64(value)
      .finish(),
  );
}

/** A request of one span made of these fields. */
export function spanOf(...fields: Uint8Array[]): Buffer {
  return field(1, field(2, field(2, ...fields)));
}

/** An attribute whose value has these fields. */
export function attribute(name: string, ...value: Uint8Array[]): Buffer {
  return field(9, field(1, name), field(2, ...value));
}

/** Fields that are messages, by number. */
export type Levels = { readonly [number: number]: Levels };
const ATTRIBUTE: Levels = { 2: { 5: {}, 6: {} } };
/** Of traces and of logs; a field of one may be something else in the other, but no message. */
export const REQUEST_LEVELS: Levels = { 1: { 1: { 1: ATTRIBUTE }, 2: { 1: {}, 2: {} } } };

/** The same message with its fields the other way round; those of one number keep their order. */
export function reordered(bytes: Uint8Array, levels: Levels): Buffer {
  const reader = protobuf.Reader.create(bytes);
  const fields = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const from = reader.pos;
    const key = reader.uint32();
    const number = key >>> 3;
    const level = levels[number];
    let part: Uint8Array;
    if (level !== undefined && (key & 7) === 2) part = field(number, reordered(reader.bytes(), level));
    else {
      reader.skipType(key & 7);
      part = bytes.subarray(from, reader.pos);
    }
    fields.set(number, [...(fields.get(number) ?? []), part]);
  }
  return Buffer.concat([...fields.values()].reverse().flat());
}
