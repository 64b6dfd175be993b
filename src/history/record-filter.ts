/** Which kept requests a question for rows asks for. */
import { compareMoney } from "../event/money.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { matcherOf } from "../query/question.ts";
import type { RowsQuestion } from "./event-store.ts";
import type { LogRecord } from "./log-record.ts";

const FIELDS = {
  id: ({ id }: RequestEvent) => id,
  provider: ({ provider }: RequestEvent) => provider,
  model: ({ model }: RequestEvent) => model,
  pool: ({ pool }: RequestEvent) => pool,
  team: ({ team }: RequestEvent) => team,
  user: ({ user }: RequestEvent) => user,
  end_user: ({ endUser }: RequestEvent) => endUser,
  status: ({ status }: RequestEvent) => status,
  error_type: ({ errorType }: RequestEvent) => errorType,
  operation: ({ operation }: RequestEvent) => operation,
  requested_model: ({ requestedModel }: RequestEvent) => requestedModel,
  trace_id: ({ traceId }: RequestEvent) => traceId,
} as const satisfies Record<string, (event: RequestEvent) => string | undefined>;

/** What conditions on rows may name, beside INSTANCE. A field that nobody reported is "". */
export type RecordDimension = keyof typeof FIELDS;
export const RECORD_DIMENSIONS = Object.keys(FIELDS) as readonly RecordDimension[];

/** Whether a record is asked for; made once for a question. Reports of requests that go on never are. */
export function recordFilter(
  question: Pick<RowsQuestion, "where" | "fromMicros" | "untilMicros" | "costMin" | "durationMinNanos">,
): (record: LogRecord) => boolean {
  const { fromMicros, untilMicros, costMin, durationMinNanos } = question;
  const conditions = question.where
    .filter(({ dimension }) => dimension in FIELDS)
    .map((condition) => ({
      fieldOf: FIELDS[condition.dimension as RecordDimension],
      matches: matcherOf(condition),
    }));
  return (record) => {
    if (record.kind !== "end") return false;
    const { event, price } = record;
    if (event.timestampMicros < fromMicros || event.timestampMicros >= untilMicros) return false;
    if (durationMinNanos !== undefined && (event.durationNanos ?? -1) < durationMinNanos) return false;
    // Of a cost that is unknown nobody can say that it is as high.
    if (costMin !== undefined && (price.cost === undefined || compareMoney(price.cost, costMin) < 0))
      return false;
    return conditions.every(({ fieldOf, matches }) => matches(fieldOf(event) ?? ""));
  };
}
