/**
 * One name for each provider, whatever a sender calls it: OpenTelemetry's `gen_ai.provider.name`, LiteLLM's
 * `custom_llm_provider`, the Vercel AI SDK's `openai.chat`. Label values stay as they were sent; this name only decides
 * about prices and conventions.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
 */

/** Spellings by canonical name, the latter a spelling by itself. Case, dots, dashes, spaces and underscores do not matter. */
const SPELLINGS = {
  openai: [
    "text-completion-openai",
    "openai.chat",
    "openai.responses",
    "openai.completion",
    "openai.embedding",
    "openai.image",
  ],
  azure: [
    "azure.ai.openai",
    "az.ai.openai",
    "azure.ai.inference",
    "az.ai.inference",
    "azure.openai",
    "azure_ai",
    "azure_text",
    "azure-openai.chat",
    "azure.chat",
    "azure.responses",
    "azure-openai.responses",
    "azure ai foundry",
    "azure.ai.foundry",
    "microsoft.foundry",
  ],
  anthropic: ["anthropic.messages", "claude", "anthropic_text"],
  aws: [
    "aws.bedrock",
    "bedrock",
    "amazon-bedrock",
    "amazon.bedrock",
    "bedrock_converse",
    "bedrock_mantle",
    "amazon",
  ],
  google: [
    "gcp.gemini",
    "gemini",
    "google.generative-ai",
    "google.generative-ai.chat",
    "google.generativeai",
    "google_genai",
    "google-gla",
    "gcp.gen_ai",
    "google-ai-studio",
    "google ai studio",
  ],
  "google-vertex": [
    "gcp.vertex_ai",
    "vertex_ai",
    "vertex_ai_beta",
    "vertex",
    "google.vertex",
    "google.vertex.chat",
    "google-vertexai",
    "google-cloud-vertex-ai",
    "gcp.vertex.agent",
    "vertex_ai-anthropic_models",
    "vertex_ai-language-models",
    "vertex_ai-embedding-models",
    "vertex_ai-mistral_models",
    "vertex_ai-deepseek_models",
    "vertex_ai-llama_models",
    "vertex_ai-ai21_models",
    "vertex_ai-qwen_models",
    "vertex_ai-openai_models",
    "vertex_ai-chat-models",
    "vertex_ai-video-models",
    "vertex_ai-minimax_models",
    "vertex_ai-moonshot_models",
    "vertex_ai-zai_models",
    "vertex_ai-xai_models",
    "google.vertex.anthropic",
    "google.vertex.anthropic.messages",
    "vertex.anthropic.messages",
  ],
  mistral: ["mistral_ai", "mistralai", "mistral.chat", "mistral.embedding"],
  "x-ai": ["x_ai", "xai", "x.ai", "xai.chat", "grok"],
  deepseek: ["deepseek.chat", "deepseek-ai"],
  groq: ["groq.chat", "groqcloud"],
  cohere: ["cohere_chat", "cohere.chat", "cohere-ai"],
  perplexity: ["perplexity_ai", "pplx"],
  openrouter: ["openrouter.ai", "openrouter.chat"],
  moonshotai: ["moonshot", "moonshot_ai", "moonshot.ai", "kimi"],
  together: ["together_ai", "togetherai", "together.ai", "togetherai.chat"],
  fireworks: ["fireworks_ai", "fireworks.ai", "fireworks.chat", "fireworks_ai-embedding-models"],
  cerebras: ["cerebras.chat", "cerebras.ai"],
  voyageai: ["voyage", "voyage.ai"],
  cloudflare: ["workers-ai", "cloudflare-workers-ai", "cloudflare workers ai"],
  novita: ["novita_ai", "novita.ai"],
  zai: ["z.ai", "z-ai"],
  zhipuai: ["zhipu", "bigmodel"],
  minimax: ["minimax_ai"],
  "github-copilot": ["github_copilot", "copilot"],
  ovhcloud: ["ovh", "ovhcloud_ai_endpoints"],
  arcee: ["arcee_ai"],
  avian: [],
  baseten: [],
  cursor: [],
  doubleword: [],
  modal: [],
  quicksilverpro: [],
  typesafe: [],
} as const satisfies Record<string, readonly string[]>;

export type ProviderName = keyof typeof SPELLINGS;

/** Canonical names by bare spelling. */
const CANONICAL: ReadonlyMap<string, ProviderName> = new Map(
  Object.entries(SPELLINGS).flatMap(([name, spellings]) =>
    [name, ...spellings].map((spelling) => [bareName(spelling), name as ProviderName]),
  ),
);

/** The canonical name; `undefined` for a provider that is not known. */
export function canonicalProvider(spelling: string): ProviderName | undefined {
  return CANONICAL.get(bareName(spelling));
}

/** Names that only one vendor's models carry. Open-weight models, which anyone may serve, are not among them. */
const VENDOR_NAMES: readonly (readonly [RegExp, ProviderName])[] = [
  [/^claude-/i, "anthropic"],
  [/^(?:gpt-(?!oss)|chatgpt-|o[134](?:-|$)|text-embedding-(?:3|ada)|ft:gpt-)/i, "openai"],
  [/^gemini-/i, "google"],
  [/^grok-/i, "x-ai"],
];

/** The vendor whose models alone have such a name; `undefined` if anyone's may. */
export function vendorByModel(model: string): ProviderName | undefined {
  return VENDOR_NAMES.find(([pattern]) => pattern.test(model))?.[1];
}

/** Every spelling that is known, by canonical name. */
export function providerSpellings(): readonly (readonly [ProviderName, readonly string[]])[] {
  return Object.entries(SPELLINGS) as [ProviderName, readonly string[]][];
}

/** A name without case, dots, dashes, spaces and underscores. */
export function bareName(spelling: string): string {
  return spelling.toLowerCase().replace(/[^a-z0-9]/g, "");
}
