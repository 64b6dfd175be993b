/**
 * An event as the line of JSON that is sent, the same in every attempt. Nothing passes but what the table of fields
 * names, and of the kind that it names, so a prompt that stands in an event by mistake stays in the process; so does the
 * text of an error.
 */
import type { SpanIds } from "./active-span.ts";
import { isField, outgoingField } from "./outgoing-field.ts";

export type EventLine = {
  readonly id: string;
  readonly text: string;
  /** Of the text in UTF-8. */
  readonly bytes: number;
  /** Fields whose values are not of their kind; they are not in the text. */
  readonly leftOut: readonly string[];
};

/** Why an event cannot be sent at all. */
export type Unusable = "not_an_object" | "not_json" | "too_large";

export type LineParts = {
  readonly nowMillis: () => number;
  readonly newId: () => string;
  readonly activeSpan: () => SpanIds | undefined;
};

/** An event is a few hundred bytes; what is larger holds something that does not belong there. */
const EVENT_BYTES_MAX = 65_536;
const UTF8 = new TextEncoder();

/** Never throws, whatever the event is. */
export function eventLine(event: unknown, parts: LineParts): EventLine | Unusable {
  if (typeof event !== "object" || event === null || Array.isArray(event)) return "not_an_object";
  try {
    const { fields, leftOut } = knownFields(event as Record<string, unknown>);
    const given = fields.id ?? fields.request_id;
    const id = typeof given === "string" && given !== "" ? given : parts.newId();
    if (given === undefined || given === "") {
      delete fields.request_id;
      fields.id = id;
    }
    addInstant(fields, parts.nowMillis);
    if (fields.trace_id === undefined && fields.span_id === undefined)
      Object.assign(fields, parts.activeSpan());
    const text = JSON.stringify(fields);
    const bytes = text.length > EVENT_BYTES_MAX ? text.length : UTF8.encode(text).length;
    return bytes > EVENT_BYTES_MAX ? "too_large" : { id, text, bytes, leftOut };
  } catch {
    // A getter that throws, a bigint.
    return "not_json";
  }
}

function knownFields(event: Readonly<Record<string, unknown>>): {
  readonly fields: Record<string, unknown>;
  readonly leftOut: readonly string[];
} {
  const fields: Record<string, unknown> = {};
  const leftOut: string[] = [];
  for (const name of Object.keys(event)) {
    if (!isField(name)) continue;
    const value = event[name];
    if (value === undefined || value === null) continue;
    const outgoing = outgoingField(name, value);
    if (outgoing === undefined) leftOut.push(name);
    else fields[name] = outgoing;
  }
  return { fields, leftOut };
}

/** Events wait before they are sent: without this, arrival would count. A start and a duration say it themselves. */
function addInstant(fields: Record<string, unknown>, nowMillis: () => number): void {
  if (fields.timestamp !== undefined || fields.end_time !== undefined) return;
  const isSaid =
    fields.start_time !== undefined &&
    ["duration_ms", "latency_ms", "duration_seconds"].some((name) => fields[name] !== undefined);
  if (!isSaid) fields.timestamp = nowMillis();
}
