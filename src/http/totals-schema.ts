/** Schemas of sums as they are presented. */
import { COST_RESULTS } from "../event/price.ts";
import {
  count,
  instant,
  type JsonSchema,
  list,
  members,
  nullable,
  number,
  text,
  usd,
} from "./json-schema.ts";
import { COVERAGE } from "./time-range.ts";

const LATENCY = nullable(
  members({
    count: count("Requests of which it is known."),
    average: number("Exact."),
    p50: number("Within 1.1 %, as all quantiles."),
    p95: number(),
    p99: number(),
  }),
);

const SUMS: Readonly<Record<string, JsonSchema>> = {
  requests: count(),
  successes: count(),
  errors: count("Ended with status `error`."),
  cancelled: count(),
  error_rate: nullable(number("`errors` to `requests`; null without requests.")),
  streaming_requests: count(),
  retries: count("Second and later attempts."),
  rotations: count("Moved to another model or provider."),
  in_flight: nullable(count("Started and not ended; null in a range of time.")),
  tokens: members({
    input: count("Neither read from nor written to a cache."),
    cache_read: count(),
    cache_write: count(),
    output: count("Without reasoning."),
    reasoning: count(),
  }),
  tokens_in: count("Those of caches included."),
  tokens_out: count("Reasoning included."),
  tool_uses: count(),
  tool_results: count(),
  tool_calls: count(),
  cost_usd: usd("Of all requests whose cost is known."),
  cost: members({
    ...Object.fromEntries(COST_RESULTS.map((result) => [result, count("Requests.")])),
    unpriced_tokens: count("Of which no rate is known."),
    unpriced_share: nullable(number("Of all tokens.")),
  }),
  cache_savings_usd: usd(),
  cache_surcharge_usd: usd(),
  latency_ms: LATENCY,
  time_to_first_token_ms: LATENCY,
  time_per_output_token_ms: LATENCY,
  last_request: nullable(instant()),
};

/** Of its level: a node of the lowest one has no children. */
const NODE: JsonSchema = {
  title: "TotalsNode",
  ...members(
    {
      dimension: text(),
      value: text("Empty: the requests have none."),
      ...SUMS,
      children: list({ $ref: "#/components/schemas/TotalsNode" }, "What it is the sum of, with `rest`."),
      rest: nullable(members({ groups: count("Children that are not shown."), ...SUMS })),
    },
    { optional: ["children", "rest"] },
  ),
};

export const TOTALS_SCHEMA: JsonSchema = members({
  by: list(text()),
  ...COVERAGE,
  total: members({
    ...SUMS,
    children: list(NODE),
    rest: nullable(members({ groups: count("Children that are not shown."), ...SUMS })),
  }),
});
