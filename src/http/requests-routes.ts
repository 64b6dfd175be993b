/** `GET /v1/requests`: kept requests, the latest first; docs/queries.md. */
import { fromUsd } from "../event/money.ts";
import { ERROR_TYPES, STATUSES } from "../event/outcome.ts";
import { type Row, type RowsQuestion, StoreError } from "../history/event-store.ts";
import { presentEvent } from "../ingest/present-event.ts";
import { type Condition, INSTANCE } from "../query/question.ts";
import { patternsParameter } from "./dimensions.ts";
import { KEPT_EVENT_SCHEMA } from "./history-schemas.ts";
import { sendJson } from "./json.ts";
import { flag, type JsonSchema, list, members, nullable, text } from "./json-schema.ts";
import {
  BadParameter,
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
import { END_MICROS, FROM, UNTIL } from "./time-range.ts";

/** Records looked at by one call of the store, and for one page. */
const SCAN_MAX = 10_000;
const SCANNED_MAX = 200_000;
/** Rows that are read and presented at a stretch. */
const ROWS_A_TURN = 200;

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
        const requests: unknown[] = [];
        let { cursor } = asked;
        let left = asked.limit;
        let scanned = 0;
        do {
          const { rows, next } = await rowsOf(history, asked, cursor, Math.min(left, ROWS_A_TURN));
          for (const row of rows) requests.push(presentRow(row));
          left -= rows.length;
          scanned += SCAN_MAX;
          cursor = next;
        } while (cursor !== undefined && left > 0 && scanned < SCANNED_MAX);
        sendJson(response, { requests, next: cursor ?? null, complete: left === 0 || cursor === undefined });
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

async function rowsOf(
  history: QueryParts["history"],
  asked: Asked,
  cursor: string | undefined,
  limit: number,
): ReturnType<typeof history.rows> {
  try {
    return await history.rows({ ...questionOf(asked), cursor, limit, scanMax: SCAN_MAX });
  } catch (error) {
    // Only a store can read a cursor.
    if (error instanceof StoreError && /expected a cursor/.test(error.message)) {
      throw new BadParameter("cursor", `cursor: ${error.message}`);
    }
    throw error;
  }
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
    durationMinNanos: min_duration_ms === undefined ? undefined : Math.round(min_duration_ms * 1e6),
  };
}

function presentRow({ instance, seq, text }: Row): unknown {
  return { [INSTANCE]: instance, ...presentEvent(seq, text) };
}
