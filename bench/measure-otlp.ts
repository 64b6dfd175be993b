/** Spans a second by OTLP, protobuf and JSON, beside the same requests as events of our own. */
import { median, shown, shownWithSpread } from "./median.ts";
import type { Section } from "./report.ts";
import { inRounds } from "./rounds.ts";
import { BATCH_SIZE, NDJSON, sampleEvents } from "./sample-events.ts";
import { sampleSpans, TRACE_ID } from "./sample-spans.ts";
import { requestsCounted } from "./samples.ts";
import { startServer } from "./server-process.ts";
import { EXPORTER } from "./subjects.ts";
import { ensureWrk, type Load, runWrk } from "./wrk.ts";

const WARM_UP_SECONDS = 2;
const MEASURED_SECONDS = 3;
const LABEL_SETS = 100;
const CONNECTIONS = 4;
const NATIVE = "NDJSON";

type Way = {
  readonly name: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
};
type Run = { readonly perSecond: number; readonly p99Millis: number; readonly cpuMicrosASpan: number };

export async function measureOtlp(rounds: number): Promise<Section> {
  ensureWrk();
  const events = sampleEvents(BATCH_SIZE, LABEL_SETS).map(asSpansTell);
  const spans = sampleSpans(events);
  const path = "/v1/traces";
  const ways: readonly Way[] = [
    { name: NATIVE, path: "/v1/events", contentType: NDJSON, body: Buffer.from(`${events.join("\n")}\n`) },
    { name: "OTLP, protobuf", path, contentType: "application/x-protobuf", body: spans.protobuf },
    { name: "OTLP, JSON", path, contentType: "application/json", body: spans.json },
  ];
  const runs = await inRounds(rounds, ways, runOnce);
  const of = (name: string, value: (run: Run) => number) => median(runs.get(name)!.map(value));
  const rate = (name: string) => of(name, ({ perSecond }) => perSecond);
  return {
    title: "Spans of OpenTelemetry",
    method: `wrk, 1 thread, ${CONNECTIONS} kept connections, ${WARM_UP_SECONDS} s of warm-up and ${MEASURED_SECONDS} s measured; bodies of ${BATCH_SIZE} requests, ${LABEL_SETS} label sets. The spans tell of the same requests as the events, each with 11 to 15 attributes, and are written by the SDK's own serializers; neither has an id. After each run the exporter's own count is compared with what was answered.`,
    head: ["body", "requests/s", "against NDJSON", "p99 ms", "CPU µs a request", "bytes a request"],
    rows: ways.map(({ name, body }) => [
      name,
      shownWithSpread(runs.get(name)!.map(({ perSecond }) => perSecond)),
      `${shown(rate(name) / rate(NATIVE))}x`,
      shown(of(name, ({ p99Millis }) => p99Millis)),
      shownWithSpread(runs.get(name)!.map(({ cpuMicrosASpan }) => cpuMicrosASpan)),
      shown(body.length / BATCH_SIZE),
    ]),
    remarks: [],
    targets: [],
  };
}

/** Spans have a trace, and no cost. */
function asSpansTell(event: string): string {
  return JSON.stringify({ ...(JSON.parse(event) as object), cost_usd: undefined, trace_id: TRACE_ID });
}

async function runOnce({ path, contentType, body }: Way): Promise<Run> {
  const server = await startServer(EXPORTER);
  try {
    const bodies = [body];
    const load: Load = {
      ...{ url: server.url, path, contentType, bodies, connections: CONNECTIONS },
      ...{ seconds: WARM_UP_SECONDS, idLetter: "w" },
    };
    const warmUp = await runWrk(load);
    const before = await server.ask({ ask: "cpu" });
    const result = await runWrk({ ...load, seconds: MEASURED_SECONDS });
    const after = await server.ask({ ask: "cpu" });
    const answered = (warmUp.requests + result.requests) * BATCH_SIZE;
    const counted = await requestsCounted(server.url);
    // Those under way when the load generator stopped may be counted as well.
    if (counted < answered || counted > answered + 2 * CONNECTIONS * BATCH_SIZE) {
      throw new Error(`${answered} requests were answered, but ${counted} are counted`);
    }
    return {
      perSecond: result.perSecond * BATCH_SIZE,
      p99Millis: result.p99Millis,
      cpuMicrosASpan: (after.micros - before.micros) / (result.requests * BATCH_SIZE),
    };
  } finally {
    await server.stop();
  }
}
