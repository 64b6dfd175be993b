/**
 * Errors of a request as a whole: `application/problem+json` (https://www.rfc-editor.org/rfc/rfc9457) with a stable
 * code. docs/errors.md lists the same table; a test holds the two together.
 */
import type { ServerResponse } from "node:http";

type ProblemKind = { readonly status: number; readonly title: string };

export const PROBLEMS = {
  malformed_json: { status: 400, title: "The body is not valid JSON." },
  too_deep: { status: 400, title: "The body is nested deeper than the limit." },
  bad_parameter: {
    status: 400,
    title: "A query parameter is missing, repeated, unknown or has a value that it does not take.",
  },
  bad_envelope: {
    status: 400,
    title: "The body is an object whose events are not an array, or that holds more beside them.",
  },
  answer_too_large: { status: 400, title: "The answer would be larger than it may; ask for less at once." },
  malformed_otlp: { status: 400, title: "The body is no request of OTLP." },
  duplicate_key: { status: 400, title: "The body names a key twice." },
  invalid_utf8: { status: 400, title: "The body is not valid UTF-8." },
  bad_gzip: { status: 400, title: "The body cannot be decompressed." },
  incomplete_body: { status: 400, title: "The connection ended before the body did." },
  unauthorized: { status: 401, title: "The request lacks valid credentials." },
  forbidden_without_token: {
    status: 403,
    title: "This route needs a token beyond loopback, and none is configured.",
  },
  unknown_host: { status: 403, title: "The Host header names no host of this exporter." },
  price_not_found: { status: 404, title: "No price book has a price for the model at that time." },
  scope_not_found: { status: 404, title: "No request of this model, provider or pool is in the window." },
  not_found: { status: 404, title: "There is no such route." },
  method_not_allowed: { status: 405, title: "The route does not take this method." },
  body_too_large: { status: 413, title: "The body is larger than the limit." },
  inflated_too_large: { status: 413, title: "The decompressed body is larger than the limit." },
  too_many_values: { status: 413, title: "The body holds more values than its events can have." },
  too_many_events: { status: 413, title: "The body holds more events than the limit." },
  unsupported_media_type: { status: 415, title: "The content type is not one that this route reads." },
  unsupported_encoding: { status: 415, title: "The content encoding is not one that this route reads." },
  invalid_event: { status: 422, title: "The event cannot be read." },
  overloaded: { status: 429, title: "Too many bytes are being received at once." },
  queue_full: { status: 429, title: "Too many events wait for the store." },
  reload_failed: {
    status: 500,
    title: "The configuration could not be loaded; the one before stays in force.",
  },
  flush_failed: { status: 502, title: "The statistics could not be sent to where they go." },
  internal: { status: 500, title: "The exporter failed to answer; its log says why." },
  store_away: {
    status: 503,
    title: "The store cannot be reached; nothing was kept or read. Send the same again.",
  },
  store_failed: { status: 503, title: "The store failed; nothing was kept or read. Send the same again." },
  store_full: {
    status: 507,
    title: "The store has no room; nothing was kept. Send the same again once there is.",
  },
  too_many_scrapes: { status: 503, title: "Too many expositions are being sent at once." },
  too_many_streams: { status: 503, title: "Too many streams are open at once." },
} as const satisfies Record<string, ProblemKind>;
export type ProblemCode = keyof typeof PROBLEMS;

/** A request that cannot be answered as asked. `detail` says rule, value and remedy; it goes to the client. */
export class HttpProblem extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** Of what nobody expected to go wrong: the client learns nothing of it. */
export function internalProblem(): HttpProblem {
  return new HttpProblem("internal", "see the log of the exporter");
}

/** How long the rest of an unread body is discarded, so that its sender comes to read the answer. */
const LINGER_MILLIS = 1_000;

/** Answers with the problem. */
export function sendProblem(response: ServerResponse, problem: HttpProblem): void {
  const { code, status, detail, headers } = problem;
  const type = `urn:llm-exporter:problem:${code}`;
  const body = JSON.stringify({ type, title: PROBLEMS[code].title, status, code, detail });
  sendRefusal(response, {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
    body,
  });
}

type Refusal = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/**
 * Answers, whatever the form. If the body was not read to its end, what is left of it is discarded for a moment and the
 * connection closed: a sender that is cut off while it writes would see a broken pipe and not the answer.
 */
export function sendRefusal(response: ServerResponse, { status, headers, body }: Refusal): void {
  const request = response.req;
  response.writeHead(status, {
    "content-length": Buffer.byteLength(body),
    ...(request.complete ? {} : { connection: "close" }),
    ...headers,
  });
  if (request.complete) {
    response.end(body);
    return;
  }
  response.write(body);
  const finish = () => response.end();
  const timer = setTimeout(finish, LINGER_MILLIS);
  request
    .once("close", () => clearTimeout(timer))
    .once("end", finish)
    .on("error", finish)
    .resume();
}
