/** What is kept: how much, since when, and the events themselves. */
import type { Response } from "express";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import { decodeEnd } from "../history/log-record.ts";
import type { EventHistory } from "../ingest/event-history.ts";
import { presentEvent } from "../ingest/present-event.ts";
import { HISTORY_SCHEMA, KEPT_EVENT_SCHEMA } from "./history-schemas.ts";
import { jsonText, sendJson } from "./json.ts";
import { roomIn } from "./json-slices.ts";
import { instantParameter, readParameters } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import type { Route } from "./route.ts";

/** Records read from the store at a time. */
const PAGE = 1_000;

const RANGE_PARAMETERS = {
  from: instantParameter("Events from this instant on, by their own time."),
  until: instantParameter("Events until before this instant."),
};

export function historyRoutes(history: EventHistory): readonly Route[] {
  return [
    {
      path: PATHS.history,
      method: "get",
      role: "query",
      handle: (request, response) => {
        readParameters(request.originalUrl, {});
        sendJson(response, statusOf(history));
      },
      operation: {
        tag: "history",
        summary: "How much is kept, and since when",
        parameters: {},
        answer: { description: "The state of the store.", content: { "application/json": HISTORY_SCHEMA } },
      },
    },
    {
      path: PATHS.historyEvents,
      method: "get",
      role: "query",
      handle: async (request, response) => {
        const { from = 0, until = Number.MAX_SAFE_INTEGER } = readParameters(
          request.originalUrl,
          RANGE_PARAMETERS,
        );
        await sendEvents(response, history, from, until);
      },
      operation: {
        tag: "history",
        summary: "The events of a range of time, line by line",
        problems: ["store_away", "store_failed"],
        parameters: RANGE_PARAMETERS,
        answer: {
          description: "One event a line, by arrival.",
          content: {
            "application/x-ndjson": {
              type: "string",
              contentMediaType: "application/x-ndjson",
              contentSchema: KEPT_EVENT_SCHEMA,
            },
          },
        },
      },
    },
  ];
}

async function sendEvents(
  response: Response,
  history: EventHistory,
  fromMicros: number,
  untilMicros: number,
): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  for (let afterSeq = 0; ; ) {
    const page = await history.read({ fromMicros, untilMicros, afterSeq, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined || response.destroyed) break;
    afterSeq = last.seq;
    const text = page.map(({ seq, text }) => `${jsonText(presentEvent(seq, decodeEnd(text)))}\n`).join("");
    if (!response.write(text)) await roomIn(response);
  }
  response.end();
}

function statusOf({ status, lastCommitMicros, groupCommit, failure, lost }: EventHistory): unknown {
  const instant = (micros: number | undefined) => (micros === undefined ? null : rfc3339OfMicros(micros));
  return {
    events: status.events,
    bytes: status.bytes,
    oldest_event: instant(status.oldestMicros),
    newest_event: instant(status.newestMicros),
    last_commit: instant(lastCommitMicros),
    commits: groupCommit?.commits ?? 0,
    failed_commits: groupCommit?.failures ?? 0,
    waiting_events: groupCommit?.size ?? 0,
    /** Why the last commit failed; null if it did not. */
    failure: failure ?? null,
    lost: lost ?? null,
  };
}
