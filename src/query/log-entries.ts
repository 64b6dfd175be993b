/** Ended requests as the log of a Vandamme dashboard lists them. */
import type { RequestEvent } from "../event/request-event.ts";

/** Keys are those of the dashboard. What nobody reported is 0, an id that nobody gave "". */
export type LogEntry = {
  /** Number of the record. */
  readonly seq: number;
  /** Completion, in seconds since the epoch. */
  readonly ts: number;
  readonly request_id: string;
  readonly provider: string;
  readonly model: string;
  readonly is_streaming: boolean;
  readonly duration_ms: number;
  /** Without what was read from or written to a cache. */
  readonly input_tokens: number;
  /** Reasoning included. */
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_creation_tokens: number;
  readonly tool_use_count: number;
  readonly tool_call_count: number;
  readonly tool_result_count: number;
  readonly status: "ok" | "error";
  /** Error type and HTTP status: the text of an error is never kept. */
  readonly error: string | null;
  readonly error_type: string | null;
};

export function logEntry(seq: number, event: RequestEvent): LogEntry {
  const { usage, errorType, httpStatus } = event;
  return {
    seq,
    ts: event.timestampMicros / 1e6,
    request_id: event.id ?? "",
    provider: event.provider,
    model: event.model,
    is_streaming: event.stream,
    duration_ms: (event.durationNanos ?? 0) / 1e6,
    input_tokens: usage?.input ?? 0,
    output_tokens: (usage?.output ?? 0) + (usage?.reasoning ?? 0),
    cache_read_tokens: usage?.cacheRead ?? 0,
    cache_creation_tokens: usage?.cacheWrite ?? 0,
    tool_use_count: event.toolUseCount ?? 0,
    tool_call_count: event.toolCallCount ?? 0,
    tool_result_count: event.toolResultCount ?? 0,
    status: errorType === undefined ? "ok" : "error",
    error:
      errorType === undefined
        ? null
        : httpStatus === undefined
          ? errorType
          : `${errorType} (HTTP ${httpStatus})`,
    error_type: errorType ?? null,
  };
}
