/**
 * The fields of a JSON event: every accepted spelling, what it holds and what it means. The parser reads this
 * table, and docs/events.md is printed from it.
 */

export type FieldKind =
  | "label" // string; becomes or may become a label value: made safe and cut to the limit
  | "id" // string, at most 256 characters, kept as it is
  | "word" // one of a closed set
  | "boolean"
  | "count" // integer 0 .. 1e9
  | "positive" // integer 1 .. 1e9
  | "bytes" // integer 0 .. 1e12
  | "milliseconds" // number 0 .. 30 days
  | "seconds" // number 0 .. 30 days
  | "usd" // number 0 .. 1e6
  | "time" // RFC 3339, or epoch in seconds or milliseconds
  | "http_status" // integer 100 .. 599
  | "error_type" // string or integer
  | "error" // string, boolean, or an object with type, code and message
  | "tags" // map of strings, numbers or booleans
  | "rotation" // boolean or string
  | "trace_id" // 32 hex digits
  | "span_id"; // 16 hex digits

export type Field = {
  /** Where the parser keeps the value; two fields of one key are spellings of one thing in different units. */
  readonly key: FieldKey;
  /** Accepted spellings, the canonical one first. */
  readonly names: readonly [string, ...string[]];
  readonly kind: FieldKind;
  readonly meaning: string;
};

export const FIELD_KEYS = [
  "id",
  "phase",
  "timestamp",
  "start",
  "provider",
  "model",
  "pool",
  "requestedModel",
  "operation",
  "serviceTier",
  "status",
  "success",
  "errorType",
  "error",
  "httpStatus",
  "stream",
  "duration",
  "timeToFirstToken",
  "input",
  "output",
  "cacheRead",
  "cacheWrite",
  "cacheWrite1h",
  "reasoning",
  "inputIncludesCache",
  "cost",
  "team",
  "user",
  "endUser",
  "tags",
  "toolUse",
  "toolResult",
  "toolCall",
  "messages",
  "requestBytes",
  "responseBytes",
  "cacheHit",
  "batchId",
  "batchSize",
  "rotation",
  "attempt",
  "traceId",
  "spanId",
] as const;
export type FieldKey = (typeof FIELD_KEYS)[number];

export const FIELDS: readonly Field[] = [
  field(
    "id",
    ["id", "request_id"],
    "id",
    "Idempotency key: a repeat inside the deduplication window changes nothing. Without it every delivery counts.",
  ),
  field(
    "phase",
    ["phase"],
    "word",
    "`start` opens an active request, `update` refreshes it, `end` (default) closes it and counts. `start` and `update` need an `id`. `rotation`, without an `id`, counts a move of the pool and no request; whoever reports requests sets the field `rotation` of one instead.",
  ),
  field(
    "timestamp",
    ["timestamp", "end_time"],
    "time",
    "Completion (of a `start` or `update`: the moment of the report). Absent: arrival.",
  ),
  field("start", ["start_time"], "time", "When the request was sent."),
  field("provider", ["provider"], "label", "Who served the request. Absent: `unknown`."),
  field("model", ["model", "openai_model"], "label", "Which model served it. Absent: `unknown`."),
  field("pool", ["pool"], "label", "Which pool chose it. Absent: `default`."),
  field(
    "requestedModel",
    ["requested_model", "claude_model"],
    "label",
    "What the caller asked for, when it differs.",
  ),
  field("operation", ["operation"], "label", "`chat` (default), `embeddings`, ..."),
  field(
    "serviceTier",
    ["service_tier"],
    "label",
    "The provider's class of service: `batch`, `flex`, `priority`, ... It has prices of its own. Absent, `default`, `standard`, `auto` and `on_demand`: the standard one.",
  ),
  field(
    "status",
    ["status"],
    "word",
    "`success`, `error` or `cancelled`. Absent: derived from `error_type`, `error`, `http_status` and `success`.",
  ),
  field("success", ["success"], "boolean", "Used when `status` is absent."),
  field(
    "errorType",
    ["error_type"],
    "error_type",
    "A word of the error vocabulary, an SDK's class name, or an HTTP status; anything else counts as `other`.",
  ),
  field("error", ["error"], "error", "Marks a failure. Its text is not kept."),
  field(
    "httpStatus",
    ["http_status"],
    "http_status",
    "The provider's HTTP status; from 400 on it marks a failure.",
  ),
  field(
    "stream",
    ["stream", "is_streaming"],
    "boolean",
    "Whether the answer was streamed. Absent: yes if a time to first token is reported, else no.",
  ),
  field(
    "duration",
    ["duration_ms", "latency_ms"],
    "milliseconds",
    "From sending the request to its completion. Absent: `end_time` - `start_time`.",
  ),
  field("duration", ["duration_seconds"], "seconds", "The same in seconds."),
  field(
    "timeToFirstToken",
    ["time_to_first_token_ms", "ttft_ms"],
    "milliseconds",
    "From sending a streaming request to its first token; at most the duration.",
  ),
  field(
    "input",
    ["input_tokens", "prompt_tokens", "tokens_in"],
    "count",
    "Input tokens; see `input_includes_cache`.",
  ),
  field(
    "output",
    ["output_tokens", "completion_tokens", "tokens_out"],
    "count",
    "Output tokens, reasoning included.",
  ),
  field("cacheRead", ["cache_read_tokens"], "count", "Input tokens read from the provider's prompt cache."),
  field(
    "cacheWrite",
    ["cache_creation_tokens", "cache_write_tokens"],
    "count",
    "Input tokens written to the prompt cache, of any lifetime.",
  ),
  field("cacheWrite1h", ["cache_write_1h_tokens"], "count", "Those of them with a lifetime of one hour."),
  field("reasoning", ["reasoning_tokens"], "count", "Output tokens spent on reasoning."),
  field(
    "inputIncludesCache",
    ["input_includes_cache"],
    "boolean",
    "Whether the cached tokens are inside `input_tokens`. Absent: inferred from the provider, and counted as inferred.",
  ),
  field(
    "cost",
    ["cost_usd", "response_cost", "cost"],
    "usd",
    "The caller's own figure in US dollars. It wins over the price book.",
  ),
  field("team", ["team", "team_alias"], "label", "A label only if configured."),
  field("user", ["user", "user_id"], "label", "A label only if configured."),
  field("endUser", ["end_user"], "label", "A label only if configured."),
  field(
    "tags",
    ["tags"],
    "tags",
    "Up to 32 names with strings, numbers or booleans. Labels only if configured.",
  ),
  field("toolUse", ["tool_use_count"], "count", "Tool-use blocks in the request."),
  field("toolResult", ["tool_result_count"], "count", "Tool-result blocks in the request."),
  field("toolCall", ["tool_call_count"], "count", "Tool calls that the model made."),
  field("messages", ["message_count"], "count", "Messages in the request."),
  field("requestBytes", ["request_size"], "bytes", "Size of the request body in bytes."),
  field("responseBytes", ["response_size"], "bytes", "Size of the response body in bytes."),
  field("cacheHit", ["cache_hit"], "boolean", "Whether the application's response cache answered."),
  field("batchId", ["batch_id"], "id", "The batch that the request was part of."),
  field(
    "batchSize",
    ["batch_size"],
    "positive",
    "Requests in the batch. Without a `batch_id` the event stands for the whole batch.",
  ),
  field(
    "rotation",
    ["rotation"],
    "rotation",
    "True, or the reason, if the pool moved to another model or provider for this request.",
  ),
  field("attempt", ["attempt"], "positive", "1 for the first attempt (default); later ones are retries."),
  field("traceId", ["trace_id"], "trace_id", "W3C trace id, for exemplars."),
  field("spanId", ["span_id"], "span_id", "W3C span id, for exemplars."),
];

function field(
  key: FieldKey,
  names: readonly [string, ...string[]],
  kind: FieldKind,
  meaning: string,
): Field {
  return { key, names, kind, meaning };
}
