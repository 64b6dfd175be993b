/** `GET /metrics/running-totals`: totals by provider and model as a Vandamme dashboard reads them; docs/running-totals.md. */
import type { Request, Response } from "express";
import { RUNNING_TOTALS_BY, type RunningTotals, runningTotals } from "../query/running-totals.ts";
import { failureYaml, runningTotalsYaml } from "../query/running-totals-yaml.ts";
import { fastApiProblem } from "./fastapi-problem.ts";
import { sendJson } from "./json.ts";
import { count, type JsonSchema, members, namedBy, nullable, number, text } from "./json-schema.ts";
import { MODELS_MAX, tooManyModels } from "./models-limit.ts";
import { booleanParameter, type ParameterValues, readKnownParameters, textParameter } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import type { HttpProblem } from "./problem.ts";
import type { QueryParts } from "./query-parts.ts";
import type { DialectProblem, Route } from "./route.ts";

/** Written exactly like this: clients compare it. */
const YAML_TYPE = "text/yaml; charset=utf-8";
/** What is sent unless JSON is wanted more than any of them. */
const YAML_TYPES = ["text/yaml", "application/yaml", "application/x-yaml", "text/plain"];
const JSON_TYPE = "application/json";

const PATTERN = "`*` stands for any text, `?` for any character; upper and lower case are the same.";
const PARAMETERS = {
  provider: textParameter(`Providers whose whole name is like this. ${PATTERN}`),
  model: textParameter(`Models whose whole name is like this. ${PATTERN}`),
  include_active: booleanParameter("Whether requests in flight are counted among the others.", true),
};

const BLOCK = members({
  requests: count(),
  errors: count("Failed or cancelled."),
  input_tokens: count("Without what was read from or written to a cache."),
  output_tokens: count("Reasoning included."),
  cache_read_tokens: count(),
  cache_creation_tokens: count(),
  tool_uses: count(),
  tool_results: count(),
  tool_calls: count(),
  average_duration_ms: count("Over requests whose duration is known."),
  total_duration_ms: number(),
});
const SPLITS = { total: BLOCK, streaming: BLOCK, non_streaming: BLOCK };
const OPTIONAL_SPLITS = ["streaming", "non_streaming"];
const ACCESSED = nullable(text("The latest request, in UTC without a zone."));

const SCHEMA: JsonSchema = members({
  summary: members({
    last_accessed: nullable(members({ top: text("The latest request of all, in UTC without a zone.") })),
    total_requests: count(),
    total_errors: count("Failed or cancelled."),
    total_input_tokens: count("Without what was read from or written to a cache."),
    total_output_tokens: count("Reasoning included."),
    total_cache_read_tokens: count(),
    total_cache_creation_tokens: count(),
    total_tool_uses: count(),
    total_tool_results: count(),
    total_tool_calls: count(),
    active_requests: count("All that are in flight, whatever is asked for."),
    average_duration_ms: count("Over requests whose duration is known."),
    total_duration_ms: count(),
    cache_read_tokens: count(),
    cache_creation_tokens: count(),
    streaming_average_duration_ms: count(),
    non_streaming_average_duration_ms: count(),
  }),
  providers: namedBy(
    members({
      last_accessed: ACCESSED,
      rollup: members({ ...SPLITS, avg_duration_ms: count() }, { optional: OPTIONAL_SPLITS }),
      models: namedBy(members({ last_accessed: ACCESSED, ...SPLITS }, { optional: OPTIONAL_SPLITS })),
    }),
  ),
});

export function runningTotalsRoutes(parts: QueryParts): readonly Route[] {
  return [
    {
      path: PATHS.runningTotals,
      method: "get",
      role: "query",
      handle: (request, response) => answer(request, response, parts),
      problemAs,
      operation: {
        tag: "vandamme",
        summary: "Totals by provider and model",
        description: "YAML, or JSON where `Accept` prefers it.",
        parameters: PARAMETERS,
        answer: {
          description: "The report.",
          content: { [YAML_TYPE]: SCHEMA, [JSON_TYPE]: SCHEMA },
        },
        problems: ["answer_too_large", "store_away", "store_failed"],
      },
    },
  ];
}

async function answer(
  request: Request,
  response: Response,
  { history, active, nowMicros }: QueryParts,
): Promise<void> {
  const asked = readKnownParameters(request.originalUrl, PARAMETERS);
  const question = { by: RUNNING_TOTALS_BY, where: [], cellsMax: MODELS_MAX };
  const { groups, isTooLarge } = await history.cells.totals(question);
  if (isTooLarge) {
    throw tooManyModels();
  }
  const filter = { provider: asked.provider || undefined, model: asked.model || undefined };
  const totals = runningTotals({
    ...{ groups, active: Array.from(active.all()), includesActive: asked.include_active },
    ...filter,
  });
  response.setHeader("vary", "accept");
  if (prefersJson(request)) sendJson(response, plain(totals));
  else sendYaml(response, totals, filter, nowMicros());
}

/** Parameters of a media type, a charset or a version, are no matter here. */
function prefersJson(request: Request): boolean {
  const { accept } = request.headers;
  if (accept !== undefined) request.headers.accept = accept.replace(/;(?!\s*q=)[^;,]*/gi, "");
  return request.accepts([...YAML_TYPES, JSON_TYPE]) === JSON_TYPE;
}

function sendYaml(
  response: Response,
  totals: RunningTotals,
  filter: Pick<ParameterValues<typeof PARAMETERS>, "provider" | "model">,
  nowMicros: number,
): void {
  const second = new Date(nowMicros / 1e3).toISOString().slice(0, 19);
  const micros = String(Math.floor(nowMicros) % 1e6).padStart(6, "0");
  const text = runningTotalsYaml(totals, { generated: `${second}.${micros}Z`, ...filter });
  const name = `running-totals-${second.replace(/[-:]/g, "").replace("T", "-")}.yaml`;
  response.writeHead(200, {
    "content-type": YAML_TYPE,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-cache",
    "content-disposition": `inline; filename=${name}`,
  });
  response.end(text);
}

/** The same as objects, which JSON can write. */
function plain({ summary, providers }: RunningTotals): unknown {
  return {
    summary,
    providers: Object.fromEntries(
      Array.from(providers, ([name, { models, ...provider }]) => [
        name,
        { ...provider, models: Object.fromEntries(models) },
      ]),
    ),
  };
}

/** What is wrong with a request is told in JSON, what is wrong here in the form of the report. */
function problemAs(problem: HttpProblem): DialectProblem {
  if (problem.status < 500) return fastApiProblem(problem);
  return { status: problem.status, type: YAML_TYPE, body: failureYaml(problem.detail) };
}
