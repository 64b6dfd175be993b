/** Spans and records for tests: read from JSON as the exporter reads them, or made of a few fields. */

import { configSchema } from "../../src/config/schema.ts";
import { EventParser } from "../../src/event/parse-event.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { type Element, type ReadBody, readElements } from "../../src/ingest/dialect.ts";
import { readLogsJson, readTracesJson } from "../../src/ingest/otlp/json-reader.ts";
import { logElements } from "../../src/ingest/otlp/log-elements.ts";
import type { AttributeValue, LogRecord, Source, Span } from "../../src/ingest/otlp/records.ts";
import { type OtlpSettings, spanElements } from "../../src/ingest/otlp/span-elements.ts";
import { attributeFilter, isWantedSpanEvent } from "../../src/ingest/otlp/wanted-attributes.ts";
import { WantedNames } from "../../src/ingest/otlp/wanted-names.ts";

const { pool_attributes, tag_attributes } = configSchema.parse({}).otlp;
export const SETTINGS: OtlpSettings = { poolAttributes: pool_attributes, tagAttributes: tag_attributes };

export const NOW_MICROS = Date.parse("2026-11-20T12:00:00Z") * 1e3;

export function readDrafts(elements: readonly Element[]): ReadBody {
  const parser = new EventParser({ labelBytesMax: 128, futureToleranceMicros: 300e6, depthMax: 64 });
  return readElements(elements, parser, NOW_MICROS);
}

const wantedBy = (settings: OtlpSettings) => ({
  attributes: new WantedNames(attributeFilter(settings)),
  events: new WantedNames(isWantedSpanEvent),
});

export function spansOf(text: string, settings = SETTINGS): Span[] {
  const spans = readTracesJson(text, wantedBy(settings), 10_000);
  if ("code" in spans) throw new Error(spans.detail);
  return spans;
}

export function logsOf(text: string, settings = SETTINGS): LogRecord[] {
  const records = readLogsJson(text, wantedBy(settings), 10_000);
  if ("code" in records) throw new Error(records.detail);
  return records;
}

type Values = Readonly<Record<string, AttributeValue>>;

export function sourceOf(scope: string, resource: Values = {}): Source {
  return { scope, resource: new Map(Object.entries(resource)) };
}

/** A chat that took two seconds. */
export function chat(attributes: Values = {}, fields: Partial<Span> = {}): Span {
  return {
    source: sourceOf("test"),
    traceId: "a".repeat(32),
    spanId: "1".padStart(16, "0"),
    parentSpanId: undefined,
    name: "chat",
    kind: 3,
    startMicros: NOW_MICROS - 5e6,
    endMicros: NOW_MICROS - 3e6,
    events: [],
    statusCode: 0,
    statusMessage: undefined,
    ...fields,
    attributes: new Map(
      Object.entries({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5",
        ...attributes,
      }),
    ),
  };
}

/** A span with these attributes only. */
export function bare(attributes: Values, fields: Partial<Span> = {}): Span {
  return { ...chat({}, fields), attributes: new Map(Object.entries(attributes)) };
}

export function eventOf(span: Span, settings = SETTINGS): RequestEvent {
  const { events, rejections } = readDrafts(spanElements([span], settings));
  if (events.length !== 1) throw new Error(`no event: ${JSON.stringify(rejections)}`);
  return events[0]!;
}

/** Why a span is left out; `undefined` if it is counted. */
export function reasonOf(span: Span): string | undefined {
  const [element] = spanElements([span], SETTINGS);
  return element!.kind === "ignored" ? element!.reason : undefined;
}

export function log(attributes: Values, fields: Partial<LogRecord> = {}): LogRecord {
  return {
    source: sourceOf("test"),
    traceId: undefined,
    spanId: undefined,
    atMicros: NOW_MICROS - 3e6,
    severityNumber: 9,
    eventName: undefined,
    body: undefined,
    ...fields,
    attributes: new Map(Object.entries(attributes)),
  };
}

export function eventsOfLogs(records: readonly LogRecord[]): readonly RequestEvent[] {
  const { events, rejections } = readDrafts(logElements(records, SETTINGS));
  if (rejections.length > 0) throw new Error(JSON.stringify(rejections));
  return events;
}
