/** What is kept: how much, since when, and the events themselves. */
import { once } from "node:events";
import type { RequestHandler } from "express";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { DurableHistory } from "../ingest/durable-history.ts";
import { presentEvent } from "../ingest/present-event.ts";
import { jsonText, sendJson } from "./json.ts";
import { HttpProblem } from "./problem.ts";
import { instantOf, queryParameters } from "./query-parameters.ts";

export type HistoryRoutes = { readonly status: RequestHandler; readonly events: RequestHandler };

/** Records read from the store at a time: commits wait no longer than for these. */
const PAGE = 1_000;

/** `undefined`: nothing is kept. */
export function historyRoutes(history: DurableHistory | undefined): HistoryRoutes {
  return {
    status: (request, response) => {
      queryParameters(request.originalUrl, { required: [], optional: [] });
      sendJson(response, statusOf(kept(history)));
    },
    events: async (request, response) => {
      const { from, until } = queryParameters(request.originalUrl, {
        required: [],
        optional: ["from", "until"],
      });
      const fromMicros = instantOf("from", from) ?? 0;
      const untilMicros = instantOf("until", until) ?? Number.MAX_SAFE_INTEGER;
      const store = kept(history);
      response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
      let afterSeq = 0;
      for (;;) {
        const page = await store.read({ fromMicros, untilMicros, afterSeq, limit: PAGE });
        const last = page.at(-1);
        if (last === undefined || response.destroyed) break;
        afterSeq = last.seq;
        const text = page.map(({ seq, text }) => `${jsonText(presentEvent(seq, text))}\n`).join("");
        if (!response.write(text)) await Promise.race([once(response, "drain"), once(response, "close")]);
      }
      response.end();
    },
  };
}

function kept(history: DurableHistory | undefined): DurableHistory {
  if (history === undefined) {
    throw new HttpProblem(
      "no_history",
      "expected an exporter that keeps events; start it with --history=sqlite",
    );
  }
  return history;
}

function statusOf({ status, lastCommitMicros, groupCommit, failure, lost }: DurableHistory): unknown {
  const instant = (micros: number | undefined) => (micros === undefined ? null : rfc3339OfMicros(micros));
  return {
    events: status.events,
    bytes: status.bytes,
    oldest_event: instant(status.oldestMicros),
    newest_event: instant(status.newestMicros),
    last_commit: instant(lastCommitMicros),
    commits: groupCommit.commits,
    failed_commits: groupCommit.failures,
    waiting_events: groupCommit.size,
    /** Why the last commit failed; null if it did not. */
    failure: failure ?? null,
    lost: lost ?? null,
  };
}
