/** A JSON Schema in words: its type and bounds on a line, and below it the members of objects. */
import { escapeHtml, inlineHtml } from "./html.ts";
import type { JsonSchema } from "./json-schema.ts";

const REF = "#/components/schemas/";
/** Longer lists of words would hide what stands beside them. */
const WORDS_MAX = 40;

/** Where the page shows a schema that has a name. */
export function schemaAnchor(name: string): string {
  return `schema-${name}`;
}

/** Type, bounds, default. */
export function typeHtml(schema: JsonSchema): string {
  const { $ref, enum: words, const: only, anyOf, oneOf, allOf, items, default: absent } = schema;
  if (typeof $ref === "string") return refHtml($ref.slice(REF.length));
  if (Array.isArray(allOf)) return typeHtml(allOf[0]);
  const alternatives = anyOf ?? oneOf;
  const type = Array.isArray(alternatives)
    ? alternatives.map(alternativeHtml).join(" or ")
    : Array.isArray(words)
      ? `${words.slice(0, WORDS_MAX).map(valueHtml).join(", ")}${words.length > WORDS_MAX ? ", …" : ""}`
      : only !== undefined
        ? valueHtml(only)
        : isSchema(items)
          ? `list of ${typeHtml(items)}`
          : typeWords(schema);
  return absent === undefined ? type : `${type}; default ${valueHtml(absent)}`;
}

/** One that says in words what it is needs no type. */
function alternativeHtml(schema: JsonSchema): string {
  const { description } = schema;
  return typeof description === "string" ? inlineHtml(description) : typeHtml(schema);
}

/** Members of the object, of the items of a list, or of each alternative; empty if there are none. */
export function membersHtml(schema: JsonSchema): string {
  const { properties, required, items, anyOf, oneOf, contentSchema, additionalProperties } = schema;
  if (isSchema(properties)) return propertiesHtml(properties, Array.isArray(required) ? required : []);
  if (isSchema(items)) return membersHtml(items);
  if (isSchema(contentSchema)) return membersHtml(contentSchema);
  if (isSchema(additionalProperties)) return membersHtml(additionalProperties);
  const alternatives = anyOf ?? oneOf;
  return Array.isArray(alternatives) ? alternatives.map(membersHtml).join("\n") : "";
}

function propertiesHtml(properties: JsonSchema, required: readonly unknown[]): string {
  const rows = Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(([name, schema]) => {
    const { description } = schema;
    const meaning = typeof description === "string" ? ` ${inlineHtml(description)}` : "";
    const optional = required.length > 0 && !required.includes(name) ? " optional" : "";
    return `<li><code>${escapeHtml(name)}</code> <span class="type">${typeHtml(schema)}${optional}</span>${meaning}${membersHtml(schema)}</li>`;
  });
  return rows.length === 0 ? "" : `<ul class="members">\n${rows.join("\n")}\n</ul>`;
}

function refHtml(name: string): string {
  return `<a href="#${escapeHtml(schemaAnchor(name))}">${escapeHtml(name)}</a>`;
}

function typeWords(schema: JsonSchema): string {
  const { type, format, additionalProperties, contentSchema } = schema;
  if (isSchema(contentSchema)) return `lines of ${typeHtml(contentSchema)}`;
  if (type === "object" && isSchema(additionalProperties)) {
    return `object of ${typeHtml(additionalProperties)} by name`;
  }
  const names = Array.isArray(type) ? type.join(" or ") : String(type ?? "any value");
  const kind = format === "date-time" ? "RFC 3339 instant" : names;
  return `${kind}${bounds(schema)}`;
}

function bounds({ minimum, maximum, maxLength, examples }: JsonSchema): string {
  const range =
    minimum === undefined && maximum === undefined
      ? ""
      : maximum === undefined
        ? minimum === 0
          ? ""
          : ` from ${minimum}`
        : ` from ${minimum} to ${maximum}`;
  const length = maxLength === undefined ? "" : `, at most ${maxLength} characters`;
  const like = Array.isArray(examples) ? `, as ${examples.map(valueHtml).join(" or ")}` : "";
  return `${range}${length}${like}`;
}

function valueHtml(value: unknown): string {
  return `<code>${escapeHtml(typeof value === "string" ? value : JSON.stringify(value))}</code>`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
