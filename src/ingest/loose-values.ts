/**
 * Values as foreign senders write them: numbers as text, booleans as `"True"`, empty text for nothing. A value that is
 * not what it should be is as if absent: the sender's mistake in one field does not cost the event.
 */

export type Members = Readonly<Record<string, unknown>>;

/** The members of an object; none of anything else. */
export function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

/** Text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

const DECIMAL = /^\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?\s*$/i;
/** More than any number has. */
const DECIMAL_LENGTH_MAX = 40;

/** A finite number, or text that spells one in decimals. */
export function numberOf(value: unknown): number | undefined {
  const isDecimal = typeof value === "string" && value.length <= DECIMAL_LENGTH_MAX && DECIMAL.test(value);
  const number = isDecimal ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** A number of things: an integer from 0. */
export function countOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A boolean, or text or a digit that spells one. */
export function booleanOf(value: unknown): boolean | undefined {
  switch (typeof value === "string" ? value.trim().toLowerCase() : value) {
    case true:
    case "true":
    case "1":
    case 1:
      return true;
    case false:
    case "false":
    case "0":
    case 0:
      return false;
    default:
      return undefined;
  }
}

/** The first of several that is there. */
export function firstOf<Value>(...values: readonly (Value | undefined)[]): Value | undefined {
  return values.find((value) => value !== undefined);
}
