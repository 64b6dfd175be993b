/** Where gateways post what they log of requests: LiteLLM's generic API callback, and ModelMesh's webhook connector. */
import type { Response } from "express";
import type { Dialect } from "../ingest/accept-path.ts";
import type { Answer } from "../ingest/answer.ts";
import type { ReadBody } from "../ingest/dialect.ts";
import { litellmElements } from "../ingest/litellm.ts";
import { modelmeshElements } from "../ingest/modelmesh.ts";
import { ACCEPT_PROBLEMS } from "./accept-events.ts";
import { type DialectBody, type DialectParts, dialectHandler } from "./dialect-route.ts";
import { ANSWER_SCHEMA } from "./event-schemas.ts";
import { sendJson } from "./json.ts";
import { count, type JsonSchema, list } from "./json-schema.ts";
import { PATHS } from "./paths.ts";
import type { Operation, Route } from "./route.ts";

/** An object or an array of objects that others define. */
const FOREIGN: JsonSchema = { anyOf: [{ type: "object" }, list({ type: ["object", "null"] })] };

const ANSWER = withIgnored(ANSWER_SCHEMA);

export function gatewayRoutes(parts: DialectParts): readonly Route[] {
  return [
    gatewayRoute(
      parts,
      PATHS.litellm,
      "litellm",
      { elements: litellmElements, isLarge: true },
      {
        summary: "Requests as LiteLLM's generic API callback logs them",
        description:
          "An array, an object, or a line for each request. `model_group` is the pool. Messages and answers are not looked at; " +
          "a body may be as large as others after decompression.",
      },
    ),
    gatewayRoute(
      parts,
      PATHS.modelmesh,
      "modelmesh",
      { elements: modelmeshElements },
      {
        summary: "Records of ModelMesh's webhook connector",
        description:
          "An object or an array. `log` records are requests, `model_rotated` events are rotations; `stats` and traces tell of the same and are left out.",
      },
    ),
  ];
}

function gatewayRoute(
  parts: DialectParts,
  path: string,
  dialect: Dialect,
  body: Omit<DialectBody, "answer">,
  told: Pick<Operation, "summary" | "description">,
): Route {
  return {
    path,
    method: "post",
    role: "ingest",
    handle: dialectHandler(dialect, parts, { ...body, answer: sendAnswer }),
    operation: {
      tag: "ingest",
      ...told,
      body: { "application/json": FOREIGN, "application/x-ndjson": { type: "string" } },
      // A gateway that is refused gives its batch up: what is wrong with single events is said in a 200.
      answer: { description: "What became of the records.", content: { "application/json": ANSWER } },
      problems: ["malformed_json", "too_deep", "too_many_values", "too_many_events", ...ACCEPT_PROBLEMS],
    },
  };
}

function sendAnswer(response: Response, answer: Answer, { ignored }: ReadBody): void {
  const left = Array.from(ignored.values()).reduce((sum, count) => sum + count, 0);
  sendJson(response, { ...answer, ignored: left });
}

function withIgnored(schema: JsonSchema): JsonSchema {
  const { properties, required } = schema as { properties: object; required: readonly string[] };
  return {
    ...schema,
    title: "DialectAnswer",
    properties: {
      ...properties,
      ignored: count("Records that are of no request, or of one that is told elsewhere."),
    },
    required: [...required, "ignored"],
  };
}
