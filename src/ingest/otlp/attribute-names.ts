/**
 * Which attributes of a span say what, in the order to try: the first with a usable value counts. Producers share one
 * table, for their names do not clash: those of a producer's own (`ai.`, `llm.`) stand before OpenTelemetry's, which some
 * send beside them in an older meaning.
 * OpenTelemetry: https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
 * OpenLLMetry: https://github.com/traceloop/openllmetry/tree/main/packages/opentelemetry-semantic-conventions-ai
 * OpenLIT: https://github.com/openlit/openlit/blob/main/sdk/python/src/openlit/semcov/__init__.py
 * OpenInference: https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
 * Vercel AI SDK: https://ai-sdk.dev/docs/ai-sdk-core/telemetry
 * Pydantic AI: https://ai.pydantic.dev/logfire/
 * LiteLLM: https://docs.litellm.ai/docs/observability/opentelemetry_integration
 */

export const SPAN_FIELDS = {
  provider: [
    // OpenRouter names whom it asked beside whose model it is.
    "trace.metadata.openrouter.provider_slug",
    "llm.provider",
    "ai.model.provider",
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.system",
  ],
  requestedModel: ["llm.request.model_name", "ai.model.id", "gen_ai.request.model"],
  answeredModel: ["llm.response.model_name", "ai.response.model", "gen_ai.response.model", "llm.model_name"],
  responseId: ["ai.response.id", "gen_ai.response.id"],
  stream: ["gen_ai.is_streaming", "llm.is_streaming", "gen_ai.request.stream", "gen_ai.request.is_stream"],
  input: [
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
  ],
  output: [
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
  ],
  cacheRead: [
    "llm.token_count.prompt_details.cache_read",
    "llm.token_count.prompt_details.cache_input",
    "ai.usage.inputTokenDetails.cacheReadTokens",
    "ai.usage.cachedInputTokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.details.cache_read_tokens",
  ],
  cacheWrite: [
    "llm.token_count.prompt_details.cache_write",
    "llm.token_count.prompt_details.cache_creation",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "gen_ai.usage.details.cache_write_tokens",
  ],
  reasoning: [
    "llm.token_count.completion_details.reasoning",
    "ai.usage.outputTokenDetails.reasoningTokens",
    "ai.usage.reasoningTokens",
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "gen_ai.usage.details.reasoning_tokens",
  ],
  costUsd: [
    "llm.cost.total",
    "operation.cost",
    "gen_ai.usage.cost",
    "gen_ai.usage.total_cost",
    "gen_ai.cost.total_cost",
  ],
  serviceTier: [
    "openai.response.service_tier",
    "gen_ai.openai.response.service_tier",
    "openai.request.service_tier",
    "gen_ai.openai.request.service_tier",
  ],
  firstTokenSeconds: ["gen_ai.client.operation.time_to_first_chunk", "gen_ai.response.time_to_first_chunk"],
  firstTokenMillis: ["ai.response.msToFirstChunk", "ai.stream.msToFirstChunk"],
  httpStatus: ["http.response.status_code", "http.status_code"],
  team: ["metadata.user_api_key_team_alias", "metadata.user_api_key_team_id"],
  user: ["metadata.user_api_key_user_id", "gen_ai.user", "user.id"],
  endUser: ["llm.user", "enduser.id"],
} as const satisfies Record<string, readonly string[]>;

/** Attributes that are asked for one by one. */
export const SINGLE_ATTRIBUTES = {
  operation: "gen_ai.operation.name",
  /** OpenLLMetry's older word for the operation, and LiteLLM's. */
  requestType: "llm.request.type",
  openInferenceKind: "openinference.span.kind",
  vercelOperation: "ai.operationId",
  traceloopKind: "traceloop.span.kind",
  /** OpenLIT says so on the span, other SDKs on the resource. */
  sdkName: "telemetry.sdk.name",
  serviceName: "service.name",
  serverAddress: "server.address",
  embeddingModel: "embedding.model_name",
  /** JSON text; only the model and whether the answer is streamed are taken from it. */
  invocationParameters: "llm.invocation_parameters",
  /** JSON text of the application's own. */
  metadata: "metadata",
  uncachedInput: "ai.usage.inputTokenDetails.noCacheTokens",
  /** OpenLIT's: seconds, and of the whole answer where it was not streamed. */
  serverFirstTokenSeconds: "gen_ai.server.time_to_first_token",
  errorType: "error.type",
  exceptionType: "exception.type",
} as const;

/** Events within a span that tell of the first token, by any of the names in use. */
export const FIRST_TOKEN_EVENTS: ReadonlySet<string> = new Set([
  "gen_ai.content.completion.chunk",
  "llm.content.completion.chunk",
  "First Token Stream Event",
  "ai.stream.firstChunk",
]);

export const EXCEPTION_EVENT = "exception";

/** What the records of coding agents are read for. */
export const RECORD_ATTRIBUTES = [
  ...["event.name", "event.timestamp", "event.sequence", "event.kind", "error", "error.message"],
  ...["model", "duration_ms", "attempt", "status_code", "speed", "success", "auth_type"],
  ...["request_id", "client_request_id", "prompt_id", "session.id", "conversation.id"],
  ...["user.account_uuid", "user.account_id", "organization.id", "provider_name"],
  ...["input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"],
  ...["cost_usd", "cost_usd_micros"],
  ...["input_token_count", "output_token_count", "cached_token_count", "cache_write_token_count"],
  ...["reasoning_token_count", "tool_token_count", "thoughts_token_count", "cached_content_token_count"],
] as const;
