/** Tokens of a pretended request, as its provider would report them, and what they cost. */
import type { DemoEvent } from "./demo-event.ts";
import type { DemoModel } from "./models.ts";
import type { DemoPool } from "./pools.ts";
import { chance, logNormal, type Random } from "./random.ts";

/** What goes in and what would come out if nothing went wrong. Parts are disjoint. */
export type Tokens = {
  readonly fresh: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that is kept for an hour. */
  readonly cacheWrite1h: number;
  readonly answer: number;
  readonly reasoning: number;
};

const PROMPT_TOKENS_MAX = 180_000;
const ANSWER_TOKENS_MAX = 12_000;
/** Providers cache nothing shorter. */
const CACHED_TOKENS_MIN = 1_024;

export function drawTokens(random: Random, pool: DemoPool, model: DemoModel): Tokens {
  const prompt = Math.min(PROMPT_TOKENS_MAX, Math.ceil(logNormal(random, pool.prompt)));
  const answer = Math.min(ANSWER_TOKENS_MAX, Math.ceil(logNormal(random, pool.answer)));
  const reasoningFactor = logNormal(random, { median: model.reasoning ?? 0, sigma: 0.6 });
  const cached = Math.floor(prompt * pool.promptCache.part);
  const hit = chance(random, pool.promptCache.hits);
  const writes = chance(random, 0.4);
  const forAnHour = chance(random, 0.25);
  if (model.embeddings) {
    const short = Math.ceil(prompt / 4);
    return { fresh: short, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, answer: 0, reasoning: 0 };
  }
  const cacheable = model.cache !== undefined && cached >= CACHED_TOKENS_MIN;
  const cacheRead = cacheable && hit ? cached : 0;
  // Only providers that count beside the input charge for writing; what was not found is what is written.
  const cacheWrite = cacheable && !hit && writes && model.cache === "beside input" ? cached : 0;
  return {
    fresh: prompt - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite,
    cacheWrite1h: forAnHour ? cacheWrite : 0,
    answer,
    reasoning: Math.min(ANSWER_TOKENS_MAX, Math.floor(answer * reasoningFactor)),
  };
}

/** All tokens that the prompt has, wherever they come from. */
export function promptTokens(tokens: Tokens): number {
  return tokens.fresh + tokens.cacheRead + tokens.cacheWrite;
}

type UsageFields = Pick<
  DemoEvent,
  | "input_tokens"
  | "output_tokens"
  | "cache_read_tokens"
  | "cache_creation_tokens"
  | "cache_write_1h_tokens"
  | "reasoning_tokens"
  | "input_includes_cache"
  | "cost_usd"
>;

/** The usage of a request of which `done` (0 to 1) of the answer has been made; reasoning comes first. */
export function reportedUsage(tokens: Tokens, model: DemoModel, done: number): UsageFields {
  const made = Math.floor((tokens.answer + tokens.reasoning) * done);
  const reasoning = Math.min(made, tokens.reasoning);
  const touchesCache = tokens.cacheRead + tokens.cacheWrite > 0;
  return {
    input_tokens: model.cache === "inside input" ? promptTokens(tokens) : tokens.fresh,
    output_tokens: model.embeddings ? undefined : made,
    cache_read_tokens: tokens.cacheRead > 0 ? tokens.cacheRead : undefined,
    cache_creation_tokens: tokens.cacheWrite > 0 ? tokens.cacheWrite : undefined,
    cache_write_1h_tokens: tokens.cacheWrite1h > 0 ? tokens.cacheWrite1h : undefined,
    reasoning_tokens: model.reasoning === undefined ? undefined : reasoning,
    input_includes_cache: touchesCache && model.saysCache ? model.cache === "inside input" : undefined,
    cost_usd: costUsd(tokens, model, made),
  };
}

/** A lifetime of an hour costs 1.6 times what five minutes cost, as Anthropic charges it. */
const HOUR_FACTOR = 1.6;

function costUsd(tokens: Tokens, { price }: DemoModel, outputTokens: number): number | undefined {
  if (price === undefined) return undefined;
  const cacheWrite = tokens.cacheWrite + (HOUR_FACTOR - 1) * tokens.cacheWrite1h;
  const millionfold =
    tokens.fresh * price.input +
    tokens.cacheRead * price.cacheRead +
    cacheWrite * price.cacheWrite +
    outputTokens * price.output;
  return Math.round(millionfold * 1e3) / 1e9;
}
