/**
 * The one shape in which a request to a language model travels through the exporter. Dialect parsers produce it,
 * everything behind them reads it. It holds numbers and names, never prompt or completion content.
 */
import type { InferenceBasis } from "./cache-convention.ts";
import type { Money } from "./money.ts";
import type { ErrorType, Status } from "./outcome.ts";
import type { ReportedUsage, TokenUsage } from "./token-usage.ts";

/**
 * `start` opens an active request, `update` refreshes it, `end` closes and counts it. `rotation` is of no request: a pool
 * moved to another model, and requests are reported elsewhere.
 */
export const PHASES = ["start", "update", "end", "rotation"] as const;
export type Phase = (typeof PHASES)[number];

/** The class of service that a request gets when it asks for none in particular, and the words for it. */
export const STANDARD_TIER = "standard";
export const STANDARD_TIERS: ReadonlySet<string> = new Set(["auto", "default", "on_demand", STANDARD_TIER]);

/** `undefined` always means "not reported". Times are integer microseconds since the epoch, durations integer nanoseconds. */
export type RequestEvent = {
  /** Idempotency key, at most 256 characters. */
  readonly id: string | undefined;
  readonly phase: Phase;
  /** Completion for `end`, the moment of the report for `start` and `update`; arrival when the sender gave none. */
  readonly timestampMicros: number;
  readonly timestampReported: boolean;
  readonly startMicros: number | undefined;
  /** Label values, safe and bounded. `unknown`, `unknown` and `default` unless reported. */
  readonly provider: string;
  readonly model: string;
  readonly pool: string;
  readonly requestedModel: string | undefined;
  readonly operation: string;
  /** The provider's class of service in lower case: `batch`, `flex`, `priority`, or STANDARD_TIER in any of its words. */
  readonly serviceTier: string | undefined;
  readonly status: Status;
  /** Whether the sender said in any way how the request ended; otherwise success is assumed. */
  readonly outcomeReported: boolean;
  /** Present if and only if the status is not `success`. */
  readonly errorType: ErrorType | undefined;
  readonly httpStatus: number | undefined;
  /** Whether the answer was streamed. A time to first token implies it; otherwise absence is read as no. */
  readonly stream: boolean;
  /** From sending the request to its completion. */
  readonly durationNanos: number | undefined;
  /** From sending the request to the first token, never above the duration. Streaming only. */
  readonly timeToFirstTokenNanos: number | undefined;
  readonly usage: TokenUsage | undefined;
  /** What `usage` was worked out from; reports of one request are put together from it. */
  readonly reportedUsage: ReportedUsage | undefined;
  /** The cost that the sender reports. */
  readonly reportedCost: Money | undefined;
  readonly team: string | undefined;
  readonly user: string | undefined;
  readonly endUser: string | undefined;
  readonly tags: ReadonlyMap<string, string> | undefined;
  readonly toolUseCount: number | undefined;
  readonly toolResultCount: number | undefined;
  readonly toolCallCount: number | undefined;
  readonly messageCount: number | undefined;
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
  /** Whether the application's response cache answered. */
  readonly cacheHit: boolean | undefined;
  readonly batchId: string | undefined;
  readonly batchSize: number | undefined;
  /** The pool moved to another model or provider for this request. */
  readonly rotated: boolean;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** What the parser had to mend, to leave out or to infer; counted when the event is accepted. */
  readonly remarks: Remarks;
};

/** What the parser did to an event besides reading it. */
export type Remarks = {
  readonly labelValuesAltered: number;
  readonly unknownFields: number;
  /** What the cache convention was inferred from; `undefined` if the event said it or had no cached tokens. */
  readonly conventionInferred: InferenceBasis | undefined;
};
