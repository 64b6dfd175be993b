/** JSON Schema (draft 2020-12) in the few forms that the documents of this exporter need. */

export type JsonSchema = { readonly [keyword: string]: unknown };

/** An object with exactly these members; those in `optional` may be missing. */
export function members(
  properties: Readonly<Record<string, JsonSchema>>,
  { optional = [] }: { readonly optional?: readonly string[] } = {},
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, required, additionalProperties: false };
}

/** An object whose members' names are not known beforehand. */
export function namedBy(values: JsonSchema, description?: string): JsonSchema {
  return described({ type: "object", additionalProperties: values }, description);
}

export function list(items: JsonSchema, description?: string): JsonSchema {
  return described({ type: "array", items }, description);
}

export function text(description?: string): JsonSchema {
  return described({ type: "string" }, description);
}

/** An integer from 0 on. */
export function count(description?: string): JsonSchema {
  return described({ type: "integer", minimum: 0 }, description);
}

export function number(description?: string): JsonSchema {
  return described({ type: "number" }, description);
}

export function flag(description?: string): JsonSchema {
  return described({ type: "boolean" }, description);
}

/** An RFC 3339 timestamp in UTC. */
export function instant(description?: string): JsonSchema {
  return described({ type: "string", format: "date-time" }, description);
}

/** Bytes of another media type. */
export const BINARY: JsonSchema = { type: "string", format: "binary" };

/** US dollars, as an exact decimal: it may have more digits than a double. */
export function usd(description?: string): JsonSchema {
  return described({ type: "number" }, description);
}

export function oneOf(values: readonly string[], description?: string): JsonSchema {
  return described({ enum: values }, description);
}

/** The same, or null. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { description, ...rest } = schema;
  return described({ anyOf: [rest, { type: "null" }] }, description as string | undefined);
}

function described(schema: JsonSchema, description: string | undefined): JsonSchema {
  return description === undefined ? schema : { ...schema, description };
}
