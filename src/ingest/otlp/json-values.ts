/** Values of OTLP as protobuf's JSON writes them: https://protobuf.dev/programming-guides/json/ */
import { NO_ATTRIBUTES, VALUE_LEVELS_MAX } from "./protobuf-values.ts";
import type { Attributes, AttributeValue } from "./records.ts";
import type { WantedNames } from "./wanted-names.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const NANOS = /^\d{1,20}$/;

/** A member by its name in lowerCamelCase or in snake_case; `null` is as if absent. */
export function member(object: JsonObject, name: string): unknown {
  const value = object[name] ?? object[snakeCase(name)];
  return value ?? undefined;
}

/** The attributes of a resource, span, event or record that are wanted. */
export function attributesOf(of: JsonObject, names: WantedNames): Attributes {
  const list = of.attributes;
  if (!Array.isArray(list)) return NO_ATTRIBUTES;
  const attributes = new Map<string, AttributeValue>();
  for (const attribute of list) {
    if (!isObject(attribute)) continue;
    const { key } = attribute;
    if (typeof key !== "string" || !names.isWanted(key)) continue;
    const value = anyValueOf(attribute.value);
    if (value !== undefined) attributes.set(key, value);
  }
  return attributes.size === 0 ? NO_ATTRIBUTES : attributes;
}

/** An AnyValue; `undefined` for bytes, for what is no number, and for what is nested too deep. */
export function anyValueOf(value: unknown, level = 0): AttributeValue | undefined {
  if (!isObject(value)) return undefined;
  // It has one member: finding it is quicker than asking for each.
  for (const name in value) {
    const held = value[name];
    if (held === null) continue;
    switch (name) {
      case "stringValue":
      case "string_value":
        return textOf(held);
      case "boolValue":
      case "bool_value":
        return typeof held === "boolean" ? held : undefined;
      case "intValue":
      case "int_value":
      case "doubleValue":
      case "double_value":
        return numberOf(held);
      case "arrayValue":
      case "array_value":
        return listOf(held, level + 1);
      case "kvlistValue":
      case "kvlist_value":
        return mapOf(held, level + 1);
    }
  }
  return undefined;
}

function listOf(list: unknown, level: number): readonly AttributeValue[] | undefined {
  const values = valuesOf(list, level);
  return values?.map((value) => anyValueOf(value, level)).filter((value) => value !== undefined);
}

function mapOf(map: unknown, level: number): Readonly<Record<string, AttributeValue>> | undefined {
  const values = valuesOf(map, level);
  if (values === undefined) return undefined;
  const members: Record<string, AttributeValue> = {};
  for (const pair of values) {
    if (!isObject(pair)) continue;
    const value = anyValueOf(pair.value, level);
    const name = textOf(pair.key) ?? "";
    // It would not be a member.
    if (value !== undefined && name !== "__proto__") members[name] = value;
  }
  return members;
}

function valuesOf(list: unknown, level: number): readonly unknown[] | undefined {
  if (!isObject(list) || level > VALUE_LEVELS_MAX) return undefined;
  const { values = [] } = list;
  return Array.isArray(values) ? values : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Integers may be written as text, and so may doubles. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function intOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return Number.isInteger(number) ? number : undefined;
}

/** Nanoseconds as microseconds; `undefined` for zero and for what is beyond 2^53. */
export function microsOf(nanos: unknown): number | undefined {
  const micros =
    typeof nanos === "string" && NANOS.test(nanos)
      ? Number(nanos.slice(0, -3))
      : Math.floor((numberOf(nanos) ?? 0) / 1_000);
  return micros > 0 && micros <= Number.MAX_SAFE_INTEGER ? micros : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const SNAKE_CASE = new Map<string, string>();

/** Of the names that stand in this folder; there are few. */
function snakeCase(name: string): string {
  let snake = SNAKE_CASE.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    SNAKE_CASE.set(name, snake);
  }
  return snake;
}
