/** What the OpenTelemetry SDK for JavaScript writes: read alike from both of its encodings, and as the decoder reads it. */
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { expect, it } from "vitest";
import { readTracesJson } from "../../../src/ingest/otlp/json-reader.ts";
import { readTraces } from "../../../src/ingest/otlp/protobuf-reader.ts";
import { ALL_NAMES, decode, expectedSpans } from "./oracle.ts";

const START_MILLIS = Date.parse("2026-03-01T12:00:00.250Z");

function recordedSpans() {
  const exporter = new InMemorySpanExporter();
  const resource = resourceFromAttributes({ "service.name": "shop", "process.pid": 42 });
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  for (const scope of ["one", "two"]) {
    const span = provider.getTracer(scope).startSpan("chat", {
      kind: SpanKind.CLIENT,
      startTime: START_MILLIS,
      attributes: {
        text: "ä",
        int: -3,
        whole: 512.0,
        double: 0.25,
        bool: false,
        list: ["a", "b"],
        numbers: [1, 2.5],
      },
      links: [{ context: { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 } }],
    });
    span.addEvent("first token", { index: 0 }, START_MILLIS + 120);
    span.recordException(new TypeError("no"), START_MILLIS + 200);
    span.setStatus({ code: SpanStatusCode.ERROR, message: "no" }).end(START_MILLIS + 1_500.125);
  }
  return exporter.getFinishedSpans();
}

it("spans of the SDK are read alike from protobuf and JSON, and as the decoder reads them", () => {
  const spans = recordedSpans();
  const bytes = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!);
  const read = readTraces(bytes, ALL_NAMES, 10);
  expect(read).toEqual(expectedSpans(decode("TracesRequest", bytes)));
  const json = Buffer.from(JsonTraceSerializer.serializeRequest(spans)!).toString();
  expect(readTracesJson(json, ALL_NAMES, 10)).toEqual(read);
  const { traceId, spanId } = spans[0]!.spanContext();
  expect(read).toMatchObject([
    {
      ...{
        traceId,
        spanId,
        parentSpanId: undefined,
        name: "chat",
        kind: 3,
        statusCode: 2,
        statusMessage: "no",
      },
      ...{ startMicros: START_MILLIS * 1e3, endMicros: (START_MILLIS + 1_500) * 1e3 + 125 },
      events: [
        { name: "first token", atMicros: (START_MILLIS + 120) * 1e3 },
        { name: "exception", atMicros: (START_MILLIS + 200) * 1e3 },
      ],
    },
    { source: { scope: "two" } },
  ]);
});
