/** HTTP exchanges as an ordinary client has them: a connection for each, no retry, any header. */
import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import type { ConnectionOptions } from "node:tls";
import { gunzipSync } from "node:zlib";

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as text, decompressed if it says that it is compressed. */
  readonly text: string;
};

export type ExchangeOptions = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Sends the body in pieces of this size, without declaring its length. */
  readonly chunkBytes?: number;
  readonly tls?: ConnectionOptions;
};

type Target = { readonly url: string };

export function exchange(target: Target, path: string, options: ExchangeOptions = {}): Promise<Answer> {
  const { method = "GET", headers = {}, chunkBytes, tls } = options;
  const body = options.body === undefined ? undefined : Buffer.from(options.body);
  const length =
    body === undefined || chunkBytes !== undefined ? {} : { "content-length": String(body.length) };
  const request = target.url.startsWith("https:") ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const sent = request(
      target.url,
      { path, method, headers: { ...headers, ...length }, agent: false, ...tls },
      (response) => {
        response
          .toArray()
          .then((chunks: Buffer[]) => resolve(answerOf(response, Buffer.concat(chunks))))
          .catch(reject);
      },
    );
    sent.on("error", reject);
    if (body !== undefined && chunkBytes !== undefined) {
      for (let at = 0; at < body.length; at += chunkBytes) sent.write(body.subarray(at, at + chunkBytes));
    } else if (body !== undefined) sent.write(body);
    sent.end();
  });
}

/** Throws if the body is not what its headers say. */
function answerOf({ statusCode, headers }: IncomingMessage, body: Buffer): Answer {
  const zipped = headers["content-encoding"] === "gzip" && body.length > 0;
  return { status: statusCode!, headers, body, text: (zipped ? gunzipSync(body) : body).toString() };
}

export const JSON_TYPE = { "content-type": "application/json" } as const;
export const NDJSON_TYPE = { "content-type": "application/x-ndjson" } as const;

/** Sends a value as JSON to `/v1/events`. */
export function postEvents(
  target: Target,
  events: unknown,
  { headers, ...options }: ExchangeOptions = {},
): Promise<Answer> {
  const body = JSON.stringify(events);
  return exchange(target, "/v1/events", {
    method: "POST",
    body,
    ...options,
    headers: { ...JSON_TYPE, ...headers },
  });
}

/** What an answer must be that refuses a request: its status, code and form. */
export function problemOf({ status, headers, text }: Answer): {
  readonly status: number;
  readonly code: string;
} {
  if (headers["content-type"] !== "application/problem+json")
    throw new Error(`${status} is no problem: ${text}`);
  const problem = JSON.parse(text) as { status: number; code: string };
  if (problem.status !== status) throw new Error(`${status} calls itself ${problem.status}`);
  return { status, code: problem.code };
}
