/** The OpenTelemetry SDK for JavaScript sends here by `OTEL_EXPORTER_OTLP_ENDPOINT` alone: spans of requests count, once. */
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { expect, it, onTestFinished, vi } from "vitest";
import { readMetrics, sumOf } from "../http/readings.ts";
import { startServing } from "../process/program.ts";

const REQUESTS = 1_200;

/** Spans as instrumentations make them: a request to a model in each turn of an agent. */
async function sendSpans(exporter: SpanExporter): Promise<InMemorySpanExporter> {
  const kept = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "shop" }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter, maxQueueSize: 4 * REQUESTS }),
      new SimpleSpanProcessor({ exporter: kept }),
    ],
  });
  const tracer = provider.getTracer("instrumentation", "1.0.0");
  for (let index = 0; index < REQUESTS; index++) {
    const failed = index % 10 === 0;
    const agent = tracer.startSpan("invoke_agent", {
      attributes: { "gen_ai.operation.name": "invoke_agent" },
    });
    const chat = tracer.startSpan("chat gpt-5", {
      kind: SpanKind.CLIENT,
      startTime: Date.now() - 2_000,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.response.model": "gpt-5-2025-08-07",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.input.messages": `[{"role": "user", "parts": [{"content": "${"prompt ".repeat(20)}"}]}]`,
      },
    });
    if (failed) {
      chat.setAttribute("error.type", "429").setStatus({ code: SpanStatusCode.ERROR, message: "slow down" });
    } else {
      chat.setAttributes({ "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 7 });
    }
    chat.end();
    agent.end();
  }
  await provider.forceFlush();
  onTestFinished(() => provider.shutdown());
  return kept;
}

/** Sends the same spans again, as after an answer that was lost. */
function sendAgain(exporter: SpanExporter, kept: InMemorySpanExporter): Promise<void> {
  return new Promise((resolve, reject) =>
    exporter.export(kept.getFinishedSpans().slice(0, 500), ({ error }) =>
      error ? reject(error) : resolve(),
    ),
  );
}

it.each([
  { name: "protobuf", create: () => new ProtobufExporter(), compression: "none" },
  { name: "protobuf, gzip", create: () => new ProtobufExporter(), compression: "gzip" },
  { name: "JSON", create: () => new JsonExporter(), compression: "none" },
  { name: "JSON, gzip", create: () => new JsonExporter(), compression: "gzip" },
])("spans in $name are counted once each", async ({ create, compression }) => {
  const { url } = await startServing();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", url);
  vi.stubEnv("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
  onTestFinished(() => void vi.unstubAllEnvs());
  const exporter = create();
  const kept = await sendSpans(exporter);
  await sendAgain(exporter, kept);
  const readings = await readMetrics({ url });
  const labels = 'provider="openai",model="gpt-5-2025-08-07"';
  expect(sumOf(readings, "llm_requests_total")).toBe(REQUESTS);
  expect([...readings.keys()].find((sample) => sample.startsWith("llm_requests_total{"))).toContain(labels);
  expect(sumOf(readings, "llm_errors_total")).toBe(REQUESTS / 10);
  const accepted = readings.get('llm_exporter_events_total{dialect="otlp_traces",result="accepted"}');
  const repeated = readings.get('llm_exporter_events_total{dialect="otlp_traces",result="duplicate"}');
  expect([accepted, repeated]).toEqual([REQUESTS, 250]);
});
