/** `POST /v1/events`. The one hot route: it stands in front of the router and does nothing that it need not. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AcceptPath } from "../ingest/accept-path.ts";
import type { Answer } from "../ingest/answer.ts";
import type { BodyKind, BodyProblem, ParsedBody } from "../ingest/events-dialect.ts";
import type { Access } from "./access.ts";
import type { BodyReader } from "./body.ts";
import type { HttpTallies } from "./http-tallies.ts";
import { HttpProblem } from "./problem.ts";

export const EVENTS_PATH = "/v1/events";
const DIALECT = "events";

export type EventsRouteParts = {
  readonly access: Access;
  readonly bodies: BodyReader;
  readonly parse: (text: string, kind: BodyKind, receivedAtMicros: number) => ParsedBody | BodyProblem;
  readonly acceptPath: AcceptPath;
  readonly tallies: HttpTallies;
  readonly nowMicros: () => number;
};

const ONE_ACCEPTED = JSON.stringify({ accepted: 1, duplicates: 0, rejected: 0, errors: [] });
const ONE_ACCEPTED_HEADERS = [
  "content-type",
  "application/json",
  "content-length",
  String(ONE_ACCEPTED.length),
];

/** Throws an HttpProblem for a body that cannot be read as events. */
export function eventsRoute(
  parts: EventsRouteParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { access, bodies, parse, acceptPath, tallies, nowMicros } = parts;
  return async (request, response) => {
    const checking = access.check(request, "ingest");
    if (checking !== undefined) await checking;
    const kind = bodyKind(request.headers["content-type"]);
    const text = await bodies.readText(request);
    const receivedAtMicros = nowMicros();
    const parsed = parse(text, kind, receivedAtMicros);
    if ("code" in parsed) throw new HttpProblem(parsed.code, parsed.detail);
    const answer = acceptPath.accept(DIALECT, parsed.events, parsed.rejections, receivedAtMicros);
    const status = isAllRejected(answer) ? 422 : 200;
    tallies.answered(EVENTS_PATH, status);
    send(response, status, answer);
  };
}

function isAllRejected({ accepted, duplicates, rejected }: Answer): boolean {
  return rejected > 0 && accepted === 0 && duplicates === 0;
}

function send(response: ServerResponse, status: number, answer: Answer): void {
  if (answer.accepted === 1 && answer.duplicates === 0 && answer.rejected === 0) {
    response.writeHead(200, ONE_ACCEPTED_HEADERS);
    response.end(ONE_ACCEPTED);
    return;
  }
  const body = JSON.stringify(answer);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
  });
  response.end(body);
}

/** A missing type is refused too: browsers send such requests across origins without asking. */
function bodyKind(contentType: string | undefined): BodyKind {
  if (contentType === "application/json") return "json";
  const mediaType = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  switch (mediaType) {
    case "application/json":
      return "json";
    case "application/x-ndjson":
    case "application/ndjson":
    case "application/jsonl":
      return "ndjson";
    default:
      throw new HttpProblem(
        "unsupported_media_type",
        `content-type: expected application/json or application/x-ndjson, got ${mediaType === "" ? "none" : mediaType}`,
      );
  }
}
