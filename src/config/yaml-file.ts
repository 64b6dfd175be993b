/** Reads a YAML file against a schema. Every fault is reported with file, line, path, rule and value. */
import { readFile } from "node:fs/promises";
import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { didYouMean } from "./nearest.ts";

/** A file that cannot be used. The message has one line for each fault. */
export class ConfigError extends Error {}

/** Values under these keys are never repeated in a message. */
const SECRET = /^auth$|token|password|basic_auth|headers|endpoint/;
const VALUE_LENGTH_MAX = 80;
const FAULTS_MAX = 20;
const ALIASES_MAX = 100;

/** The file's content as the schema puts it out. Throws a ConfigError. */
export async function readYamlFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${path}: expected a readable file: ${(error as Error).message}`, { cause: error });
  }
  return parseYaml(path, text, schema);
}

export function parseYaml<Schema extends z.ZodType>(
  path: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const at = (offset: number | undefined): string => {
    if (offset === undefined) return path;
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    throw new ConfigError(`${at(syntax.pos[0])}: expected YAML: ${withoutContent(syntax.message)}`);
  }
  const value = contentOf(path, document);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues
    .flatMap((issue) => faultsOf(issue, value, schema))
    .map(({ keys, unknownKey, message }) => {
      const offset = unknownKey ? offsetOfKey(document, keys) : offsetOf(document, keys);
      return { offset: offset ?? 0, line: `${at(offset)}: ${message}` };
    })
    .sort((one, other) => one.offset - other.offset);
  // No cause: the library's own messages repeat values.
  throw new ConfigError(
    faults
      .slice(0, FAULTS_MAX)
      .map(({ line }) => line)
      .join("\n"),
  );
}

/** An empty file is an empty map. */
function contentOf(path: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX }) ?? {};
  } catch {
    throw new ConfigError(`${path}: expected YAML whose aliases have anchors and do not multiply (alias)`);
  }
}

/** The first line of the parser's message, without the piece of the file that it may quote. */
function withoutContent(message: string): string {
  return message.split("\n")[0]!.replace(/ at line.*|:.*/, "");
}

/** `keys` lead to the value at fault, or, of an unknown key, to the key itself. */
type Fault = { readonly keys: readonly PropertyKey[]; readonly unknownKey?: true; readonly message: string };

function faultsOf(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType): Fault[] {
  const path = z.core.toDotPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = keysOf(schema, issue.path);
    return issue.keys.map((key) => ({
      keys: [...issue.path, key],
      unknownKey: true,
      message: `${path === "" ? key : `${path}.${key}`}: expected a known key${didYouMean(key, known)}`,
    }));
  }
  const value = issue.path.reduce<unknown>(
    (node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key],
    root,
  );
  const rule = issue.message.startsWith("expected")
    ? issue.message
    : issue.message.replace(/^Invalid input: /, "");
  const got = SECRET.test(path) ? "a value that is not shown" : shown(value);
  return [{ keys: issue.path, message: `${path === "" ? "the file" : path}: ${rule}, got ${got}` }];
}

/** Scalars and lists of them: what lies deeper may be secret. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value) && value.some((item) => typeof item === "object")) return "a list";
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return "a map";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}

/** The keys that the object at a path of the schema knows. */
function keysOf(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node = unwrapped(schema);
  for (const key of path) node = unwrapped(childOf(node, key));
  return Object.keys((node as { shape?: object } | undefined)?.shape ?? {});
}

/** The schema of a key of an object, or of an element of a list or map. */
function childOf(node: z.ZodType | undefined, key: PropertyKey): z.ZodType | undefined {
  const { shape } = (node ?? {}) as { shape?: Record<PropertyKey, z.ZodType> };
  const { element, valueType } = (node?.def ?? {}) as { element?: z.ZodType; valueType?: z.ZodType };
  return shape?.[key] ?? element ?? valueType;
}

/** The schema below its defaults. */
function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  const inner = (schema?.def as { innerType?: z.ZodType } | undefined)?.innerType;
  return inner === undefined ? schema : unwrapped(inner);
}

/** Where a value stands; if it is not there, the section that misses it. */
function offsetOf(document: Document, keys: readonly PropertyKey[]): number | undefined {
  if (keys.length === 0) return document.contents?.range?.[0];
  const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined;
  return node?.range?.[0] ?? offsetOf(document, keys.slice(0, -1));
}

function offsetOfKey(document: Document, keys: readonly PropertyKey[]): number | undefined {
  const section = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const pair = isMap(section)
    ? section.items.find(({ key }) => isScalar(key) && key.value === keys.at(-1))
    : undefined;
  return (isScalar(pair?.key) ? pair.key.range?.[0] : undefined) ?? offsetOf(document, keys.slice(0, -1));
}
