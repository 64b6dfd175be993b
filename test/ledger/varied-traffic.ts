/** Events of every kind that an answer may show: outcomes, streams, caches, prices or none, labels, requests in flight. */

const PROVIDERS = ["openai", "anthropic", "vllm", 'no<"\\one>'] as const;
const MODELS = ["gpt-4o", "claude-sonnet-4-5", "own-model", "a/b?*"] as const;
const FAILURES = [
  { status: "error", error_type: "rate_limit", http_status: 429 },
  { status: "error", error_type: "what nobody knows" },
  { status: "cancelled" },
  { error: { type: "overloaded_error", message: "it broke" } },
  { http_status: 503 },
] as const;
const STEP_MILLIS = 47 * 60_000;

/** So many ended requests that go back from `nowMillis` in steps, and a few that are open. */
export function variedTraffic(number: number, nowMillis: number): readonly Record<string, unknown>[] {
  const ended = Array.from({ length: number }, (_, index) => endedRequest(index, nowMillis));
  const open = MODELS.flatMap((model, index) => [
    { id: `open-${index}`, phase: "start", provider: PROVIDERS[index], model, start_time: nowMillis - 9_000 },
    { id: `open-${index}`, phase: "update", output_tokens: index * 10, stream: index % 2 === 0 },
  ]);
  return [...ended, ...open];
}

function endedRequest(index: number, nowMillis: number): Record<string, unknown> {
  const every = (nth: number, fields: Record<string, unknown>) => (index % nth === 0 ? fields : {});
  const kind = index % PROVIDERS.length;
  const duration = 50 + ((index * 37) % 9_000);
  return {
    ...every(11, { id: `id-${index}` }),
    timestamp: nowMillis - index * STEP_MILLIS,
    provider: PROVIDERS[kind],
    model: MODELS[kind],
    ...every(2, { pool: index % 3 === 0 ? "rag" : "chat" }),
    ...every(3, { team: `team-${index % 4}`, user: `user-${index % 5}`, end_user: `end-${index % 7}` }),
    ...every(5, { tags: { route: "/chat", tier: 2 }, requested_model: "best", operation: "embeddings" }),
    ...every(7, FAILURES[(index / 7) % FAILURES.length] ?? {}),
    ...every(13, { service_tier: "batch", batch_id: `b-${index}`, batch_size: 3 }),
    ...(index % 9 === 4 ? {} : { duration_ms: duration }),
    ...(index % 9 === 5 ? { time_to_first_token_ms: duration / 3, stream: true } : {}),
    ...(index % 10 === 6 ? {} : { input_tokens: index * 13, output_tokens: index * 3 }),
    ...(index % 6 === 1 ? { cache_read_tokens: 40, cache_creation_tokens: 9, cache_write_1h_tokens: 4 } : {}),
    ...(index % 6 === 1 ? { input_includes_cache: false, reasoning_tokens: index } : {}),
    ...every(17, { cost_usd: index * 0.000_000_123 }),
    ...every(8, { tool_use_count: 2, tool_result_count: 1, tool_call_count: 3, message_count: 12 }),
    ...every(4, { request_size: 2_048, response_size: 1_024, cache_hit: index % 8 === 0 }),
    ...every(19, { rotation: "overloaded", attempt: 2, trace_id: "0af7651916cd43dd8448eb211c80319c" }),
  };
}
