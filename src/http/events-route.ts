/** `POST /v1/events`. The one hot route: it stands in front of the router and does nothing that it need not. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AcceptPath } from "../ingest/accept-path.ts";
import type { Answer } from "../ingest/answer.ts";
import type { BodyKind, ParsedBody } from "../ingest/events-dialect.ts";
import type { BodyProblem } from "../ingest/json-body.ts";
import { ACCEPT_PROBLEMS, acceptEvents } from "./accept-events.ts";
import type { Access } from "./access.ts";
import type { BodyReader } from "./body.ts";
import { ANSWER_SCHEMA, EVENTS_CONTENT, EVENTS_PROBLEMS } from "./event-schemas.ts";
import type { HttpTallies } from "./http-tallies.ts";
import { PATHS } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";

export type EventsRouteParts = {
  readonly access: Access;
  readonly bodies: BodyReader;
  readonly parse: (text: string, kind: BodyKind, receivedAtMicros: number) => ParsedBody | BodyProblem;
  readonly acceptPath: AcceptPath;
  readonly tallies: HttpTallies;
  readonly nowMicros: () => number;
};

/** The same for requests that did not come the short way: with a query, say. */
export function ingestRoutes(parts: EventsRouteParts): readonly Route[] {
  return [
    {
      path: PATHS.events,
      method: "post",
      // The handler checks it again: it stands in front of the router, too.
      role: "ingest",
      handle: eventsRoute(parts),
      operation: {
        tag: "ingest",
        summary: "Report requests to language models",
        description:
          "An event that cannot be read is listed under `errors`; those beside it count. The answer is sent when what " +
          "was accepted is kept. A body may be compressed with gzip.",
        body: EVENTS_CONTENT,
        answer: {
          description: "What became of the events; not all of them were rejected.",
          content: { "application/json": ANSWER_SCHEMA },
        },
        otherAnswers: [
          {
            status: 422,
            description: "All events were rejected.",
            content: { "application/json": ANSWER_SCHEMA },
          },
        ],
        problems: [...EVENTS_PROBLEMS, ...ACCEPT_PROBLEMS],
      },
    },
  ];
}

/** Throws an HttpProblem for a body that cannot be read as events. */
export function eventsRoute(
  parts: EventsRouteParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { access, bodies, parse, acceptPath, nowMicros } = parts;
  return async (request, response) => {
    const checking = access.check(request.headers, "ingest");
    if (checking !== undefined) await checking;
    const contentType = request.headers["content-type"];
    const kind = bodyKind(contentType);
    if (kind === undefined) {
      throw new HttpProblem(
        "unsupported_media_type",
        `content-type: expected application/json or application/x-ndjson, got ${contentType ?? "none"}`,
      );
    }
    if (request.headers.expect !== undefined) {
      bodies.checkHeaders(request.headers);
      response.writeContinue();
    }
    const body = await bodies.readText(request);
    const receivedAtMicros = nowMicros();
    const parsed = parse(body, kind, receivedAtMicros);
    if ("code" in parsed) throw new HttpProblem(parsed.code, parsed.detail);
    const answer = await acceptEvents(acceptPath, "events", parsed, receivedAtMicros);
    const status = isAllRejected(answer) ? 422 : 200;
    const text = answerText(answer);
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    });
    response.end(text);
  };
}

function isAllRejected({ accepted, duplicates, rejected }: Answer): boolean {
  return rejected > 0 && accepted === 0 && duplicates === 0;
}

const ONE_ACCEPTED = JSON.stringify({ accepted: 1, duplicates: 0, rejected: 0, errors: [] });

/** The answer as JSON; the most common one is not written anew each time. */
export function answerText(answer: Answer): string {
  const { accepted, duplicates, rejected } = answer;
  return accepted === 1 && duplicates === 0 && rejected === 0 ? ONE_ACCEPTED : JSON.stringify(answer);
}

/** `undefined` for what is not read. A missing type is not: browsers send such requests across origins without asking. */
export function bodyKind(contentType: string | undefined): BodyKind | undefined {
  if (contentType === "application/json") return "json";
  switch ((contentType ?? "").split(";")[0]!.trim().toLowerCase()) {
    case "application/json":
      return "json";
    case "application/x-ndjson":
    case "application/ndjson":
    case "application/jsonl":
      return "ndjson";
    default:
      return undefined;
  }
}
