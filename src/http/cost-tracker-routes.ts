/** What the dashboard of the cost tracker reads: totals of the last hours, and the latest requests; docs/dialects.md. */
import { fromUsd } from "../event/money.ts";
import { type CostDashboard, costDashboard, type DashboardCells } from "../query/cost-dashboard.ts";
import { isoFormat } from "../query/iso-format.ts";
import { type Condition, END_MICROS, TEAM } from "../query/question.ts";
import { recentRequest } from "../query/recent-request.ts";
import {
  DASHBOARD_PARAMETERS,
  DASHBOARD_SCHEMA,
  RECENT_PARAMETERS,
  RECENT_SCHEMA,
} from "./cost-tracker-schemas.ts";
import { fastApiProblem } from "./fastapi-problem.ts";
import { sendJson } from "./json.ts";
import { keptRequestsAtOnce } from "./kept-requests.ts";
import { MODELS_MAX, tooManyModels } from "./models-limit.ts";
import { type ParameterValues, readKnownParameters } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";

const HOUR_MICROS = 3_600e6;
const MODEL_HOURS_MAX = 20_000;

export function costTrackerRoutes(parts: QueryParts): readonly Route[] {
  return [
    {
      path: PATHS.dashboardMetrics,
      method: "get",
      role: "query",
      handle: async (request, response) => {
        const asked = readKnownParameters(request.originalUrl, DASHBOARD_PARAMETERS);
        sendJson(response, await dashboard(parts, asked));
      },
      problemAs: fastApiProblem,
      operation: {
        tag: "costTracker",
        summary: "Totals of the last hours, by model and by hour",
        parameters: DASHBOARD_PARAMETERS,
        answer: { description: "The totals.", content: { "application/json": DASHBOARD_SCHEMA } },
        problems: ["answer_too_large", "store_away", "store_failed"],
      },
    },
    {
      path: PATHS.recentRequests,
      method: "get",
      role: "query",
      handle: async (request, response) => {
        const asked = readKnownParameters(request.originalUrl, RECENT_PARAMETERS);
        sendJson(response, await recentRequests(parts, asked));
      },
      problemAs: fastApiProblem,
      operation: {
        tag: "costTracker",
        summary: "The latest requests",
        parameters: RECENT_PARAMETERS,
        answer: {
          description: "Requests, the latest arrival first.",
          content: { "application/json": RECENT_SCHEMA },
        },
        problems: ["store_away", "store_failed"],
      },
    },
  ];
}

async function dashboard(
  parts: QueryParts,
  {
    time_range_hours: hours,
    team_alias: team,
    model_filter: model,
  }: ParameterValues<typeof DASHBOARD_PARAMETERS>,
): Promise<CostDashboard & { time_range_hours: number; range_from: string; range_until: string }> {
  const nowMicros = parts.nowMicros();
  const where = [...is(TEAM, team), ...is("model", model)];
  const { cells, fromMicros } = await dashboardCells(
    parts,
    where,
    nowMicros - hours * HOUR_MICROS,
    nowMicros,
  );
  return {
    ...costDashboard(cells),
    time_range_hours: hours,
    range_from: isoFormat(fromMicros),
    range_until: isoFormat(nowMicros),
  };
}

/** The hour in which the range begins is asked for by itself, for the range has only a part of it; then whole hours. */
async function dashboardCells(
  { history: { cells } }: QueryParts,
  where: readonly Condition[],
  fromMicros: number,
  nowMicros: number,
): Promise<{ readonly cells: DashboardCells; readonly fromMicros: number }> {
  const wholeFromMicros = Math.ceil(fromMicros / HOUR_MICROS) * HOUR_MICROS;
  const byModel = { by: ["model"], where, cellsMax: MODELS_MAX };
  const begun = await cells.range({
    ...byModel,
    fromMicros,
    untilMicros: wholeFromMicros,
    stepMicros: undefined,
  });
  // What comes to its end in this very microsecond is in it.
  const rest = { where, fromMicros: wholeFromMicros, untilMicros: nowMicros + 1 };
  const hourly = { ...rest, stepMicros: HOUR_MICROS };
  const both = await cells.range({ ...hourly, by: ["model"], cellsMax: MODEL_HOURS_MAX });
  const [models, hours] = both.isTooLarge
    ? [
        await cells.range({ ...byModel, ...rest, stepMicros: undefined }),
        await cells.range({ ...hourly, by: [], cellsMax: MODEL_HOURS_MAX }),
      ]
    : [both, both];
  if (begun.isTooLarge || models.isTooLarge || hours.isTooLarge) {
    throw tooManyModels();
  }
  const { range: first } = begun;
  const isBegun = first !== undefined && first.fromMicros < first.untilMicros;
  return {
    cells: { byModel: [...begun.groups, ...models.groups], byHour: [...begun.groups, ...hours.groups] },
    fromMicros: isBegun ? first.fromMicros : hours.range!.fromMicros,
  };
}

async function recentRequests(
  { history }: QueryParts,
  asked: ParameterValues<typeof RECENT_PARAMETERS>,
): Promise<unknown> {
  const { requests, next } = await keptRequestsAtOnce(history, {
    where: [
      ...is(TEAM, asked.team_alias),
      ...is("provider", asked.provider),
      ...is("model", asked.model),
      ...is("pool", asked.pool),
      ...is("end_user", asked.user),
      ...is("status", asked.status),
    ],
    fromMicros: asked.from ?? 0,
    untilMicros: asked.until ?? END_MICROS,
    costMin: asked.min_cost === undefined ? undefined : fromUsd(asked.min_cost),
    durationMinNanos:
      asked.min_duration_ms === undefined ? undefined : Math.ceil(asked.min_duration_ms * 1e6),
    limit: asked.limit,
    cursor: asked.cursor,
  });
  return {
    status: "success",
    count: requests.length,
    requests: requests.map(recentRequest),
    next_cursor: next ?? null,
  };
}

/** An empty one is none, as the original takes it. */
function is(dimension: string, value: string | undefined): readonly Condition[] {
  return value === undefined || value === "" ? [] : [{ dimension, kind: "is", values: [value] }];
}
