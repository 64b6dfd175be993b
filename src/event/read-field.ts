/**
 * Reads one raw JSON value by the kind of its field. Returns the value in the unit the event holds it in
 * (nanoseconds, microseconds, nano-USD, plain counts), or the expectation that it failed.
 */
import {
  HEX_DIGITS,
  ID_LENGTH_MAX,
  NO_REASONS,
  NUMBER_BOUNDS,
  type NumberBounds,
  TAG_NAME_LENGTH_MAX,
  TAG_VALUE_LENGTH_MAX,
  TAGS_MAX,
} from "./field-bounds.ts";
import type { FieldKind } from "./fields.ts";
import { type IssueCode, shown } from "./issue.ts";
import { microsOfEpoch, microsOfRfc3339 } from "./timestamp.ts";

const NO_REASON = new RegExp(`^(${NO_REASONS.join("|")})$`, "i");

/** Why a value was refused: `expected …` is completed by the caller with the path and the value. */
export class Refusal {
  readonly code: IssueCode;
  readonly message: string;
  constructor(code: IssueCode, expected: string, raw: unknown) {
    this.code = code;
    this.message = `expected ${expected}, got ${shown(raw)}`;
  }
}

/** What an `error` field says, whichever of its forms it takes. */
export type ReportedError = { readonly type: string | undefined };

export type FieldValue = string | number | boolean | ReportedError | ReadonlyMap<string, string>;

/**
 * `undefined` means that the value says nothing (an empty name, `error: false`): the field counts as absent.
 * Label values come back as they are; the caller makes them safe.
 */
export function readField(kind: FieldKind, raw: unknown): FieldValue | Refusal | undefined {
  switch (kind) {
    case "count":
      return integer(raw, NUMBER_BOUNDS.count);
    case "label":
      if (typeof raw !== "string") return new Refusal("wrong_type", "a string", raw);
      return raw === "" ? undefined : raw;
    case "milliseconds":
      return nanos(raw, NUMBER_BOUNDS.milliseconds, 1e6);
    case "seconds":
      return nanos(raw, NUMBER_BOUNDS.seconds, 1e9);
    case "time":
      return time(raw);
    case "boolean":
      return typeof raw === "boolean" ? raw : new Refusal("wrong_type", "true or false", raw);
    case "word":
      return typeof raw === "string" ? raw : new Refusal("wrong_type", "a string", raw);
    case "id":
      return id(raw);
    case "usd":
      return usd(raw);
    case "bytes":
      return integer(raw, NUMBER_BOUNDS.bytes);
    case "positive":
      return integer(raw, NUMBER_BOUNDS.positive);
    case "http_status":
      return integer(raw, NUMBER_BOUNDS.http_status);
    case "error_type":
      if (typeof raw === "number" && Number.isInteger(raw)) return String(raw);
      if (typeof raw !== "string") return new Refusal("wrong_type", "a string or an HTTP status", raw);
      return raw === "" ? undefined : raw;
    case "error":
      return reportedError(raw);
    case "rotation":
      if (typeof raw === "boolean") return raw;
      if (typeof raw === "string" && !NO_REASON.test(raw)) return raw !== "";
      return new Refusal("wrong_type", "true, false or a reason", raw);
    case "tags":
      return tags(raw);
    case "trace_id":
      return hex(raw, HEX_DIGITS.trace_id);
    case "span_id":
      return hex(raw, HEX_DIGITS.span_id);
  }
}

function integer(raw: unknown, { min, max }: NumberBounds): number | Refusal {
  if (typeof raw === "number" && raw >= min && raw <= max && Math.floor(raw) === raw) return raw + 0; // -0 becomes 0
  return new Refusal(
    typeof raw === "number" ? "out_of_range" : "wrong_type",
    `integer from ${min} to ${max}`,
    raw,
  );
}

function nanos(raw: unknown, { min, max }: NumberBounds, nanosPerUnit: number): number | Refusal {
  if (typeof raw === "number" && raw >= min && raw <= max) return Math.round(raw * nanosPerUnit) + 0;
  const expected = `number from ${min} to ${max}`;
  return new Refusal(typeof raw === "number" ? "out_of_range" : "wrong_type", expected, raw);
}

function usd(raw: unknown): number | Refusal {
  const { min, max } = NUMBER_BOUNDS.usd;
  if (typeof raw === "number" && raw >= min && raw <= max) return raw + 0;
  const expected = `US dollars from ${min} to ${max}`;
  return new Refusal(typeof raw === "number" ? "out_of_range" : "wrong_type", expected, raw);
}

function time(raw: unknown): number | Refusal {
  let micros: number | undefined;
  if (typeof raw === "string") micros = microsOfRfc3339(raw);
  else if (typeof raw === "number") micros = microsOfEpoch(raw);
  else return new Refusal("wrong_type", "an RFC 3339 time or an epoch in seconds or milliseconds", raw);
  return (
    micros ?? new Refusal("bad_timestamp", "an RFC 3339 time or an epoch in seconds or milliseconds", raw)
  );
}

function id(raw: unknown): string | Refusal | undefined {
  if (typeof raw !== "string") return new Refusal("wrong_type", "a string", raw);
  if (raw.length > ID_LENGTH_MAX) return new Refusal("too_long", `at most ${ID_LENGTH_MAX} characters`, raw);
  return raw === "" ? undefined : raw;
}

function hex(raw: unknown, length: number): string | Refusal | undefined {
  if (typeof raw !== "string") return new Refusal("wrong_type", `${length} hex digits`, raw);
  if (raw === "") return undefined;
  const valid = raw.length === length && /^[0-9a-f]+$/i.test(raw);
  if (!valid) return new Refusal("out_of_range", `${length} hex digits`, raw);
  // All zeros is how W3C trace context writes "no trace".
  return /^0+$/.test(raw) ? undefined : raw.toLowerCase();
}

function reportedError(raw: unknown): ReportedError | Refusal | undefined {
  if (typeof raw === "string") return raw === "" ? undefined : { type: undefined };
  if (typeof raw === "boolean") return raw ? { type: undefined } : undefined;
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return new Refusal("wrong_type", "a message, true, or an object with type and message", raw);
  }
  const { type, code } = raw as Record<string, unknown>;
  const named = type ?? code;
  return { type: typeof named === "string" || typeof named === "number" ? String(named) : undefined };
}

function tags(raw: unknown): ReadonlyMap<string, string> | Refusal {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return new Refusal("wrong_type", "an object of strings, numbers or booleans", raw);
  }
  const entries = Object.entries(raw);
  if (entries.length > TAGS_MAX)
    return new Refusal("out_of_range", `at most ${TAGS_MAX} tags`, entries.length);
  const read = new Map<string, string>();
  for (const [name, value] of entries) {
    if (typeof value === "object" && value !== null)
      return new Refusal("wrong_type", `tag ${shown(name)} to be a string`, value);
    const text = value === null ? "" : String(value);
    if (name.length > TAG_NAME_LENGTH_MAX || text.length > TAG_VALUE_LENGTH_MAX) {
      const limits = `tag names of ${TAG_NAME_LENGTH_MAX} and values of ${TAG_VALUE_LENGTH_MAX} characters at most`;
      return new Refusal("too_long", limits, name.length > TAG_NAME_LENGTH_MAX ? name : text);
    }
    if (value !== null) read.set(name, text);
  }
  return read;
}
