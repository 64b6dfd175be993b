/** A monitoring page of a Gatewayz front end, set against a running exporter. */
import { expect, it } from "vitest";
import { postEvents } from "../http/exchange.ts";
import { startExporter, steppedClock } from "../http/exporter.ts";
import { GatewayzClient } from "./gatewayz.ts";

it("a monitoring page of Gatewayz finds its way from providers to requests", async () => {
  const { nowMicros } = steppedClock();
  const exporter = await startExporter({ nowMicros });
  const mini = { provider: "openai", model: "gpt-5-mini" };
  await postEvents(exporter, [
    {
      id: "x",
      provider: "anthropic",
      model: "claude-sonnet-4-5",
      input_tokens: 3,
      timestamp: "2026-03-01T11:00:00Z",
    },
    ...Array.from({ length: 7 }, (_, index) => ({
      ...mini,
      ...{
        id: `r-${index}`,
        input_tokens: 100,
        cache_read_tokens: 20,
        output_tokens: index,
        duration_ms: 100 * index,
      },
      ...{ user: "ada", cost_usd: 0.000297, timestamp: `2026-03-01T11:0${index}:10.5Z` },
    })),
    { ...mini, id: "failed", status: "error", error_type: "rate_limit", timestamp: "2026-03-01T11:30:00Z" },
    { provider: "openai", model: "o4", timestamp: "2026-03-01T11:31:00Z" },
  ]);
  const client = new GatewayzClient(exporter.url);
  const { provider, model, requests, points } = await client.drillDown(3);
  expect(provider).toEqual({
    ...{ provider_id: 2, name: "openai", slug: "openai" },
    ...{ models_with_requests: 2, total_requests: 9 },
  });
  expect(model).toEqual({
    ...{
      model_id: 2,
      model_identifier: "gpt-5-mini",
      model_name: "gpt-5-mini",
      provider_model_id: "gpt-5-mini",
    },
    provider: { id: 2, name: "openai", slug: "openai" },
    stats: {
      ...{ total_requests: 8, total_input_tokens: 700, total_output_tokens: 21, total_tokens: 721 },
      avg_processing_time_ms: 300,
    },
  });
  expect(requests.map(({ request_id }) => request_id)).toEqual([
    ...["failed", "r-6", "r-5", "r-4", "r-3", "r-2", "r-1", "r-0"],
  ]);
  expect(requests[1]).toEqual({
    ...{ id: 8, request_id: "r-6", model_id: 2, user_id: null, api_key_id: null },
    ...{
      status: "completed",
      error_message: null,
      input_tokens: 100,
      output_tokens: 6,
      processing_time_ms: 600,
    },
    ...{ cost_usd: 0.000297, input_cost_usd: null, output_cost_usd: null, pricing_source: "manual_pricing" },
    ...{ is_anonymous: false, metadata: {} },
    created_at: "2026-03-01T11:06:10.500000+00:00",
    updated_at: "2026-03-01T12:00:00.000000+00:00",
    models: {
      ...{
        id: 2,
        model_id: "gpt-5-mini",
        model_name: "gpt-5-mini",
        provider_model_id: "gpt-5-mini",
        provider_id: 2,
      },
      providers: { id: 2, name: "openai", slug: "openai" },
    },
  });
  expect(requests[0]).toMatchObject({ status: "failed", error_message: "rate_limit", is_anonymous: true });
  // Periods of five minutes, of the last day.
  expect(points).toEqual([
    { at: new Date("2026-03-01T11:00:00Z"), tokens: 510, latency: 200 },
    { at: new Date("2026-03-01T11:05:00Z"), tokens: 211, latency: 550 },
    { at: new Date("2026-03-01T11:30:00Z"), tokens: 0, latency: null },
  ]);
  const counts = await client.counts();
  expect(counts.metadata).toMatchObject({ total_models: 3, total_requests: 10 });
  expect(counts.data[0]).toEqual({
    ...{ model_id: 2, model_name: "gpt-5-mini", model_identifier: "gpt-5-mini" },
    ...{ provider_name: "openai", provider_slug: "openai", request_count: 8 },
  });
  await expect(client.requests({ limit: 0 })).rejects.toThrow(/^422 \[/);
});
