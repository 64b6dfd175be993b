/**
 * Schemas that have a title, taken out of those that hold them: a document says each once and refers to it by its title.
 */
import type { JsonSchema } from "./json-schema.ts";

const MAPS: ReadonlySet<string> = new Set(["properties", "patternProperties"]);
const LISTS: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const SINGLE: ReadonlySet<string> = new Set([
  ...["items", "additionalProperties", "propertyNames", "contains", "contentSchema"],
  ...["not", "if", "then", "else"],
]);

export class SchemaComponents {
  readonly schemas: Record<string, JsonSchema> = {};

  /** The schema, with a reference in place of each part that has a title. Throws if two schemas share one. */
  refer(schema: JsonSchema): JsonSchema {
    const parts = Object.entries(schema).map(([keyword, value]) => [keyword, this.#inside(keyword, value)]);
    const whole = Object.fromEntries(parts) as JsonSchema;
    const { title } = schema;
    if (typeof title !== "string") return whole;
    const before = this.schemas[title];
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(whole)) {
      throw new Error(`expected one schema of the title ${title}, got two`);
    }
    this.schemas[title] = whole;
    return { $ref: `#/components/schemas/${title}` };
  }

  #inside(keyword: string, value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (SINGLE.has(keyword)) return this.refer(value as JsonSchema);
    if (LISTS.has(keyword)) return (value as readonly JsonSchema[]).map((part) => this.refer(part));
    if (!MAPS.has(keyword)) return value;
    const members = Object.entries(value as Readonly<Record<string, JsonSchema>>);
    return Object.fromEntries(members.map(([name, part]) => [name, this.refer(part)]));
  }
}
