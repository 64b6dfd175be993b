/** The schema of values that look like an example: the same members, each of the same type. */
import { flag, type JsonSchema, list, members, number, text } from "./json-schema.ts";

export function shapeOf(example: unknown): JsonSchema {
  if (Array.isArray(example)) return list(example.length === 0 ? {} : shapeOf(example[0]));
  switch (typeof example) {
    case "string":
      return text();
    case "number":
      return number();
    case "boolean":
      return flag();
    case "object": {
      if (example === null) return { type: "null" };
      const named = Object.entries(example).map(([name, value]) => [name, shapeOf(value)]);
      return members(Object.fromEntries(named) as Readonly<Record<string, JsonSchema>>);
    }
    default:
      return {};
  }
}
