/** Instrumentations by their scopes, and how each kind counts cached tokens. */

/** Of which all versions count in one way: OpenTelemetry's, with cached tokens inside, whoever served. */
const INCLUSIVE_SCOPES = [
  // https://github.com/open-telemetry/opentelemetry-python-contrib/tree/main/instrumentation-genai
  // https://github.com/traceloop/openllmetry/tree/main/packages
  "opentelemetry.instrumentation.",
  // https://github.com/Arize-ai/openinference/tree/main/python/instrumentation
  "openinference.",
  "@arizeai/openinference-",
  "@traceloop/instrumentation-",
  "@opentelemetry/instrumentation-",
  // https://github.com/pydantic/pydantic-ai/blob/main/pydantic_ai_slim/pydantic_ai/usage.py
  "pydantic-ai",
  // https://github.com/vercel/ai/tree/main/packages/otel
  "gen_ai",
  "litellm",
  "openrouter",
];

/** These pass on what Anthropic counts, cached tokens beside the input, and what OpenAI counts, inside. */
const PASSING_SCOPES = [
  // https://github.com/openlit/openlit/tree/main/sdk/python/src/openlit/instrumentation/anthropic
  "openlit.",
  // https://github.com/envoyproxy/ai-gateway/tree/main/internal/tracing
  "envoyproxy/ai-gateway",
  // https://github.com/Portkey-AI/gateway/blob/main/src/providers/anthropic/chatComplete.ts
  "custom.genai.instrumentation",
];

export function isInclusiveScope(scope: string): boolean {
  return beginsWithOneOf(scope, INCLUSIVE_SCOPES);
}

export function isPassingScope(scope: string): boolean {
  return beginsWithOneOf(scope, PASSING_SCOPES);
}

function beginsWithOneOf(scope: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => scope.startsWith(beginning));
}
