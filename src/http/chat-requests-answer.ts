/** Requests as Gatewayz monitoring lists them. How many there are comes from sums, they themselves from the records. */
import type { EntityIds } from "../ingest/entity-ids.ts";
import { CHAT_STATUSES, type ChatStatus, countOf } from "../query/chat-models.ts";
import { chatRequest } from "../query/chat-request.ts";
import { isoFormat } from "../query/iso-format.ts";
import type { KeptRequest } from "../query/kept-request.ts";
import { type Condition, END_MICROS } from "../query/question.ts";
import { jsonText } from "./json.ts";
import { keptRequests } from "./kept-requests.ts";
import type { REQUESTS_PARAMETERS } from "./monitoring-schemas.ts";
import { numberedModels, selectionOf, withModels } from "./numbered-models.ts";
import type { ParameterValues } from "./parameters.ts";
import type { QueryParts } from "./query-parts.ts";

type Asked = ParameterValues<typeof REQUESTS_PARAMETERS>;
/** As they were given, for they are told again. */
type Dates = { readonly start_date: string | null; readonly end_date: string | null };

/** The answer as JSON, in slices. */
export async function* chatRequestsAnswer(
  parts: QueryParts,
  asked: Asked,
  dates: Dates,
): AsyncGenerator<string, void> {
  const ids = await parts.history.entities([]);
  const { count, requests } = await foundOf(parts, ids, asked);
  let before = '{"success":true,"data":[';
  let returned = 0;
  for (;;) {
    const page = await requests.next();
    if (page.done === true) {
      const isComplete = returned === asked.limit || page.value === undefined;
      const metadata = {
        ...metadataOf(asked, dates),
        ...count,
        returned_count: returned,
        is_complete: isComplete,
      };
      const timestamp = isoFormat(parts.nowMicros());
      yield `${returned === 0 ? before : ""}],"metadata":${jsonText({ ...metadata, timestamp })}}`;
      return;
    }
    const rows = await withModels(parts, page.value, chatRequest);
    yield before + rows.map(jsonText).join(",");
    before = ",";
    returned += rows.length;
  }
}

function metadataOf({ limit, offset, model_id, provider_id, model_name, status }: Asked, dates: Dates) {
  const filters = {
    model_id: model_id ?? null,
    provider_id: provider_id ?? null,
    model_name: model_name ?? null,
    status: status ?? null,
    ...dates,
  };
  return { limit, offset, filters };
}

type Found = {
  readonly count: {
    readonly total_count: number;
    /** What was added up: whole minutes. */
    readonly count_from: string | null;
    readonly count_until: string | null;
  };
  readonly requests: AsyncGenerator<readonly KeptRequest[], string | undefined>;
};

async function foundOf(parts: QueryParts, ids: EntityIds, asked: Asked): Promise<Found> {
  const { start_date: start, end_date: end, limit, offset } = asked;
  const range = { fromMicros: start ?? 0, untilMicros: end === undefined ? END_MICROS : end + 1 };
  const question = { ...range, costMin: undefined, durationMinNanos: undefined, cursor: undefined };
  const selection = selectionOf(ids, asked);
  const ended = endedAs(asked.status);
  if (selection === undefined || ended === undefined) {
    const count = { total_count: 0, count_from: null, count_until: null };
    return { count, requests: keptRequests(parts.history, { ...question, where: [], limit: 0 }) };
  }
  const isDated = start !== undefined || end !== undefined;
  const { models, range: covered } = await numberedModels(
    parts,
    selection.ofSums,
    isDated ? range : undefined,
  );
  const instant = (micros: number | undefined) => (micros === undefined ? null : isoFormat(micros));
  const where = [...selection.ofRecords, ...ended.ofRecords];
  return {
    count: {
      total_count: countOf(models, ended.status),
      count_from: instant(covered?.fromMicros),
      count_until: instant(end === undefined ? undefined : covered?.untilMicros),
    },
    requests: keptRequests(parts.history, {
      ...question,
      ...{ where, limit, offset, isAsked: selection.isAsked },
    }),
  };
}

/** `undefined`: no request ends like this. */
function endedAs(
  word: string | undefined,
): { readonly status: ChatStatus | undefined; readonly ofRecords: readonly Condition[] } | undefined {
  if (word === undefined || word === "") return { status: undefined, ofRecords: [] };
  if (!Object.hasOwn(CHAT_STATUSES, word)) return undefined;
  const status = word as ChatStatus;
  return { status, ofRecords: [{ dimension: "status", kind: "is", values: [CHAT_STATUSES[status]] }] };
}
