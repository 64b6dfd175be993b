/** The statistics window, told to begin anew or to be sent out. Counters are not touched. */
import { rfc3339OfMicros } from "../event/timestamp.ts";
import { StoreError } from "../history/event-store.ts";
import type { WindowStatistics } from "../ingest/window-statistics.ts";
import { sendJson } from "./json.ts";
import { count, instant, members } from "./json-schema.ts";
import { readParameters } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";

export function statisticsRoutes(statistics: WindowStatistics): readonly Route[] {
  return [
    {
      path: PATHS.flush,
      method: "post",
      role: "admin",
      handle: async (request, response) => {
        readParameters(request.originalUrl, {});
        const flushed = await statistics.flush().catch((error: unknown) => {
          if (error instanceof StoreError) throw error;
          throw new HttpProblem("flush_failed", (error as Error).message);
        });
        sendJson(response, { flushed });
      },
      operation: {
        tag: "operations",
        summary: "Send the statistics out now",
        parameters: {},
        description: "To `observability.statistics.connector`, without waiting for its interval.",
        answer: {
          description: "How many models, providers and pools were sent.",
          content: { "application/json": members({ flushed: count("0 without a connector.") }) },
        },
        problems: ["flush_failed", "store_away", "store_failed"],
      },
    },
    {
      path: PATHS.reset,
      method: "post",
      role: "admin",
      handle: async (request, response) => {
        readParameters(request.originalUrl, {});
        sendJson(response, { since: rfc3339OfMicros(await statistics.reset()) });
      },
      operation: {
        tag: "operations",
        summary: "Let the statistics window begin anew",
        parameters: {},
        description: "Counters on /metrics and totals go on: they never go back.",
        answer: {
          description: "When it began; this is on disk.",
          content: { "application/json": members({ since: instant() }) },
        },
        problems: ["store_away", "store_failed", "store_full"],
      },
    },
  ];
}
