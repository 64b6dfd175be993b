/**
 * Whether a provider's input count includes the tokens that its prompt cache served or stored. The two conventions
 * cannot be told apart by the numbers alone, so an event should say; for one that does not, this table decides.
 * docs/pricing.md is printed from it.
 */
import { canonicalProvider, type ProviderName, vendorByModel } from "./provider-names.ts";

/** Cached tokens are counted `inside` the input count, or `beside` it. */
export type CacheConvention = "inside" | "beside";

/** What an inferred convention rests on; values of `basis` in the family of inferences. */
export const INFERENCE_BASES = ["provider", "default", "counts"] as const;
export type InferenceBasis = (typeof INFERENCE_BASES)[number];

export type ConventionRule = {
  readonly providers: readonly ProviderName[];
  /** Only for models whose name contains this. */
  readonly modelContains?: string;
  readonly convention: CacheConvention;
  readonly source: string;
};

/** The first rule that fits holds. */
export const CONVENTION_RULES: readonly ConventionRule[] = [
  {
    providers: ["anthropic"],
    convention: "beside",
    source: "https://docs.claude.com/en/docs/build-with-claude/prompt-caching",
  },
  {
    providers: ["aws"],
    convention: "beside",
    source: "https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html",
  },
  {
    providers: ["google", "google-vertex", "azure"],
    modelContains: "claude",
    convention: "beside",
    source: "https://docs.claude.com/en/docs/build-with-claude/prompt-caching",
  },
  {
    providers: ["openai"],
    convention: "inside",
    source: "https://platform.openai.com/docs/guides/prompt-caching",
  },
  {
    providers: ["google", "google-vertex"],
    convention: "inside",
    source: "https://ai.google.dev/gemini-api/docs/caching",
  },
  { providers: ["deepseek"], convention: "inside", source: "https://api-docs.deepseek.com/guides/kv_cache" },
  { providers: ["x-ai"], convention: "inside", source: "https://docs.x.ai/docs/models" },
  { providers: ["groq"], convention: "inside", source: "https://console.groq.com/docs/prompt-caching" },
  {
    providers: ["openrouter"],
    convention: "inside",
    source: "https://openrouter.ai/docs/features/prompt-caching",
  },
  {
    providers: ["moonshotai"],
    convention: "inside",
    source: "https://platform.moonshot.ai/docs/api/chat",
  },
];

/** Where no rule fits: OpenAI's form of usage is what most servers answer with. */
export const DEFAULT_CONVENTION: CacheConvention = "inside";

export type Inference = { readonly convention: CacheConvention; readonly basis: InferenceBasis };

/** The convention of a provider for a model, when the event does not say. */
export function conventionBy(provider: string, model: string): Inference {
  // Where no provider is named, the model may be one that only its vendor sells.
  const name = provider === "unknown" ? vendorByModel(model) : canonicalProvider(provider);
  const rule =
    name === undefined
      ? undefined
      : CONVENTION_RULES.find(
          ({ providers, modelContains }) =>
            providers.includes(name) &&
            (modelContains === undefined || model.toLowerCase().includes(modelContains)),
        );
  return rule === undefined
    ? { convention: DEFAULT_CONVENTION, basis: "default" }
    : { convention: rule.convention, basis: "provider" };
}
