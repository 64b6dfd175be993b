/** Open requests as the rows of a Vandamme dashboard: what is known of each so far, the newest first. */
import type { ActiveRequest } from "../ledger/active-requests.ts";

/** Keys are those of the dashboard. What nobody reported is 0. */
export type ActiveRow = {
  readonly request_id: string;
  readonly provider: string;
  /** As it was asked for, without the provider's name before it. */
  readonly model: string;
  readonly requested_model: string;
  /** The one that answers; "" while it is not known. */
  readonly resolved_model: string;
  readonly qualified_model: string;
  readonly is_streaming: boolean;
  /** Seconds since the epoch. */
  readonly start_time: number;
  /** Milliseconds since the start. */
  readonly duration_ms: number;
  /** Without what was read from or written to a cache. */
  readonly input_tokens: number;
  /** Reasoning included. */
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_creation_tokens: number;
  readonly tool_uses: number;
  readonly tool_results: number;
  readonly tool_calls: number;
  /** Bytes. */
  readonly request_size: number;
  readonly message_count: number;
};

/** At most so many, those that started last; of equals the one that was heard of last comes first. */
export function activeRows(
  active: Iterable<ActiveRequest>,
  nowMicros: number,
  rowsMax: number,
): readonly ActiveRow[] {
  return Array.from(active)
    .reverse()
    .sort((one, other) => startMicrosOf(other) - startMicrosOf(one))
    .slice(0, rowsMax)
    .map((request) => rowOf(request, nowMicros));
}

/** As its sender says, else the arrival of its start, else of its last report. */
export function startMicrosOf({ event, startArrivalMicros }: ActiveRequest): number {
  return event.startMicros ?? startArrivalMicros ?? event.timestampMicros;
}

/** Whether all is the same but for the time that has passed. */
export function areSameRows(some: readonly ActiveRow[], others: readonly ActiveRow[]): boolean {
  return some.length === others.length && some.every((row, index) => isSameRow(row, others[index]!));
}

function isSameRow(one: ActiveRow, other: ActiveRow): boolean {
  for (const key in one) {
    if (key !== "duration_ms" && one[key as keyof ActiveRow] !== other[key as keyof ActiveRow]) return false;
  }
  return true;
}

function rowOf(request: ActiveRequest, nowMicros: number): ActiveRow {
  const { event } = request;
  const { provider, usage } = event;
  const requested = event.requestedModel ?? event.model;
  const startMicros = startMicrosOf(request);
  return {
    request_id: event.id ?? "",
    provider,
    model: requested.startsWith(`${provider}:`) ? requested.slice(provider.length + 1) : requested,
    requested_model: requested,
    resolved_model: event.model === "unknown" ? "" : event.model,
    qualified_model: `${provider}:${event.model}`,
    is_streaming: event.stream,
    start_time: startMicros / 1e6,
    // The sender's clock may be ahead.
    duration_ms: Math.max(0, Math.round((nowMicros - startMicros) / 1e3)),
    input_tokens: usage?.input ?? 0,
    output_tokens: (usage?.output ?? 0) + (usage?.reasoning ?? 0),
    cache_read_tokens: usage?.cacheRead ?? 0,
    cache_creation_tokens: usage?.cacheWrite ?? 0,
    tool_uses: event.toolUseCount ?? 0,
    tool_results: event.toolResultCount ?? 0,
    tool_calls: event.toolCallCount ?? 0,
    request_size: event.requestBytes ?? 0,
    message_count: event.messageCount ?? 0,
  };
}
