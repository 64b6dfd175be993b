/** A cell as statistics of a model, a provider or a pool, in the names of ModelMesh's StatisticsCollector. */
import type { Money } from "../event/money.ts";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { Cell } from "../ledger/cell.ts";
import { latencyOf } from "./latency.ts";
import { splitSums, tokensInOut, wholeSums } from "./sums.ts";

export type AggregateStats = {
  readonly total_requests: number;
  readonly successful_requests: number;
  /** Requests that ended in an error or were cancelled. */
  readonly failed_requests: number;
  /** Those of caches included. */
  readonly total_tokens_in: number;
  /** Reasoning included. */
  readonly total_tokens_out: number;
  /** US dollars, exact: of all requests whose cost is known. */
  readonly total_cost: Money;
  /** Milliseconds; null if the duration of no request is known. Quantiles are within 1.1 %. */
  readonly avg_latency_ms: number | null;
  readonly p50_latency_ms: number | null;
  readonly p95_latency_ms: number | null;
  readonly p99_latency_ms: number | null;
  /** Failed requests to all, from 0 to 1; null without requests. */
  readonly error_rate: number | null;
  /** Requests that were moved to another model or provider. */
  readonly rotation_events: number;
  /** Completion of the latest request, RFC 3339; null without requests. */
  readonly last_updated: string | null;
};

export function aggregateStats(cell: Cell): AggregateStats {
  const sums = splitSums(cell, "total");
  const { cost, rotations, lastRequestMicros } = wholeSums(cell);
  const { input, output } = tokensInOut(sums);
  const latency = latencyOf(cell, "duration");
  const failed = sums.requests - sums.successes;
  return {
    total_requests: sums.requests,
    successful_requests: sums.successes,
    failed_requests: failed,
    total_tokens_in: input,
    total_tokens_out: output,
    total_cost: cost,
    avg_latency_ms: latency?.averageMillis ?? null,
    p50_latency_ms: latency?.p50Millis ?? null,
    p95_latency_ms: latency?.p95Millis ?? null,
    p99_latency_ms: latency?.p99Millis ?? null,
    error_rate: sums.requests === 0 ? null : failed / sums.requests,
    rotation_events: rotations,
    last_updated: lastRequestMicros === undefined ? null : rfc3339OfMicros(lastRequestMicros),
  };
}
