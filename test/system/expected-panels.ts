/** What panels must show of the scripted requests: each query of the dashboards' parts at least once. */
import { FAMILIES } from "../../src/catalogue/families.ts";
import { bucketQuantile, type Figures } from "./expected-figures.ts";
import { CONFIG } from "./scripted-traffic.ts";

export type Circumstances = {
  /** Length of the time that is looked at; all of the figures fall into it. */
  readonly seconds: number;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Of the budget of the whole month: since when the exporter knows of it, and when it ends. */
  readonly since: number;
  readonly monthEnd: number;
  /** US dollars since then, and of pool chat alone. */
  readonly spentUsd: number;
  readonly chatUsd: number;
};

export type ExpectedPanel = {
  /** Dashboard, panel, type, and the column of a table or the letter of a query. */
  readonly query: string;
  /** What the filters leave; figures are of these requests. Provider openai unless said. */
  readonly chosen?: Readonly<Record<string, string>>;
  /** Labels of the row; those of the requests narrow down the figures as well. The only row unless said. */
  readonly row?: Readonly<Record<string, string>>;
  readonly shows: (figures: Figures, circumstances: Circumstances) => number;
};

const HOUR_SECONDS = 3_600;
const [all, , chat] = CONFIG.budgets.map(({ limit_usd }) => Number(limit_usd)) as [number, number, number];
const GPT_4O = { model: "gpt-4o" };
const CLAUDE = { provider: "anthropic" };
const MONTH = { budget: "all", period: "month" };

const p = (q: number) => (figures: Figures) =>
  bucketQuantile(q, figures.durationsSeconds, FAMILIES.duration.buckets);
const errorsOf = ({ errors }: Figures, ...types: readonly string[]) =>
  types.reduce((sum, type) => sum + (errors.get(type) ?? 0), 0);
const prompt = ({ tokens }: Figures) => tokens.input + tokens.cache_read + tokens.cache_write;
const tokensOf = (figures: Figures) => prompt(figures) + figures.tokens.output + figures.tokens.reasoning;
const errorRatio = ({ failed, successes }: Figures) => failed / (successes + failed);
const rateLimited = (figures: Figures) =>
  errorsOf(figures, "rate_limit", "quota", "overloaded") / figures.requests;
const projected = ({ spentUsd, now, since, monthEnd }: Circumstances) =>
  spentUsd + (spentUsd / (now - since)) * (monthEnd - now);
const projectedUsd = (_: Figures, circumstances: Circumstances) => projected(circumstances);

export const EXPECTED_PANELS: readonly ExpectedPanel[] = [
  // amount, spend
  { query: "llm-overview / Requests (stat) / A", shows: ({ requests }) => requests },
  { query: "llm-pools / Members (table) / Requests", row: GPT_4O, shows: ({ requests }) => requests },
  { query: "llm-overview / Providers (table) / Tokens", shows: tokensOf },
  { query: "llm-overview / Spend (stat) / A", shows: ({ usd }) => usd },
  { query: "llm-overview / Providers (table) / Cost", chosen: CLAUDE, shows: ({ usd }) => usd },
  { query: "llm-cost / Spend by model (table) / Spend", row: GPT_4O, shows: ({ usd }) => usd },
  {
    query: "llm-model / Saved by cache (stat) / A",
    chosen: CLAUDE,
    shows: ({ savedUsd, surchargeUsd }) => savedUsd - surchargeUsd,
  },
  {
    query: "llm-cost / Prompt cache by model (table) / Saved",
    chosen: CLAUDE,
    shows: ({ savedUsd }) => savedUsd,
  },
  {
    query: "llm-cost / Prompt cache by model (table) / Surcharge",
    chosen: CLAUDE,
    shows: ({ surchargeUsd }) => surchargeUsd,
  },
  {
    query: "llm-cost / Prompt cache by model (table) / Net",
    chosen: CLAUDE,
    shows: ({ savedUsd, surchargeUsd }) => savedUsd - surchargeUsd,
  },
  // perSecond, perHour
  {
    query: "llm-model / Tokens by type (timeseries) / A",
    row: { token_type: "output" },
    shows: ({ tokens }, { seconds }) => tokens.output / seconds,
  },
  {
    query: "llm-model / Tokens by type (timeseries) / A",
    row: { token_type: "reasoning" },
    shows: ({ tokens }, { seconds }) => tokens.reasoning / seconds,
  },
  {
    query: "llm-provider / Errors by type (timeseries) / A",
    row: { error_type: "timeout" },
    shows: (figures, { seconds }) => errorsOf(figures, "timeout") / seconds,
  },
  {
    query: "llm-model / Tool calls (timeseries) / A",
    row: { kind: "use" },
    shows: ({ toolUses }, { seconds }) => toolUses / seconds,
  },
  {
    query: "llm-pools / Batched requests (timeseries) / A",
    row: { pool: "batch" },
    shows: ({ batched }, { seconds }) => batched / seconds,
  },
  // The first one began before.
  {
    query: "llm-pools / Batches (timeseries) / A",
    row: { pool: "batch" },
    shows: ({ batches }, { seconds }) => (batches.size - 1) / seconds,
  },
  {
    query: "llm-cost / USD per hour (stat) / A",
    shows: ({ usd }, { seconds }) => (usd / seconds) * HOUR_SECONDS,
  },
  {
    query: "llm-overview / Cost per hour (timeseries) / A",
    shows: ({ usd }, { seconds }) => (usd / seconds) * HOUR_SECONDS,
  },
  // requestsPerSecond, retryRatio, rotationRatio
  {
    query: "llm-overview / Requests (timeseries) / A",
    shows: ({ requests }, { seconds }) => requests / seconds,
  },
  {
    query: "llm-pools / Client requests and attempts (timeseries) / B",
    shows: ({ requests, retries }, { seconds }) => (requests - retries) / seconds,
  },
  { query: "llm-pools / Retry ratio (stat) / A", shows: ({ retries, requests }) => retries / requests },
  {
    query: "llm-pools / Pools (table) / Retries",
    row: { pool: "chat" },
    shows: ({ retries, requests }) => retries / requests,
  },
  {
    query: "llm-pools / Rotation ratio (stat) / A",
    shows: ({ rotations, requests }) => rotations / requests,
  },
  {
    query: "llm-pools / Pools (table) / Rotations",
    row: { pool: "batch" },
    shows: ({ rotations, requests }) => rotations / requests,
  },
  // errorRatio, partOfRequests
  { query: "llm-overview / Error ratio (stat) / A", shows: errorRatio },
  { query: "llm-overview / Providers (table) / Errors", chosen: CLAUDE, shows: errorRatio },
  {
    query: "llm-overview / Client faults (stat) / A",
    shows: ({ clientFaults, requests }) => clientFaults / requests,
  },
  { query: "llm-provider / Rate limited (stat) / A", shows: rateLimited },
  { query: "llm-provider / Models (table) / Rate limited", row: GPT_4O, shows: rateLimited },
  // quantile, millis, countsByBucket
  { query: "llm-overview / Providers (table) / p50", shows: p(0.5) },
  { query: "llm-overview / p95 duration (stat) / A", shows: p(0.95) },
  { query: "llm-model / p99 duration (stat) / A", shows: p(0.99) },
  { query: "llm-provider / Models (table) / p95", row: GPT_4O, shows: (figures) => 1e3 * p(0.95)(figures) },
  {
    query: "llm-model / Duration (heatmap) / A",
    row: { le: "2.5" },
    shows: ({ durationsSeconds }) => durationsSeconds.filter((value) => value <= 2.5).length,
  },
  // shareOfSpend, costPerRequest, costPerThousandTokens
  { query: "llm-overview / Providers (table) / Share", shows: () => 1 },
  {
    query: "llm-overview / Providers (table) / Cost per request",
    shows: ({ usd, requests }) => usd / requests,
  },
  {
    query: "llm-cost / Cost of a request and of 1,000 tokens (table) / Per 1,000 tokens",
    row: GPT_4O,
    shows: (figures) => (1_000 * figures.usd) / tokensOf(figures),
  },
  {
    query: "llm-cost / Cost of a request and of 1,000 tokens (table) / Tokens a request",
    row: GPT_4O,
    shows: (figures) => tokensOf(figures) / figures.requests,
  },
  // cacheHitRatio, cacheNetSavings, responseCacheHitRatio
  {
    query: "llm-overview / Prompt cache hits (stat) / A",
    chosen: CLAUDE,
    shows: (figures) => figures.tokens.cache_read / prompt(figures),
  },
  {
    query: "llm-model / Prompt cache, USD per hour (timeseries) / A",
    chosen: CLAUDE,
    shows: ({ savedUsd, surchargeUsd }, { seconds }) => ((savedUsd - surchargeUsd) / seconds) * HOUR_SECONDS,
  },
  {
    query: "llm-model / Response cache hits (timeseries) / A",
    row: { pool: "chat" },
    shows: ({ hits, misses }) => hits / (hits + misses),
  },
  // unpricedRatio, usageMissingRatio, level
  { query: "llm-overview / Unpriced (stat) / A", shows: () => 0 },
  {
    query: "llm-overview / Unpriced (stat) / A",
    chosen: { provider: "vllm" },
    shows: ({ lookups, priced }) => 1 - priced / lookups,
  },
  {
    query: "llm-cost / Requests without usage (timeseries) / A",
    row: GPT_4O,
    shows: ({ withoutUsage, successes }) => withoutUsage / successes,
  },
  { query: "llm-provider / In flight (timeseries) / A", row: GPT_4O, shows: () => 1 },
  // budgetSpent, budgetLimit, budgetEnd, budgetLeft, projectedSpend
  { query: "llm-cost / Spend this month (stat) / A", shows: (_, { spentUsd }) => spentUsd },
  { query: "llm-cost / Budgets (table) / Spent", row: MONTH, shows: (_, { spentUsd }) => spentUsd },
  { query: "llm-cost / Budgets (table) / Limit", row: MONTH, shows: () => all },
  { query: "llm-cost / Budgets (table) / Left", row: MONTH, shows: (_, { spentUsd }) => all - spentUsd },
  {
    query: "llm-cost / Budgets (table) / Spent, of limit",
    row: MONTH,
    shows: (_, { spentUsd }) => spentUsd / all,
  },
  { query: "llm-cost / Budgets (table) / Projected", row: MONTH, shows: projectedUsd },
  {
    query: "llm-cost / Budgets (table) / Projected, of limit",
    row: MONTH,
    shows: (_, circumstances) => projected(circumstances) / all,
  },
  {
    query: "llm-cost / Budgets (table) / Period ends",
    row: MONTH,
    shows: (_, { monthEnd }) => 1e3 * monthEnd,
  },
  { query: "llm-cost / Month, projected (stat) / A", shows: projectedUsd },
  { query: "llm-overview / Month, projected (stat) / A", shows: projectedUsd },
  // Of the budget that has the least left.
  { query: "llm-overview / Budget left (stat) / A", shows: (_, { chatUsd }) => 1 - chatUsd / chat },
];
