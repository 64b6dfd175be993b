/** Reads a YAML file against a schema. Every fault is reported with file, line, path, rule and value. */
import { readFile } from "node:fs/promises";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { didYouMean } from "./nearest.ts";

/** A file that cannot be used. The message has one line for each fault. */
export class ConfigError extends Error {}

/** Values under these keys are never repeated in a message. */
const SECRET = /token|password|basic_auth_users/;
const FAULTS_MAX = 20;

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
  const position = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const [reason] = syntax.message.split("\n");
    throw new ConfigError(`${position(syntax.pos[0])}: expected YAML: ${reason!.replace(/ at line.*/, "")}`);
  }
  const value = document.toJS({ maxAliasCount: 100 }) ?? {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => faultsOf(issue, value));
  throw new ConfigError(
    faults
      .slice(0, FAULTS_MAX)
      .map(({ keys, message }) => {
        const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined;
        const where = node?.range === undefined ? path : position(node.range[0]);
        return `${where}: ${message}`;
      })
      .join("\n"),
    { cause: result.error },
  );
}

type Fault = { readonly keys: readonly PropertyKey[]; readonly message: string };

function faultsOf(issue: z.core.$ZodIssue, root: unknown): Fault[] {
  const path = z.core.toDotPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeysAt(issue);
    return issue.keys.map((key) => ({
      keys: [...issue.path, key],
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
  const got = SECRET.test(path) ? "a value that is not shown" : (JSON.stringify(value) ?? "nothing");
  return [
    { keys: issue.path, message: `${path === "" ? "the file" : path}: ${rule}, got ${got.slice(0, 80)}` },
  ];
}

/** The keys of the object schema that raised the issue. */
function knownKeysAt(issue: z.core.$ZodIssue): string[] {
  const schema = (issue as { inst?: { _zod?: { def?: { shape?: object } } } }).inst;
  return Object.keys(schema?._zod?.def?.shape ?? {});
}
