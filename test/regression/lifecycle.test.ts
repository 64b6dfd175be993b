/** Faults that were found in how the reports of one request are put together. */
import { describe, expect, test } from "vitest";
import { Pipeline } from "../pipeline.ts";

/** Sends each body by itself, or all of them at once; returns what is printed and not zero. */
function sampled(...bodies: readonly object[][]): Record<string, number> {
  const pipeline = new Pipeline();
  for (const events of bodies) pipeline.send(JSON.stringify(events), "json");
  return Object.fromEntries(
    pipeline
      .text()
      .split("\n")
      .filter((line) => line.startsWith("llm_") && !/_bucket|timestamp/.test(line) && !line.endsWith(" 0"))
      .map((line) => [line.slice(4, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

const tokens = (found: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(found)
      .filter(([name]) => name.startsWith("tokens_total"))
      .map(([name, value]) => [/token_type="(\w+)"/.exec(name)![1], value]),
  );
const has = (found: Record<string, number>, part: string) =>
  Object.keys(found).some((name) => name.includes(part));

describe("usage that comes in pieces", () => {
  test("is put together count by count: input with the start, output with the end", () => {
    const found = sampled(
      [{ id: "a", phase: "start", provider: "anthropic", input_tokens: 1_000, cache_read_tokens: 500 }],
      [{ id: "a", phase: "update", output_tokens: 50 }],
      [{ id: "a", output_tokens: 200 }],
    );
    expect(tokens(found)).toEqual({ input: 1_000, cache_read: 500, output: 200 });
  });

  test("is split by the convention of the provider that an earlier report named", () => {
    const found = sampled(
      [{ id: "a", phase: "start", provider: "anthropic" }],
      [{ id: "a", input_tokens: 1_000, cache_read_tokens: 800 }],
    );
    expect(tokens(found)).toEqual({ input: 1_000, cache_read: 800 });
  });

  test("that contradicts itself as a whole is that of the later report", () => {
    const found = sampled(
      [{ id: "a", phase: "update", cache_read_tokens: 800 }],
      [{ id: "a", input_tokens: 10, input_includes_cache: true }],
    );
    expect(tokens(found)).toEqual({ input: 10 });
  });
});

describe("what earlier reports know", () => {
  test("of the outcome holds for an end that says nothing of it", () => {
    const found = sampled(
      [{ id: "a", phase: "update", error_type: "timeout", http_status: 504, duration_ms: 1_234 }],
      [{ id: "a" }],
    );
    expect(
      has(found, 'requests_total{provider="unknown",model="unknown",pool="default",status="error"'),
    ).toBe(true);
    expect(has(found, 'error_type="timeout"')).toBe(true);
    expect(found['request_duration_seconds_sum{provider="unknown",model="unknown",pool="default"}']).toBe(
      1.234,
    );
  });

  test("gives way to an end that says how it went", () => {
    const found = sampled(
      [{ id: "a", phase: "update", error_type: "timeout" }],
      [{ id: "a", status: "success" }],
    );
    expect(has(found, 'status="success"')).toBe(true);
    expect(has(found, "error_type")).toBe(false);
  });

  test("counts even if the start comes after an update", () => {
    const found = sampled(
      [{ id: "a", phase: "update", output_tokens: 5 }],
      [{ id: "a", phase: "start", provider: "openai", model: "m", start_time: "2026-11-20T11:00:00Z" }],
      [{ id: "a", timestamp: "2026-11-20T11:00:03Z" }],
    );
    expect(found['request_duration_seconds_sum{provider="openai",model="m",pool="default"}']).toBe(3);
    expect(tokens(found)).toEqual({ output: 5 });
  });
});

test("reports that arrive together without times say nothing of a duration", () => {
  const found = sampled([{ id: "a", phase: "start" }, { id: "a" }]);
  expect(has(found, "duration_seconds")).toBe(false);
});

test("a batch in a folded label set is one batch", () => {
  const pipeline = new Pipeline();
  pipeline.ledger.limits = { seriesMax: 1, valuesPerLabelMax: 100 };
  const events = ["m0", "m1", "m2", "m3"].map((model) => ({ model, batch_id: "b" }));
  pipeline.send(JSON.stringify(events), "json");
  expect(pipeline.text()).toContain('llm_batches_total{provider="other",model="other",pool="other"} 1\n');
});

test("an id is forgotten when the window has passed, however quiet it was", async () => {
  const { DedupeWindow } = await import("../../src/history/dedupe-window.ts");
  const window = new DedupeWindow({ idsMax: 4, windowMicros: 10 }, 0);
  window.add("a", 1);
  expect(window.has("a", 10)).toBe(true);
  expect(window.has("a", 31)).toBe(false);
  for (const id of ["b", "c", "d", "e", "f"]) window.add(id, 32);
  expect(window.size).toBeLessThanOrEqual(4);
  expect(window.evictions).toBeGreaterThan(0);
});
