/** The push of metrics to an OpenTelemetry collector, as the collector sees it. */
import { diag } from "@opentelemetry/api";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { folderWith } from "../config/folder.ts";
import { attributesOf, pointsIn, type Receiver, startReceiver } from "../otel/receiver.ts";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter, VERSION } from "./exporter.ts";
import { readMetrics } from "./readings.ts";

const EVENTS = [
  {
    ...{ provider: "openai", model: "gpt-4o", pool: "chat", duration_ms: 1_500, cost_usd: 0.25 },
    ...{ input_tokens: 100, output_tokens: 20, stream: true, ttft_ms: 300 },
  },
  { provider: "openai", model: "gpt-4o", pool: "chat", error_type: "timeout", duration_ms: 500 },
];
const PUSHES = "llm_exporter_otlp_pushes_total";

type Push = Readonly<Record<string, unknown>>;

/** An interval of a second is the shortest; what is to be seen is pushed at the end. */
async function startPushing({ url }: Receiver, push: Push = {}, otlp: Push = {}): Promise<Exporter> {
  const config = JSON.stringify({ otlp: { ...otlp, push: { endpoint: url, interval: "1h", ...push } } });
  const exporter = await startExporter({ config });
  await postEvents(exporter, EVENTS);
  return exporter;
}

afterEach(() => vi.unstubAllEnvs());

describe("a push", () => {
  it("has the totals under the names of the conventions, cumulative", async () => {
    const receiver = await startReceiver();
    const exporter = await startPushing(receiver);
    await exporter.close();
    expect(receiver.received.map(({ path }) => path)).toEqual(["/v1/metrics"]);
    const [{ metrics }] = receiver.received as [(typeof receiver.received)[0]];
    const duration = metrics.get("gen_ai.client.operation.duration")!;
    expect(duration.unit).toBe("s");
    expect(duration.exponentialHistogram!.aggregationTemporality).toBe(2);
    const [point] = duration.exponentialHistogram!.dataPoints;
    expect(attributesOf(point!)).toEqual({
      ...{ "gen_ai.provider.name": "openai", "gen_ai.system": "openai" },
      ...{ "gen_ai.response.model": "gpt-4o", "llm.pool": "chat" },
    });
    expect(point).toMatchObject({ count: "2", sum: 2, scale: 5 });
    // 0.5 s is the upper bound of bucket -33, 1.5 s lies in bucket 18: 2^(18/32) < 1.5 <= 2^(19/32).
    const { offset, bucketCounts } = point!.positive!;
    expect(offset).toBe(-33);
    expect(bucketCounts.flatMap((count, at) => (count === "1" ? [offset + at] : []))).toEqual([-33, 18]);
    expect(Number(point!.startTimeUnixNano)).toBeLessThan(Number(point!.timeUnixNano));
    const [cost] = pointsIn(receiver.received, "llm_cost_usd");
    expect(cost).toMatchObject({ asDouble: 0.25 });
    const usage = pointsIn(receiver.received, "gen_ai.client.token.usage");
    expect(usage.map(({ sum, bucketCounts }) => ({ sum, bucketCounts }))).toEqual([
      { sum: 100, bucketCounts: ["2"] },
      { sum: 20, bucketCounts: ["2"] },
    ]);
  });

  it("comes at intervals, and once more at the end", { timeout: 10_000 }, async () => {
    const receiver = await startReceiver();
    const exporter = await startPushing(receiver, { interval: "1s" });
    await receiver.requests(1);
    await postEvents(exporter, [EVENTS[0]]);
    const before = receiver.received.length;
    await exporter.close();
    expect(receiver.received.length).toBeGreaterThan(before);
    const costs = receiver.received.map((each) => pointsIn([each], "llm_cost_usd")[0]!);
    expect(costs.at(-1)!.asDouble).toBe(0.5);
    expect(new Set(costs.map(({ startTimeUnixNano }) => startTimeUnixNano)).size).toBe(1);
  });

  it("has explicit bounds, headers and gzip if that is configured", async () => {
    const receiver = await startReceiver();
    const push = {
      ...{ endpoint: `${receiver.url}/tenant/metrics`, histograms: "explicit", compression: "gzip" },
      headers: { authorization: "Bearer secret-token" },
    };
    const exporter = await startPushing(receiver, push);
    await exporter.close();
    const [{ path, headers }] = receiver.received as [(typeof receiver.received)[0]];
    expect(path).toBe("/tenant/metrics");
    expect(headers).toMatchObject({ authorization: "Bearer secret-token", "content-encoding": "gzip" });
    const [point] = pointsIn(receiver.received, "gen_ai.client.operation.duration");
    expect(point!.explicitBounds).toHaveLength(15);
    expect(point!.bucketCounts!.filter((count) => count !== "0")).toEqual(["1", "1"]);
    expect(JSON.stringify(exporter.log)).not.toContain("secret-token");
  });

  it("says whose it is: the file goes before the environment, and that before the exporter", async () => {
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "team=search,deployment.environment.name=staging");
    vi.stubEnv("OTEL_SERVICE_NAME", "sidecar");
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-from=environment");
    const receiver = await startReceiver();
    const resource = { "deployment.environment.name": "production" };
    const exporter = await startPushing(receiver, {}, { resource });
    await exporter.close();
    const [{ resource: said, headers }] = receiver.received as [(typeof receiver.received)[0]];
    expect(said).toMatchObject({
      ...{ "service.name": "sidecar", "service.version": VERSION, team: "search" },
      "deployment.environment.name": "production",
    });
    expect(said["service.instance.id"]).toBeTruthy();
    expect(headers["x-from"]).toBe("environment");
  });

  it("does not claim that totals a store gave back began at the start", async () => {
    const receiver = await startReceiver();
    const config = JSON.stringify({ otlp: { push: { endpoint: receiver.url, interval: "1h" } } });
    const args = ["--history=sqlite", `--storage.path=${folderWith({})}`];
    const first = await startExporter({ config, args });
    await postEvents(first, EVENTS);
    await first.close();
    const second = await startExporter({ config, args });
    await postEvents(second, [{ ...EVENTS[0], model: "new" }]);
    await second.close();
    const [before, after, fresh] = pointsIn(receiver.received, "llm_cost_usd");
    expect(Number(before!.startTimeUnixNano)).toBeGreaterThan(0);
    expect(after).toMatchObject({ asDouble: 0.25 });
    expect(after!.startTimeUnixNano ?? "0").toBe("0");
    expect(Number(fresh!.startTimeUnixNano)).toBeGreaterThan(Number(before!.startTimeUnixNano));
  });

  it("is of as many requests as its size needs, and nothing is lost between them", async () => {
    const receiver = await startReceiver();
    const exporter = await startPushing(receiver);
    const events = Array.from({ length: 300 }, (_, index) => ({ ...EVENTS[0], model: `m${index}` }));
    await postEvents(exporter, events);
    await exporter.close();
    expect(receiver.received.length).toBeGreaterThan(1);
    const costs = pointsIn(receiver.received, "llm_cost_usd");
    expect(costs).toHaveLength(301);
    expect(costs.every(({ asDouble }) => asDouble === 0.25)).toBe(true);
    const models = pointsIn(receiver.received, "gen_ai.server.time_to_first_token").map(
      (point) => attributesOf(point)["gen_ai.response.model"],
    );
    expect(new Set(models).size).toBe(301);
  });
});

describe("nothing is pushed", () => {
  it("unless an endpoint is configured: an environment that others are told by may point to the exporter itself", async () => {
    const receiver = await startReceiver();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
    const exporter = await startExporter();
    await postEvents(exporter, EVENTS);
    const readings = await readMetrics(exporter);
    await exporter.close();
    expect(receiver.received).toEqual([]);
    expect(readings.get(`${PUSHES}{result="success"}`)).toBe(0);
  });
});

describe("a collector that does not take it", () => {
  it("is asked again when it says so", async () => {
    const receiver = await startReceiver({
      answer: (index) => ({
        status: index === 0 ? 503 : 200,
        headers: { "retry-after": new Date(0).toUTCString() },
      }),
    });
    const exporter = await startPushing(receiver);
    await exporter.close();
    expect(receiver.received).toHaveLength(2);
    expect(pointsIn(receiver.received.slice(1), "llm_cost_usd")).toMatchObject([{ asDouble: 0.25 }]);
    expect(exporter.log.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });

  it("is complained about once, counted each time, and its recovery is said", {
    timeout: 15_000,
  }, async () => {
    const receiver = await startReceiver({ answer: (index) => ({ status: index < 2 ? 400 : 200 }) });
    const exporter = await startPushing(receiver, { interval: "1s" });
    await receiver.requests(3);
    await vi.waitFor(() => expect(saying(exporter, "totals are pushed again")).toHaveLength(1));
    const readings = await readMetrics(exporter);
    expect(readings.get(`${PUSHES}{result="failure"}`)).toBe(2);
    expect(readings.get(`${PUSHES}{result="success"}`)).toBeGreaterThanOrEqual(1);
    expect(saying(exporter, "totals cannot be pushed")).toHaveLength(1);
    const told = saying(exporter, "OpenTelemetry").filter(({ level }) => level === "error");
    expect(told).toHaveLength(1);
    expect(told[0]!.message).toContain("metrics export failed");
  });

  it("in part, and says so each time, is complained about once", { timeout: 10_000 }, async () => {
    const partialSuccess = { rejectedDataPoints: "3", errorMessage: "3 points rejected" };
    const body = JSON.stringify({ partialSuccess });
    const receiver = await startReceiver({ answer: () => ({ status: 200, body }) });
    const exporter = await startPushing(receiver, { interval: "1s" });
    await receiver.requests(3);
    await exporter.close();
    expect(saying(exporter, "OpenTelemetry").map(({ message }) => message)).toEqual([
      expect.stringContaining("3 points rejected"),
    ]);
  });

  it("is named in the log without what may be secret in its URL", { timeout: 15_000 }, async () => {
    const receiver = await startReceiver({ answer: (index) => ({ status: index === 0 ? 400 : 200 }) });
    const endpoint = `${receiver.url}/tenant?api_key=SECRET`;
    const exporter = await startPushing(receiver, { interval: "1s", endpoint });
    await vi.waitFor(() => expect(saying(exporter, "totals are pushed again")).toHaveLength(1), 5_000);
    const lines = exporter.log.filter(({ url }) => url === `${receiver.url}/tenant`);
    expect(lines.map(({ msg }) => msg)).toEqual(["totals cannot be pushed", "totals are pushed again"]);
    expect(receiver.received[0]!.path).toBe("/tenant?api_key=SECRET");
    expect(JSON.stringify(exporter.log)).not.toContain("SECRET");
  });

  it("is counted as well when nobody listens", { timeout: 10_000 }, async () => {
    const nobody = { url: "http://127.0.0.1:1", received: [], requests: () => Promise.resolve() };
    const exporter = await startPushing(nobody, { interval: "1s" });
    await vi.waitFor(() => expect(saying(exporter, "totals cannot be pushed")).toHaveLength(1), 5_000);
    expect((await readMetrics(exporter)).get(`${PUSHES}{result="failure"}`)).toBeGreaterThan(0);
  });

  it("does not keep the exporter from stopping", { timeout: 10_000 }, async () => {
    const receiver = await startReceiver({ answer: () => ({ status: 503 }) });
    const exporter = await startPushing(receiver);
    const startedMillis = performance.now();
    await exporter.close();
    expect(performance.now() - startedMillis).toBeLessThan(5_000);
    expect(saying(exporter, "the last push was not taken")).toMatchObject([{ level: "warn" }]);
  });
});

describe("inside another process", () => {
  it("its logger for OpenTelemetry and its name are left alone", async () => {
    const told: unknown[] = [];
    const hear = (message: string) => void told.push(message);
    diag.setLogger({ ...{ error: hear, warn: hear, info: hear }, ...{ debug: () => {}, verbose: () => {} } });
    onTestFinished(() => diag.disable());
    vi.stubEnv("OTEL_SERVICE_NAME", "host");
    const receiver = await startReceiver({ answer: () => ({ status: 400 }) });
    const config = JSON.stringify({ otlp: { push: { endpoint: receiver.url, interval: "1h" } } });
    const exporter = await startExporter({ config, ownsProcess: false });
    await postEvents(exporter, EVENTS);
    expect((await exchange(exporter, "/metrics/otel")).text).toContain('service_name="llm-exporter"');
    diag.warn("host, while the exporter runs");
    await exporter.close();
    diag.warn("host, after it");
    expect(told).toContain("host, while the exporter runs");
    expect(told).toContain("host, after it");
    expect(receiver.received[0]!.resource["service.name"]).toBe("llm-exporter");
    expect(saying(exporter, "totals cannot be pushed")).toHaveLength(1);
    expect(saying(exporter, "OpenTelemetry")).toEqual([]);
  });
});

describe("a reload", () => {
  it("pushes to the old place for the last time, and from then on to the new one", async () => {
    const [first, second] = [await startReceiver(), await startReceiver()];
    const exporter = await startPushing(first);
    const config = `otlp: {push: {endpoint: "${second.url}", interval: 1h}}\n`;
    exporter.write("config.yml", config);
    expect((await exchange(exporter, "/-/reload", { method: "POST" })).status).toBe(200);
    expect(first.received).toHaveLength(1);
    await postEvents(exporter, [EVENTS[0]]);
    await exporter.close();
    expect(first.received).toHaveLength(1);
    expect(pointsIn(second.received, "llm_cost_usd")).toMatchObject([{ asDouble: 0.5 }]);
  });
});

function saying(exporter: Exporter, msg: string) {
  return exporter.log.filter((line) => line.msg === msg);
}
