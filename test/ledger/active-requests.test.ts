import { beforeEach, describe, expect, test } from "vitest";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { ActiveRequests } from "../../src/ledger/active-requests.ts";
import { cellLayout, SLOT } from "../../src/ledger/cell-layout.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { seriesKeys } from "../../src/ledger/series-key.ts";
import { eventOf, NOW_MICROS } from "./sample-events.ts";

const SECOND = 1e6;
let ledger: Ledger;
let active: ActiveRequests;

beforeEach(() => {
  const layout = cellLayout({
    duration: FAMILIES.duration.buckets,
    timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
    timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
  });
  ledger = new Ledger(layout, seriesKeys([]), { seriesMax: 100, valuesPerLabelMax: 100 });
  active = new ActiveRequests(ledger, { requestsMax: 3, timeoutMicros: 900 * SECOND });
});

function inFlight(): Record<string, number> {
  return Object.fromEntries(
    ledger.series.map(({ labelValues, cell }) => [labelValues[1]!, cell.values[cell.base + SLOT.inFlight]!]),
  );
}

const report = (fields: Record<string, unknown>, atMicros = NOW_MICROS) =>
  active.report(eventOf({ phase: "start", timestamp: atMicros / 1e3, ...fields }), atMicros);

describe("requests in flight", () => {
  test("rise with a start and fall with the end", () => {
    report({ id: "1", model: "m" });
    report({ id: "2", model: "m" });
    expect(inFlight()).toEqual({ m: 2 });
    active.close(eventOf({ id: "1", model: "m" }));
    expect(inFlight()).toEqual({ m: 1 });
  });

  test("follow a request that moves to another model", () => {
    report({ id: "1", model: "m" });
    report({ id: "1", model: "n", phase: "update" });
    expect(inFlight()).toEqual({ m: 0, n: 1 });
    active.close(eventOf({ id: "1", model: "o" }));
    expect(inFlight()).toEqual({ m: 0, n: 0 });
  });

  test("expire after silence, not after age", () => {
    report({ id: "old", model: "m" });
    report({ id: "talking", model: "m" }, NOW_MICROS + SECOND);
    active.report(eventOf({ id: "talking", phase: "update", model: "m" }), NOW_MICROS + 800 * SECOND);
    active.expire(NOW_MICROS + 899 * SECOND);
    expect(active.dropped).toEqual({ expired: 0, evicted: 0 });
    active.expire(NOW_MICROS + 901 * SECOND);
    expect(active.get("old") !== undefined).toBe(false);
    expect(active.get("talking") !== undefined).toBe(true);
    expect(active.dropped).toEqual({ expired: 1, evicted: 0 });
    expect(inFlight()).toEqual({ m: 1 });
  });

  test("are bounded: the longest silent one is dropped and counted", () => {
    for (const id of ["1", "2", "3", "4"]) report({ id, model: "m" });
    expect(active.get("1") !== undefined).toBe(false);
    expect(active.dropped.evicted).toBe(1);
    expect(inFlight()).toEqual({ m: 3 });
  });
});

describe("an end", () => {
  test("takes what it leaves out from the reports before it", () => {
    report({ id: "1", provider: "openai", model: "m", pool: "p", team: "t" }, NOW_MICROS - 5 * SECOND);
    active.report(eventOf({ id: "1", phase: "update", output_tokens: 40, ttft_ms: 300 }), NOW_MICROS);
    const end = active.close(eventOf({ id: "1", status: "cancelled", timestamp: NOW_MICROS / 1e3 }));
    expect(end).toMatchObject({ provider: "openai", model: "m", pool: "p", team: "t", status: "cancelled" });
    expect(end).toMatchObject({
      stream: true,
      timeToFirstTokenNanos: 300_000_000,
      durationNanos: 5_000_000_000,
    });
    expect(end.usage?.output).toBe(40);
  });

  test("keeps what it says itself", () => {
    report({ id: "1", model: "m", output_tokens: 1 }, NOW_MICROS - 5 * SECOND);
    const end = active.close(eventOf({ id: "1", model: "n", duration_ms: 7, output_tokens: 2 }));
    expect(end).toMatchObject({ model: "n", durationNanos: 7_000_000 });
    expect(end.usage?.output).toBe(2);
  });

  test("does not take a first token that came after it", () => {
    report({ id: "1", ttft_ms: 900 });
    expect(active.close(eventOf({ id: "1", duration_ms: 500 })).timeToFirstTokenNanos).toBeUndefined();
  });

  test("without a start is what it is", () => {
    const end = eventOf({ id: "1", model: "m" });
    expect(active.close(end)).toBe(end);
  });
});
