/** What the scripted requests add up to, reckoned from their events by the rules of docs/events.md and docs/pricing.md. */
import { CLIENT_FAULTS } from "../../prometheus/objectives.ts";
import type { TOKEN_TYPES } from "../../src/catalogue/families.ts";
import { RATES, type ScriptedRequest } from "./scripted-traffic.ts";

/** Amounts of some requests. US dollars are right for providers that the price file knows. */
export type Figures = {
  requests: number;
  successes: number;
  /** Those that failed through no fault of the caller. */
  failed: number;
  clientFaults: number;
  /** By type of error. */
  readonly errors: Map<string, number>;
  retries: number;
  rotations: number;
  readonly tokens: Record<(typeof TOKEN_TYPES)[number], number>;
  /** Successful ones that a provider answered without a word about tokens. */
  withoutUsage: number;
  /** Those of which the price was looked up; of them, those with a price. */
  lookups: number;
  priced: number;
  usd: number;
  savedUsd: number;
  surchargeUsd: number;
  /** Of the response cache. */
  hits: number;
  misses: number;
  toolUses: number;
  readonly batches: Set<string>;
  batched: number;
  readonly durationsSeconds: number[];
};

const PER_TOKEN = 1e-6;

export function figuresOf(requests: readonly ScriptedRequest[]): Figures {
  const sum: Figures = {
    ...{ requests: 0, successes: 0, failed: 0, clientFaults: 0, retries: 0, rotations: 0, withoutUsage: 0 },
    ...{
      lookups: 0,
      priced: 0,
      usd: 0,
      savedUsd: 0,
      surchargeUsd: 0,
      hits: 0,
      misses: 0,
      toolUses: 0,
      batched: 0,
    },
    tokens: { input: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 },
    errors: new Map(),
    batches: new Set(),
    durationsSeconds: [],
  };
  for (const request of requests) add(sum, request);
  return sum;
}

function add(sum: Figures, request: ScriptedRequest): void {
  const { status, error_type, attempt, rotation, cache_hit, tool_use_count, batch_id, duration_ms } = request;
  const isClientFault = (CLIENT_FAULTS as readonly (string | undefined)[]).includes(error_type);
  sum.requests += 1;
  sum.successes += status === "success" ? 1 : 0;
  sum.clientFaults += isClientFault ? 1 : 0;
  sum.failed += status === "success" || isClientFault ? 0 : 1;
  if (error_type !== undefined) sum.errors.set(error_type, (sum.errors.get(error_type) ?? 0) + 1);
  sum.retries += attempt === undefined ? 0 : 1;
  sum.rotations += rotation === undefined ? 0 : 1;
  sum.hits += cache_hit === true ? 1 : 0;
  sum.misses += cache_hit === false ? 1 : 0;
  sum.toolUses += tool_use_count;
  sum.batched += batch_id === undefined ? 0 : 1;
  if (batch_id !== undefined) sum.batches.add(batch_id);
  sum.durationsSeconds.push(duration_ms / 1e3);
  addTokens(sum, request);
  addCost(sum, request);
}

function addTokens({ tokens }: Figures, request: ScriptedRequest): void {
  for (const [type, count] of Object.entries(disjoint(request))) tokens[type as keyof typeof tokens] += count;
}

/** What the sender says goes before the price file; what the response cache answered costs nothing. */
function addCost(sum: Figures, request: ScriptedRequest): void {
  const { provider, status, cost_usd, cache_hit, input_tokens } = request;
  const isUsed = input_tokens !== undefined && cache_hit !== true;
  const rates = RATES[provider];
  sum.withoutUsage += status === "success" && input_tokens === undefined && cache_hit !== true ? 1 : 0;
  sum.lookups += isUsed || cost_usd !== undefined ? 1 : 0;
  sum.priced += (isUsed && rates !== undefined) || cost_usd !== undefined ? 1 : 0;
  sum.usd += cost_usd ?? 0;
  if (!isUsed || rates === undefined) return;
  const { input, cache_read, cache_write, output, reasoning } = disjoint(request);
  const { cache_write: writeRate = 0 } = rates;
  const byBook =
    input * rates.input +
    cache_read * rates.cache_read +
    cache_write * writeRate +
    (output + reasoning) * rates.output;
  sum.usd += cost_usd === undefined ? byBook * PER_TOKEN : 0;
  sum.savedUsd += cache_read * (rates.input - rates.cache_read) * PER_TOKEN;
  sum.surchargeUsd += cache_write === 0 ? 0 : cache_write * (writeRate - rates.input) * PER_TOKEN;
}

/** Each token once. */
function disjoint(request: ScriptedRequest): Figures["tokens"] {
  const { input_tokens = 0, cache_read_tokens = 0, cache_creation_tokens = 0 } = request;
  const { output_tokens = 0, reasoning_tokens = 0, input_includes_cache = true } = request;
  return {
    input: input_includes_cache ? input_tokens - cache_read_tokens : input_tokens,
    cache_read: cache_read_tokens,
    cache_write: cache_creation_tokens,
    output: output_tokens - reasoning_tokens,
    reasoning: reasoning_tokens,
  };
}

/** What Prometheus makes of these values in buckets: on a straight line between the bounds of the one that holds it. */
export function bucketQuantile(q: number, values: readonly number[], bounds: readonly number[]): number {
  const rank = q * values.length;
  const below = (bound: number) => values.filter((value) => value <= bound).length;
  const index = bounds.findIndex((bound) => below(bound) >= rank);
  const lower = bounds[index - 1] ?? 0;
  const upper = bounds[index]!;
  return lower + ((upper - lower) * (rank - below(lower))) / (below(upper) - below(lower));
}
