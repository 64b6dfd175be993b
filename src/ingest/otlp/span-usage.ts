/** Tokens of a span, and whether the cached ones are inside the input: producers differ, and so do versions of one. */
import { canonicalProvider } from "../../event/provider-names.ts";
import { SINGLE_ATTRIBUTES, SPAN_FIELDS } from "./attribute-names.ts";
import { textIn, tokensIn } from "./attribute-values.ts";
import type { Span } from "./records.ts";
import type { ToldUsage } from "./usage-fields.ts";

export function usageOf(span: Span, provider: string | undefined): ToldUsage {
  const { attributes } = span;
  // The Vercel AI SDK's later versions tell the rest of the input, which leaves nothing open.
  const uncached = tokensIn(attributes, SINGLE_ATTRIBUTES.uncachedInput);
  return {
    input: uncached ?? tokensIn(attributes, ...SPAN_FIELDS.input),
    output: tokensIn(attributes, ...SPAN_FIELDS.output),
    cacheRead: tokensIn(attributes, ...SPAN_FIELDS.cacheRead),
    cacheWrite: tokensIn(attributes, ...SPAN_FIELDS.cacheWrite),
    reasoning: tokensIn(attributes, ...SPAN_FIELDS.reasoning),
    inputIncludesCache: uncached === undefined ? convention(span, provider) : false,
  };
}

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

function convention({ attributes, source }: Span, provider: string | undefined): boolean | undefined {
  const begins = (scopes: readonly string[]) => scopes.some((scope) => source.scope.startsWith(scope));
  // OpenInference's attributes are whole numbers of everything, Envoy's too.
  if (attributes.has(SINGLE_ATTRIBUTES.openInferenceKind) || begins(INCLUSIVE_SCOPES)) return true;
  const isOpenlit = textIn(attributes, SINGLE_ATTRIBUTES.sdkName) === "openlit";
  if (!isOpenlit && !begins(PASSING_SCOPES)) return undefined;
  const name = provider === undefined ? undefined : canonicalProvider(provider);
  if (name === "anthropic") return false;
  return name === "openai" || name === "azure" ? true : undefined;
}
