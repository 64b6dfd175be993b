/**
 * Requests of OTLP out of JSON, to the same shapes as out of protobuf. Where the form is not that of a request, it is
 * none; a value that is none of its kind is as if it were absent. Names in both spellings of protobuf's JSON are read.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import { shown } from "../../event/issue.ts";
import { parseForeignJson } from "../foreign-json.ts";
import type { BodyProblem } from "../json-body.ts";
import { itemsMaxOf, tooManyItems } from "./items-limit.ts";
import { anyValueOf, attributesOf, intOf, type JsonObject, member, microsOf, textOf } from "./json-values.ts";
import type { LogRecord, Source, Span, SpanEvent } from "./records.ts";
import type { Wanted } from "./wanted-names.ts";

type Blocks = { readonly resource: string; readonly scope: string; readonly records: string };
const TRACES: Blocks = { resource: "resourceSpans", scope: "scopeSpans", records: "spans" };
const LOGS: Blocks = { resource: "resourceLogs", scope: "scopeLogs", records: "logRecords" };

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
  (kind) => `SPAN_KIND_${kind}`,
);
const STATUS_CODES = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];
const SEVERITIES = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap((severity) =>
  ["", "2", "3", "4"].map((step) => `SEVERITY_NUMBER_${severity}${step}`),
);
const SEVERITY_NUMBERS = ["SEVERITY_NUMBER_UNSPECIFIED", ...SEVERITIES];

const TRACE_ID = /^[0-9a-f]{32}$/i;
const SPAN_ID = /^[0-9a-f]{16}$/i;
const ZEROS = /^0+$/;

class NotOtlp extends Error {}

/** The spans of a body, in their order; none for an empty body; a problem else. Not all are events: see items-limit.ts. */
export function readTracesJson(text: string, wanted: Wanted, eventsMax: number): Span[] | BodyProblem {
  return readRequest(text, eventsMax, wanted, TRACES, spanOf);
}

/** The log records of a body, likewise. */
export function readLogsJson(text: string, wanted: Wanted, eventsMax: number): LogRecord[] | BodyProblem {
  return readRequest(text, eventsMax, wanted, LOGS, logRecordOf);
}

function readRequest<Item>(
  text: string,
  eventsMax: number,
  wanted: Wanted,
  blocks: Blocks,
  itemOf: (record: JsonObject, source: Source, wanted: Wanted) => Item,
): Item[] | BodyProblem {
  if (text.trim() === "") return [];
  const parsed = parseForeignJson(text, eventsMax);
  if ("code" in parsed) return parsed;
  const itemsMax = itemsMaxOf(eventsMax);
  const items: Item[] = [];
  try {
    const request = objectAt(parsed.value, "");
    for (const [block, path] of objectsAt(request, blocks.resource, "")) {
      const resource = attributesOf(memberObject(block, "resource", path), wanted.attributes);
      for (const [scopeBlock, scopePath] of objectsAt(block, blocks.scope, path)) {
        const scope = memberObject(scopeBlock, "scope", scopePath);
        const source: Source = { resource, scope: textOf(member(scope, "name")) ?? "" };
        const records = listAt(scopeBlock, blocks.records, scopePath);
        if (items.length + records.length > itemsMax) return tooManyItems(itemsMax);
        for (const [index, record] of records.entries()) {
          if (!isObject(record)) objectAt(record, `${scopePath}.${blocks.records}[${index}]`);
          else items.push(itemOf(record, source, wanted));
        }
      }
    }
  } catch (error) {
    if (!(error instanceof NotOtlp)) throw error;
    return { code: "malformed_otlp", detail: error.message };
  }
  return items;
}

/** Names are spelled out: looking them up by name would take longer than all else. */
function spanOf(span: JsonObject, source: Source, wanted: Wanted): Span {
  const status = looseObject(span.status);
  const events = span.events;
  return {
    source,
    traceId: idOf(span.traceId ?? span.trace_id, TRACE_ID),
    spanId: idOf(span.spanId ?? span.span_id, SPAN_ID),
    parentSpanId: idOf(span.parentSpanId ?? span.parent_span_id, SPAN_ID),
    name: textOf(span.name) ?? "",
    kind: enumOf(span.kind, KINDS),
    startMicros: microsOf(span.startTimeUnixNano ?? span.start_time_unix_nano),
    endMicros: microsOf(span.endTimeUnixNano ?? span.end_time_unix_nano),
    attributes: attributesOf(span, wanted.attributes),
    events: Array.isArray(events) ? eventsOf(events, wanted) : [],
    statusCode: enumOf(status.code, STATUS_CODES),
    statusMessage: textOf(status.message) || undefined,
  };
}

function eventsOf(events: readonly unknown[], wanted: Wanted): SpanEvent[] {
  return events.map(looseObject).flatMap((event) => {
    const name = textOf(event.name) ?? "";
    if (!wanted.events.isWanted(name)) return [];
    const atMicros = microsOf(event.timeUnixNano ?? event.time_unix_nano) ?? 0;
    return [{ name, atMicros, attributes: attributesOf(event, wanted.attributes) }];
  });
}

function logRecordOf(record: JsonObject, source: Source, wanted: Wanted): LogRecord {
  const time = microsOf(record.timeUnixNano ?? record.time_unix_nano);
  const body = anyValueOf(record.body);
  return {
    source,
    traceId: idOf(record.traceId ?? record.trace_id, TRACE_ID),
    spanId: idOf(record.spanId ?? record.span_id, SPAN_ID),
    atMicros: time ?? microsOf(record.observedTimeUnixNano ?? record.observed_time_unix_nano),
    severityNumber: enumOf(record.severityNumber ?? record.severity_number, SEVERITY_NUMBERS),
    eventName: textOf(record.eventName ?? record.event_name) || undefined,
    body: typeof body === "string" ? body : undefined,
    attributes: attributesOf(record, wanted.attributes),
  };
}

/** By number or by name; 0 for what is neither. */
function enumOf(value: unknown, names: readonly string[]): number {
  if (typeof value !== "string") return intOf(value) ?? 0;
  const number = names.indexOf(value);
  return number === -1 ? (intOf(value) ?? 0) : number;
}

function idOf(value: unknown, form: RegExp): string | undefined {
  return typeof value === "string" && form.test(value) && !ZEROS.test(value)
    ? value.toLowerCase()
    : undefined;
}

function looseObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function memberObject(object: JsonObject, name: string, path: string): JsonObject {
  const value = member(object, name);
  return value === undefined ? {} : objectAt(value, `${path}.${name}`);
}

/** The objects of a list, each with where it stands; none for a list that is absent. Throws for what is no list of such. */
function* objectsAt(object: JsonObject, name: string, path: string): Generator<[JsonObject, string]> {
  for (const [index, value] of listAt(object, name, path).entries()) {
    const at = `${within(path, name)}[${index}]`;
    yield [objectAt(value, at), at];
  }
}

function listAt(object: JsonObject, name: string, path: string): readonly unknown[] {
  const list = member(object, name) ?? [];
  if (Array.isArray(list)) return list;
  throw new NotOtlp(`${within(path, name)}: expected an array, got ${shown(list)}`);
}

function within(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function objectAt(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value;
  throw new NotOtlp(`${path === "" ? "" : `${path}: `}expected an object, got ${shown(value)}`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
