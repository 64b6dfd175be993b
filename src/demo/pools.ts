/** The pools of the demo's company: what each is asked, how often, by whom, and which models answer. */
import { type DemoModel, MODELS } from "./models.ts";

export type Route = { readonly model: DemoModel; readonly weight: number };

/** Median and spread of a log-normal number of tokens. */
export type TokenSpread = { readonly median: number; readonly sigma: number };

export type DemoPool = {
  readonly name: string;
  /** Share of the arrivals. */
  readonly weight: number;
  readonly routes: readonly Route[];
  readonly teams: readonly string[];
  /** Prompt tokens, cached ones included. */
  readonly prompt: TokenSpread;
  /** Tokens of the answer, reasoning apart. */
  readonly answer: TokenSpread;
  /** How many of the requests are streamed. */
  readonly streamed: number;
  /** How many prompts begin with something that the provider has cached, and how much of the prompt that is. */
  readonly promptCache: { readonly hits: number; readonly part: number };
  /** How many requests the application's own response cache answers; `undefined` if it has none. */
  readonly responseCacheHits?: number;
  /** Most messages in a conversation. */
  readonly messagesMax: number;
  /** How many requests offer tools. */
  readonly tools: number;
  /** The client gives up after it. */
  readonly timeoutMillis: number;
  /** Requests of one batch, and how much longer than a direct call one of them waits. */
  readonly batch?: { readonly sizeMin: number; readonly sizeMax: number; readonly wait: number };
};

export const POOLS: readonly DemoPool[] = [
  {
    name: "chat-fast",
    weight: 38,
    routes: [
      { model: MODELS.gpt4oMini, weight: 5 },
      { model: MODELS.haiku, weight: 3 },
      { model: MODELS.geminiFlash, weight: 4 },
      { model: MODELS.mistralSmall, weight: 2 },
      { model: MODELS.llama, weight: 1.5 },
      { model: MODELS.supportTuned, weight: 2 },
    ],
    teams: ["support", "growth", "mobile"],
    prompt: { median: 750, sigma: 0.9 },
    answer: { median: 140, sigma: 0.7 },
    streamed: 0.85,
    promptCache: { hits: 0.25, part: 0.6 },
    responseCacheHits: 0.12,
    messagesMax: 12,
    tools: 0.05,
    timeoutMillis: 20_000,
  },
  {
    name: "chat-premium",
    weight: 22,
    routes: [
      { model: MODELS.sonnet, weight: 5 },
      { model: MODELS.gpt5, weight: 4 },
      { model: MODELS.geminiPro, weight: 2 },
      { model: MODELS.bedrockSonnet, weight: 1 },
      { model: MODELS.opus, weight: 0.3 },
    ],
    teams: ["support", "sales", "legal"],
    prompt: { median: 1_900, sigma: 1 },
    answer: { median: 340, sigma: 0.8 },
    streamed: 0.95,
    promptCache: { hits: 0.5, part: 0.7 },
    messagesMax: 30,
    tools: 0.15,
    timeoutMillis: 60_000,
  },
  {
    name: "rag",
    weight: 22,
    routes: [
      { model: MODELS.embedding3Small, weight: 6 },
      { model: MODELS.gpt5Mini, weight: 3 },
      { model: MODELS.geminiFlash, weight: 3 },
      { model: MODELS.mistralLarge, weight: 2 },
      { model: MODELS.novaLite, weight: 2 },
      { model: MODELS.supportTuned, weight: 1 },
    ],
    teams: ["search", "docs"],
    prompt: { median: 4_800, sigma: 0.6 },
    answer: { median: 210, sigma: 0.6 },
    streamed: 0.6,
    promptCache: { hits: 0.3, part: 0.35 },
    responseCacheHits: 0.2,
    messagesMax: 3,
    tools: 0,
    timeoutMillis: 30_000,
  },
  {
    name: "agents",
    weight: 11,
    routes: [
      { model: MODELS.sonnet, weight: 5 },
      { model: MODELS.gpt5, weight: 3 },
      { model: MODELS.deepseekChat, weight: 2 },
      { model: MODELS.qwenRouted, weight: 1 },
    ],
    teams: ["platform", "data-science"],
    prompt: { median: 13_000, sigma: 0.8 },
    answer: { median: 420, sigma: 0.9 },
    streamed: 0.7,
    promptCache: { hits: 0.85, part: 0.85 },
    messagesMax: 80,
    tools: 0.9,
    timeoutMillis: 120_000,
  },
  {
    name: "batch-nightly",
    weight: 7,
    routes: [
      { model: MODELS.gpt5Mini, weight: 3 },
      { model: MODELS.haiku, weight: 2 },
      { model: MODELS.novaLite, weight: 2 },
      { model: MODELS.qwenRouted, weight: 1 },
      { model: MODELS.deepseekReasoner, weight: 1 },
    ],
    teams: ["data-science", "finance"],
    prompt: { median: 2_600, sigma: 0.5 },
    answer: { median: 620, sigma: 0.5 },
    streamed: 0,
    promptCache: { hits: 0.4, part: 0.5 },
    messagesMax: 2,
    tools: 0,
    timeoutMillis: 300_000,
    batch: { sizeMin: 8, sizeMax: 32, wait: 4 },
  },
];
