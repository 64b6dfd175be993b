/**
 * Requests that were reported as started and not yet as ended. They drive the gauge of requests in flight, and lend
 * an `end` what its sender said earlier and leaves out. Bounded in number and in time.
 */
import type { RequestEvent } from "../event/request-event.ts";
import { DURATION_MAX_NANOS } from "../event/request-times.ts";
import type { Ledger, Series } from "./ledger.ts";

export type ActiveRequest = {
  /** The merge of the reports so far. */
  readonly event: RequestEvent;
  readonly series: Series;
  readonly startMicros: number;
  readonly lastSeenMicros: number;
};

export type ActiveLimits = { readonly requestsMax: number; readonly timeoutMicros: number };

/** Why a request is no longer followed though it never ended. */
export const DROP_REASONS = ["expired", "evicted"] as const;

export class ActiveRequests {
  limits: ActiveLimits;
  readonly dropped: Record<(typeof DROP_REASONS)[number], number> = { expired: 0, evicted: 0 };

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

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Opens or refreshes a request; its series follows the latest report. The event has an id. */
  report(event: RequestEvent, nowMicros: number): void {
    const before = this.#remove(event.id!);
    const merged = before === undefined ? event : completed(event, before.event);
    const series = this.#ledger.seriesOf(merged);
    this.#ledger.addInFlight(series, 1);
    const startMicros = before?.startMicros ?? event.startMicros ?? event.timestampMicros;
    this.#byId.set(event.id!, { event: merged, series, startMicros, lastSeenMicros: nowMicros });
    if (this.#byId.size > this.limits.requestsMax) this.#dropOldest("evicted");
  }

  /** Closes a request and returns the `end` with what earlier reports know and it does not say. */
  close(end: RequestEvent): RequestEvent {
    const before = this.#remove(end.id!);
    if (before === undefined) return end;
    const event = completed(end, before.event);
    const elapsedNanos = (event.timestampMicros - before.startMicros) * 1e3;
    const plausible = elapsedNanos >= 0 && elapsedNanos <= DURATION_MAX_NANOS;
    const durationNanos = event.durationNanos ?? (plausible ? elapsedNanos : undefined);
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

  #dropOldest(reason: (typeof DROP_REASONS)[number]): void {
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

/** `later` with what only `earlier` says. Names that the parser filled in count as not said. */
function completed(later: RequestEvent, earlier: RequestEvent): RequestEvent {
  return {
    ...later,
    provider: later.provider === "unknown" ? earlier.provider : later.provider,
    model: later.model === "unknown" ? earlier.model : later.model,
    pool: later.pool === "default" ? earlier.pool : later.pool,
    operation: later.operation === "chat" ? earlier.operation : later.operation,
    requestedModel: later.requestedModel ?? earlier.requestedModel,
    startMicros: later.startMicros ?? earlier.startMicros,
    stream: later.stream || earlier.stream,
    timeToFirstTokenNanos: later.timeToFirstTokenNanos ?? earlier.timeToFirstTokenNanos,
    usage: later.usage ?? earlier.usage,
    reportedCostNanoUsd: later.reportedCostNanoUsd ?? earlier.reportedCostNanoUsd,
    team: later.team ?? earlier.team,
    user: later.user ?? earlier.user,
    endUser: later.endUser ?? earlier.endUser,
    tags: later.tags ?? earlier.tags,
    toolUseCount: later.toolUseCount ?? earlier.toolUseCount,
    toolResultCount: later.toolResultCount ?? earlier.toolResultCount,
    toolCallCount: later.toolCallCount ?? earlier.toolCallCount,
    messageCount: later.messageCount ?? earlier.messageCount,
    requestBytes: later.requestBytes ?? earlier.requestBytes,
    responseBytes: later.responseBytes ?? earlier.responseBytes,
    cacheHit: later.cacheHit ?? earlier.cacheHit,
    batchId: later.batchId ?? earlier.batchId,
    batchSize: later.batchSize ?? earlier.batchSize,
    rotated: later.rotated || earlier.rotated,
    attempt: Math.max(later.attempt, earlier.attempt),
    traceId: later.traceId ?? earlier.traceId,
    spanId: later.spanId ?? earlier.spanId,
  };
}
