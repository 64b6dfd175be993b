/**
 * The Express application of both metric peers: takes events as JSON or NDJSON and hands each to a recorder. The
 * body parsers are those that Express ships and documents.
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
    try {
      for (const event of eventsOf(request.body)) take(event, recorder, started);
      response.status(204).end();
    } catch (error) {
      response.status(400).json({ error: error instanceof Error ? error.message : String(error) });
    }
  });
  return app;
}

function eventsOf(body: unknown): JsonObject[] {
  if (typeof body === "string") {
    const lines = body.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as JsonObject);
  }
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
