/** Tokens of a span, and whether the cached ones are inside the input: producers differ, and so do versions of one. */
import { canonicalProvider } from "../../event/provider-names.ts";
import { SINGLE_ATTRIBUTES, SPAN_FIELDS } from "./attribute-names.ts";
import { textIn, tokensIn } from "./attribute-values.ts";
import { isInclusiveScope, isPassingScope } from "./instrumentation-scopes.ts";
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

/** OpenTelemetry's own names, whose input has all cached tokens in it. */
const CONVENTIONAL_INPUT = "gen_ai.usage.input_tokens";
const CONVENTIONAL_CACHE = /^gen_ai\.usage\.cache_(?:read|creation|write)\.input_tokens$/;

function convention(span: Span, provider: string | undefined): boolean | undefined {
  const { attributes, source } = span;
  // OpenInference's attributes are whole numbers of everything, Envoy's too.
  if (attributes.has(SINGLE_ATTRIBUTES.openInferenceKind) || isInclusiveScope(source.scope)) return true;
  const isOpenlit = textIn(attributes, SINGLE_ATTRIBUTES.sdkName) === "openlit";
  if (!isOpenlit && !isPassingScope(source.scope)) return isConventional(span) ? true : undefined;
  const name = provider === undefined ? undefined : canonicalProvider(provider);
  if (name === "anthropic") return false;
  return name === "openai" || name === "azure" ? true : undefined;
}

/** Whether all that was told of the input is told in OpenTelemetry's own names. */
function isConventional({ attributes }: Span): boolean {
  const usedOf = (names: readonly string[]) => names.find((name) => tokensIn(attributes, name) !== undefined);
  const cached = [usedOf(SPAN_FIELDS.cacheRead), usedOf(SPAN_FIELDS.cacheWrite)];
  return (
    usedOf(SPAN_FIELDS.input) === CONVENTIONAL_INPUT &&
    cached.every((name) => name === undefined || CONVENTIONAL_CACHE.test(name))
  );
}
