/** `/v1/stats` as a client meets it. What it answers to which events: test/cases. */
import { expect, it } from "vitest";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { startExporter, steppedClock } from "./exporter.ts";

const PATH = "/v1/stats?scope=model&name=gpt-4o";

it("begins anew at a reset, in the middle of a minute, while totals go on", async () => {
  const { nowMicros, advance } = steppedClock();
  const exporter = await startExporter({ nowMicros });
  advance(20);
  await postEvents(exporter, { provider: "openai", model: "gpt-4o" });
  advance(1);
  expect((await exchange(exporter, "/v1/reset", { method: "POST" })).status).toBe(200);
  expect(problemOf(await exchange(exporter, PATH))).toEqual({ status: 404, code: "scope_not_found" });
  advance(1);
  await postEvents(exporter, { provider: "openai", model: "gpt-4o" });
  expect(JSON.parse((await exchange(exporter, PATH)).text)).toMatchObject({
    total_requests: 1,
    window: { from: "2026-03-01T12:00:21Z" },
  });
  const totals = JSON.parse((await exchange(exporter, "/v1/totals")).text);
  expect(totals.total.requests).toBe(2);
});

it("lists thousands", async () => {
  const exporter = await startExporter();
  await postEvents(
    exporter,
    Array.from({ length: 3_000 }, (_, index) => ({ provider: "x", model: `model-${index % 1_000}` })),
  );
  const { stats } = JSON.parse((await exchange(exporter, "/v1/stats?scope=model")).text);
  expect(stats).toHaveLength(1_000);
  expect(new Set(stats.map((one: { total_requests: number }) => one.total_requests))).toEqual(new Set([3]));
});
