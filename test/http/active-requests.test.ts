/** Requests reported as started, updated and ended, as the gauge of requests in flight shows them. */
import { describe, expect, it, vi } from "vitest";
import { postEvents } from "./exchange.ts";
import { type Exporter, startExporter, steppedClock } from "./exporter.ts";
import { readMetrics } from "./readings.ts";

const IN = '{provider="openai",model="gpt-4o",pool="chat"';
const START = { id: "r1", phase: "start", provider: "openai", model: "gpt-4o", pool: "chat" };
const UPDATE = { id: "r1", phase: "update", output_tokens: 10, time_to_first_token_ms: 200 };
const END = { id: "r1", duration_ms: 900, output_tokens: 40 };

async function send(exporter: Exporter, event: object) {
  const { accepted, duplicates } = JSON.parse((await postEvents(exporter, event)).text);
  return { accepted, duplicates };
}

async function state(exporter: Exporter) {
  const readings = await readMetrics(exporter);
  return {
    inFlight: readings.get(`llm_requests_in_flight${IN}}`),
    ended: readings.get(`llm_requests_total${IN},status="success",stream="true"}`),
    output: readings.get(`llm_tokens_total${IN},token_type="output"}`),
    followed: readings.get("llm_exporter_active_requests"),
    expired: readings.get('llm_exporter_active_requests_dropped_total{reason="expired"}'),
    evicted: readings.get('llm_exporter_active_requests_dropped_total{reason="evicted"}'),
  };
}

const NEW = { accepted: 1, duplicates: 0 };
const REPEAT = { accepted: 0, duplicates: 1 };

describe("a request that starts, goes on and ends", () => {
  it("is in flight until it ends, then counted once with all that was said of it", async () => {
    const exporter = await startExporter();
    expect(await send(exporter, START)).toEqual(NEW);
    expect(await state(exporter)).toMatchObject({ inFlight: 1, ended: 0, output: 0, followed: 1 });
    expect(await send(exporter, UPDATE)).toEqual(NEW);
    expect(await state(exporter)).toMatchObject({ inFlight: 1, ended: 0, output: 0, followed: 1 });
    expect(await send(exporter, END)).toEqual(NEW);
    expect(await state(exporter)).toMatchObject({
      inFlight: 0,
      ended: 1,
      output: 40,
      followed: 0,
      expired: 0,
    });
    const readings = await readMetrics(exporter);
    expect(readings.get(`llm_time_to_first_token_seconds_sum${IN}}`)).toBe(0.2);
    expect(readings.get(`llm_request_duration_seconds_sum${IN}}`)).toBe(0.9);
  });

  it("in one body counts like in three", async () => {
    const exporter = await startExporter();
    expect(await send(exporter, [START, UPDATE, END])).toEqual({ accepted: 3, duplicates: 0 });
    expect(await state(exporter)).toMatchObject({ inFlight: 0, ended: 1, output: 40, followed: 0 });
  });

  it("is not opened twice, nor again when it has ended", async () => {
    const exporter = await startExporter();
    await send(exporter, START);
    expect(await send(exporter, START)).toEqual(REPEAT);
    await send(exporter, UPDATE);
    await send(exporter, END);
    for (const late of [START, UPDATE, END]) expect(await send(exporter, late)).toEqual(REPEAT);
    expect(await state(exporter)).toMatchObject({ inFlight: 0, ended: 1, followed: 0 });
  });

  it("moves its place in flight when it moves to another model", async () => {
    const exporter = await startExporter();
    await send(exporter, START);
    await send(exporter, { ...UPDATE, model: "gpt-4o-mini" });
    const readings = await readMetrics(exporter);
    expect(readings.get(`llm_requests_in_flight${IN}}`)).toBe(0);
    expect(readings.get('llm_requests_in_flight{provider="openai",model="gpt-4o-mini",pool="chat"}')).toBe(1);
  });

  it("takes the time between its start and its end, if nobody said how long it took", async () => {
    const clock = steppedClock();
    const exporter = await startExporter({ nowMicros: clock.nowMicros });
    await send(exporter, START);
    clock.advance(12.5);
    await send(exporter, { id: "r1" });
    expect((await readMetrics(exporter)).get(`llm_request_duration_seconds_sum${IN}}`)).toBe(12.5);
  });
});

describe("a request that falls silent", () => {
  it("is forgotten after limits.active_timeout, and its end still counts", { timeout: 15_000 }, async () => {
    const clock = steppedClock();
    const exporter = await startExporter({
      nowMicros: clock.nowMicros,
      config: "limits: {active_timeout: 60s}",
    });
    await send(exporter, START);
    await send(exporter, { ...START, id: "r2" });
    clock.advance(30);
    await send(exporter, { ...UPDATE, id: "r2" });
    clock.advance(31);
    await vi.waitFor(async () => expect((await state(exporter)).expired).toBe(1), {
      timeout: 10_000,
      interval: 200,
    });
    expect(await state(exporter)).toMatchObject({ inFlight: 1, followed: 1, ended: 0 });
    expect(await send(exporter, { ...START, ...UPDATE, phase: "end" })).toEqual(NEW);
    expect(await state(exporter)).toMatchObject({ inFlight: 1, followed: 1, ended: 1 });
  });

  it("gives way to a new one when limits.active_requests is reached", async () => {
    const exporter = await startExporter({ config: "limits: {active_requests: 2}" });
    for (const id of ["r1", "r2", "r3"]) await send(exporter, { ...START, id });
    expect(await state(exporter)).toMatchObject({ inFlight: 2, followed: 2, evicted: 1, expired: 0 });
    // The one that went was the first.
    expect(await send(exporter, START)).toEqual(NEW);
    expect(await send(exporter, { ...START, id: "r3" })).toEqual(REPEAT);
  });
});
