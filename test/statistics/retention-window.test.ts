import { describe, expect, test } from "vitest";
import { StatisticsCollector, UnknownScopeError } from "../../src/index.ts";
import { RetentionWindow } from "../../src/statistics/retention-window.ts";
import { DAY_MILLIS, HOUR_MILLIS, MINUTE_MILLIS, steppedClock } from "./clock.ts";

const METRICS = { latency_ms: 120, tokens_in: 100, tokens_out: 20 };

describe("the window", () => {
  test("has all of the last seven days and at most an hour more", () => {
    const { now, advance } = steppedClock();
    const collector = new StatisticsCollector({ now });
    collector.record("early", "p", "pool", METRICS);
    advance(HOUR_MILLIS);
    collector.record("late", "p", "pool", METRICS);
    const requests = () => collector.query("provider", "p").total_requests;

    advance(7 * DAY_MILLIS - HOUR_MILLIS);
    expect(requests()).toBe(2);
    advance(HOUR_MILLIS);
    expect(requests()).toBe(1);
    expect(collector.names("model")).toEqual(["late"]);
    expect(() => collector.query("model", "early")).toThrow(UnknownScopeError);
    advance(HOUR_MILLIS);
    expect(requests).toThrow(UnknownScopeError);
  });

  test.each([
    { retentionMillis: MINUTE_MILLIS, periodMillis: MINUTE_MILLIS },
    { retentionMillis: 2 * HOUR_MILLIS, periodMillis: MINUTE_MILLIS },
    { retentionMillis: DAY_MILLIS, periodMillis: 9 * MINUTE_MILLIS },
    { retentionMillis: 7 * DAY_MILLIS, periodMillis: HOUR_MILLIS },
    { retentionMillis: 70 * DAY_MILLIS, periodMillis: 10 * HOUR_MILLIS },
  ])("of $retentionMillis ms moves by $periodMillis ms", ({ retentionMillis, periodMillis }) => {
    expect(new RetentionWindow(retentionMillis * 1e3).periodMicros).toBe(periodMillis * 1e3);
  });

  test("moves by the minute when it is short", () => {
    const { now, advance } = steppedClock();
    const collector = new StatisticsCollector({ now, retention: "10m" });
    for (let minute = 0; minute < 30; minute++) {
      collector.record("m", "p", "pool", METRICS);
      advance(MINUTE_MILLIS);
    }
    expect(collector.query("model", "m").total_requests).toBe(10);
  });

  test("answers with one sum over all its periods, percentiles included", () => {
    const { now, advance } = steppedClock();
    const collector = new StatisticsCollector({ now });
    for (let hour = 1; hour <= 100; hour++) {
      collector.record("m", "p", "pool", { ...METRICS, latency_ms: hour * 10, cost: 0.1 });
      advance(HOUR_MILLIS);
    }
    const stats = collector.query("model", "m");
    expect(stats).toMatchObject({ total_requests: 100, total_cost: 10, avg_latency_ms: 505 });
    expect(stats.p95_latency_ms).toBeGreaterThan(950 * 0.989);
    expect(stats.p95_latency_ms).toBeLessThan(950 * 1.011);
    collector.record("m", "p", "pool", METRICS);
    expect(collector.query("model", "m").total_requests).toBe(101);
  });

  test("loses nothing when the clock is set back", () => {
    const { now, advance } = steppedClock();
    const collector = new StatisticsCollector({ now });
    collector.record("m", "p", "pool", METRICS);
    advance(2 * HOUR_MILLIS);
    collector.record("m", "p", "pool", METRICS);
    for (const back of [HOUR_MILLIS, HOUR_MILLIS]) {
      advance(-back);
      collector.record("m", "p", "pool", METRICS);
    }
    expect(collector.query("model", "m")).toMatchObject({
      total_requests: 4,
      last_updated: "2026-03-01T14:00:00Z",
    });
  });

  test("takes a retention in milliseconds", () => {
    const { now, advance } = steppedClock();
    const collector = new StatisticsCollector({ now, retention: 5 * MINUTE_MILLIS });
    collector.record("m", "p", "pool", METRICS);
    advance(5 * MINUTE_MILLIS);
    expect(collector.query("model", "m").total_requests).toBe(1);
    advance(MINUTE_MILLIS);
    expect(() => collector.query("model", "m")).toThrow(UnknownScopeError);
  });
});
