/**
 * Requests of OTLP out of protobuf, by hand: only the fields that records.ts names, and of attributes only those of
 * wanted names. As protobuf 3 has it, fields come in any order, the last one of a single field counts, and messages that
 * come twice are put together. https://github.com/open-telemetry/opentelemetry-proto
 */
import type { BodyProblem } from "../json-body.ts";
import { itemsMaxOf, tooManyItems } from "./items-limit.ts";
import { NO_ATTRIBUTES, readAttribute, readText } from "./protobuf-values.ts";
import type { Attributes, AttributeValue, LogRecord, Source, Span, SpanEvent } from "./records.ts";
import type { Wanted, WantedNames } from "./wanted-names.ts";
import { fieldsOf, fixed64Key, lengthKey, varintKey, WireFault, WireReader } from "./wire-reader.ts";

/** Far more than is wanted of a span that is an event; and what any body may have. */
const VALUES_PER_RECORD = 64;
const VALUES_MIN = 100_000;

/** ExportTraceServiceRequest and ExportLogsServiceRequest: the same numbers down to the records. */
const REQUEST = { resourceBlocks: lengthKey(1) } as const;
const RESOURCE_BLOCK = { resource: lengthKey(1), scopeBlocks: lengthKey(2) } as const;
const RESOURCE = { attributes: lengthKey(1) } as const;
const SCOPE_BLOCK = { scope: lengthKey(1), records: lengthKey(2) } as const;
const SCOPE = { name: lengthKey(1) } as const;

const SPAN = {
  traceId: lengthKey(1),
  spanId: lengthKey(2),
  parentSpanId: lengthKey(4),
  name: lengthKey(5),
  kind: varintKey(6),
  start: fixed64Key(7),
  end: fixed64Key(8),
  attributes: lengthKey(9),
  events: lengthKey(11),
  status: lengthKey(15),
} as const;
const EVENT = { time: fixed64Key(1), name: lengthKey(2), attributes: lengthKey(3) } as const;
const STATUS = { message: lengthKey(2), code: varintKey(3) } as const;

const LOG_RECORD = {
  time: fixed64Key(1),
  severityNumber: varintKey(2),
  body: lengthKey(5),
  attributes: lengthKey(6),
  traceId: lengthKey(9),
  spanId: lengthKey(10),
  observedTime: fixed64Key(11),
  eventName: lengthKey(12),
} as const;

const REQUEST_FIELDS = fieldsOf(REQUEST);
const RESOURCE_BLOCK_FIELDS = fieldsOf(RESOURCE_BLOCK);
const RESOURCE_FIELDS = fieldsOf(RESOURCE);
const SCOPE_BLOCK_FIELDS = fieldsOf(SCOPE_BLOCK);
const SCOPE_FIELDS = fieldsOf(SCOPE);
const SPAN_FIELDS = fieldsOf(SPAN);
const EVENT_FIELDS = fieldsOf(EVENT);
const STATUS_FIELDS = fieldsOf(STATUS);
const LOG_RECORD_FIELDS = fieldsOf(LOG_RECORD);

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

type ReadRecord<Item> = (reader: WireReader, end: number, source: Source, wanted: Wanted) => Item;

/** The spans of an ExportTraceServiceRequest, in their order; a problem else. Not all of them are events: see items-limit.ts. */
export function readTraces(bytes: Buffer, wanted: Wanted, eventsMax: number): Span[] | BodyProblem {
  return readRequest(bytes, wanted, eventsMax, readSpan);
}

/** The records of an ExportLogsServiceRequest, likewise. */
export function readLogs(bytes: Buffer, wanted: Wanted, eventsMax: number): LogRecord[] | BodyProblem {
  return readRequest(bytes, wanted, eventsMax, readLogRecord);
}

function readRequest<Item>(
  bytes: Buffer,
  wanted: Wanted,
  eventsMax: number,
  readItem: ReadRecord<Item>,
): Item[] | BodyProblem {
  const reader = new WireReader(bytes, Math.max(VALUES_MIN, eventsMax * VALUES_PER_RECORD));
  const itemsMax = itemsMaxOf(eventsMax);
  const items: Item[] = [];
  try {
    const end = bytes.length;
    while (reader.at < end) {
      const key = reader.key(end);
      if (key === REQUEST.resourceBlocks) readResourceBlock(reader, reader.lengthEnd(end));
      else reader.skip(key, REQUEST_FIELDS, end);
    }
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    if (error.code === "too_many_events") return tooManyItems(itemsMax);
    return { code: error.code, detail: error.message };
  }
  return items;

  /** Twice over the block: what all its records share may come after them. */
  function readResourceBlock(reader: WireReader, end: number): void {
    const from = reader.at;
    let attributes: Map<string, AttributeValue> | undefined;
    while (reader.at < end) {
      const key = reader.key(end);
      if (key === RESOURCE_BLOCK.resource) {
        attributes = readResource(reader, reader.lengthEnd(end), wanted.attributes, attributes);
      } else if (key === RESOURCE_BLOCK.scopeBlocks) reader.at = reader.lengthEnd(end);
      else reader.skip(key, RESOURCE_BLOCK_FIELDS, end);
    }
    reader.at = from;
    while (reader.at < end) {
      const key = reader.key(end);
      if (key === RESOURCE_BLOCK.scopeBlocks) {
        readScopeBlock(reader, reader.lengthEnd(end), attributes ?? NO_ATTRIBUTES);
      } else if (key === RESOURCE_BLOCK.resource) reader.at = reader.lengthEnd(end);
      else reader.skip(key, RESOURCE_BLOCK_FIELDS, end);
    }
  }

  function readScopeBlock(reader: WireReader, end: number, resource: Attributes): void {
    const from = reader.at;
    let scope = "";
    while (reader.at < end) {
      const key = reader.key(end);
      if (key === SCOPE_BLOCK.scope) scope = readScope(reader, reader.lengthEnd(end), scope);
      else if (key === SCOPE_BLOCK.records) reader.at = reader.lengthEnd(end);
      else reader.skip(key, SCOPE_BLOCK_FIELDS, end);
    }
    reader.at = from;
    const source: Source = { resource, scope };
    while (reader.at < end) {
      const key = reader.key(end);
      if (key === SCOPE_BLOCK.records) {
        if (items.length === itemsMax) throw new WireFault("too_many_events", "");
        items.push(readItem(reader, reader.lengthEnd(end), source, wanted));
      } else if (key === SCOPE_BLOCK.scope) reader.at = reader.lengthEnd(end);
      else reader.skip(key, SCOPE_BLOCK_FIELDS, end);
    }
  }
}

function readResource(
  reader: WireReader,
  end: number,
  names: WantedNames,
  before: Map<string, AttributeValue> | undefined,
): Map<string, AttributeValue> | undefined {
  let attributes = before;
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === RESOURCE.attributes) {
      attributes = readAttribute(reader, reader.lengthEnd(end), names, attributes);
    } else reader.skip(key, RESOURCE_FIELDS, end);
  }
  return attributes;
}

function readScope(reader: WireReader, end: number, before: string): string {
  let name = before;
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === SCOPE.name) name = reader.text(end);
    else reader.skip(key, SCOPE_FIELDS, end);
  }
  return name;
}

function readSpan(reader: WireReader, end: number, source: Source, wanted: Wanted): Span {
  let traceId: string | undefined;
  let spanId: string | undefined;
  let parentSpanId: string | undefined;
  let name = "";
  let kind = 0;
  let startMicros: number | undefined;
  let endMicros: number | undefined;
  let attributes: Map<string, AttributeValue> | undefined;
  let events: SpanEvent[] | undefined;
  let statusCode = 0;
  let statusMessage = "";
  while (reader.at < end) {
    const key = reader.key(end);
    switch (key) {
      case SPAN.traceId:
        traceId = readId(reader, end, TRACE_ID_BYTES);
        break;
      case SPAN.spanId:
        spanId = readId(reader, end, SPAN_ID_BYTES);
        break;
      case SPAN.parentSpanId:
        parentSpanId = readId(reader, end, SPAN_ID_BYTES);
        break;
      case SPAN.name:
        name = reader.text(end);
        break;
      case SPAN.kind:
        kind = reader.int32(end);
        break;
      case SPAN.start:
        startMicros = reader.micros(end);
        break;
      case SPAN.end:
        endMicros = reader.micros(end);
        break;
      case SPAN.attributes:
        attributes = readAttribute(reader, reader.lengthEnd(end), wanted.attributes, attributes);
        break;
      case SPAN.events: {
        const event = readEvent(reader, reader.lengthEnd(end), wanted);
        if (event === undefined) break;
        reader.spend();
        events ??= [];
        events.push(event);
        break;
      }
      case SPAN.status: {
        const statusEnd = reader.lengthEnd(end);
        while (reader.at < statusEnd) {
          const statusKey = reader.key(statusEnd);
          if (statusKey === STATUS.code) statusCode = reader.int32(statusEnd);
          else if (statusKey === STATUS.message) statusMessage = reader.text(statusEnd);
          else reader.skip(statusKey, STATUS_FIELDS, statusEnd);
        }
        break;
      }
      default:
        reader.skip(key, SPAN_FIELDS, end);
    }
  }
  return {
    source,
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    startMicros,
    endMicros,
    attributes: attributes ?? NO_ATTRIBUTES,
    events: events ?? NO_EVENTS,
    statusCode,
    statusMessage: statusMessage === "" ? undefined : statusMessage,
  };
}

const NO_EVENTS: readonly SpanEvent[] = [];

function readEvent(reader: WireReader, end: number, wanted: Wanted): SpanEvent | undefined {
  const name = readEventName(reader, end, wanted.events);
  if (name === undefined) return undefined;
  let atMicros = 0;
  let attributes: Map<string, AttributeValue> | undefined;
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === EVENT.name) reader.at = reader.lengthEnd(end);
    else if (key === EVENT.time) atMicros = reader.micros(end) ?? 0;
    else if (key === EVENT.attributes) {
      attributes = readAttribute(reader, reader.lengthEnd(end), wanted.attributes, attributes);
    } else reader.skip(key, EVENT_FIELDS, end);
  }
  return { name, atMicros, attributes: attributes ?? NO_ATTRIBUTES };
}

/** Looks ahead: of an event that is not wanted nothing else is read. */
function readEventName(reader: WireReader, end: number, names: WantedNames): string | undefined {
  const from = reader.at;
  let name = names.find(reader.bytes, from, from);
  while (reader.at < end) {
    const key = reader.key(end);
    if (key === EVENT.name) {
      const nameEnd = reader.lengthEnd(end);
      name = names.find(reader.bytes, reader.at, nameEnd);
      reader.at = nameEnd;
    } else reader.skip(key, 0, end);
  }
  if (name !== undefined) reader.at = from;
  return name;
}

function readLogRecord(reader: WireReader, end: number, source: Source, wanted: Wanted): LogRecord {
  let traceId: string | undefined;
  let spanId: string | undefined;
  let timeMicros: number | undefined;
  let observedMicros: number | undefined;
  let severityNumber = 0;
  let eventName = "";
  let body: string | undefined;
  let attributes: Map<string, AttributeValue> | undefined;
  while (reader.at < end) {
    const key = reader.key(end);
    switch (key) {
      case LOG_RECORD.time:
        timeMicros = reader.micros(end);
        break;
      case LOG_RECORD.observedTime:
        observedMicros = reader.micros(end);
        break;
      case LOG_RECORD.severityNumber:
        severityNumber = reader.int32(end);
        break;
      case LOG_RECORD.eventName:
        eventName = reader.text(end);
        break;
      case LOG_RECORD.body:
        body = readText(reader, reader.lengthEnd(end), body);
        break;
      case LOG_RECORD.attributes:
        attributes = readAttribute(reader, reader.lengthEnd(end), wanted.attributes, attributes);
        break;
      case LOG_RECORD.traceId:
        traceId = readId(reader, end, TRACE_ID_BYTES);
        break;
      case LOG_RECORD.spanId:
        spanId = readId(reader, end, SPAN_ID_BYTES);
        break;
      default:
        reader.skip(key, LOG_RECORD_FIELDS, end);
    }
  }
  return {
    source,
    traceId,
    spanId,
    atMicros: timeMicros ?? observedMicros,
    severityNumber,
    eventName: eventName === "" ? undefined : eventName,
    body,
    attributes: attributes ?? NO_ATTRIBUTES,
  };
}

/** In hex; `undefined` for another length, as an id without bytes has it, and for zeros. */
function readId(reader: WireReader, end: number, bytes: number): string | undefined {
  const idEnd = reader.lengthEnd(end);
  const from = reader.at;
  reader.at = idEnd;
  if (idEnd - from !== bytes) return undefined;
  for (let at = from; at < idEnd; at++) {
    if (reader.bytes[at] !== 0) return reader.bytes.toString("hex", from, idEnd);
  }
  return undefined;
}
