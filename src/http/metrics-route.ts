/** `GET /metrics`: negotiates the format, compresses if asked, writes what the scraper rendered. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import { negotiateFormat } from "../exposition/negotiate.ts";
import type { Exposition, Scraper } from "../exposition/scraper.ts";
import { OPENMETRICS_CONTENT_TYPE } from "../exposition/write-openmetrics.ts";
import { TEXT_CONTENT_TYPE } from "../exposition/write-text.ts";
import type { HttpTallies } from "./http-tallies.ts";

const CONTENT_TYPES = { text: TEXT_CONTENT_TYPE, openmetrics: OPENMETRICS_CONTENT_TYPE } as const;

export function metricsRoute(scraper: Scraper, tallies: HttpTallies) {
  /** Scrapes that share an exposition share its compressed form. */
  const compressed = new WeakMap<Exposition, Promise<Buffer[]>>();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
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
    response.writeHead(200, {
      "content-type": CONTENT_TYPES[format],
      "content-length": String(chunks.reduce((sum, { length }) => sum + length, 0)),
      vary: "accept, accept-encoding",
      ...(gzip ? { "content-encoding": "gzip" } : {}),
    });
    await pipeline(Readable.from(chunks), response);
  };
}

/** Exposition text is so repetitive that the fastest level already saves more than nine tenths. */
function compress(chunks: readonly Buffer[]): Promise<Buffer[]> {
  return Readable.from(chunks)
    .pipe(createGzip({ level: constants.Z_BEST_SPEED }))
    .toArray();
}

function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return /(^|,)\s*(gzip|\*)\s*(;\s*q\s*=\s*(1(\.0*)?|0?\.\d*[1-9]\d*))?\s*(,|$)/i.test(acceptEncoding ?? "");
}
