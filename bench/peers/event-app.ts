/**
 * The Express application of both metric peers: takes events as JSON or NDJSON, hands each to a recorder, and answers
 * as the exporter does, with what was accepted and what was not. The body parsers are those that Express ships.
 */
import express, { type Express } from "express";
import { type JsonObject, type Labels, labelsOf, type Observation, observationOf } from "./observation.ts";

/** What a peer does with events; one implementation for each metrics library. */
export type Recorder = {
  /** Counts one ended request. */
  record(observation: Observation): void;
  addInFlight(labels: Labels, change: 1 | -1): void;
};

/** A batch of a thousand events is some 300 kB. */
const BODY_LIMIT = "16mb";

export function eventApp(recorder: Recorder): Express {
  const app = express();
  const started = new Map<string, Labels>();
  app.disable("x-powered-by");
  app.use(express.json({ limit: BODY_LIMIT }));
  app.use(express.text({ type: "application/x-ndjson", limit: BODY_LIMIT }));
  app.get("/readyz", (_request, response) => {
    response.status(200).end();
  });
  app.post("/v1/events", (request, response) => {
    const answer = { accepted: 0, rejected: 0, errors: [] as { index: number; message: string }[] };
    eventsOf(request.body).forEach((event, index) => {
      try {
        take(typeof event === "string" ? JSON.parse(event) : event, recorder, started);
        answer.accepted += 1;
      } catch (error) {
        answer.rejected += 1;
        answer.errors.push({ index, message: (error as Error).message });
      }
    });
    response.status(answer.accepted > 0 ? 200 : 422).json(answer);
  });
  return app;
}

/** Lines of NDJSON, or parsed events. */
function eventsOf(body: unknown): (string | JsonObject)[] {
  if (typeof body === "string") return body.split("\n").filter((line) => line !== "");
  if (Array.isArray(body)) return body as JsonObject[];
  const object = body as JsonObject;
  return Array.isArray(object.events) ? (object.events as JsonObject[]) : [object];
}

/** `started` holds the labels of the requests in flight by their id. */
function take(event: JsonObject, recorder: Recorder, started: Map<string, Labels>): void {
  const phase = event.phase ?? "end";
  const id = event.id;
  if (phase === "start" && typeof id === "string") {
    if (started.has(id)) return;
    const labels = labelsOf(event);
    started.set(id, labels);
    recorder.addInFlight(labels, 1);
  } else if (phase === "end") {
    recorder.record(observationOf(event));
    const labels = typeof id === "string" ? started.get(id) : undefined;
    if (labels === undefined) return;
    started.delete(id as string);
    recorder.addInFlight(labels, -1);
  }
}
