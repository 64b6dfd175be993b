/**
 * Statistics under the names that callers know them by. The same numbers have three sets of names in the documents of
 * ModelMesh; an object has them all, so that readers of any need no translation.
 */
import { writeUsd } from "../event/money.ts";
import type { Cell } from "../ledger/cell.ts";
import { aggregateStats } from "../query/aggregate-stats.ts";

export type AggregateStats = {
  readonly total_requests: number;
  readonly successful_requests: number;
  /** Requests that ended in an error or were cancelled. */
  readonly failed_requests: number;
  /** Those of caches included. */
  readonly total_tokens_in: number;
  /** Reasoning included. */
  readonly total_tokens_out: number;
  /** US dollars of all requests whose cost is known. The sum is exact; this is the number that is nearest to it. */
  readonly total_cost: number;
  /** Milliseconds, exact. */
  readonly avg_latency_ms: number;
  /** Milliseconds by nearest rank, within 1.1 %. */
  readonly p50_latency_ms: number;
  readonly p95_latency_ms: number;
  readonly p99_latency_ms: number;
  /** Failed requests to all, from 0 to 1. */
  readonly error_rate: number;
  /** Requests that were moved to another model or provider. */
  readonly rotation_events: number;
  /** When the latest request was recorded, RFC 3339. */
  readonly last_updated: string;

  /** The same as connectors in Python are given it. */
  readonly requests_total: number;
  readonly requests_success: number;
  readonly requests_failed: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost_total: number;
  readonly latency_avg: number;
  readonly latency_p95: number;

  /** The same as connectors in TypeScript are given it. */
  readonly requestsTotal: number;
  readonly requestsSuccess: number;
  readonly requestsFailed: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costTotal: number;
  readonly latencyAvg: number;
  readonly latencyP95: number;
  readonly rotationEvents: number;
};

/** Of a cell of requests that all have a duration, at least one. */
export function statsOf(cell: Cell): AggregateStats {
  const presented = aggregateStats(cell);
  const stats = {
    ...presented,
    total_cost: Number(writeUsd(presented.total_cost)),
    avg_latency_ms: presented.avg_latency_ms!,
    p50_latency_ms: presented.p50_latency_ms!,
    p95_latency_ms: presented.p95_latency_ms!,
    p99_latency_ms: presented.p99_latency_ms!,
    error_rate: presented.error_rate!,
    last_updated: presented.last_updated!,
  };
  return {
    ...stats,
    requests_total: stats.total_requests,
    requests_success: stats.successful_requests,
    requests_failed: stats.failed_requests,
    tokens_in: stats.total_tokens_in,
    tokens_out: stats.total_tokens_out,
    cost_total: stats.total_cost,
    latency_avg: stats.avg_latency_ms,
    latency_p95: stats.p95_latency_ms,
    requestsTotal: stats.total_requests,
    requestsSuccess: stats.successful_requests,
    requestsFailed: stats.failed_requests,
    tokensIn: stats.total_tokens_in,
    tokensOut: stats.total_tokens_out,
    costTotal: stats.total_cost,
    latencyAvg: stats.avg_latency_ms,
    latencyP95: stats.p95_latency_ms,
    rotationEvents: stats.rotation_events,
  };
}
