/**
 * JSON Schema (draft 2020-12) of an event, from the same table and bounds that the parser reads. It accepts all that the
 * parser accepts; what the parser refuses beyond it are contradictions between fields, and times ahead of the clock.
 */
import {
  HEX_DIGITS,
  ID_LENGTH_MAX,
  NO_REASONS,
  NUMBER_BOUNDS,
  TAG_NAME_LENGTH_MAX,
  TAG_VALUE_LENGTH_MAX,
  TAGS_MAX,
} from "./field-bounds.ts";
import { FIELDS, type Field, type FieldKey, type FieldKind } from "./fields.ts";
import { STATUSES } from "./outcome.ts";
import { PHASES } from "./request-event.ts";
import { MICROS_MAX } from "./timestamp.ts";

type Schema = { readonly [keyword: string]: unknown };

const WORDS: { readonly [Key in FieldKey]?: readonly string[] } = { phase: PHASES, status: STATUSES };

const KINDS: Readonly<Record<FieldKind, Schema>> = {
  label: { type: ["string", "null"] },
  id: { type: ["string", "null"], maxLength: ID_LENGTH_MAX },
  word: { type: ["string", "null"] },
  boolean: { type: ["boolean", "null"] },
  count: bounded("integer", "count"),
  positive: bounded("integer", "positive"),
  bytes: bounded("integer", "bytes"),
  milliseconds: bounded("number", "milliseconds"),
  seconds: bounded("number", "seconds"),
  usd: bounded("number", "usd"),
  time: {
    anyOf: [
      {
        type: "string",
        pattern: "^\\d{4}-\\d{2}-\\d{2}[Tt ]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?([Zz]|[+-]\\d{2}:?\\d{2})?$",
        description: "RFC 3339 instant",
      },
      {
        type: "number",
        minimum: 0,
        maximum: MICROS_MAX / 1e3,
        description: "epoch in seconds or milliseconds",
      },
      { type: "null" },
    ],
  },
  http_status: bounded("integer", "http_status"),
  error_type: { type: ["string", "integer", "null"] },
  error: {
    anyOf: [
      { type: ["string", "boolean", "null"] },
      { type: "object", properties: { type: {}, code: {}, message: {} } },
    ],
  },
  tags: {
    type: ["object", "null"],
    maxProperties: TAGS_MAX,
    propertyNames: { maxLength: TAG_NAME_LENGTH_MAX },
    additionalProperties: {
      anyOf: [{ type: "string", maxLength: TAG_VALUE_LENGTH_MAX }, { type: ["number", "boolean", "null"] }],
    },
  },
  rotation: {
    anyOf: [
      { type: ["boolean", "null"] },
      { type: "string", not: { pattern: `^(${NO_REASONS.map(inAnyCase).join("|")})$` } },
    ],
  },
  trace_id: hex("trace_id"),
  span_id: hex("span_id"),
};

/** A request as senders report it; every field may be left out or null. */
export const EVENT_SCHEMA: Schema = {
  title: "Event",
  description: "A request to a language model. Fields that are not listed are ignored, and counted.",
  type: "object",
  properties: Object.fromEntries(
    FIELDS.flatMap((field) => field.names.map((name) => [name, fieldSchema(field, name)])),
  ),
  propertyNames: { not: { const: "__proto__" } },
  examples: [
    {
      id: "req-1",
      provider: "openai",
      model: "gpt-4o",
      input_tokens: 1_000,
      output_tokens: 200,
      duration_ms: 1_200,
    },
  ],
};

/** `null` is the same as absence, whatever the field. */
function fieldSchema({ key, names: [canonical], kind, meaning }: Field, name: string): Schema {
  const words = WORDS[key];
  const schema = words === undefined ? KINDS[kind] : { enum: [...words, null] };
  return { ...schema, description: name === canonical ? meaning : `Another name of \`${canonical}\`.` };
}

function bounded(type: "integer" | "number", kind: keyof typeof NUMBER_BOUNDS): Schema {
  const { min, max } = NUMBER_BOUNDS[kind];
  return { type: [type, "null"], minimum: min, maximum: max };
}

function hex(kind: keyof typeof HEX_DIGITS): Schema {
  return { type: ["string", "null"], pattern: `^([0-9a-fA-F]{${HEX_DIGITS[kind]}})?$` };
}

/** A pattern of JSON Schema has no flags. */
function inAnyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}
