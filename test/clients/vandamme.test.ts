/** A dashboard of a Vandamme proxy, pointed at a real exporter, shows what was sent to it. */
import { expect, it } from "vitest";
import { postEvents } from "../http/exchange.ts";
import { ANYWHERE, type Exporter, startExporter, steppedClock } from "../http/exporter.ts";
import { type ActiveRow, fetchActive, fetchLogs, fetchOverview, followActive } from "./vandamme.ts";

const EVENTS = [
  {
    ...{ id: "r1", timestamp: "2026-03-01T11:00:00Z", provider: "anthropic", model: "claude-sonnet-4-6" },
    ...{ stream: true, duration_ms: 3_100, input_tokens: 12_100, cache_read_tokens: 8_000 },
    ...{ cache_creation_tokens: 1_024, output_tokens: 900, tool_call_count: 6, input_includes_cache: false },
  },
  {
    ...{ id: "r2", timestamp: "2026-03-01T11:00:01Z", provider: "anthropic", model: "claude-sonnet-4-6" },
    ...{ duration_ms: 820.25, input_tokens: 50, http_status: 529 },
  },
  {
    ...{
      id: "r3",
      timestamp: "2026-03-01T11:00:02Z",
      provider: "openrouter",
      model: "qwen/qwen3-coder:free",
    },
    ...{ duration_ms: 1_550, input_tokens: 600, output_tokens: 220 },
  },
  {
    ...{ id: "a1", phase: "start", timestamp: "2026-03-01T11:59:59.188Z", provider: "openai", model: "123" },
    ...{ stream: true, input_tokens: 412 },
  },
];

async function exporterWith(events: unknown): Promise<Exporter> {
  const exporter = await startExporter({ nowMicros: steppedClock().nowMicros });
  await postEvents(exporter, events);
  return exporter;
}

it("it shows totals at every level, and none of its cards is empty", async () => {
  const { url } = await exporterWith(EVENTS);
  const { providers, ...cards } = await fetchOverview(url);
  expect(cards).toEqual({
    lastAccessed: "2026-03-01T11:59:59",
    requests: 4,
    errors: 1,
    errorRate: 0.25,
    inputTokens: 13_162,
    outputTokens: 1_120,
    cacheReadTokens: 8_000,
    cacheCreationTokens: 1_024,
    toolCalls: 6,
    activeRequests: 1,
    averageMillis: 1_823,
    streamingAverageMillis: 3_100,
    nonStreamingAverageMillis: 1_185,
  });
  expect(
    providers.map(({ name, requests, models }) => [name, requests, models.map((one) => one.name)]),
  ).toEqual([
    ["anthropic", 2, ["claude-sonnet-4-6"]],
    ["openai", 1, ["123"]],
    ["openrouter", 1, ["qwen/qwen3-coder:free"]],
  ]);
  expect(providers[0]).toMatchObject({ averageMillis: 1_960, streamingRequests: 1, errors: 1 });
  expect(providers[0]!.models[0]).toMatchObject({ inputTokens: 12_150, averageMillis: 1_960 });
});

it("its grid of rollups leaves out what is in flight", async () => {
  const { url } = await exporterWith(EVENTS);
  const { requests, providers } = await fetchOverview(url, { include_active: "false", provider: "*open*" });
  expect(requests).toBe(1);
  expect(providers.map(({ name }) => name)).toEqual(["openrouter"]);
});

it("it shows an exporter that has counted nothing", async () => {
  const { url } = await startExporter();
  expect(await fetchOverview(url)).toMatchObject({ lastAccessed: "", requests: 0, providers: [] });
  expect(await fetchActive(url)).toEqual([]);
  expect(await fetchLogs(url)).toEqual({ errors: [], traces: [] });
});

it("it follows requests in flight", async () => {
  const exporter = await exporterWith(EVENTS);
  const a1: ActiveRow = {
    ...{ id: "a1", model: "openai:123", startSeconds: Date.parse("2026-03-01T11:59:59.188Z") / 1e3 },
    ...{ millis: 812, inputTokens: 412, outputTokens: 0 },
  };
  expect(await fetchActive(exporter.url)).toEqual([a1]);
  const updates = followActive(exporter.url);
  expect((await updates.next()).value).toEqual([a1]);
  await postEvents(exporter, { id: "a1", phase: "update", output_tokens: 7 });
  expect((await updates.next()).value).toEqual([{ ...a1, outputTokens: 7 }]);
  await postEvents(exporter, { id: "a1", output_tokens: 70 });
  expect((await updates.next()).value).toEqual([]);
  await exporter.close();
  expect((await updates.next()).done).toBe(true);
});

it("it lists requests and failures", async () => {
  const { url } = await exporterWith(EVENTS);
  const { errors, traces } = await fetchLogs(url);
  expect(traces.map(({ id }) => id)).toEqual(["r3", "r2", "r1"]);
  expect(errors).toEqual([
    {
      ...{ seq: 2, id: "r2", model: "anthropic:claude-sonnet-4-6", status: "error" },
      ...{ error: "overloaded (HTTP 529)", millis: 820.25, toolCalls: 0 },
    },
  ]);
});

it("it is told when it may not read", async () => {
  const { url } = await startExporter({ args: [ANYWHERE], config: "auth: {query_token: query-key-1}" });
  for (const read of [fetchOverview, fetchActive, fetchLogs]) {
    await expect(read(url)).rejects.toThrow("answers 401");
  }
  await expect(followActive(url).next()).rejects.toThrow("answers 401");
});
