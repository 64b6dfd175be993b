/** Open requests as rows: the newest first, with what is known so far. */
import { describe, expect, it } from "vitest";
import type { ActiveRequest } from "../../src/ledger/active-requests.ts";
import { activeRows, areSameRows } from "../../src/query/active-rows.ts";
import { NOW_MICROS } from "../ledger/sample-events.ts";
import { counted } from "./counted.ts";

const START = { phase: "start", provider: "openai", model: "gpt-4o" };
const openOf = (...events: Record<string, unknown>[]): ActiveRequest[] =>
  Array.from(counted(events.map((fields) => ({ ...START, ...fields }))).active.all());
const rowsOf = (...events: Record<string, unknown>[]) => activeRows(openOf(...events), NOW_MICROS, 100);

describe("a row", () => {
  it("holds all that is known of a request", () => {
    const [row] = rowsOf({
      ...{
        id: "a1",
        timestamp: "2026-11-20T11:59:59.250Z",
        requested_model: "openai:gpt-latest",
        stream: true,
      },
      ...{ input_tokens: 500, cache_read_tokens: 80, cache_creation_tokens: 8, input_includes_cache: true },
      ...{
        output_tokens: 9,
        reasoning_tokens: 4,
        tool_use_count: 1,
        tool_result_count: 2,
        tool_call_count: 3,
      },
      ...{ request_size: 2_044, message_count: 5 },
    });
    expect(row).toEqual({
      request_id: "a1",
      provider: "openai",
      model: "gpt-latest",
      requested_model: "openai:gpt-latest",
      resolved_model: "gpt-4o",
      qualified_model: "openai:gpt-4o",
      is_streaming: true,
      start_time: Date.parse("2026-11-20T11:59:59.250Z") / 1e3,
      duration_ms: 750,
      input_tokens: 412,
      output_tokens: 9,
      cache_read_tokens: 80,
      cache_creation_tokens: 8,
      tool_uses: 1,
      tool_results: 2,
      tool_calls: 3,
      request_size: 2_044,
      message_count: 5,
    });
  });

  it("has zeros and no resolved model where nothing was said", () => {
    const [row] = rowsOf({ id: "a", provider: null, model: null });
    expect(row).toMatchObject({ provider: "unknown", model: "unknown", resolved_model: "", input_tokens: 0 });
  });

  it("begins when its start arrived if its sender does not say when", () => {
    const [row] = rowsOf({ id: "a" });
    expect(row).toMatchObject({ start_time: NOW_MICROS / 1e6, duration_ms: 0 });
  });

  it("has lasted no time if its sender's clock is ahead", () => {
    const [row] = rowsOf({ id: "a", timestamp: "2026-11-20T12:00:05Z" });
    expect(row!.duration_ms).toBe(0);
  });
});

describe("rows", () => {
  const EVENTS = [
    { id: "middle", timestamp: "2026-11-20T11:00:02Z" },
    { id: "last", timestamp: "2026-11-20T11:00:03Z" },
    { id: "first", timestamp: "2026-11-20T11:00:01Z" },
  ];

  it("come by their start, the newest first, and no more than may", () => {
    expect(rowsOf(...EVENTS).map(({ request_id }) => request_id)).toEqual(["last", "middle", "first"]);
    const two = activeRows(openOf(...EVENTS), NOW_MICROS, 2);
    expect(two.map(({ request_id }) => request_id)).toEqual(["last", "middle"]);
  });

  it("that began at one time come by their last report", () => {
    const at = "2026-11-20T11:00:00Z";
    const update = { id: "a", phase: "update", timestamp: "2026-11-20T11:00:09Z" };
    const rows = rowsOf({ id: "a", timestamp: at }, { id: "b", timestamp: at }, update);
    expect(rows.map(({ request_id }) => request_id)).toEqual(["a", "b"]);
  });

  it("are the same as long as only time passes", () => {
    const open = openOf(...EVENTS);
    const before = activeRows(open, NOW_MICROS, 100);
    expect(areSameRows(before, activeRows(open, NOW_MICROS + 5e6, 100))).toBe(true);
    expect(areSameRows(before, activeRows(open.slice(1), NOW_MICROS, 100))).toBe(false);
    expect(areSameRows(before, rowsOf(...EVENTS, { id: "last", phase: "update", output_tokens: 1 }))).toBe(
      false,
    );
  });
});
