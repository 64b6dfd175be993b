/** Traffic that fills every family of the exporter, the same in each run; expected-figures.ts adds it up. */
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { ERROR_TYPES } from "../../src/event/outcome.ts";
import { exchange, NDJSON_TYPE } from "../http/exchange.ts";

/** Low enough to be reached: what is folded, forgotten or dropped because of a limit is counted as well. */
export const CONFIG = {
  budgets: [
    { name: "all", limit_usd: "1000", period: "month" },
    { name: "hourly", limit_usd: "50", period: "hour" },
    { name: "chat", limit_usd: "0.001", period: "day", pool: "chat" },
  ],
  limits: {
    active_requests: 6,
    dedupe_ids: 60,
    label_bytes: 64,
    priced_models: 20,
    unpriced_models: 5,
    values_per_label: 30,
  },
  observability: { statistics: { connector: "log", flush_interval: "1s" } },
  prices: { files: ["prices.json"], watch_interval: "1h" },
};

type Rates = {
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write?: number;
  readonly output: number;
};

/** By provider, US dollars for a million tokens. */
export const RATES: Readonly<Record<string, Rates>> = {
  openai: { input: 2.5, cache_read: 1.25, output: 10 },
  anthropic: { input: 3, cache_read: 0.3, cache_write: 3.75, output: 15 },
};

export function priceFile(version: string): string {
  const prices = [
    { provider: "openai", model: "gpt-*", ...textual(RATES.openai!) },
    { provider: "anthropic", model: "claude-*", ...textual(RATES.anthropic!) },
  ];
  return JSON.stringify({ version, prices });
}

function textual(rates: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(rates).map(([part, rate]) => [part, String(rate)]));
}

/** Label sets of ordinary traffic. The last name has what regular expressions and URLs mind. */
export const LABEL_SETS = [
  { provider: "openai", model: "gpt-4o", pool: "chat" },
  { provider: "openai", model: "gpt-4o-mini", pool: "batch" },
  { provider: "anthropic", model: "claude-sonnet-4-5", pool: "chat" },
  { provider: "vllm", model: "acme/llama's 70b (q4) & {\\d+}", pool: "agents" },
] as const;

/** Makes each label set known at zero, so that nothing of what follows is hidden from `increase()`. */
export async function sendStarts(exporter: string): Promise<void> {
  await post(
    exporter,
    LABEL_SETS.map((labels, index) => ({ ...labels, id: `start-${index}`, phase: "start" })),
  );
}

/**
 * Requests `from` to `until` of each label set, which it returns: of every kind from 16 on, of every kind of failure
 * from 120 on. Families that begin with their first value need two rounds, with a scrape between them, to have grown.
 */
export async function sendRequests(
  exporter: string,
  { from, until }: { readonly from: number; readonly until: number },
): Promise<ScriptedRequest[]> {
  const sent = LABEL_SETS.map((labels) =>
    Array.from({ length: until - from }, (_, index) => requestOf(labels, from + index)),
  );
  for (const requests of sent) await post(exporter, requests);
  return sent.flat();
}

type Labels = (typeof LABEL_SETS)[number];

export type ScriptedRequest = Labels & {
  readonly status: string;
  readonly error_type?: string;
  readonly duration_ms: number;
  readonly input_tokens?: number;
  readonly input_includes_cache?: boolean;
  readonly cache_read_tokens?: number;
  readonly cache_creation_tokens?: number;
  readonly output_tokens?: number;
  readonly reasoning_tokens?: number;
  readonly cost_usd?: number;
  readonly attempt?: number;
  readonly rotation?: string;
  readonly batch_id?: string;
  readonly cache_hit?: boolean;
  readonly tool_use_count: number;
};

function requestOf(labels: Labels, index: number): ScriptedRequest & Readonly<Record<string, unknown>> {
  const failed = index % 8 === 7;
  const errorType = failed ? ERROR_TYPES[Math.floor(index / 8) % ERROR_TYPES.length]! : undefined;
  const stream = index % 2 === 0;
  const cacheHit = index % 12 === 6 ? true : index % 12 === 0 ? false : undefined;
  return {
    ...labels,
    id: `${labels.model}-${index}`,
    status: failed ? (errorType === "cancelled" ? "cancelled" : "error") : "success",
    ...(errorType === undefined ? {} : { error_type: errorType }),
    stream,
    duration_ms: 300 + 20 * index,
    ...(stream && !failed ? { time_to_first_token_ms: 100 + 5 * index } : {}),
    // One answer in fifteen says nothing of its usage.
    ...(failed || index % 15 === 2 ? {} : usageOf(labels.provider, index)),
    // Twice what the price book says.
    ...(index % 10 === 5 ? { cost_usd: 0.02 } : {}),
    ...(index % 10 === 3 ? { attempt: 2 } : {}),
    ...(index % 7 === 4 ? { rotation: "rate_limit" } : {}),
    ...(labels.pool === "batch" ? { batch_id: `batch-${Math.floor(index / 10)}`, batch_size: 10 } : {}),
    ...(cacheHit === undefined ? {} : { cache_hit: cacheHit }),
    tool_use_count: index % 3,
    tool_result_count: index % 3,
    tool_call_count: index % 2,
    message_count: 1 + (index % 5),
    request_size: 2_000,
    response_size: 3_000,
    team: `team-${index % 40}`,
    trace_id: index.toString(16).padStart(32, "a"),
    span_id: index.toString(16).padStart(16, "b"),
  };
}

function usageOf(provider: string, index: number) {
  return {
    input_tokens: 1_000,
    cache_read_tokens: 400,
    ...(provider === "anthropic" ? { cache_creation_tokens: 200, input_includes_cache: false } : {}),
    output_tokens: 100 + index,
    reasoning_tokens: 20,
  };
}

/** What is refused, folded, altered, repeated or too late, and requests that nobody hears of again. */
export async function sendOddities(exporter: string): Promise<void> {
  const common = { provider: "odd", pool: "odd", input_tokens: 5, output_tokens: 5 };
  const monthMillis = 31 * 86_400e3;
  await post(exporter, [
    ...Array.from({ length: 40 }, (_, index) => ({ ...common, model: `odd-${index}`, team: `odd-${index}` })),
    { ...common, model: "altered\u0007", unheard_of: 1 },
    { ...common, model: "inferred", cache_read_tokens: 3 },
    { ...common, model: "late", timestamp: new Date(Date.now() - monthMillis).toISOString() },
    { ...common, model: "twice", id: "twice" },
    { ...common, model: "twice", id: "twice" },
    ...Array.from({ length: 3 }, (_, index) => ({
      ...common,
      model: "open",
      id: `open-${index}`,
      phase: "start",
    })),
  ]);
  const rejected = [{ model: 1 }, { model: "a", input_tokens: -1 }, { model: "a", timestamp: "yesterday" }];
  const { status } = await exchange({ url: exporter }, "/v1/events", ndjson(rejected));
  expect(status).toBe(422);
  const broken = { method: "POST", headers: { "content-type": "application/json" }, body: "{" };
  expect((await exchange({ url: exporter }, "/v1/events", broken)).status).toBe(400);
  await unreadableRequest(exporter);
}

/** A request under way, for as long as it is followed. */
export async function sendOpen(exporter: string): Promise<void> {
  await post(
    exporter,
    LABEL_SETS.map((labels, index) => ({ ...labels, id: `open-${index}-${Date.now()}`, phase: "start" })),
  );
}

/** A price book of another version, a configuration that is refused, and the good one again. */
export async function reloadAll(exporter: string, folder: string): Promise<void> {
  const file = join(folder, "llm-exporter.yml");
  writeFileSync(join(folder, "prices.json"), priceFile("2"));
  const reload = () => exchange({ url: exporter }, "/-/reload", { method: "POST" });
  expect((await reload()).status).toBe(200);
  writeFileSync(file, "limits: 1");
  expect((await reload()).status).toBe(500);
  writeFileSync(file, JSON.stringify(CONFIG));
  expect((await reload()).status).toBe(200);
}

async function post(exporter: string, events: readonly object[]): Promise<void> {
  const { status, text } = await exchange({ url: exporter }, "/v1/events", ndjson(events));
  expect(status, text).toBe(200);
  expect(JSON.parse(text), text).toMatchObject({ rejected: 0 });
}

function ndjson(events: readonly object[]) {
  return {
    method: "POST",
    headers: NDJSON_TYPE,
    body: events.map((event) => JSON.stringify(event)).join("\n"),
  };
}

/** Something that is not HTTP, until the exporter closes the connection. */
function unreadableRequest(exporter: string): Promise<void> {
  const { hostname, port } = new URL(exporter);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write("\0\0\0\r\n\r\n"));
    socket
      .once("close", () => resolve())
      .once("error", reject)
      .resume();
  });
}
