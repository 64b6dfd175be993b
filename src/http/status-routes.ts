/** `GET /v1/status`: what this exporter is, and how it is; docs/queries.md. */
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { sendJson } from "./json.ts";
import { count, flag, instant, list, members, nullable, number, oneOf, text } from "./json-schema.ts";
import type { Readiness } from "./operations-routes.ts";
import { readParameters } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";

export type StatusRoutesParts = QueryParts & {
  readonly version: string;
  readonly startedMicros: number;
  /** Which kind of store. */
  readonly store: (typeof STORES)[number];
  readonly books: () => readonly PriceBook[];
  readonly readiness: Readiness;
};

const STORES = ["off", "sqlite", "postgres"] as const;

const SCHEMA = members({
  version: text(),
  started: instant(),
  uptime_seconds: number(),
  ready: flag("Whether events are taken."),
  state: text("`serving`, or what keeps it from that."),
  store: members({
    kind: oneOf(STORES, "`off`: in memory."),
    events: count(
      "Accepted events that are kept: ended requests, and on disk what was reported of them on the way.",
    ),
    bytes: count(),
    oldest_event: nullable(instant()),
    newest_event: nullable(instant()),
    failure: nullable(text("Why the last commit failed.")),
  }),
  price_books: list(
    members({ name: text(), version: text(), updated: instant(), cards: count() }),
    "In the order in which they are asked.",
  ),
  series: members({ used: count("Label sets."), limit: count("Beyond it they are folded into `other`.") }),
  open_requests: count("Started and not ended."),
});

export function statusRoutes(parts: StatusRoutesParts): readonly Route[] {
  return [
    {
      path: PATHS.status,
      method: "get",
      role: "query",
      handle: (request, response) => {
        readParameters(request.originalUrl, {});
        sendJson(response, statusOf(parts));
      },
      operation: {
        tag: "operations",
        summary: "What this exporter is, and how it is",
        parameters: {},
        answer: { description: "Its state.", content: { "application/json": SCHEMA } },
      },
    },
  ];
}

function statusOf(parts: StatusRoutesParts): unknown {
  const { version, startedMicros, store, books, readiness, history, ledger, active, nowMicros } = parts;
  const { ready, reason } = readiness();
  const { events, bytes, oldestMicros, newestMicros } = history.status;
  const when = (micros: number | undefined) => (micros === undefined ? null : rfc3339OfMicros(micros));
  return {
    version,
    started: rfc3339OfMicros(startedMicros),
    uptime_seconds: (nowMicros() - startedMicros) / 1e6,
    ready,
    state: reason,
    store: {
      ...{ kind: store, events, bytes },
      oldest_event: when(oldestMicros),
      newest_event: when(newestMicros),
      failure: history.failure ?? null,
    },
    price_books: books().map(({ name, version, timestampMicros, cardCount }) => ({
      ...{ name, version, cards: cardCount },
      updated: rfc3339OfMicros(timestampMicros),
    })),
    series: { used: ledger.series.length, limit: ledger.limits.seriesMax },
    open_requests: active.size,
  };
}
