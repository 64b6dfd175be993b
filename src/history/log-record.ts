/**
 * The form in which an accepted event is kept: one JSON array, every field at its place, so that a record costs a
 * microsecond to write and says the same in every store. Places are never used for anything else; new fields come last.
 * It holds what the event holds: numbers and names, never prompt or completion content.
 */
import type { Money } from "../event/money.ts";
import type { ErrorType, Status } from "../event/outcome.ts";
import type { CostResult, Price } from "../event/price.ts";
import type { Phase, RequestEvent } from "../event/request-event.ts";
import type { ReportedUsage, TokenUsage } from "../event/token-usage.ts";

/** An ended request with its price, a report of one that goes on, a rotation, a reset of the statistics, or nothing at all. */
export type LogRecord =
  | { readonly kind: "end"; readonly event: RequestEvent; readonly price: Price }
  | {
      readonly kind: "report";
      /** All reports so far, put together. */
      readonly event: RequestEvent;
      /** Arrival of the `start`; `undefined` if only updates came. */
      readonly startArrivalMicros: number | undefined;
    }
  | {
      readonly kind: "reset";
      /** Statistics begin here. */
      readonly sinceMicros: number;
    }
  /** A move of a pool that no request reported. */
  | { readonly kind: "rotation"; readonly event: RequestEvent }
  /** So that there is a record for a checkpoint to go beyond. */
  | { readonly kind: "mark" };

export type EndRecord = Extract<LogRecord, { readonly kind: "end" }>;

const VERSION = 1;
const NO_REMARKS = { labelValuesAltered: 0, unknownFields: 0, conventionInferred: undefined } as const;

/** Where the phase of an event stands. */
const RESET = "reset";
const MARK = "mark";

export function encodeRecord(record: LogRecord): string {
  if (record.kind === "reset") return JSON.stringify([VERSION, RESET, record.sinceMicros]);
  if (record.kind === "mark") return JSON.stringify([VERSION, MARK]);
  const { event } = record;
  const price = record.kind === "end" ? record.price : undefined;
  const { usage } = event;
  // Of an ended request the disjoint usage says all; reports are put together from what was reported.
  const reported = record.kind === "report" ? event.reportedUsage : undefined;
  return JSON.stringify([
    VERSION,
    event.phase,
    event.id,
    event.timestampMicros,
    event.timestampReported,
    event.startMicros,
    event.provider,
    event.model,
    event.pool,
    event.requestedModel,
    event.operation,
    event.serviceTier,
    event.status,
    event.outcomeReported,
    event.errorType,
    event.httpStatus,
    event.stream,
    event.durationNanos,
    event.timeToFirstTokenNanos,
    usage && [
      usage.input,
      usage.cacheRead,
      usage.cacheWrite,
      usage.cacheWrite1h,
      usage.output,
      usage.reasoning,
    ],
    reported && [
      reported.input,
      reported.output,
      reported.cacheRead,
      reported.cacheWrite,
      reported.cacheWrite1h,
      reported.reasoning,
      reported.inputIncludesCache,
    ],
    money(event.reportedCost),
    event.team,
    event.user,
    event.endUser,
    event.tags && Array.from(event.tags),
    event.toolUseCount,
    event.toolResultCount,
    event.toolCallCount,
    event.messageCount,
    event.requestBytes,
    event.responseBytes,
    event.cacheHit,
    event.batchId,
    event.batchSize,
    event.rotated,
    event.attempt,
    event.traceId,
    event.spanId,
    price && [
      price.result,
      money(price.cost),
      money(price.cacheSavings),
      money(price.cacheSurcharge),
      price.unpricedTokens,
      price.missing,
      money(price.bookCost),
    ],
    record.kind === "report" ? record.startArrivalMicros : undefined,
  ]);
}

/** Throws a RangeError for text that is no record of this version. */
export function decodeRecord(text: string): LogRecord {
  const fields: unknown = JSON.parse(text);
  if (!Array.isArray(fields) || fields[0] !== VERSION)
    throw new RangeError("a record is of an unknown version");
  if (fields[1] === RESET) return { kind: "reset", sinceMicros: fields[2] as number };
  if (fields[1] === MARK) return { kind: "mark" };
  let place = 0;
  /** JSON has no `undefined`: it comes as null. */
  const next = <Of>(): Of => {
    place += 1;
    return ((fields as unknown[])[place] ?? undefined) as Of;
  };
  const event: RequestEvent = {
    phase: next<Phase>(),
    id: next(),
    timestampMicros: next(),
    timestampReported: next(),
    startMicros: next(),
    provider: next(),
    model: next(),
    pool: next(),
    requestedModel: next(),
    operation: next(),
    serviceTier: next(),
    status: next<Status>(),
    outcomeReported: next(),
    errorType: next<ErrorType | undefined>(),
    httpStatus: next(),
    stream: next(),
    durationNanos: next(),
    timeToFirstTokenNanos: next(),
    usage: usageOf(next()),
    reportedUsage: reportedOf(next()),
    reportedCost: moneyOf(next()),
    team: next(),
    user: next(),
    endUser: next(),
    tags: tagsOf(next()),
    toolUseCount: next(),
    toolResultCount: next(),
    toolCallCount: next(),
    messageCount: next(),
    requestBytes: next(),
    responseBytes: next(),
    cacheHit: next(),
    batchId: next(),
    batchSize: next(),
    rotated: next(),
    attempt: next(),
    traceId: next(),
    spanId: next(),
    remarks: NO_REMARKS,
  };
  const price = priceOf(next());
  if (event.phase === "rotation") return { kind: "rotation", event };
  return price === undefined
    ? { kind: "report", event, startArrivalMicros: next() }
    : { kind: "end", event, price };
}

/** Of text that is known to be of an ended request. Throws a RangeError for any other. */
export function decodeEnd(text: string): EndRecord {
  const record = decodeRecord(text);
  if (record.kind !== "end") throw new RangeError("a record is not of an ended request");
  return record;
}

type Fields = readonly unknown[] | undefined;

function money(amount: Money | undefined): readonly number[] | undefined {
  return amount && [amount.microUsd, amount.picoUsd];
}

function moneyOf(fields: Fields): Money | undefined {
  return fields && { microUsd: fields[0] as number, picoUsd: fields[1] as number };
}

function usageOf(fields: Fields): TokenUsage | undefined {
  if (fields === undefined) return undefined;
  const [input, cacheRead, cacheWrite, cacheWrite1h, output, reasoning] = fields as number[];
  return { input, cacheRead, cacheWrite, cacheWrite1h, output, reasoning } as TokenUsage;
}

function reportedOf(fields: Fields): ReportedUsage | undefined {
  if (fields === undefined) return undefined;
  const at = (place: number) => (fields[place] ?? undefined) as number | undefined;
  return {
    input: at(0),
    output: at(1),
    cacheRead: at(2),
    cacheWrite: at(3),
    cacheWrite1h: at(4),
    reasoning: at(5),
    inputIncludesCache: (fields[6] ?? undefined) as boolean | undefined,
  };
}

function tagsOf(fields: Fields): ReadonlyMap<string, string> | undefined {
  return fields && new Map(fields as [string, string][]);
}

function priceOf(fields: Fields): Price | undefined {
  if (fields === undefined) return undefined;
  return {
    result: (fields[0] ?? undefined) as CostResult | undefined,
    cost: moneyOf((fields[1] ?? undefined) as Fields),
    cacheSavings: moneyOf((fields[2] ?? undefined) as Fields),
    cacheSurcharge: moneyOf((fields[3] ?? undefined) as Fields),
    unpricedTokens: fields[4] as number,
    missing: (fields[5] ?? undefined) as Price["missing"],
    bookCost: moneyOf((fields[6] ?? undefined) as Fields),
  };
}
