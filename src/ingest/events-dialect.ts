/**
 * Our own dialect: one event, an array, `{"events": [...]}`, or NDJSON. Takes text apart into events and
 * rejections; counts nothing and keeps nothing.
 */

import { type Issue, issueAt, shown } from "../event/issue.ts";
import { duplicateKeys, type KeyPath, keysAtMost } from "../event/json-keys.ts";
import { isDeeperThan } from "../event/json-text.ts";
import type { EventParser } from "../event/parse-event.ts";
import type { RequestEvent } from "../event/request-event.ts";
import type { Rejection } from "./answer.ts";

/** Why a body as a whole cannot be read. The codes are those of the HTTP problems. */
export type BodyProblem = {
  readonly code: "malformed_json" | "too_deep" | "bad_envelope" | "duplicate_key" | "too_many_events";
  readonly detail: string;
};

export type ParsedBody = { readonly events: RequestEvent[]; readonly rejections: Rejection[] };

const DEPTH_SCAN_FROM = 1_048_576;
/** An event lies in an array, which may lie in an envelope. */
const ENVELOPE_LEVELS = 2;

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
  if (isTooDeep(text, parser)) return { code: "too_deep", detail: tooDeep(parser) };
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    return { code: "malformed_json", detail: `expected JSON: ${(error as Error).message}` };
  }
  const keysBefore = parser.keysSeen;
  const envelope = envelopeOf(root);
  const elements = Array.isArray(root) ? root : envelope === undefined ? [root] : envelope.events;
  if (!Array.isArray(elements)) {
    return { code: "bad_envelope", detail: `events: expected an array, got ${shown(elements)}` };
  }
  if (elements.length > context.eventsMax) return tooMany(elements.length, context.eventsMax);
  const results = elements.map((element) => parser.parse(element, context.receivedAtMicros));
  const envelopeKeys = envelope === undefined ? 0 : Object.keys(envelope).length;
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
  const lines = text.split("\n").filter((line) => line !== "" && line.trim() !== "");
  if (lines.length > context.eventsMax) return tooMany(lines.length, context.eventsMax);
  if (lines.length === 0)
    return { code: "malformed_json", detail: "expected at least one line of JSON, got none" };
  const indices: number[] = [];
  lines.forEach((line, index) => {
    if (isTooDeep(line, parser)) {
      body.rejections.push({ index, id: undefined, issues: [issueAt("", "too_deep", tooDeep(parser))] });
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

/**
 * JSON.parse takes a hundred bytes and a hundred nanoseconds for each open bracket, so that a large body of them would
 * hold the process for seconds. Small texts are left to the parser of events, which counts levels when it sees some.
 */
function isTooDeep(text: string, parser: EventParser): boolean {
  return text.length > DEPTH_SCAN_FROM && isDeeperThan(text, parser.limits.depthMax + ENVELOPE_LEVELS);
}

function tooDeep(parser: EventParser): string {
  return `expected at most ${parser.limits.depthMax} levels in an event`;
}

function tooMany(got: number, most: number): BodyProblem {
  return {
    code: "too_many_events",
    detail: `expected at most ${most} events in a body, got ${got}; send several`,
  };
}
