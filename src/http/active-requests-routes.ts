/** `GET /metrics/active-requests` and its stream: open requests as a Vandamme dashboard reads them; docs/running-totals.md. */
import { activeRows } from "../query/active-rows.ts";
import type { ActiveStreams } from "./active-streams.ts";
import { fastApiProblem } from "./fastapi-problem.ts";
import { jsonText } from "./json.ts";
import { count, flag, list, members, number, text } from "./json-schema.ts";
import { PATHS } from "./paths.ts";
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";

/** About 1 MB; a stream holds as much for each client that is slow. */
export const ACTIVE_ROWS_MAX = 2_000;

const ROW = members({
  request_id: text(),
  provider: text(),
  model: text("As it was asked for, without the provider's name before it."),
  requested_model: text(),
  resolved_model: text('"" while it is not known.'),
  qualified_model: text(),
  is_streaming: flag(),
  start_time: number("Seconds since the epoch."),
  duration_ms: count("Since the start."),
  input_tokens: count("Without what was read from or written to a cache."),
  output_tokens: count("Reasoning included."),
  cache_read_tokens: count(),
  cache_creation_tokens: count(),
  tool_uses: count(),
  tool_results: count(),
  tool_calls: count(),
  request_size: count("Bytes."),
  message_count: count(),
});

export function activeRequestsRoutes(
  { active, nowMicros }: Pick<QueryParts, "active" | "nowMicros">,
  streams: ActiveStreams,
): readonly Route[] {
  return [
    {
      path: PATHS.activeRequests,
      method: "get",
      role: "query",
      handle: (_request, response) => {
        const rows = activeRows(active.all(), nowMicros(), ACTIVE_ROWS_MAX);
        const body = jsonText({ disabled: false, active_requests: rows });
        response.writeHead(200, {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "cache-control": "no-cache",
        });
        response.end(body);
      },
      problemAs: fastApiProblem,
      operation: {
        tag: "vandamme",
        summary: "Requests in flight",
        description: `At most ${ACTIVE_ROWS_MAX}, those that started last; the newest first.`,
        answer: {
          description: "A row for each.",
          content: {
            "application/json": members({ disabled: { const: false }, active_requests: list(ROW) }),
          },
        },
      },
    },
    {
      path: PATHS.activeRequestsStream,
      method: "get",
      role: "query",
      handle: (_request, response) => streams.open(response),
      problemAs: fastApiProblem,
      operation: {
        tag: "vandamme",
        summary: "Requests in flight, as they change",
        description:
          "Server-sent events: `update` at once and after each change, with the rows and a `timestamp`; a comment now and then.",
        answer: { description: "Events without end.", content: { "text/event-stream": text() } },
        problems: ["too_many_streams"],
      },
    },
  ];
}
