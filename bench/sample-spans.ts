/**
 * The sample events as an application's OpenTelemetry SDK would send them: the same requests as spans, written by the
 * SDK's own serializers. Spans have no id of their own, as the sample events have none: each that is sent counts.
 */
import { type Attributes, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

const RESOURCE = resourceFromAttributes({
  "service.name": "shop",
  "telemetry.sdk.language": "nodejs",
  "telemetry.sdk.name": "opentelemetry",
  "telemetry.sdk.version": "3.1.0",
});
/** One object: the serializers make a block for each. */
const SCOPE = { name: "instrumentation", version: "1.0.0" };
export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT_SPAN_ID = "b7ad6b7169203331";

/** Bodies of `/v1/traces` with a span for each event, which is JSON text. */
export function sampleSpans(events: readonly string[]): { readonly protobuf: Buffer; readonly json: Buffer } {
  const spans = events.map((event) => spanOf(JSON.parse(event) as Event));
  return {
    protobuf: Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!),
    json: Buffer.from(JsonTraceSerializer.serializeRequest(spans)!),
  };
}

/** What of a sample event a span has room for. */
type Event = {
  readonly timestamp: string;
  readonly provider: string;
  readonly model: string;
  readonly pool: string;
  readonly status: string;
  readonly stream: boolean;
  readonly duration_ms: number;
  readonly time_to_first_token_ms?: number;
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cache_read_tokens?: number;
};

function spanOf(event: Event): ReadableSpan {
  const endMillis = Date.parse(event.timestamp);
  const failed = event.status === "error";
  const attributes: Attributes = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": event.provider,
    "gen_ai.request.model": event.model,
    "gen_ai.response.model": event.model,
    "gen_ai.request.stream": event.stream,
    "gen_ai.request.temperature": 0.7,
    "gen_ai.request.max_tokens": 4_096,
    "server.address": "api.example.com",
    "server.port": 443,
    "traceloop.association.properties.pool": event.pool,
    ...(failed
      ? { "error.type": "429" }
      : {
          "gen_ai.response.finish_reasons": ["stop"],
          "gen_ai.usage.input_tokens": event.input_tokens!,
          "gen_ai.usage.output_tokens": event.output_tokens!,
          "gen_ai.usage.cache_read.input_tokens": event.cache_read_tokens!,
        }),
    ...(event.time_to_first_token_ms === undefined
      ? {}
      : { "gen_ai.client.operation.time_to_first_chunk": event.time_to_first_token_ms / 1e3 }),
  };
  const context = (spanId: string) => ({ traceId: TRACE_ID, spanId, traceFlags: TraceFlags.SAMPLED });
  return {
    name: `chat ${event.model}`,
    kind: SpanKind.CLIENT,
    spanContext: () => context(""),
    parentSpanContext: context(PARENT_SPAN_ID),
    startTime: hrTime(endMillis - event.duration_ms),
    endTime: hrTime(endMillis),
    duration: hrTime(event.duration_ms),
    status: failed
      ? { code: SpanStatusCode.ERROR, message: "429 slow down" }
      : { code: SpanStatusCode.UNSET },
    attributes,
    links: [],
    events: [],
    ended: true,
    resource: RESOURCE,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function hrTime(millis: number): [number, number] {
  return [Math.floor(millis / 1e3), Math.round((millis % 1e3) * 1e6)];
}
