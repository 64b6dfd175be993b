/** When a request began and ended, from whatever parts of it the sender reported. */
import { type Issue, issueAt } from "./issue.ts";
import type { Phase } from "./request-event.ts";

/** 30 days: batch jobs take hours, nothing takes months. Keeps sums of nanoseconds exact, too. */
export const DURATION_MAX_MILLIS = 2_592_000_000;
export const DURATION_MAX_NANOS = DURATION_MAX_MILLIS * 1e6;

export type ReportedTimes = {
  readonly phase: Phase;
  readonly timestampMicros: number | undefined;
  readonly startMicros: number | undefined;
  readonly durationNanos: number | undefined;
  readonly timeToFirstTokenNanos: number | undefined;
  readonly stream: boolean | undefined;
};

export type RequestTimes = {
  readonly timestampMicros: number;
  readonly startMicros: number | undefined;
  readonly durationNanos: number | undefined;
};

/** The exporter's clock at arrival, and how far ahead of it an event may lie. */
export type ArrivalClock = { readonly receivedAtMicros: number; readonly futureToleranceMicros: number };

/** Fills in what follows from the rest; adds to `issues` what contradicts itself or the clock. */
export function requestTimes(reported: ReportedTimes, clock: ArrivalClock, issues: Issue[]): RequestTimes {
  const { phase } = reported;
  const startMicros = reported.startMicros ?? (phase === "start" ? reported.timestampMicros : undefined);
  let { durationNanos } = reported;
  let timestampMicros = reported.timestampMicros ?? clock.receivedAtMicros;
  if (reported.timestampMicros === undefined && startMicros !== undefined && durationNanos !== undefined) {
    timestampMicros = startMicros + Math.round(durationNanos / 1e3);
  }
  checkAhead("timestamp", timestampMicros, clock, issues);
  if (startMicros !== undefined) checkAhead("start_time", startMicros, clock, issues);
  if (reported.timestampMicros !== undefined && startMicros !== undefined) {
    const elapsedNanos = (reported.timestampMicros - startMicros) * 1e3;
    if (elapsedNanos < 0) {
      issues.push(
        issueAt("start_time", "conflict", "expected no later than the timestamp, got a later time"),
      );
    } else if (phase === "end" && durationNanos === undefined) {
      if (elapsedNanos > DURATION_MAX_NANOS) {
        issues.push(
          issueAt("start_time", "out_of_range", "expected at most 30 days before the completion, got more"),
        );
      } else durationNanos = elapsedNanos;
    }
  }
  checkFirstToken(reported, durationNanos, issues);
  return { timestampMicros, startMicros, durationNanos };
}

function checkAhead(path: string, micros: number, clock: ArrivalClock, issues: Issue[]): void {
  const aheadMicros = micros - clock.receivedAtMicros;
  if (aheadMicros <= clock.futureToleranceMicros) return;
  const most = clock.futureToleranceMicros / 1e6;
  const got = Math.ceil(aheadMicros / 1e6);
  issues.push(
    issueAt(path, "in_future", `expected at most ${most} s ahead of the exporter's clock, got ${got} s`),
  );
}

function checkFirstToken(reported: ReportedTimes, durationNanos: number | undefined, issues: Issue[]): void {
  const { timeToFirstTokenNanos, stream } = reported;
  if (timeToFirstTokenNanos === undefined) return;
  const path = "time_to_first_token_ms";
  if (stream === false)
    issues.push(issueAt(path, "conflict", "expected only with stream true, got stream false"));
  if (durationNanos === undefined || timeToFirstTokenNanos <= durationNanos) return;
  const rule = `expected at most the duration (${durationNanos / 1e6} ms)`;
  issues.push(issueAt(path, "conflict", `${rule}, got ${timeToFirstTokenNanos / 1e6}`));
}
