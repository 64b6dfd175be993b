/**
 * Requests that were reported as started and not yet as ended. They drive the gauge of requests in flight, and lend
 * an `end` what its sender said earlier and leaves out. Bounded in number and in time.
 */
import type { RequestEvent } from "../event/request-event.ts";
import { DURATION_MAX_NANOS } from "../event/request-times.ts";
import {
  disjointUsage,
  inferredConvention,
  type ReportedUsage,
  type TokenUsage,
} from "../event/token-usage.ts";
import type { Ledger, Series } from "./ledger.ts";

export type ActiveRequest = {
  /** The reports so far, put together. */
  readonly event: RequestEvent;
  readonly series: Series;
  /** Arrival of the `start`; `undefined` if only updates came. */
  readonly startArrivalMicros: number | undefined;
  readonly lastSeenMicros: number;
};

export type ActiveLimits = { readonly requestsMax: number; readonly timeoutMicros: number };

/** Why a request is no longer followed though it never ended. */
type DropReason = "expired" | "evicted";

export class ActiveRequests {
  limits: ActiveLimits;
  readonly dropped: Record<DropReason, number> = { expired: 0, evicted: 0 };

  readonly #ledger: Ledger;
  /** In the order of the last report, the longest silent one first. */
  readonly #byId = new Map<string, ActiveRequest>();

  constructor(ledger: Ledger, limits: ActiveLimits) {
    this.#ledger = ledger;
    this.limits = limits;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** A request that is open; `undefined` if there is none of that id. */
  get(id: string): ActiveRequest | undefined {
    return this.#byId.get(id);
  }

  /** All that are open, the longest silent one first. */
  all(): Iterable<ActiveRequest> {
    return this.#byId.values();
  }

  /** Puts a request back to what it was, `undefined` for not open, whatever has become of it since. */
  restore(id: string, request: ActiveRequest | undefined): void {
    this.#remove(id);
    if (request === undefined) return;
    const series = this.#ledger.seriesOf(request.event);
    this.#ledger.addInFlight(series, 1);
    this.#byId.set(id, { ...request, series });
  }

  /** Whether the `start` of a request that is still open has come. */
  isStarted(id: string): boolean {
    return this.#byId.get(id)?.startArrivalMicros !== undefined;
  }

  /** Opens or refreshes a request; its series follows the reports. The event has an id. */
  report(event: RequestEvent, nowMicros: number): void {
    const before = this.#remove(event.id!);
    const isStart = event.phase === "start";
    // A start that comes after an update is still the earlier report of the two.
    let merged = event;
    if (before !== undefined)
      merged = isStart ? completed(before.event, event) : completed(event, before.event);
    const series = this.#ledger.seriesOf(merged);
    this.#ledger.addInFlight(series, 1);
    const startArrivalMicros = before?.startArrivalMicros ?? (isStart ? nowMicros : undefined);
    this.#byId.set(event.id!, { event: merged, series, startArrivalMicros, lastSeenMicros: nowMicros });
    if (this.#byId.size > this.limits.requestsMax) this.#dropOldest("evicted");
  }

  /** Closes a request and returns the `end` with what earlier reports know and it does not say. */
  close(end: RequestEvent): RequestEvent {
    const before = this.#remove(end.id!);
    if (before === undefined) return end;
    const event = completed(end, before.event);
    const durationNanos = event.durationNanos ?? elapsedNanos(event, before.startArrivalMicros);
    // A first token after the end can only come from clocks that disagree: then it is not known.
    const late = (event.timeToFirstTokenNanos ?? 0) > (durationNanos ?? Number.POSITIVE_INFINITY);
    return { ...event, durationNanos, timeToFirstTokenNanos: late ? undefined : event.timeToFirstTokenNanos };
  }

  /** Forgets requests that were silent for longer than the time-out. */
  expire(nowMicros: number): void {
    for (const { lastSeenMicros } of this.#byId.values()) {
      if (nowMicros - lastSeenMicros < this.limits.timeoutMicros) return;
      this.#dropOldest("expired");
    }
  }

  #dropOldest(reason: DropReason): void {
    const oldest = this.#byId.keys().next();
    if (oldest.done) return;
    this.#remove(oldest.value);
    this.dropped[reason] += 1;
  }

  #remove(id: string): ActiveRequest | undefined {
    const active = this.#byId.get(id);
    if (active === undefined) return undefined;
    this.#byId.delete(id);
    this.#ledger.addInFlight(active.series, -1);
    return active;
  }
}

/**
 * Time from start to end: of the sender's clock if it gave both instants, else between the two arrivals. Two clocks are
 * never mixed, and reports that arrived together say nothing of the time between them.
 */
function elapsedNanos(event: RequestEvent, startArrivalMicros: number | undefined): number | undefined {
  const { startMicros, timestampMicros, timestampReported } = event;
  const reported = timestampReported && startMicros !== undefined;
  const fromMicros = reported ? startMicros : timestampReported ? undefined : startArrivalMicros;
  if (fromMicros === undefined) return undefined;
  const nanos = (timestampMicros - fromMicros) * 1e3;
  return nanos <= DURATION_MAX_NANOS && (reported ? nanos >= 0 : nanos > 0) ? nanos : undefined;
}

/** What a later report takes from an earlier one where it does not say itself. */
const CARRIED = [
  "requestedModel",
  "serviceTier",
  "startMicros",
  "durationNanos",
  "timeToFirstTokenNanos",
  "reportedCost",
  "team",
  "user",
  "endUser",
  "tags",
  "toolUseCount",
  "toolResultCount",
  "toolCallCount",
  "messageCount",
  "requestBytes",
  "responseBytes",
  "cacheHit",
  "batchId",
  "batchSize",
  "traceId",
  "spanId",
] as const satisfies readonly (keyof RequestEvent)[];

/** `later` with what only `earlier` says. Names that the parser filled in count as not said. */
function completed(later: RequestEvent, earlier: RequestEvent): RequestEvent {
  const carried = Object.fromEntries(CARRIED.map((key) => [key, later[key] ?? earlier[key]]));
  const provider = later.provider === "unknown" ? earlier.provider : later.provider;
  const model = later.model === "unknown" ? earlier.model : later.model;
  const outcome = later.outcomeReported ? later : earlier;
  return {
    ...later,
    ...carried,
    provider,
    model,
    pool: later.pool === "default" ? earlier.pool : later.pool,
    operation: later.operation === "chat" ? earlier.operation : later.operation,
    status: outcome.status,
    outcomeReported: outcome.outcomeReported,
    errorType: outcome.errorType,
    httpStatus: outcome.httpStatus,
    stream: later.stream || earlier.stream,
    rotated: later.rotated || earlier.rotated,
    attempt: Math.max(later.attempt, earlier.attempt),
    ...completedUsage(later, earlier, provider, model),
  };
}

/** Counts come in pieces, input first and output last: they are put together, and split into parts as a whole. */
function completedUsage(
  later: RequestEvent,
  earlier: RequestEvent,
  provider: string,
  model: string,
): { usage: TokenUsage | undefined; reportedUsage: ReportedUsage | undefined } {
  if (later.reportedUsage === undefined && earlier.reportedUsage === undefined) {
    return { usage: undefined, reportedUsage: undefined };
  }
  const of = (key: Exclude<keyof ReportedUsage, "inputIncludesCache">) =>
    later.reportedUsage?.[key] ?? earlier.reportedUsage?.[key];
  const reportedUsage: ReportedUsage = {
    input: of("input"),
    output: of("output"),
    cacheRead: of("cacheRead"),
    cacheWrite: of("cacheWrite"),
    cacheWrite1h: of("cacheWrite1h"),
    reasoning: of("reasoning"),
    inputIncludesCache: later.reportedUsage?.inputIncludesCache ?? earlier.reportedUsage?.inputIncludesCache,
  };
  const usage = disjointUsage(reportedUsage, inferredConvention(reportedUsage, provider, model));
  if ("code" in usage && reportedUsage.inputIncludesCache === undefined) {
    // More cached tokens in one report than input in another: beside each other no token is lost.
    const beside = disjointUsage({ ...reportedUsage, inputIncludesCache: false }, undefined);
    if (!("code" in beside)) return { usage: beside, reportedUsage };
  }
  // Reports that contradict each other otherwise: the later one holds, as it was before.
  if ("code" in usage) {
    const whole = later.reportedUsage === undefined ? earlier : later;
    return { usage: whole.usage, reportedUsage: whole.reportedUsage };
  }
  return { usage, reportedUsage };
}
