/** `GET /metrics/logs`: the latest requests and failures as a Vandamme dashboard lists them; docs/running-totals.md. */
import type { EventHistory } from "../ingest/event-history.ts";
import { type LogEntry, logEntry } from "../query/log-entries.ts";
import { type Condition, END_MICROS } from "../query/question.ts";
import { fastApiProblem } from "./fastapi-problem.ts";
import { sendJson } from "./json.ts";
import { count, flag, list, members, nullable, number, oneOf, text } from "./json-schema.ts";
import { keptRequestsAtOnce } from "./kept-requests.ts";
import { integerParameter, readKnownParameters } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";

/** Rare failures are looked for among the latest 100,000 records or so. */
const CALLS_MAX = 10;

const PARAMETERS = {
  limit_errors: integerParameter("Most failures.", { min: 1, max: 1_000, absent: 100 }),
  limit_traces: integerParameter("Most requests.", { min: 1, max: 2_000, absent: 200 }),
};
const FAILED: Condition = { dimension: "status", kind: "is", values: ["error", "cancelled"] };

const ENTRY = members({
  seq: count("Number of the record."),
  ts: number("Completion, in seconds since the epoch."),
  request_id: text('"" if nobody gave one.'),
  provider: text(),
  model: text(),
  is_streaming: flag(),
  duration_ms: number(),
  input_tokens: count("Without what was read from or written to a cache."),
  output_tokens: count("Reasoning included."),
  cache_read_tokens: count(),
  cache_creation_tokens: count(),
  tool_use_count: count(),
  tool_call_count: count(),
  tool_result_count: count(),
  status: oneOf(["ok", "error"]),
  error: nullable(text("Error type and HTTP status: the text of an error is never kept.")),
  error_type: nullable(text()),
});

export function logsRoutes({ history }: Pick<QueryParts, "history">): readonly Route[] {
  return [
    {
      path: PATHS.logs,
      method: "get",
      role: "query",
      handle: async (request, response) => {
        const { limit_errors, limit_traces } = readKnownParameters(request.originalUrl, PARAMETERS);
        const [errors, traces] = await Promise.all([
          latest(history, [FAILED], limit_errors),
          latest(history, [], limit_traces),
        ]);
        sendJson(response, { systemd: NO_SYSTEMD, errors, traces });
      },
      problemAs: fastApiProblem,
      operation: {
        tag: "vandamme",
        summary: "The latest requests and failures",
        description:
          "The latest first. `traces` are all requests, `errors` those that failed or were cancelled.",
        parameters: PARAMETERS,
        answer: {
          description: "Both lists.",
          content: {
            "application/json": members({
              systemd: members({ requested: flag(), effective: flag(), handler: text() }),
              errors: list(ENTRY),
              traces: list(ENTRY),
            }),
          },
        },
        problems: ["store_away", "store_failed"],
      },
    },
  ];
}

/** This exporter writes no log of requests of its own. */
const NO_SYSTEMD = { requested: false, effective: false, handler: "none" } as const;

async function latest(
  history: Pick<EventHistory, "rows">,
  where: readonly Condition[],
  limit: number,
): Promise<readonly LogEntry[]> {
  const { requests } = await keptRequestsAtOnce(history, {
    ...{ where, fromMicros: 0, untilMicros: END_MICROS, costMin: undefined, durationMinNanos: undefined },
    ...{ limit, cursor: undefined, callsMax: CALLS_MAX },
  });
  return requests.map(({ seq, event }) => logEntry(seq, event));
}
