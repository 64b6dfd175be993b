/** A route that takes events in a dialect of JSON: from the body to elements, to events, to the dialect's own answer. */
import type { Request, Response } from "express";
import type { EventParser } from "../event/parse-event.ts";
import type { AcceptPath, Dialect } from "../ingest/accept-path.ts";
import type { Answer } from "../ingest/answer.ts";
import { type Element, type ReadBody, readElements } from "../ingest/dialect.ts";
import type { BodyProblem } from "../ingest/json-body.ts";
import { acceptEvents } from "./accept-events.ts";
import type { BodyReader } from "./body.ts";
import { bodyKind } from "./events-route.ts";
import { HttpProblem } from "./problem.ts";

export type DialectParts = {
  readonly bodies: BodyReader;
  readonly parser: EventParser;
  readonly acceptPath: AcceptPath;
  /** Most elements in one body. */
  readonly eventsMax: () => number;
  readonly nowMicros: () => number;
};

export type DialectBody = {
  /** The elements of a body. */
  readonly elements: (text: string, eventsMax: number) => readonly Element[] | BodyProblem;
  /** Whether its senders put prompts into a body and cannot compress it. */
  readonly isLarge?: boolean;
  /** Sends what the dialect's clients expect. */
  readonly answer: (response: Response, answer: Answer, read: ReadBody) => void;
};

/** Takes a body whose type is JSON, or NDJSON. Throws an HttpProblem for one that cannot be read or kept. */
export function dialectHandler(
  dialect: Dialect,
  { bodies, parser, acceptPath, eventsMax, nowMicros }: DialectParts,
  { elements, isLarge = false, answer }: DialectBody,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    if (bodyKind(request.headers["content-type"]) === undefined) {
      const got = request.headers["content-type"] ?? "none";
      throw new HttpProblem("unsupported_media_type", `content-type: expected application/json, got ${got}`);
    }
    const text = await (isLarge ? bodies.readLargeText(request) : bodies.readText(request));
    const found = elements(text, eventsMax());
    if ("code" in found) throw new HttpProblem(found.code, found.detail);
    const receivedAtMicros = nowMicros();
    const read = readElements(found, parser, receivedAtMicros);
    answer(response, await acceptEvents(acceptPath, dialect, read, receivedAtMicros), read);
  };
}
