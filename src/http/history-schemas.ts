/** Schemas of what is kept: the state of the store, and an event as it is given out. */
import { ERROR_TYPES, STATUSES } from "../event/outcome.ts";
import { COST_RESULTS } from "../event/price.ts";
import {
  count,
  flag,
  instant,
  type JsonSchema,
  members,
  namedBy,
  nullable,
  number,
  oneOf,
  text,
  usd,
} from "./json-schema.ts";

export const HISTORY_SCHEMA: JsonSchema = {
  title: "History",
  ...members({
    events: count(
      "Accepted events that are kept: ended requests, and on disk what was reported of them on the way.",
    ),
    bytes: count("Size of the store."),
    oldest_event: nullable(instant()),
    newest_event: nullable(instant()),
    last_commit: nullable(instant()),
    commits: count("Since the exporter started."),
    failed_commits: count("Since the exporter started."),
    waiting_events: count("Events that wait to be kept."),
    failure: nullable(text("Why the last commit failed; null: it did not.")),
    lost: nullable(text("Why the store began empty though there was one.")),
  }),
};

const PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  seq: count("Number of the record; grows with arrival."),
  id: text(),
  timestamp: instant("Completion."),
  provider: text(),
  model: text(),
  pool: text(),
  requested_model: text(),
  operation: text(),
  service_tier: text(),
  status: oneOf(STATUSES),
  error_type: oneOf(ERROR_TYPES),
  http_status: count(),
  stream: flag(),
  duration_ms: number(),
  time_to_first_token_ms: number(),
  input_tokens: count("Without cached tokens, whatever the sender's convention."),
  output_tokens: count("Reasoning included."),
  cache_read_tokens: count(),
  cache_creation_tokens: count(),
  cache_write_1h_tokens: count(),
  reasoning_tokens: count(),
  input_includes_cache: { const: false, description: "Cached tokens stand beside `input_tokens`." },
  cost_usd: usd("Absent: unknown."),
  cost_result: oneOf(COST_RESULTS, "How the cost was found."),
  team: text(),
  user: text(),
  end_user: text(),
  tags: namedBy(text()),
  tool_use_count: count(),
  tool_result_count: count(),
  tool_call_count: count(),
  message_count: count(),
  request_size: count(),
  response_size: count(),
  cache_hit: flag(),
  batch_id: text(),
  batch_size: count(),
  rotation: { const: true },
  attempt: count(),
  trace_id: text(),
  span_id: text(),
};
const ALWAYS = ["seq", "timestamp", "provider", "model", "pool", "operation", "status", "stream", "attempt"];

/** A kept request in the names of an event; what nobody reported is absent. */
export const KEPT_EVENT_SCHEMA: JsonSchema = {
  title: "KeptEvent",
  description: "A request as it was counted, in the names of an event; what nobody reported is absent.",
  ...members(PROPERTIES, { optional: Object.keys(PROPERTIES).filter((name) => !ALWAYS.includes(name)) }),
};
