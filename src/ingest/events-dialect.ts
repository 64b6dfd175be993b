/**
 * Our own dialect: one event, an array, `{"events": [...]}`, or NDJSON. Takes text apart into events and
 * rejections; counts nothing and keeps nothing.
 */

import { type Issue, issueAt, shown } from "../event/issue.ts";
import { duplicateKeys, type KeyPath, keysAtMost } from "../event/json-keys.ts";
import type { EventParser } from "../event/parse-event.ts";
import type { RequestEvent } from "../event/request-event.ts";
import type { Rejection } from "./answer.ts";
import { type BodyProblem, excessOfText, parseJsonText, tooManyEvents } from "./json-body.ts";

export type ParsedBody = { readonly events: RequestEvent[]; readonly rejections: Rejection[] };

export type BodyKind = "json" | "ndjson";

export type BodyContext = {
  readonly kind: BodyKind;
  /** Most events in one body. */
  readonly eventsMax: number;
  readonly receivedAtMicros: number;
};

/** Events and rejections in the order of the body. */
export function parseEventsBody(
  text: string,
  parser: EventParser,
  context: BodyContext,
): ParsedBody | BodyProblem {
  return context.kind === "json" ? parseJson(text, parser, context) : parseNdjson(text, parser, context);
}

function parseJson(text: string, parser: EventParser, context: BodyContext): ParsedBody | BodyProblem {
  const parsed = parseJsonText(text, context.eventsMax);
  if ("code" in parsed) return parsed;
  const root = parsed.value;
  const keysBefore = parser.keysSeen;
  const envelope = envelopeOf(root);
  const [stray] = Object.keys(envelope ?? {}).filter((key) => key !== "events");
  if (stray !== undefined) {
    return { code: "bad_envelope", detail: `expected nothing beside events, got ${shown(stray)}` };
  }
  const elements = Array.isArray(root) ? root : envelope === undefined ? [root] : envelope.events;
  if (!Array.isArray(elements)) {
    return { code: "bad_envelope", detail: `events: expected an array, got ${shown(elements)}` };
  }
  if (elements.length > context.eventsMax) return tooManyEvents(String(elements.length), context.eventsMax);
  const results = elements.map((element) => parser.parse(element, context.receivedAtMicros));
  const envelopeKeys = envelope === undefined ? 0 : 1;
  const body: ParsedBody = { events: [], rejections: [] };
  const repeats =
    keysAtMost(text) === parser.keysSeen - keysBefore + envelopeKeys
      ? undefined
      : repeatsByElement(text, root);
  if (repeats === "envelope") return { code: "duplicate_key", detail: "expected each key of the body once" };
  results.forEach((result, index) => {
    const repeat = repeats?.get(index);
    if (repeat !== undefined) body.rejections.push({ index, id: undefined, issues: [repeat] });
    else if (result.ok) body.events.push(result.event);
    else body.rejections.push({ index, id: result.id, issues: result.issues });
  });
  return body;
}

function parseNdjson(text: string, parser: EventParser, context: BodyContext): ParsedBody | BodyProblem {
  const body: ParsedBody = { events: [], rejections: [] };
  const keysBefore = parser.keysSeen;
  const lines = linesOf(text, context.eventsMax);
  if (lines === undefined) return tooManyEvents("more, or as many blank lines", context.eventsMax);
  if (lines.length === 0)
    return { code: "malformed_json", detail: "expected at least one line of JSON, got none" };
  const indices: number[] = [];
  lines.forEach((line, index) => {
    const excess = excessOfText(line, 1);
    if (excess !== undefined) {
      body.rejections.push({ index, id: undefined, issues: [issueAt("", excess.code, excess.expectation)] });
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      const issue = issueAt("", "malformed_json", `expected JSON on the line: ${(error as Error).message}`);
      body.rejections.push({ index, id: undefined, issues: [issue] });
      return;
    }
    const result = parser.parse(value, context.receivedAtMicros);
    if (result.ok) {
      body.events.push(result.event);
      indices.push(index);
    } else body.rejections.push({ index, id: result.id, issues: result.issues });
  });
  if (keysAtMost(text) === parser.keysSeen - keysBefore) return body;
  return withoutRepeats(body, lines, indices);
}

/** Lines that are not blank; `undefined` if there are more than `most`, or as many blank ones. */
function linesOf(text: string, most: number): string[] | undefined {
  const lines: string[] = [];
  let blank = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end === -1 ? text.length : end);
    from = end === -1 ? text.length : end + 1;
    // Most lines begin with what is no white space: then there is no need to look further.
    if (!(line.charCodeAt(0) > 32) && line.trim() === "") blank += 1;
    else lines.push(line);
    if (lines.length > most || blank > most) return undefined;
  }
  return lines;
}

/** Moves the events whose lines repeat a key to the rejections. */
function withoutRepeats(body: ParsedBody, lines: readonly string[], indices: readonly number[]): ParsedBody {
  const events: RequestEvent[] = [];
  const rejections = [...body.rejections];
  body.events.forEach((event, position) => {
    const index = indices[position]!;
    const [path] = duplicateKeys(lines[index]!);
    if (path === undefined) events.push(event);
    else rejections.push({ index, id: undefined, issues: [repeatedKey(path)] });
  });
  return { events, rejections: rejections.sort((one, other) => one.index - other.index) };
}

/** The first repeated key of each element that has one. */
function repeatsByElement(text: string, root: unknown): Map<number, Issue> | "envelope" {
  const repeats = new Map<number, Issue>();
  const isEnvelope = envelopeOf(root) !== undefined;
  for (const path of duplicateKeys(text)) {
    if (!Array.isArray(root) && !isEnvelope) return new Map([[0, repeatedKey(path)]]);
    const [index, ...rest] = isEnvelope ? path.slice(1) : path;
    if (typeof index !== "number" || (isEnvelope && path[0] !== "events")) return "envelope";
    if (!repeats.has(index)) repeats.set(index, repeatedKey(rest));
  }
  return repeats;
}

function repeatedKey(path: KeyPath): Issue {
  return issueAt(path.join("."), "duplicate_key", "expected the key once, got it twice");
}

function envelopeOf(root: unknown): { readonly events: unknown } | undefined {
  const isObject = typeof root === "object" && root !== null && !Array.isArray(root);
  return isObject && Object.hasOwn(root, "events") ? (root as { events: unknown }) : undefined;
}
