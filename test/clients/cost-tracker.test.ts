/** A dashboard of the cost tracker, set against a running exporter. */
import { expect, it } from "vitest";
import { postEvents } from "../http/exchange.ts";
import { startExporter, steppedClock } from "../http/exporter.ts";
import { CostTrackerClient } from "./cost-tracker.ts";

it("a dashboard of the cost tracker shows what was reported", async () => {
  const { nowMicros } = steppedClock();
  const exporter = await startExporter({ nowMicros });
  await postEvents(exporter, [
    {
      ...{ id: "a", provider: "openai", model: "gpt-4o", team: "red", end_user: "ada", cache_hit: false },
      ...{ input_tokens: 1_000, output_tokens: 100, cost_usd: 0.03, duration_ms: 800 },
      timestamp: "2026-03-01T10:30:00Z",
    },
    {
      ...{ id: "b", provider: "openai", model: "gpt-4o-mini", cache_hit: true },
      ...{ input_tokens: 10, output_tokens: 5, cost_usd: 0.01, duration_ms: 200 },
      timestamp: "2026-03-01T11:59:00Z",
    },
    {
      ...{ id: "c", provider: "azure", model: "gpt-4o", status: "error", error_type: "timeout" },
      timestamp: "2026-03-01T11:59:30Z",
    },
    { id: "d", provider: "openai", model: "gpt-4o", cost_usd: 5, timestamp: "2026-02-27T00:00:00Z" },
  ]);
  const client = new CostTrackerClient(exporter.url);
  expect(await client.page(24)).toEqual([
    "cost $0.0400",
    "tokens 1115",
    "requests 3",
    "latency 500.0 ms",
    "cache 50.0 %",
    "errors 33.3 %",
    "gpt-4o: 2 requests, 1100 tokens, 75.0 %",
    "gpt-4o-mini: 1 requests, 15 tokens, 25.0 %",
    "2026-03-01 10:00: 1 requests, $0.03",
    "2026-03-01 11:00: 2 requests, $0.01",
    "2026-02-27T00:00:00.000Z gpt-4o 0 success",
    "2026-03-01T11:59:30.000Z gpt-4o 0 error",
    "2026-03-01T11:59:00.000Z gpt-4o-mini 15 success",
    "2026-03-01T10:30:00.000Z gpt-4o 1100 success",
  ]);
  expect(await client.dashboard(1, "red")).toMatchObject({
    total_requests: 0,
    model_usage: {},
    hourly_trend: {},
  });
  expect((await client.recent(50, "red")).requests).toEqual([
    {
      timestamp: "2026-03-01T10:30:00.000000+00:00",
      model: "gpt-4o",
      ...{ prompt_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 },
      ...{ cost: 0.03, latency_ms: 800, status: "success", team: "red", user: "ada", cache_hit: false },
      request_id: "a",
    },
  ]);
  await expect(client.recent(501)).rejects.toThrow(/^422 /);
});
