/**
 * The models that the demo pretends to call. Speeds are of the order that the providers show; prices are those of
 * late 2025 and only fill the `cost_usd` that these senders report. The exporter's own prices do not come from here.
 */

/** US dollars for a million tokens. */
export type ModelPrice = {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
};

export type DemoModel = {
  readonly provider: string;
  readonly model: string;
  /** Median time to the first token of a short prompt. */
  readonly firstTokenMillis: number;
  /** Median time for each further token. */
  readonly tokenMillis: number;
  /** Where the provider counts cached tokens; `undefined` if it has no prompt cache. */
  readonly cache?: "inside input" | "beside input";
  /** Whether the sender says so in `input_includes_cache`, or leaves it to the exporter. */
  readonly saysCache?: boolean;
  /** Tokens of reasoning for each token of the answer, on average. */
  readonly reasoning?: number;
  /** Absent: the sender reports no cost. */
  readonly price?: ModelPrice;
  /** Embeddings have no output, no stream and no cache. */
  readonly embeddings?: boolean;
};

export const MODELS = {
  gpt5: {
    provider: "openai",
    model: "gpt-5",
    firstTokenMillis: 900,
    tokenMillis: 13,
    cache: "inside input",
    saysCache: true,
    reasoning: 0.8,
    price: { input: 1.25, cacheRead: 0.125, cacheWrite: 0, output: 10 },
  },
  gpt5Mini: {
    provider: "openai",
    model: "gpt-5-mini",
    firstTokenMillis: 520,
    tokenMillis: 8,
    cache: "inside input",
    saysCache: true,
    reasoning: 0.4,
    price: { input: 0.25, cacheRead: 0.025, cacheWrite: 0, output: 2 },
  },
  gpt4oMini: {
    provider: "openai",
    model: "gpt-4o-mini",
    firstTokenMillis: 360,
    tokenMillis: 9,
    cache: "inside input",
    saysCache: true,
    price: { input: 0.15, cacheRead: 0.075, cacheWrite: 0, output: 0.6 },
  },
  embedding3Small: {
    provider: "openai",
    model: "text-embedding-3-small",
    firstTokenMillis: 140,
    tokenMillis: 0,
    embeddings: true,
    price: { input: 0.02, cacheRead: 0, cacheWrite: 0, output: 0 },
  },
  opus: {
    provider: "anthropic",
    model: "claude-opus-4-1-20250805",
    firstTokenMillis: 1_500,
    tokenMillis: 24,
    cache: "beside input",
    saysCache: true,
    price: { input: 15, cacheRead: 1.5, cacheWrite: 18.75, output: 75 },
  },
  sonnet: {
    provider: "anthropic",
    model: "claude-sonnet-4-5-20250929",
    firstTokenMillis: 950,
    tokenMillis: 15,
    cache: "beside input",
    saysCache: true,
    price: { input: 3, cacheRead: 0.3, cacheWrite: 3.75, output: 15 },
  },
  haiku: {
    provider: "anthropic",
    model: "claude-haiku-4-5-20251001",
    firstTokenMillis: 480,
    tokenMillis: 7,
    cache: "beside input",
    saysCache: true,
    price: { input: 1, cacheRead: 0.1, cacheWrite: 1.25, output: 5 },
  },
  geminiPro: {
    provider: "gcp.gemini",
    model: "gemini-2.5-pro",
    firstTokenMillis: 1_300,
    tokenMillis: 8,
    cache: "inside input",
    reasoning: 1.1,
  },
  geminiFlash: {
    provider: "gcp.gemini",
    model: "gemini-2.5-flash",
    firstTokenMillis: 420,
    tokenMillis: 5,
    cache: "inside input",
    reasoning: 0.3,
  },
  bedrockSonnet: {
    provider: "aws.bedrock",
    model: "anthropic.claude-sonnet-4-5-20250929-v1:0",
    firstTokenMillis: 1_150,
    tokenMillis: 17,
    cache: "beside input",
  },
  novaLite: {
    provider: "aws.bedrock",
    model: "amazon.nova-lite-v1:0",
    firstTokenMillis: 380,
    tokenMillis: 7,
    cache: "beside input",
  },
  mistralLarge: {
    provider: "mistral_ai",
    model: "mistral-large-latest",
    firstTokenMillis: 620,
    tokenMillis: 14,
    price: { input: 2, cacheRead: 0, cacheWrite: 0, output: 6 },
  },
  mistralSmall: {
    provider: "mistral_ai",
    model: "mistral-small-latest",
    firstTokenMillis: 300,
    tokenMillis: 7,
    price: { input: 0.1, cacheRead: 0, cacheWrite: 0, output: 0.3 },
  },
  deepseekChat: {
    provider: "deepseek",
    model: "deepseek-chat",
    firstTokenMillis: 1_100,
    tokenMillis: 24,
    cache: "inside input",
    saysCache: true,
  },
  deepseekReasoner: {
    provider: "deepseek",
    model: "deepseek-reasoner",
    firstTokenMillis: 1_300,
    tokenMillis: 26,
    cache: "inside input",
    saysCache: true,
    reasoning: 2.5,
  },
  llama: {
    provider: "openrouter",
    model: "meta-llama/llama-3.3-70b-instruct",
    firstTokenMillis: 450,
    tokenMillis: 11,
    price: { input: 0.13, cacheRead: 0, cacheWrite: 0, output: 0.4 },
  },
  qwenRouted: {
    provider: "openrouter",
    model: "qwen/qwen3-235b-a22b",
    firstTokenMillis: 700,
    tokenMillis: 16,
    reasoning: 0.9,
    price: { input: 0.18, cacheRead: 0, cacheWrite: 0, output: 0.54 },
  },
  /** Tuned in the house and served in the house: no price book will ever know it. */
  supportTuned: {
    provider: "vllm",
    model: "acme/support-8b-ft-2025-10",
    firstTokenMillis: 110,
    tokenMillis: 11,
  },
} as const satisfies Record<string, DemoModel>;
