/** `GET /metrics`: negotiates the format, compresses if asked, writes what the scraper rendered. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import { acceptsGzip, negotiateFormat } from "../exposition/negotiate.ts";
import type { Exposition, Scraper } from "../exposition/scraper.ts";
import { OPENMETRICS_CONTENT_TYPE } from "../exposition/write-openmetrics.ts";
import { TEXT_CONTENT_TYPE } from "../exposition/write-text.ts";
import type { HttpTallies } from "./http-tallies.ts";
import { text } from "./json-schema.ts";
import { HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";

const CONTENT_TYPES = { text: TEXT_CONTENT_TYPE, openmetrics: OPENMETRICS_CONTENT_TYPE } as const;

export type ScrapeLimits = {
  /** Expositions being rendered or sent at once. */
  readonly scrapesMax: number;
  /** How long a scraper may take nothing of its exposition. */
  readonly stallTimeoutMillis: number;
};

const RETRY_AFTER_SECONDS = "5";

export function metricsRoute(
  scraper: Scraper,
  tallies: HttpTallies,
  limits: () => ScrapeLimits,
  path: string,
): Route {
  return {
    path,
    method: "get",
    role: "metrics",
    handle: metricsHandler(scraper, tallies, limits),
    operation: {
      tag: "metrics",
      summary: "All metrics for Prometheus",
      description: "The format is negotiated by `Accept`; gzip by `Accept-Encoding`.",
      answer: {
        description: "The exposition.",
        content: { [TEXT_CONTENT_TYPE]: text(), [OPENMETRICS_CONTENT_TYPE]: text() },
      },
      problems: ["too_many_scrapes"],
    },
  };
}

function metricsHandler(scraper: Scraper, tallies: HttpTallies, limits: () => ScrapeLimits) {
  const begin = scrapeSlots(tallies, limits);
  /** Scrapes that share an exposition share its compressed form. */
  const compressed = new WeakMap<Exposition, Promise<Buffer[]>>();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    begin(response);
    const format = negotiateFormat(request.headers.accept);
    const exposition = await scraper.scrape(format);
    tallies.scrapes[format] += 1;
    let { chunks } = exposition;
    const gzip = acceptsGzip(request.headers["accept-encoding"]);
    if (gzip) {
      const compressing = compressed.get(exposition) ?? compress(chunks);
      compressed.set(exposition, compressing);
      chunks = await compressing;
    }
    await sendExposition(response, chunks, {
      "content-type": CONTENT_TYPES[format],
      vary: "accept, accept-encoding",
      ...(gzip ? { "content-encoding": "gzip" } : {}),
    });
  };
}

/**
 * Takes a place for a scrape until its answer is over. Throws an HttpProblem if there is none; a scraper that takes nothing
 * of its exposition for too long is hung up on.
 */
export function scrapeSlots(
  tallies: HttpTallies,
  limits: () => ScrapeLimits,
): (response: ServerResponse) => void {
  let underWay = 0;
  return (response) => {
    const { scrapesMax, stallTimeoutMillis } = limits();
    if (underWay >= scrapesMax) {
      const detail = `expected at most ${scrapesMax} scrapes at once; try again in ${RETRY_AFTER_SECONDS} s`;
      throw new HttpProblem("too_many_scrapes", detail, { "retry-after": RETRY_AFTER_SECONDS });
    }
    underWay += 1;
    response.once("close", () => {
      underWay -= 1;
    });
    response.setTimeout(stallTimeoutMillis, () => {
      tallies.connectionDropped("stalled");
      response.destroy();
    });
  };
}

export async function sendExposition(
  response: ServerResponse,
  chunks: readonly Buffer[],
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(200, {
    "content-length": String(chunks.reduce((sum, { length }) => sum + length, 0)),
    ...headers,
  });
  await pipeline(Readable.from(chunks), response);
}

/** Exposition text is so repetitive that the fastest level already saves more than nine tenths. */
export function compress(chunks: readonly Buffer[]): Promise<Buffer[]> {
  return Readable.from(chunks)
    .pipe(createGzip({ level: constants.Z_BEST_SPEED }))
    .toArray();
}
