/** What the routes of the cost tracker take and answer. */
import { STATUSES } from "../event/outcome.ts";
import {
  count,
  flag,
  instant,
  list,
  members,
  namedBy,
  nullable,
  number,
  oneOf,
  text,
  usd,
} from "./json-schema.ts";
import {
  choiceParameter,
  instantParameter,
  integerParameter,
  numberParameter,
  textParameter,
} from "./parameters.ts";

const TEAM_ALIAS = textParameter("Requests for this team.");

export const DASHBOARD_PARAMETERS = {
  time_range_hours: integerParameter("How many hours back.", { min: 1, max: 730, absent: 24 }),
  team_alias: TEAM_ALIAS,
  model_filter: textParameter("Requests to the model of this name."),
};

const PERCENT = { type: "number", minimum: 0, maximum: 100 };

export const DASHBOARD_SCHEMA = members({
  total_cost: usd("Of all requests whose cost is known."),
  total_tokens: count("In and out, those of caches and of reasoning included."),
  total_requests: count("Whatever became of them."),
  avg_latency_ms: number("Over requests whose duration is known; 0 if there are none."),
  cache_hit_rate: {
    ...PERCENT,
    description: "Of requests that asked the application's response cache; 0 if none did.",
  },
  error_rate: { ...PERCENT, description: "Requests that failed, of all." },
  model_usage: namedBy(
    members({ count: count(), tokens: count(), cost: usd() }),
    "By model, whoever provides it; the most asked first.",
  ),
  hourly_trend: namedBy(
    members({ cost: usd(), count: count() }),
    "By the hour in UTC, as `2026-01-31 12:00`, in order; only hours with requests. The first may be a part of one.",
  ),
  time_range_hours: count("As asked for."),
  range_from: instant("From when on requests are counted, by their own time."),
  range_until: instant("Until when."),
});

export const RECENT_PARAMETERS = {
  limit: integerParameter("Most requests in the answer.", { min: 1, max: 500, absent: 50 }),
  team_alias: TEAM_ALIAS,
  provider: textParameter("Requests to this provider."),
  model: textParameter("Requests to the model of this name."),
  pool: textParameter("Requests through this pool."),
  user: textParameter("Requests for this end user."),
  status: choiceParameter("Requests that ended so.", STATUSES, undefined),
  min_cost: numberParameter("Requests that cost at least so many US dollars.", { min: 0, max: 1e9 }),
  min_duration_ms: numberParameter("Requests that took at least so many milliseconds.", { min: 0, max: 1e9 }),
  from: instantParameter("Requests from this instant on, by their own time; UTC unless it says otherwise."),
  until: instantParameter("Requests until before this instant."),
  cursor: textParameter("`next_cursor` of the answer before."),
};

export const RECENT_SCHEMA = members({
  status: { const: "success" },
  count: count("How many requests are in this answer."),
  requests: list(
    members({
      timestamp: instant(),
      model: text(),
      prompt_tokens: count("Those of caches included; 0 if none were reported."),
      output_tokens: count("Reasoning included; 0 if none were reported."),
      total_tokens: count(),
      cost: nullable(usd("null: unknown.")),
      latency_ms: nullable(number("null: not reported.")),
      status: oneOf(STATUSES),
      team: nullable(text()),
      user: nullable(text("The end user.")),
      cache_hit: flag("Whether the application's response cache answered."),
      request_id: text("As reported; of a request without an id, a name that no other has."),
    }),
    "The latest arrival first.",
  ),
  next_cursor: nullable(
    text(
      "Where to go on. With fewer requests than `limit`, the search was long: go on as well. null: there are no more.",
    ),
  ),
});
