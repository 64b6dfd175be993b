/** A kept request as JSON, in the names in which it was sent. What nobody reported is left out. */
import type { Money } from "../event/money.ts";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { EndRecord } from "../history/log-record.ts";

/** Times are RFC 3339, durations in milliseconds, amounts exact US dollars. `seq` is the number of the record. */
export function presentEvent(
  seq: number,
  { event, price }: Pick<EndRecord, "event" | "price">,
): Readonly<Record<string, unknown>> {
  const { usage } = event;
  const millis = (nanos: number | undefined) => (nanos === undefined ? undefined : nanos / 1e6);
  return {
    seq,
    id: event.id,
    timestamp: rfc3339OfMicros(event.timestampMicros),
    provider: event.provider,
    model: event.model,
    pool: event.pool,
    requested_model: event.requestedModel,
    operation: event.operation,
    service_tier: event.serviceTier,
    status: event.status,
    error_type: event.errorType,
    http_status: event.httpStatus,
    stream: event.stream,
    duration_ms: millis(event.durationNanos),
    time_to_first_token_ms: millis(event.timeToFirstTokenNanos),
    // Disjoint, so beside each other: an exporter that reads this counts the same.
    input_tokens: usage?.input,
    output_tokens: usage === undefined ? undefined : usage.output + usage.reasoning,
    cache_read_tokens: usage?.cacheRead,
    cache_creation_tokens: usage?.cacheWrite,
    cache_write_1h_tokens: usage?.cacheWrite1h,
    reasoning_tokens: usage?.reasoning,
    input_includes_cache: usage === undefined ? undefined : false,
    cost_usd: price.cost satisfies Money | undefined,
    cost_result: price.result,
    team: event.team,
    user: event.user,
    end_user: event.endUser,
    tags: event.tags === undefined ? undefined : Object.fromEntries(event.tags),
    tool_use_count: event.toolUseCount,
    tool_result_count: event.toolResultCount,
    tool_call_count: event.toolCallCount,
    message_count: event.messageCount,
    request_size: event.requestBytes,
    response_size: event.responseBytes,
    cache_hit: event.cacheHit,
    batch_id: event.batchId,
    batch_size: event.batchSize,
    rotation: event.rotated ? true : undefined,
    attempt: event.attempt,
    trace_id: event.traceId,
    span_id: event.spanId,
  };
}
