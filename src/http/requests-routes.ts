/** `GET /v1/requests`: kept requests, the latest first; docs/queries.md. */
import { fromUsd } from "../event/money.ts";
import { ERROR_TYPES, STATUSES } from "../event/outcome.ts";
import type { RowsQuestion } from "../history/event-store.ts";
import { presentEvent } from "../ingest/present-event.ts";
import type { KeptRequest } from "../query/kept-request.ts";
import { type Condition, END_MICROS, INSTANCE } from "../query/question.ts";
import { patternsParameter } from "./dimensions.ts";
import { KEPT_EVENT_SCHEMA } from "./history-schemas.ts";
import { sendJson } from "./json.ts";
import { flag, type JsonSchema, list, members, nullable, text } from "./json-schema.ts";
import { keptRequestsAtOnce } from "./kept-requests.ts";
import {
  choiceParameter,
  integerParameter,
  numberParameter,
  type ParameterValues,
  readParameters,
  textParameter,
} from "./parameters.ts";
import { PATHS } from "./paths.ts";
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";
import { FROM, UNTIL } from "./time-range.ts";

/** Some 200,000 records are looked at for one page. */
const CALLS_MAX = 20;

const PATTERNS = {
  provider: patternsParameter("Providers: `*` stands for any text, `?` for any character, a comma for *or*."),
  model: patternsParameter("Models, in the same way."),
  pool: patternsParameter("Pools, in the same way."),
  team: patternsParameter("Teams, in the same way. Empty: requests without one."),
  user: patternsParameter("Users, in the same way."),
  end_user: patternsParameter("End users, in the same way."),
  instance: patternsParameter("Exporters that share a store, in the same way."),
};
const EXACT = {
  status: choiceParameter("How they ended.", STATUSES, undefined),
  error_type: choiceParameter("Why they failed.", ERROR_TYPES, undefined),
  id: textParameter("The request of this id."),
  trace_id: textParameter("Requests of this trace."),
};
const PARAMETERS = {
  ...PATTERNS,
  ...EXACT,
  min_cost: numberParameter("Only those whose cost is known and at least so many US dollars.", {
    min: 0,
    max: 1e6,
  }),
  min_duration_ms: numberParameter("Only those that took at least so long.", { min: 0, max: 2.592e9 }),
  from: FROM,
  until: UNTIL,
  limit: integerParameter("Most requests in the answer.", { min: 1, max: 1_000, absent: 100 }),
  cursor: textParameter("`next` of the answer before; all else must be asked as before."),
};
type Asked = ParameterValues<typeof PARAMETERS>;

const SCHEMA: JsonSchema = members({
  requests: list({
    ...KEPT_EVENT_SCHEMA,
    title: "KeptRequest",
    properties: { instance: text("Which exporter counted it."), ...(KEPT_EVENT_SCHEMA.properties as object) },
    required: ["instance", ...(KEPT_EVENT_SCHEMA.required as readonly string[])],
  }),
  next: nullable(text("`cursor` of the next page; null: there are no earlier ones.")),
  complete: flag(
    "Whether the page has `limit` requests or reaches the end; false: the search ended for its length, go on with `next`.",
  ),
});

export function requestsRoutes({ history }: QueryParts): readonly Route[] {
  return [
    {
      path: PATHS.requests,
      method: "get",
      role: "query",
      handle: async (request, response) => {
        const asked = readParameters(request.originalUrl, PARAMETERS);
        const { requests, next } = await keptRequestsAtOnce(history, {
          ...questionOf(asked),
          ...{ cursor: asked.cursor, limit: asked.limit, callsMax: CALLS_MAX },
        });
        const complete = requests.length === asked.limit || next === undefined;
        sendJson(response, { requests: requests.map(presented), next: next ?? null, complete });
      },
      operation: {
        tag: "query",
        summary: "Kept requests, the latest first",
        description: "By arrival. What is kept and for how long: docs/history.md.",
        parameters: PARAMETERS,
        answer: { description: "A page of them.", content: { "application/json": SCHEMA } },
        problems: ["store_away", "store_failed"],
      },
    },
  ];
}

function questionOf(asked: Asked): Omit<RowsQuestion, "cursor" | "limit" | "scanMax"> {
  const { min_cost, min_duration_ms, from = 0, until = END_MICROS } = asked;
  const like = (Object.keys(PATTERNS) as (keyof typeof PATTERNS)[]).flatMap((name): Condition[] => {
    const values = asked[name];
    return values === undefined ? [] : [{ dimension: name, kind: "like", values }];
  });
  const exact = (Object.keys(EXACT) as (keyof typeof EXACT)[]).flatMap((name): Condition[] => {
    const value = asked[name];
    return value === undefined ? [] : [{ dimension: name, kind: "is", values: [value] }];
  });
  return {
    where: [...like, ...exact],
    fromMicros: from,
    untilMicros: until,
    costMin: min_cost === undefined ? undefined : fromUsd(min_cost),
    durationMinNanos: min_duration_ms === undefined ? undefined : Math.ceil(min_duration_ms * 1e6),
  };
}

function presented({ instance, seq, ...record }: KeptRequest): unknown {
  return { [INSTANCE]: instance, ...presentEvent(seq, record) };
}
