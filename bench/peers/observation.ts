/**
 * What a hand-written exporter reads from one JSON event: labels, and the values derived from it. Both metric peers
 * share it, so that they differ only in the library that keeps the numbers.
 * It checks as much as such code usually does: types, finite numbers, nothing below zero.
 */
import type { CostResult } from "../../src/event/price.ts";

/** Labels that every family carries. */
export type Labels = { provider: string; model: string; pool: string };

/** Disjoint counts: a plain sum is the true total. */
export type Tokens = {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
};

/** One ended request. `undefined` means that the event did not say. */
export type Observation = {
  labels: Labels;
  status: string;
  stream: "true" | "false";
  errorType: string | undefined;
  timestampSeconds: number;
  durationSeconds: number | undefined;
  timeToFirstTokenSeconds: number | undefined;
  timePerOutputTokenSeconds: number | undefined;
  tokens: Tokens | undefined;
  costUsd: number | undefined;
  costResult: CostResult | undefined;
  cacheHit: boolean | undefined;
  toolUses: number | undefined;
  toolResults: number | undefined;
  toolCalls: number | undefined;
  messages: number | undefined;
  requestBytes: number | undefined;
  responseBytes: number | undefined;
  batchId: string | undefined;
  batchSize: number | undefined;
  retry: boolean;
  rotated: boolean;
};

export type JsonObject = Record<string, unknown>;

/** Throws a TypeError that names the first field of a wrong type. */
export function observationOf(event: JsonObject): Observation {
  const durationMillis = amount(event.duration_ms, "duration_ms");
  const firstTokenMillis = amount(event.time_to_first_token_ms, "time_to_first_token_ms");
  const status = text(event.status, "status") ?? (event.error_type === undefined ? "success" : "error");
  const tokens = tokensOf(event);
  const costUsd = amount(event.cost_usd, "cost_usd");
  const timestamp = text(event.timestamp, "timestamp");
  return {
    labels: labelsOf(event),
    status,
    stream: (flag(event.stream, "stream") ?? firstTokenMillis !== undefined) ? "true" : "false",
    errorType: status === "success" ? undefined : (text(event.error_type, "error_type") ?? "other"),
    timestampSeconds: (timestamp === undefined ? Date.now() : Date.parse(timestamp)) / 1e3,
    durationSeconds: seconds(durationMillis),
    timeToFirstTokenSeconds: seconds(firstTokenMillis),
    timePerOutputTokenSeconds:
      status === "success" ? timePerOutputToken(durationMillis, firstTokenMillis, tokens) : undefined,
    tokens,
    costUsd,
    costResult: costUsd !== undefined ? "reported" : tokens !== undefined ? "unpriced" : undefined,
    cacheHit: flag(event.cache_hit, "cache_hit"),
    toolUses: amount(event.tool_use_count, "tool_use_count"),
    toolResults: amount(event.tool_result_count, "tool_result_count"),
    toolCalls: amount(event.tool_call_count, "tool_call_count"),
    messages: amount(event.message_count, "message_count"),
    requestBytes: amount(event.request_size, "request_size"),
    responseBytes: amount(event.response_size, "response_size"),
    batchId: text(event.batch_id, "batch_id"),
    batchSize: amount(event.batch_size, "batch_size"),
    retry: (amount(event.attempt, "attempt") ?? 1) > 1,
    rotated: flag(event.rotation, "rotation") === true,
  };
}

export function labelsOf(event: JsonObject): Labels {
  return {
    provider: text(event.provider, "provider") ?? "unknown",
    model: text(event.model, "model") ?? "unknown",
    pool: text(event.pool, "pool") ?? "default",
  };
}

/** The sum of all parts. */
export function totalTokens(tokens: Tokens): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite + tokens.output + tokens.reasoning;
}

function tokensOf(event: JsonObject): Tokens | undefined {
  const input = amount(event.input_tokens, "input_tokens");
  const output = amount(event.output_tokens, "output_tokens");
  if (input === undefined && output === undefined) return undefined;
  const cacheRead = amount(event.cache_read_tokens, "cache_read_tokens") ?? 0;
  const cacheWrite = amount(event.cache_creation_tokens, "cache_creation_tokens") ?? 0;
  const reasoning = amount(event.reasoning_tokens, "reasoning_tokens") ?? 0;
  const cached =
    flag(event.input_includes_cache, "input_includes_cache") === false ? 0 : cacheRead + cacheWrite;
  return {
    input: Math.max(0, (input ?? 0) - cached),
    cacheRead,
    cacheWrite,
    output: Math.max(0, (output ?? 0) - reasoning),
    reasoning,
  };
}

function timePerOutputToken(
  durationMillis: number | undefined,
  firstTokenMillis: number | undefined,
  tokens: Tokens | undefined,
): number | undefined {
  if (durationMillis === undefined || firstTokenMillis === undefined || tokens === undefined)
    return undefined;
  const outputTokens = tokens.output + tokens.reasoning;
  return outputTokens > 1 ? (durationMillis - firstTokenMillis) / 1e3 / (outputTokens - 1) : undefined;
}

function seconds(millis: number | undefined): number | undefined {
  return millis === undefined ? undefined : millis / 1e3;
}

function text(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new TypeError(`${name}: expected a string`);
}

function flag(value: unknown, name: string): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw new TypeError(`${name}: expected true or false`);
}

function amount(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw new TypeError(`${name}: expected a number >= 0`);
}
