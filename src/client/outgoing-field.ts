/**
 * What of a field may leave the process: by the kind that the table of fields gives it. An object in the place of a
 * number may be a prompt, and one in the place of an error a request with its credentials.
 */
import { FIELDS, type FieldKind } from "../event/fields.ts";
import { errorTypeOf } from "../event/outcome.ts";

const KINDS: ReadonlyMap<string, FieldKind> = new Map(
  FIELDS.flatMap(({ names, kind }) => names.map((name): [string, FieldKind] => [name, kind])),
);
/** No sentence, and no key. */
const WORD = /^[a-z_-]{1,32}$/i;
const TIME = /^[\d.:+\-TZ ]{1,64}$/i;
const HEX = /^[\da-f]{1,32}$/i;

export function isField(name: string): boolean {
  return KINDS.has(name);
}

/** The value as it is sent; `undefined` for what has no place in that field. Throws what the getters of tags throw. */
export function outgoingField(name: string, value: unknown): unknown {
  const kind = KINDS.get(name);
  switch (kind) {
    case "tags":
      return tags(value);
    case "error":
      return errorMark(value);
    case "error_type":
      // Whatever it is, it marks a failure; only the empty one says nothing.
      if (typeof value === "number" || value === "") return value;
      return errorTypeOf(typeof value === "string" ? value : "");
    case "time":
      return time(value);
    case "label":
    case "id":
      return typeof value === "string" || isPlain(value) ? value : undefined;
    case "word":
      return ifMatches(WORD, value);
    case "rotation":
      // Any reason is one; what counts is that there was one.
      return typeof value === "string" && value !== "" && !WORD.test(value)
        ? true
        : typeof value === "string"
          ? value
          : plain(value);
    case "trace_id":
    case "span_id":
      return ifMatches(HEX, value);
    default:
      return plain(value);
  }
}

function isPlain(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint";
}

function plain(value: unknown): unknown {
  return isPlain(value) ? value : undefined;
}

function ifMatches(form: RegExp, value: unknown): string | undefined {
  return typeof value === "string" && form.test(value) ? value : undefined;
}

function time(value: unknown): unknown {
  if (value instanceof Date) return value.toJSON() ?? undefined;
  return ifMatches(TIME, value) ?? plain(value);
}

function tags(value: unknown): Record<string, unknown> | undefined {
  // No array, no error, no String.
  if (Object.prototype.toString.call(value) !== "[object Object]") return undefined;
  const isTag = (one: unknown) => typeof one === "string" || one === null || isPlain(one);
  return Object.fromEntries(Object.entries(value as object).filter(([, one]) => isTag(one)));
}

/** That there was an error, and of what type; its message may quote a prompt. */
function errorMark(error: unknown): unknown {
  if (typeof error === "string") return error !== "";
  if (typeof error !== "object" || error === null) return plain(error);
  const { type, code } = error as { type?: unknown; code?: unknown };
  return { ...named("type", type), ...named("code", code) };
}

function named(name: string, value: unknown): object {
  if (typeof value === "number") return { [name]: value };
  if (typeof value !== "string") return {};
  const type = errorTypeOf(value);
  // Of two names the one that is known counts.
  return type === "other" ? {} : { [name]: type };
}
