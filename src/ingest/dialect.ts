/**
 * What all foreign dialects have in common. A dialect takes a body apart into drafts: events in our own spelling, as a
 * sender to /v1/events would write them. The parser of our own events reads the drafts, so that no dialect has rules
 * of its own about values, limits or times. A draft that is refused for some fields is read without them: foreign
 * senders do not know our rules, and do not send again. What is not a request to a model is left out, with the reason.
 */
import { FIELDS } from "../event/fields.ts";
import type { Issue } from "../event/issue.ts";
import type { EventParser, ParseResult } from "../event/parse-event.ts";
import type { ParsedBody } from "./events-dialect.ts";

/** Fields as docs/events.md names them; `undefined` and `null` are as if absent. */
export type Draft = Readonly<Record<string, unknown>>;

/** Why an element of a body is no event of ours. Values of a label. */
export const IGNORED_REASONS = {
  not_inference: "A span, log or record of something else than a request to a model.",
  aggregate: "Sums of requests that are reported one by one as well.",
  repeated_by_parent: "The same request told by an outer span of the same trace.",
  told_elsewhere: "The same request told by another record, or in another signal, of the same sender.",
  empty: "Nothing: null, or an object without a word of ours.",
} as const;
export type IgnoredReason = keyof typeof IGNORED_REASONS;

/** What a dialect makes of one element of a body. */
export type Element =
  | { readonly kind: "event"; readonly draft: Draft }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason }
  | { readonly kind: "rejected"; readonly issue: Issue };

export type ReadBody = ParsedBody & { readonly ignored: ReadonlyMap<IgnoredReason, number> };

/** Reads the drafts; events and rejections keep the order of the elements. */
export function readElements(
  elements: readonly Element[],
  parser: EventParser,
  receivedAtMicros: number,
): ReadBody {
  const body: ParsedBody = { events: [], rejections: [] };
  const ignored = new Map<IgnoredReason, number>();
  elements.forEach((element, index) => {
    switch (element.kind) {
      case "ignored":
        ignored.set(element.reason, (ignored.get(element.reason) ?? 0) + 1);
        return;
      case "rejected":
        body.rejections.push({ index, id: undefined, issues: [element.issue] });
        return;
      case "event": {
        const result = parseLeniently(element.draft, parser, receivedAtMicros);
        if (result.ok) body.events.push(result.event);
        else body.rejections.push({ index, id: result.id, issues: result.issues });
      }
    }
  });
  return { ...body, ignored };
}

/** What stays wrong is found one by one in usages: three times are enough for all of it. */
const REREADS_MAX = 3;

/** The event of a draft, if need be without the fields that are wrong; or why it was refused at first. */
function parseLeniently(draft: Draft, parser: EventParser, receivedAtMicros: number): ParseResult {
  const first = parser.parse(draft, receivedAtMicros);
  let result = first;
  let rest = draft;
  for (let reread = 0; !result.ok && reread < REREADS_MAX; reread++) {
    rest = withoutFaults(rest, result.issues);
    result = parser.parse(rest, receivedAtMicros);
  }
  return result.ok ? result : first;
}

/** What an event is, and which: without them it would be another. */
const KEPT: ReadonlySet<string> = new Set(["phase", "id"]);

function withoutFaults(draft: Draft, issues: readonly Issue[]): Draft {
  const rest: Record<string, unknown> = { ...draft };
  for (const { path, code } of issues) {
    if (path === "input_tokens" && code === "conflict") {
      // Cached tokens that are more than the input cannot be in it.
      rest.input_includes_cache = false;
      continue;
    }
    // A clock that is ahead at one end of a request is so at the other.
    const wrong = code === "in_future" ? ["timestamp", "start_time"] : [path];
    for (const { names } of FIELDS) {
      if (names.some((name) => wrong.includes(name) && !KEPT.has(name))) {
        for (const name of names) delete rest[name];
      }
    }
  }
  return rest;
}
