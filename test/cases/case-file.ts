/** The text of a case, as steps. README.md says how it is written. */
import { parseDurationMillis } from "../../src/event/duration.ts";
import { microsOfRfc3339 } from "../../src/event/timestamp.ts";

type Placed = { readonly line: number };
export type Step = Placed &
  (
    | { readonly kind: "config"; readonly text: string }
    | { readonly kind: "at"; readonly time: string }
    | { readonly kind: "load"; readonly events: readonly string[] }
    | { readonly kind: "restart" }
    | { readonly kind: "query"; readonly path: string; readonly answer: string }
    | { readonly kind: "refuse"; readonly path: string; readonly status: number; readonly code: string }
  );

/** Throws with the number of the line that is no step. */
export function parseCase(text: string): readonly Step[] {
  const lines = text.split("\n").map((content, index) => ({ content, line: index + 1 }));
  const steps: Step[] = [];
  for (const { content, line } of lines) {
    if (content.trim() === "" || content.startsWith("#") || content.startsWith("  ")) continue;
    const rest = lines.slice(line);
    const end = rest.findIndex(({ content }) => content.trim() !== "" && !content.startsWith("  "));
    const block = (end === -1 ? rest : rest.slice(0, end)).map(({ content }) => content.slice(2));
    steps.push(stepOf(content.trim().split(/ +/), block, line));
  }
  return steps;
}

function stepOf([kind, ...words]: readonly string[], block: readonly string[], line: number): Step {
  const lines = block.filter((content) => content.trim() !== "");
  switch (kind) {
    case "config":
      return { line, kind, text: block.join("\n") };
    case "at":
      return { line, kind, time: words[0]! };
    case "load":
      return { line, kind, events: lines };
    case "restart":
      return { line, kind };
    case "query":
      return { line, kind, path: words[0]!, answer: block.join("\n") };
    case "refuse":
      return { line, kind, path: words[0]!, status: Number(words[1]), code: words[2]! };
    default:
      throw new Error(`line ${line}: expected a step, got ${kind}`);
  }
}

/** RFC 3339, or a duration from now with its sign. */
export function instantOf(text: string, nowMicros: number): number {
  const isRelative = /^[+-]/.test(text);
  const millis = isRelative ? parseDurationMillis(text.slice(1)) : undefined;
  const micros =
    millis === undefined ? microsOfRfc3339(text) : nowMicros + millis * (text[0] === "-" ? -1e3 : 1e3);
  if (micros === undefined) throw new Error(`expected a time, got ${text}`);
  return micros;
}

/** JSON events of a line. */
export function eventsOf(text: string, nowMicros: number): readonly Readonly<Record<string, unknown>>[] {
  const [name, ...words] = text.trim().split(/ +/);
  const times = /^x\d+$/.test(words.at(-1) ?? "") ? Number(words.pop()!.slice(1)) : 1;
  const event: Record<string, unknown> = nameOf(name!);
  const tags: Record<string, unknown> = {};
  for (const word of words) {
    const [key, value] = [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)];
    if (key === "at") event.timestamp = instantOf(value, nowMicros) / 1e3;
    else if (key.startsWith("tags.")) tags[key.slice(5)] = value;
    else event[key] = readValue(value);
  }
  if (Object.keys(tags).length > 0) event.tags = tags;
  return Array.from({ length: times }, () => event);
}

function nameOf(text: string): Record<string, unknown> {
  const [, provider, model, pool] = /^([^/]+)\/([^@]+)(?:@(.+))?$/.exec(text) ?? [];
  if (provider === undefined) throw new Error(`expected provider/model@pool, got ${text}`);
  return pool === undefined ? { provider, model } : { provider, model, pool };
}

function readValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?[\d.]+(e-?\d+)?$/.test(text) ? Number(text) : text;
}
