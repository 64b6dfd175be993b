/** What the routes of Gatewayz monitoring take and answer. */
import { ERROR_TYPES } from "../event/outcome.ts";
import { CHAT_STATUSES } from "../query/chat-models.ts";
import {
  count,
  flag,
  instant,
  type JsonSchema,
  list,
  members,
  namedBy,
  nullable,
  number,
  oneOf,
  text,
  usd,
} from "./json-schema.ts";
import { instantParameter, integerParameter, textParameter } from "./parameters.ts";

/** As far as ids of the original go. */
const ID_BOUNDS = { min: 0, max: 2 ** 31 - 1, absent: undefined };
const MODEL_ID = integerParameter("Requests to the model with this number.", ID_BOUNDS);
const PROVIDER_ID = integerParameter("Requests to the provider with this number.", ID_BOUNDS);
const START_DATE = instantParameter("Requests from this instant on; UTC unless it says otherwise.");
const END_DATE = instantParameter("Requests up to this instant; a date is 00:00 of that day.");

export const NO_PARAMETERS = {};
export const MODELS_PARAMETERS = { provider_id: PROVIDER_ID };
export const REQUESTS_PARAMETERS = {
  model_id: MODEL_ID,
  provider_id: PROVIDER_ID,
  model_name: textParameter("Requests to models with this in their name, whatever the case."),
  status: textParameter("Requests that ended so: `completed`, `failed` or `partial`."),
  start_date: START_DATE,
  end_date: END_DATE,
  limit: integerParameter("Most requests in the answer.", { min: 1, max: 100_000, absent: 100 }),
  offset: integerParameter("How many requests are passed over.", { min: 0, max: 100_000, absent: 0 }),
};
export const PLOT_PARAMETERS = {
  model_id: MODEL_ID,
  provider_id: PROVIDER_ID,
  start_date: START_DATE,
  end_date: END_DATE,
};

const ID = { type: "integer", minimum: 1 };
const PROVIDER = members({ id: ID, name: text("The same as the slug."), slug: text() });
const METHOD = { const: "rpc", description: "Answered from sums, without looking at requests." };

export const PROVIDERS_SCHEMA = envelope(
  members({
    provider_id: ID,
    name: text(),
    slug: text(),
    models_with_requests: count(),
    total_requests: count(),
  }),
  { total_providers: count(), timestamp: instant(), method: METHOD },
);

export const COUNTS_SCHEMA = envelope(
  members({
    model_id: ID,
    model_name: text(),
    model_identifier: text(),
    provider_name: text(),
    provider_slug: text(),
    request_count: count(),
  }),
  { total_models: count(), total_requests: count(), timestamp: instant() },
);

export const MODELS_SCHEMA = envelope(
  members({
    model_id: ID,
    model_identifier: text(),
    model_name: text(),
    provider_model_id: text(),
    provider: PROVIDER,
    stats: members({
      total_requests: count(),
      total_input_tokens: count("Those of caches included."),
      total_output_tokens: count("Reasoning included."),
      total_tokens: count(),
      avg_processing_time_ms: number("Over requests whose duration is known; 0 if there are none."),
    }),
  }),
  { total_models: count(), timestamp: instant(), method: METHOD },
);

const MODEL_NAME = { id: ID, model_id: text(), model_name: text(), provider_model_id: text() };
const REQUEST = {
  id: count("Number of the record; exporters that share a store number their own."),
  request_id: text("As reported; of a request without an id, a name that no other has."),
  model_id: ID,
  input_tokens: count("Those of caches included; 0 if none were reported."),
  output_tokens: count("Reasoning included; 0 if none were reported."),
  processing_time_ms: nullable(number()),
  status: oneOf(Object.keys(CHAT_STATUSES)),
  error_message: nullable(oneOf(ERROR_TYPES, "The type of the error; its text is not kept.")),
  created_at: instant("When the request ended, by its own time."),
};

export const REQUESTS_SCHEMA = envelope(
  members({
    ...REQUEST,
    user_id: { type: "null" },
    api_key_id: { type: "null" },
    is_anonymous: flag("No user was reported."),
    cost_usd: nullable(usd("null: unknown.")),
    input_cost_usd: { type: "null" },
    output_cost_usd: { type: "null" },
    pricing_source: nullable(
      oneOf(
        ["calculated", "manual_pricing"],
        "`manual_pricing`: the sender's own figure. null: there was no price.",
      ),
    ),
    metadata: namedBy(
      text(),
      "`unresolved_model_name`: the model's own name, beyond the limits on label values.",
    ),
    updated_at: instant("When the request arrived here."),
    models: members({ ...MODEL_NAME, provider_id: ID, providers: PROVIDER }),
  }),
  {
    total_count: count("From sums, which are kept for longer than requests."),
    limit: count(),
    offset: count(),
    returned_count: count(),
    filters: members({
      model_id: nullable(count()),
      provider_id: nullable(count()),
      model_name: nullable(text()),
      status: nullable(text()),
      start_date: nullable(text()),
      end_date: nullable(text()),
    }),
    timestamp: instant(),
    count_from: nullable(
      instant("`total_count` is of whole minutes: from here on. null: since the beginning."),
    ),
    count_until: nullable(instant("Until before this instant. null: until now.")),
    is_complete: flag("Whether `data` has all that there is up to `limit`; false: the search was too long."),
  },
);

export const PLOT_SCHEMA = members({
  success: { const: true },
  recent_requests: list(
    members({ ...REQUEST, total_tokens: count(), models: members({ ...MODEL_NAME, providers: PROVIDER }) }),
  ),
  plot_data: members({
    tokens: list(count(), "All tokens of a period."),
    latency: list(nullable(number("Mean in milliseconds; null: no duration is known."))),
    timestamps: list(instant("Start of the period.")),
  }),
  metadata: members({
    recent_count: count(),
    total_count: count("Requests in all periods."),
    timestamp: instant(),
    compression: { const: "arrays" },
    format_version: { const: "1.0" },
    method: METHOD,
    point: { const: "period" },
    step_seconds: count("Length of a period."),
    range_from: instant(),
    range_until: instant(),
  }),
});

function envelope(row: JsonSchema, metadata: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return members({ success: { const: true }, data: list(row), metadata: members(metadata) });
}
