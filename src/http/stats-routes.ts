/** `GET /v1/stats`: the last days of one model, provider or pool, or of all; docs/queries.md. */
import { rfc3339OfMicros } from "../event/timestamp.ts";
import { NAMES_MAX, STATISTICS_SCOPES, type WindowStatistics } from "../ingest/window-statistics.ts";
import { sendJson } from "./json.ts";
import {
  count,
  instant,
  type JsonSchema,
  list,
  members,
  nullable,
  number,
  oneOf,
  text,
  usd,
} from "./json-schema.ts";
import { choiceParameter, durationParameter, readParameters, textParameter } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";

const PARAMETERS = {
  scope: choiceParameter("Of what.", STATISTICS_SCOPES, "model"),
  name: textParameter("Which one, exactly; all without it."),
  window: durationParameter("How far back; 7d unless configured. Not beyond what is kept, nor a reset."),
};

const MILLIS = nullable(number("Null if no duration is known."));
const STATS: Readonly<Record<string, JsonSchema>> = {
  scope: oneOf(STATISTICS_SCOPES),
  name: text(),
  window: members({ from: instant("Statistics begin here."), until: instant("When they were asked for.") }),
  total_requests: count(),
  successful_requests: count(),
  failed_requests: count("Errors and cancelled requests."),
  total_tokens_in: count("Those of caches included."),
  total_tokens_out: count("Reasoning included."),
  total_cost: usd("Of all requests whose cost is known."),
  avg_latency_ms: MILLIS,
  p50_latency_ms: MILLIS,
  p95_latency_ms: MILLIS,
  p99_latency_ms: MILLIS,
  error_rate: nullable(number("`failed_requests` to `total_requests`.")),
  rotation_events: count(),
  last_updated: nullable(instant("The latest request.")),
};
const SCHEMA: JsonSchema = {
  anyOf: [
    { title: "Statistics", ...members(STATS) },
    members({
      scope: oneOf(STATISTICS_SCOPES),
      window: STATS.window!,
      stats: list({ title: "Statistics", ...members(STATS) }),
    }),
  ],
  description: "Of one; without `name` of all, those with the most requests first.",
};

export function statsRoutes(window: WindowStatistics): readonly Route[] {
  return [
    {
      path: PATHS.stats,
      method: "get",
      role: "query",
      handle: async (request, response) =>
        sendJson(response, await statisticsFor(request.originalUrl, window)),
      operation: {
        tag: "query",
        summary: "Statistics of a model, a provider or a pool",
        parameters: PARAMETERS,
        answer: { description: "The statistics of the window.", content: { "application/json": SCHEMA } },
        problems: ["scope_not_found", "answer_too_large", "store_away", "store_failed"],
      },
    },
  ];
}

async function statisticsFor(url: string, window: WindowStatistics): Promise<unknown> {
  const { scope, name, window: windowMicros } = readParameters(url, PARAMETERS);
  const { fromMicros, untilMicros, statistics, isTooLarge } = await window.of(scope, { name, windowMicros });
  if (isTooLarge) {
    throw new HttpProblem("answer_too_large", `expected at most ${NAMES_MAX} names; ask for one by name`);
  }
  const from = rfc3339OfMicros(fromMicros);
  const covered = { scope, window: { from, until: rfc3339OfMicros(untilMicros) } };
  if (name === undefined) return { ...covered, stats: statistics.map((one) => ({ ...covered, ...one })) };
  if (statistics[0] !== undefined) return { ...covered, ...statistics[0] };
  throw new HttpProblem(
    "scope_not_found",
    `name: expected a ${scope} with requests since ${from}, got ${JSON.stringify(name)}; without name all are listed`,
  );
}
