import { describe, expect, it } from "vitest";
import { aggregateStats } from "../../src/query/aggregate-stats.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { cellOf } from "./sample-cells.ts";

describe("statistics", () => {
  it("say of no request what can be said", () => {
    expect(aggregateStats(cellOf([]))).toEqual({
      total_requests: 0,
      successful_requests: 0,
      failed_requests: 0,
      total_tokens_in: 0,
      total_tokens_out: 0,
      total_cost: { microUsd: 0, picoUsd: 0 },
      avg_latency_ms: null,
      p50_latency_ms: null,
      p95_latency_ms: null,
      p99_latency_ms: null,
      error_rate: null,
      rotation_events: 0,
      last_updated: null,
    });
  });

  it("count cancelled requests among the failed ones, caches among the input, reasoning among the output", () => {
    const stats = aggregateStats(
      cellOf([
        eventOf({
          timestamp: 1_770_000_000,
          input_tokens: 10,
          cache_read_tokens: 4,
          input_includes_cache: false,
        }),
        eventOf({ timestamp: 1_770_000_001, status: "error", duration_ms: 100 }),
        eventOf({ timestamp: 1_770_000_002, status: "cancelled", output_tokens: 9, reasoning_tokens: 5 }),
        eventOf({ timestamp: 1_770_000_000.25, rotation: true, cost_usd: 0.000000000001, duration_ms: 300 }),
      ]),
    );
    expect(stats).toMatchObject({
      total_requests: 4,
      successful_requests: 2,
      failed_requests: 2,
      error_rate: 0.5,
      total_tokens_in: 14,
      total_tokens_out: 9,
      total_cost: { microUsd: 0, picoUsd: 1 },
      avg_latency_ms: 200,
      rotation_events: 1,
      last_updated: "2026-02-02T02:40:02Z",
    });
    expect(stats.p50_latency_ms).toBeCloseTo(100, -0.5);
    expect(stats.p99_latency_ms).toBeCloseTo(300, -1);
  });
});
