/**
 * Requests of OTLP as a well-kept decoder of protobuf reads them, and in the shapes of records.ts by the plainest way
 * from there: what the readers by hand are compared with. Numbers of fields are those of
 * https://github.com/open-telemetry/opentelemetry-proto; some messages have fields that no reader of ours knows.
 */
import protobuf from "protobufjs";
import type { AttributeValue, LogRecord, Source, Span } from "../../../src/ingest/otlp/records.ts";
import { WantedNames } from "../../../src/ingest/otlp/wanted-names.ts";

type FieldText = `${"repeated " | ""}${string} ${number}`;

/** A message from fields written as `type number` or `repeated type number`. */
function message(fields: Readonly<Record<string, FieldText>>, oneof: readonly string[] = []) {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, field]) => {
        const [id, type, rule] = field.split(" ").reverse() as [string, string, string?];
        return [name, { id: Number(id), type, ...(rule === undefined ? {} : { rule }) }];
      }),
    ),
    ...(oneof.length === 0 ? {} : { oneofs: { value: { oneof: [...oneof] } } }),
  };
}

const VALUES: Readonly<Record<string, FieldText>> = {
  stringValue: "string 1",
  boolValue: "bool 2",
  intValue: "int64 3",
  doubleValue: "double 4",
  arrayValue: "ArrayValue 5",
  kvlistValue: "KeyValueList 6",
  bytesValue: "bytes 7",
};
const ATTRIBUTES = { attributes: "repeated KeyValue 1", droppedAttributesCount: "uint32 2" } as const;

const ROOT = protobuf.Root.fromJSON({
  nested: {
    AnyValue: message(VALUES, Object.keys(VALUES)),
    ArrayValue: message({ values: "repeated AnyValue 1" }),
    KeyValueList: message({ values: "repeated KeyValue 1" }),
    KeyValue: message({ key: "string 1", value: "AnyValue 2" }),
    Resource: message(ATTRIBUTES),
    Scope: message({ name: "string 1", version: "string 2", attributes: "repeated KeyValue 3" }),
    Event: message({
      ...{ timeUnixNano: "fixed64 1", name: "string 2", attributes: "repeated KeyValue 3" },
      droppedAttributesCount: "uint32 4",
    }),
    Link: message({ traceId: "bytes 1", spanId: "bytes 2", flags: "fixed32 6" }),
    Status: message({ message: "string 2", code: "int32 3" }),
    Span: message({
      ...{ traceId: "bytes 1", spanId: "bytes 2", traceState: "string 3", parentSpanId: "bytes 4" },
      ...{ name: "string 5", kind: "int32 6", startTimeUnixNano: "fixed64 7", endTimeUnixNano: "fixed64 8" },
      ...{
        attributes: "repeated KeyValue 9",
        droppedAttributesCount: "uint32 10",
        events: "repeated Event 11",
      },
      ...{ links: "repeated Link 13", status: "Status 15", flags: "fixed32 16", later: "double 1000" },
    }),
    LogRecord: message({
      ...{
        timeUnixNano: "fixed64 1",
        severityNumber: "int32 2",
        severityText: "string 3",
        body: "AnyValue 5",
      },
      ...{ attributes: "repeated KeyValue 6", droppedAttributesCount: "uint32 7", flags: "fixed32 8" },
      ...{
        traceId: "bytes 9",
        spanId: "bytes 10",
        observedTimeUnixNano: "fixed64 11",
        eventName: "string 12",
      },
    }),
    ScopeSpans: message({ scope: "Scope 1", spans: "repeated Span 2", schemaUrl: "string 3" }),
    ScopeLogs: message({ scope: "Scope 1", logRecords: "repeated LogRecord 2", schemaUrl: "string 3" }),
    ResourceSpans: message({
      resource: "Resource 1",
      scopeSpans: "repeated ScopeSpans 2",
      schemaUrl: "string 3",
    }),
    ResourceLogs: message({
      resource: "Resource 1",
      scopeLogs: "repeated ScopeLogs 2",
      schemaUrl: "string 3",
    }),
    TracesRequest: message({ resourceSpans: "repeated ResourceSpans 1" }),
    LogsRequest: message({ resourceLogs: "repeated ResourceLogs 1" }),
    TracesPartialSuccess: message({ rejectedSpans: "int64 1", errorMessage: "string 2" }),
    LogsPartialSuccess: message({ rejectedLogRecords: "int64 1", errorMessage: "string 2" }),
    TracesResponse: message({ partialSuccess: "TracesPartialSuccess 1" }),
    LogsResponse: message({ partialSuccess: "LogsPartialSuccess 1" }),
    RpcStatus: message({ code: "int32 1", message: "string 2" }),
  },
});

export type MessageName =
  | "TracesRequest"
  | "LogsRequest"
  | "TracesResponse"
  | "LogsResponse"
  | "RpcStatus"
  | "Span"
  | "AnyValue";
export type Plain = { readonly [name: string]: unknown };

export function encode(name: MessageName, plain: object): Buffer {
  const type = ROOT.lookupType(name);
  return Buffer.from(type.encode(type.fromObject(plain)).finish());
}

/** Integers of 64 bits as text. Throws for what is no such message. */
export function decode(name: MessageName, bytes: Uint8Array): Plain {
  const type = ROOT.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: String, arrays: true });
}

/** A message as OTLP writes it in JSON: bytes in hex, numbers that JSON has not as text. */
export function otlpJson(plain: unknown): string {
  return JSON.stringify(jsonValue(plain));
}

function jsonValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, jsonValue(part)]));
}

export const ALL_NAMES = { attributes: new WantedNames(() => true), events: new WantedNames(() => true) };

type Pair = { readonly key?: string; readonly value?: Plain };

export function expectedSpans(request: Plain): Span[] {
  return recordsIn(request, "resourceSpans", "scopeSpans", "spans").map(([span, source]) => {
    const status = (span.status ?? {}) as { code?: number; message?: string };
    return {
      source,
      traceId: idOf(span.traceId, 16),
      spanId: idOf(span.spanId, 8),
      parentSpanId: idOf(span.parentSpanId, 8),
      name: (span.name ?? "") as string,
      kind: (span.kind ?? 0) as number,
      startMicros: microsOf(span.startTimeUnixNano),
      endMicros: microsOf(span.endTimeUnixNano),
      attributes: attributesOf(span.attributes),
      events: ((span.events ?? []) as Plain[]).map((event) => ({
        name: (event.name ?? "") as string,
        atMicros: microsOf(event.timeUnixNano) ?? 0,
        attributes: attributesOf(event.attributes),
      })),
      statusCode: status.code ?? 0,
      statusMessage: status.message === "" ? undefined : status.message,
    };
  });
}

export function expectedRecords(request: Plain): LogRecord[] {
  return recordsIn(request, "resourceLogs", "scopeLogs", "logRecords").map(([record, source]) => {
    const body = (record.body ?? {}) as { stringValue?: string };
    return {
      source,
      traceId: idOf(record.traceId, 16),
      spanId: idOf(record.spanId, 8),
      atMicros: microsOf(record.timeUnixNano) ?? microsOf(record.observedTimeUnixNano),
      severityNumber: (record.severityNumber ?? 0) as number,
      eventName: record.eventName === "" ? undefined : (record.eventName as string | undefined),
      body: body.stringValue,
      attributes: attributesOf(record.attributes),
    };
  });
}

function recordsIn(request: Plain, blocks: string, scopes: string, records: string): [Plain, Source][] {
  return listOf(request[blocks]).flatMap((block) => {
    const resource = attributesOf((block.resource as Plain | undefined)?.attributes);
    return listOf(block[scopes]).flatMap((scopeBlock) => {
      const scope = ((scopeBlock.scope as Plain | undefined)?.name ?? "") as string;
      return listOf(scopeBlock[records]).map((record): [Plain, Source] => [record, { resource, scope }]);
    });
  });
}

function listOf(value: unknown): readonly Plain[] {
  return (value ?? []) as Plain[];
}

function attributesOf(pairs: unknown): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>();
  for (const { key, value } of listOf(pairs) as readonly Pair[]) {
    const read = anyValueOf(value ?? {});
    if (key !== undefined && key !== "" && read !== undefined) attributes.set(key, read);
  }
  return attributes;
}

function anyValueOf(value: Plain): AttributeValue | undefined {
  if (value.stringValue !== undefined) return value.stringValue as string;
  if (value.boolValue !== undefined) return value.boolValue as boolean;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.doubleValue !== undefined)
    return Number.isFinite(value.doubleValue) ? (value.doubleValue as number) : undefined;
  if (value.arrayValue !== undefined) {
    return listOf((value.arrayValue as Plain).values)
      .map(anyValueOf)
      .filter((part) => part !== undefined);
  }
  if (value.kvlistValue === undefined) return undefined;
  const pairs = listOf((value.kvlistValue as Plain).values) as readonly Pair[];
  return Object.fromEntries(
    pairs.flatMap(({ key = "", value: part }) => {
      const read = anyValueOf(part ?? {});
      return read === undefined ? [] : [[key, read]];
    }),
  );
}

function idOf(bytes: unknown, length: number): string | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) return undefined;
  return bytes.every((byte) => byte === 0) ? undefined : Buffer.from(bytes).toString("hex");
}

function microsOf(nanos: unknown): number | undefined {
  const micros = Number(BigInt((nanos ?? 0) as string) / 1_000n);
  return micros > 0 && micros <= Number.MAX_SAFE_INTEGER ? micros : undefined;
}
