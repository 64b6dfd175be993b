/**
 * Payloads as their senders write them, and what each must become: `samples/` and `expected.json`, in words of the
 * contracts (`null`: unknown). What this exporter says otherwise on purpose is listed here and nowhere else.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ErrorType, errorTypeOf, type Status } from "../../src/event/outcome.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";

export type ExpectedEvent = {
  readonly provider: string;
  readonly request_model: string;
  readonly response_model: string | null;
  readonly operation: string;
  readonly stream: boolean | null;
  readonly outcome: string;
  readonly error_type: string | null;
  readonly http_status: number | null;
  readonly duration_s: number | null;
  readonly ttft_s: number | null;
  /** Cached tokens included. */
  readonly input_tokens: number | null;
  /** Reasoning included. */
  readonly output_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly cost_usd: number | null;
  readonly response_cache_hit: boolean | null;
};

export type Expected = { readonly events: readonly ExpectedEvent[]; readonly ignored_records: number };

export function sampleText(name: string): string {
  return readFileSync(join(import.meta.dirname, "samples", name), "utf8");
}

export function expectedOf(name: string): Expected {
  const all = JSON.parse(readFileSync(join(import.meta.dirname, "expected.json"), "utf8"));
  return all[name] as Expected;
}

/** An event in the words of the contracts. A count of zero is unknown where nobody can tell the two apart. */
export function inContractWords(event: RequestEvent) {
  const { usage } = event;
  return {
    provider: event.provider,
    request_model: event.requestedModel ?? event.model,
    response_model: event.model,
    operation: event.operation,
    stream: event.stream,
    outcome: event.status,
    error_type: event.errorType ?? null,
    http_status: event.httpStatus ?? null,
    duration_s: event.durationNanos === undefined ? null : event.durationNanos / 1e9,
    ttft_s: event.timeToFirstTokenNanos === undefined ? null : event.timeToFirstTokenNanos / 1e9,
    input_tokens: usage === undefined ? null : usage.input + usage.cacheRead + usage.cacheWrite,
    output_tokens: usage === undefined ? null : usage.output + usage.reasoning,
    cache_read_tokens: usage?.cacheRead ?? 0,
    cache_write_tokens: usage?.cacheWrite ?? 0,
    reasoning_tokens: usage?.reasoning ?? 0,
    cost_usd:
      event.reportedCost === undefined
        ? null
        : event.reportedCost.microUsd / 1e6 + event.reportedCost.picoUsd / 1e12,
    response_cache_hit: event.cacheHit ?? null,
  };
}

export type ContractWords = ReturnType<typeof inContractWords>;

/** What is expected, in the same form: names of errors in our vocabulary, unknown streaming as none. */
export function wanted(expected: ExpectedEvent): ContractWords {
  return {
    ...expected,
    outcome: expected.outcome as Status,
    response_model: expected.response_model ?? expected.request_model,
    stream: expected.stream ?? false,
    error_type: errorOf(expected),
    cache_read_tokens: expected.cache_read_tokens ?? 0,
    cache_write_tokens: expected.cache_write_tokens ?? 0,
    reasoning_tokens: expected.reasoning_tokens ?? 0,
  };
}

/** A status says more than a name that nobody knows. */
function errorOf({ outcome, error_type: name, http_status: status }: ExpectedEvent): ErrorType | null {
  if (outcome === "success") return null;
  if (outcome === "cancelled") return "cancelled";
  const named = name === null ? "other" : errorTypeOf(name);
  return named === "other" && status !== null ? errorTypeOf(String(status)) : named;
}
