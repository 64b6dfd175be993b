/**
 * Every metric family that request events drive. Each carries the base labels and, if the operator configured
 * them, the extra labels; `labels` names only what comes on top of those.
 * Names follow https://prometheus.io/docs/practices/naming/ and do not change without a major version.
 */
import type { FamilyDeclaration } from "./family.ts";

/** Labels of every request family: who served, which model served, which pool chose it. */
export const BASE_LABELS = ["provider", "model", "pool"] as const;

/** Values of `token_type`. Disjoint, so that a plain `sum()` is the true total. */
export const TOKEN_TYPES = ["input", "cache_read", "cache_write", "output", "reasoning"] as const;

/** Values of `kind` in the family of tool calls. */
export const TOOL_KINDS = ["use", "result", "call"] as const;

/** Values of `result` in the family of response-cache look-ups. */
export const RESPONSE_CACHE_RESULTS = ["hit", "miss"] as const;

export const FAMILIES = {
  requests: {
    name: "llm_requests_total",
    type: "counter",
    labels: ["status", "stream"],
    help: "Requests that ended. Every attempt is a request; client requests are this less the retries.",
  },
  errors: {
    name: "llm_errors_total",
    type: "counter",
    labels: ["error_type"],
    help: "Requests that ended with status error or cancelled, by kind of failure.",
  },
  retries: {
    name: "llm_retries_total",
    type: "counter",
    labels: [],
    help: "Requests that were a second or later attempt at the same client request.",
  },
  rotations: {
    name: "llm_rotations_total",
    type: "counter",
    labels: [],
    help: "Requests for which the pool moved to another model or provider.",
  },
  usageMissing: {
    name: "llm_usage_missing_total",
    type: "counter",
    labels: [],
    help: "Successful requests, not served from a response cache, for which no token count was reported.",
  },
  inFlight: {
    name: "llm_requests_in_flight",
    type: "gauge",
    labels: [],
    help: "Requests that were reported as started and neither ended nor expired.",
  },
  lastRequest: {
    name: "llm_last_request_timestamp_seconds",
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "Completion time of the latest request, in seconds since the epoch.",
  },
  duration: {
    name: "llm_request_duration_seconds",
    type: "histogram",
    unit: "seconds",
    labels: [],
    help: "Time from sending a request to its completion, for every request that reported it, whatever its status.",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200],
  },
  timeToFirstToken: {
    name: "llm_time_to_first_token_seconds",
    type: "histogram",
    unit: "seconds",
    labels: [],
    help: "Time from sending a streaming request to its first token.",
    buckets: [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 60, 120],
  },
  timePerOutputToken: {
    name: "llm_time_per_output_token_seconds",
    type: "histogram",
    unit: "seconds",
    labels: [],
    help: "Mean time between output tokens of a successful streaming request, (duration - time to first token) / (output tokens - 1).",
    buckets: [0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2.5],
  },
  tokens: {
    name: "llm_tokens_total",
    type: "counter",
    labels: ["token_type"],
    help: "Tokens by disjoint type: input excludes cached input, output excludes reasoning.",
  },
  cost: {
    name: "llm_cost_usd_total",
    type: "counter",
    unit: "usd",
    labels: [],
    help: "Known cost in US dollars, exact. Of a partial cost the known part; requests of unknown cost add nothing here.",
  },
  costLookups: {
    name: "llm_cost_lookups_total",
    type: "counter",
    labels: ["result"],
    help: "Requests with usage or a reported cost, by how their cost was found.",
  },
  unpricedTokens: {
    name: "llm_unpriced_tokens_total",
    type: "counter",
    labels: [],
    help: "Tokens without a price: all of an unpriced request, of a partial one those for which there is no rate.",
  },
  cacheSavings: {
    name: "llm_cache_savings_usd_total",
    type: "counter",
    unit: "usd",
    labels: [],
    help: "US dollars that reading from the prompt cache saved against the rate of uncached input.",
  },
  cacheSurcharge: {
    name: "llm_cache_surcharge_usd_total",
    type: "counter",
    unit: "usd",
    labels: [],
    help: "US dollars that writing to the prompt cache cost on top of the rate of uncached input.",
  },
  comparedReportedCost: {
    name: "llm_compared_reported_cost_usd_total",
    type: "counter",
    unit: "usd",
    labels: [],
    help: "US dollars that senders reported for requests that the price book prices as well.",
  },
  comparedBookCost: {
    name: "llm_compared_book_cost_usd_total",
    type: "counter",
    unit: "usd",
    labels: [],
    help: "US dollars for the same requests by the price book: far from what is reported, a sender or the book is wrong.",
  },
  responseCache: {
    name: "llm_response_cache_total",
    type: "counter",
    labels: ["result"],
    help: "Look-ups in the application's own response cache, by result.",
  },
  toolCalls: {
    name: "llm_tool_calls_total",
    type: "counter",
    labels: ["kind"],
    help: "Tool blocks: uses and results found in requests, calls made by the model.",
  },
  messages: {
    name: "llm_messages_total",
    type: "counter",
    labels: [],
    help: "Messages sent in requests.",
  },
  requestBytes: {
    name: "llm_request_bytes_total",
    type: "counter",
    unit: "bytes",
    labels: [],
    help: "Bytes of request bodies.",
  },
  responseBytes: {
    name: "llm_response_bytes_total",
    type: "counter",
    unit: "bytes",
    labels: [],
    help: "Bytes of response bodies.",
  },
  batches: {
    name: "llm_batches_total",
    type: "counter",
    labels: [],
    help: "Distinct batches with at least one request in this label set.",
  },
  batchedRequests: {
    name: "llm_batched_requests_total",
    type: "counter",
    labels: [],
    help: "Requests that were part of a batch.",
  },
} as const satisfies Record<string, FamilyDeclaration>;

export type FamilyKey = keyof typeof FAMILIES;

/** Keys of the families that are histograms, in the order in which a cell holds them. */
export const HISTOGRAM_KEYS = ["duration", "timeToFirstToken", "timePerOutputToken"] as const;
export type HistogramKey = (typeof HISTOGRAM_KEYS)[number];
