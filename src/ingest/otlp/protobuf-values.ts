/** Attributes and their values out of protobuf. Only those of wanted names are decoded, all others are passed over. */
import type { Attributes, AttributeValue } from "./records.ts";
import type { WantedNames } from "./wanted-names.ts";
import { fieldsOf, fixed64Key, lengthKey, varintKey, type WireReader } from "./wire-reader.ts";

/** Lists and maps within each other; deeper ones are left out. */
export const VALUE_LEVELS_MAX = 16;

export const NO_ATTRIBUTES: Attributes = new Map();

const PAIR = { key: lengthKey(1), value: lengthKey(2) } as const;
const PAIR_FIELDS = fieldsOf(PAIR);

const VALUE = {
  string: lengthKey(1),
  bool: varintKey(2),
  int: varintKey(3),
  double: fixed64Key(4),
  list: lengthKey(5),
  map: lengthKey(6),
  bytes: lengthKey(7),
} as const;
const VALUE_FIELDS = fieldsOf(VALUE);

const OTHER_VALUES: ReadonlySet<number> = new Set(Object.values(VALUE).filter((key) => key !== VALUE.string));

/** Of a list and of a map alike. */
const VALUES = { values: lengthKey(1) } as const;
const VALUES_FIELDS = fieldsOf(VALUES);

type Members = Record<string, AttributeValue>;

/** Reads one attribute up to `end`. Returns `into`, or a new map once there is something to put in. */
export function readAttribute(
  reader: WireReader,
  end: number,
  names: WantedNames,
  into: Map<string, AttributeValue> | undefined,
): Map<string, AttributeValue> | undefined {
  const from = reader.at;
  let name: string | undefined;
  let valueAt = 0;
  let valueEnd = 0;
  let valueCount = 0;
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === PAIR.key) {
      const nameEnd = reader.lengthEnd(end);
      name = names.find(reader.bytes, reader.at, nameEnd);
      reader.at = nameEnd;
    } else if (key === PAIR.value) {
      valueEnd = reader.lengthEnd(end);
      valueAt = reader.at;
      valueCount += 1;
      reader.at = valueEnd;
    } else reader.skip(key, PAIR_FIELDS, end);
  }
  if (name === undefined || valueCount === 0) return into;
  reader.at = valueCount === 1 ? valueAt : from;
  const value = valueCount === 1 ? readValue(reader, valueEnd, 0, undefined) : readPairValue(reader, end, 0);
  reader.at = end;
  if (value === undefined) return into;
  reader.spend();
  return (into ?? new Map<string, AttributeValue>()).set(name, value);
}

/** The value of a pair, put together of all that it has. */
function readPairValue(reader: WireReader, end: number, level: number): AttributeValue | undefined {
  let value: AttributeValue | undefined;
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === PAIR.value) value = readValue(reader, reader.lengthEnd(end), level, value);
    else if (key === PAIR.key) reader.at = reader.lengthEnd(end);
    else reader.skip(key, PAIR_FIELDS, end);
  }
  return value;
}

/** The value up to `end`; lists and maps go on from what was there `before`. `undefined`: none, or none that is kept. */
function readValue(
  reader: WireReader,
  end: number,
  level: number,
  before: AttributeValue | undefined,
): AttributeValue | undefined {
  let value = before;
  while (reader.at < end) {
    const key = reader.key(end);
    switch (key) {
      case VALUE.string:
        value = reader.text(end);
        break;
      case VALUE.bool:
        value = reader.int64(end) !== 0;
        break;
      case VALUE.int:
        value = reader.int64(end);
        break;
      case VALUE.double: {
        const number = reader.double(end);
        value = Number.isFinite(number) ? number : undefined;
        break;
      }
      case VALUE.list:
        value = readList(reader, reader.lengthEnd(end), level + 1, Array.isArray(value) ? value : []);
        break;
      case VALUE.map:
        value = readMap(reader, reader.lengthEnd(end), level + 1, isMap(value) ? value : {});
        break;
      case VALUE.bytes:
        reader.at = reader.lengthEnd(end);
        value = undefined;
        break;
      default:
        reader.skip(key, VALUE_FIELDS, end);
    }
  }
  return value;
}

/** A value up to `end` if it is text; any other is passed over. */
export function readText(reader: WireReader, end: number, before: string | undefined): string | undefined {
  let text = before;
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === VALUE.string) text = reader.text(end);
    else {
      if (OTHER_VALUES.has(key)) text = undefined;
      reader.skip(key, 0, end);
    }
  }
  return text;
}

function readList(
  reader: WireReader,
  end: number,
  level: number,
  list: AttributeValue[],
): AttributeValue[] | undefined {
  if (level > VALUE_LEVELS_MAX) {
    reader.at = end;
    return undefined;
  }
  while (reader.at < end) {
    const key = reader.key(end);
    if (key !== VALUES.values) {
      reader.skip(key, VALUES_FIELDS, end);
      continue;
    }
    const value = readValue(reader, reader.lengthEnd(end), level, undefined);
    if (value === undefined) continue;
    reader.spend();
    list.push(value);
  }
  return list;
}

function readMap(reader: WireReader, end: number, level: number, map: Members): Members | undefined {
  if (level > VALUE_LEVELS_MAX) {
    reader.at = end;
    return undefined;
  }
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === VALUES.values) readMember(reader, reader.lengthEnd(end), level, map);
    else reader.skip(key, VALUES_FIELDS, end);
  }
  return map;
}

function readMember(reader: WireReader, end: number, level: number, map: Members): void {
  const from = reader.at;
  let name = "";
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === PAIR.key) name = reader.text(end);
    else if (key === PAIR.value) reader.at = reader.lengthEnd(end);
    else reader.skip(key, PAIR_FIELDS, end);
  }
  reader.at = from;
  const value = readPairValue(reader, end, level);
  // It would not be a member.
  if (value === undefined || name === "__proto__") return;
  reader.spend();
  map[name] = value;
}

function isMap(value: AttributeValue | undefined): value is Members {
  return typeof value === "object" && !Array.isArray(value);
}
