/** `GET /metrics/otel`: the gen_ai view for Prometheus, as OpenTelemetry's exporter prints it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { acceptsGzip } from "../exposition/negotiate.ts";
import { TEXT_CONTENT_TYPE } from "../exposition/write-text.ts";
import type { HttpTallies } from "./http-tallies.ts";
import { text } from "./json-schema.ts";
import { compress, type ScrapeLimits, scrapeSlots, sendExposition } from "./metrics-route.ts";
import { PATHS } from "./paths.ts";
import type { Route } from "./route.ts";

export type OtelMetricsParts = {
  /** The exposition as of now; rejects if it cannot be told. */
  readonly view: { readonly text: () => Promise<string> };
  readonly tallies: HttpTallies;
  readonly limits: () => ScrapeLimits;
};

export function otelMetricsRoute({ view, tallies, limits }: OtelMetricsParts): Route {
  const begin = scrapeSlots(tallies, limits);
  return {
    path: PATHS.otelMetrics,
    method: "get",
    role: "metrics",
    handle: async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      begin(response);
      const exposition = [Buffer.from(await view.text())];
      tallies.scrapes.otel += 1;
      const gzip = acceptsGzip(request.headers["accept-encoding"]);
      await sendExposition(response, gzip ? await compress(exposition) : exposition, {
        "content-type": TEXT_CONTENT_TYPE,
        vary: "accept-encoding",
        ...(gzip ? { "content-encoding": "gzip" } : {}),
      });
    },
    operation: {
      tag: "metrics",
      summary: "Metrics by the gen_ai conventions of OpenTelemetry",
      description:
        "Text format only. Label sets beyond `otlp.series` are folded into `other`. Scrape this or `/metrics`: what the conventions do not name has the same names in both.",
      answer: { description: "The exposition.", content: { [TEXT_CONTENT_TYPE]: text() } },
      problems: ["too_many_scrapes"],
    },
  };
}
