/** `GET /v1/stats`: the last days of one model, provider or pool, or of all; docs/queries.md. */
import { rfc3339OfMicros } from "../event/timestamp.ts";
import { inTurns } from "../history/turns.ts";
import { type AggregateStats, aggregateStats } from "../query/aggregate-stats.ts";
import type { Group } from "../query/fold.ts";
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
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";
import { END_MICROS } from "./time-range.ts";

export type StatsRoutesParts = QueryParts & {
  /** How far statistics look back unless they are asked. */
  readonly windowMicros: () => number;
  /** When they began anew; `undefined`: never. */
  readonly sinceMicros: () => number | undefined;
};

const SCOPES = ["model", "provider", "pool"] as const;
/** As many as a list has at most. */
const NAMES_MAX = 10_000;

const PARAMETERS = {
  scope: choiceParameter("Of what.", SCOPES, "model"),
  name: textParameter("Which one, exactly; all without it."),
  window: durationParameter("How far back; 7d unless configured. Not beyond what is kept, nor a reset."),
};

const MILLIS = nullable(number("Null if no duration is known."));
const STATS: Readonly<Record<string, JsonSchema>> = {
  scope: oneOf(SCOPES),
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
      scope: oneOf(SCOPES),
      window: STATS.window!,
      stats: list({ title: "Statistics", ...members(STATS) }),
    }),
  ],
  description: "Of one; without `name` of all, those with the most requests first.",
};

export function statsRoutes(parts: StatsRoutesParts): readonly Route[] {
  return [
    {
      path: PATHS.stats,
      method: "get",
      role: "query",
      handle: async (request, response) => sendJson(response, await statsFor(request.originalUrl, parts)),
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

async function statsFor(url: string, parts: StatsRoutesParts): Promise<unknown> {
  const { scope, name, window = parts.windowMicros() } = readParameters(url, PARAMETERS);
  const nowMicros = parts.nowMicros();
  const { groups, range, isTooLarge } = await parts.history.cells.range({
    by: [scope],
    where: name === undefined ? [] : [{ dimension: scope, kind: "is", values: [name] }],
    fromMicros: Math.max(0, nowMicros - window, parts.sinceMicros() ?? 0),
    untilMicros: END_MICROS,
    stepMicros: undefined,
    cellsMax: NAMES_MAX,
    mayBeginAtReset: true,
  });
  if (isTooLarge) {
    throw new HttpProblem("answer_too_large", `expected at most ${NAMES_MAX} names; ask for one by name`);
  }
  const from = rfc3339OfMicros(Math.min(range!.fromMicros, nowMicros));
  const covered = { scope, window: { from, until: rfc3339OfMicros(nowMicros) } };
  const stats = await inTurns(presented(groups));
  if (name === undefined) return { ...covered, stats: stats.map((one) => ({ ...covered, ...one })) };
  if (stats[0] !== undefined) return { ...covered, ...stats[0] };
  throw new HttpProblem(
    "scope_not_found",
    `name: expected a ${scope} with requests since ${from}, got ${JSON.stringify(name)}; without name all are listed`,
  );
}

/** Those with the most requests first. */
function* presented(groups: readonly Group[]) {
  const stats: ({ readonly name: string } & AggregateStats)[] = [];
  for (const { values, cell } of groups) {
    stats.push({ name: values[0]!, ...aggregateStats(cell) });
    yield;
  }
  return stats.sort(
    (one, other) => other.total_requests - one.total_requests || (one.name < other.name ? -1 : 1),
  );
}
