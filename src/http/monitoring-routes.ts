/** What the front end of Gatewayz reads of its chat requests; docs/dialects.md. */
import type { RequestHandler } from "express";
import { chatCount, chatModel, chatProviders, countOf } from "../query/chat-models.ts";
import { isoFormat } from "../query/iso-format.ts";
import { chatRequestsAnswer } from "./chat-requests-answer.ts";
import { fastApiProblem } from "./fastapi-problem.ts";
import { sendJson } from "./json.ts";
import type { JsonSchema } from "./json-schema.ts";
import { sendJsonSlices } from "./json-slices.ts";
import {
  COUNTS_SCHEMA,
  MODELS_PARAMETERS,
  MODELS_SCHEMA,
  NO_PARAMETERS,
  PLOT_PARAMETERS,
  PLOT_SCHEMA,
  PROVIDERS_SCHEMA,
  REQUESTS_PARAMETERS,
  REQUESTS_SCHEMA,
} from "./monitoring-schemas.ts";
import { numberedModels } from "./numbered-models.ts";
import { type Parameters, readKnownParameters } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import { plotDataAnswer } from "./plot-data-answer.ts";
import { HttpProblem } from "./problem.ts";
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";

export function monitoringRoutes(parts: QueryParts): readonly Route[] {
  const timestamp = () => isoFormat(parts.nowMicros());
  return [
    route({
      path: PATHS.chatProviders,
      what: "providers",
      summary: "Providers with requests, the most asked first",
      parameters: NO_PARAMETERS,
      schema: PROVIDERS_SCHEMA,
      handle: async (_request, response) => {
        const data = chatProviders((await numberedModels(parts, [])).models);
        const metadata = { total_providers: data.length, timestamp: timestamp(), method: "rpc" };
        sendJson(response, { success: true, data, metadata });
      },
    }),
    route({
      path: PATHS.chatCounts,
      what: "counts",
      summary: "Requests by model, the most asked first",
      parameters: NO_PARAMETERS,
      schema: COUNTS_SCHEMA,
      handle: async (_request, response) => {
        const { models } = await numberedModels(parts, []);
        const data = models.map(chatCount);
        const total_requests = countOf(models, undefined);
        const metadata = { total_models: data.length, total_requests, timestamp: timestamp() };
        sendJson(response, { success: true, data, metadata });
      },
    }),
    route({
      path: PATHS.chatModels,
      what: "models",
      summary: "Models with requests and what they were asked, the most asked first",
      parameters: MODELS_PARAMETERS,
      schema: MODELS_SCHEMA,
      handle: async (request, response) => {
        const { provider_id } = readKnownParameters(request.originalUrl, MODELS_PARAMETERS);
        const { models } = await numberedModels(parts, []);
        const data = models
          .filter(({ providerId }) => provider_id === undefined || providerId === provider_id)
          .map(chatModel);
        const metadata = { total_models: data.length, timestamp: timestamp(), method: "rpc" };
        sendJson(response, { success: true, data, metadata });
      },
    }),
    route({
      path: PATHS.chatRequests,
      what: "chat requests",
      summary: "Requests, the latest arrival first",
      parameters: REQUESTS_PARAMETERS,
      schema: REQUESTS_SCHEMA,
      handle: async (request, response) => {
        const asked = readKnownParameters(request.originalUrl, REQUESTS_PARAMETERS);
        const { searchParams } = new URL(request.originalUrl, "http://localhost");
        const given = (name: string) => searchParams.getAll(name).at(-1) ?? null;
        const dates = { start_date: given("start_date"), end_date: given("end_date") };
        await sendJsonSlices(response, chatRequestsAnswer(parts, asked, dates));
      },
    }),
    route({
      path: PATHS.chatPlotData,
      what: "plot data",
      summary: "Tokens and latency over time, and the latest requests",
      description: "Points are periods, not requests. Without dates, of the last day.",
      parameters: PLOT_PARAMETERS,
      schema: PLOT_SCHEMA,
      handle: async (request, response) => {
        const asked = readKnownParameters(request.originalUrl, PLOT_PARAMETERS);
        sendJson(response, await plotDataAnswer(parts, asked));
      },
    }),
  ];
}

type MonitoringRoute = {
  readonly path: string;
  /** What could not be had when it fails. */
  readonly what: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters: Parameters;
  readonly schema: JsonSchema;
  readonly handle: RequestHandler;
};

function route({ path, what, handle, schema, ...operation }: MonitoringRoute): Route {
  return {
    ...{ path, method: "get", role: "query", handle },
    problemAs: (problem) => {
      const { code, status, detail } = problem;
      if (status < 500) return fastApiProblem(problem);
      // The original knows one status for all that fails, and one sentence.
      const failed = fastApiProblem(new HttpProblem(code, `Failed to get ${what}: ${detail}`));
      return { ...failed, status: 500 };
    },
    operation: {
      tag: "gatewayz",
      ...operation,
      answer: { description: "An envelope with rows and metadata.", content: { "application/json": schema } },
      problems: ["answer_too_large", "store_away", "store_failed"],
    },
  };
}
