/** The dashboard of costs: totals are what its models and its hours add up to. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Money, plus, ZERO_USD } from "../../src/event/money.ts";
import { merge } from "../../src/ledger/cell.ts";
import { SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import { costDashboard } from "../../src/query/cost-dashboard.ts";
import { Fold, type Group } from "../../src/query/fold.ts";
import { arbitraryFields } from "../ledger/sample-events.ts";
import { counted } from "./counted.ts";

const HOUR = 3_600e6;
const START = Date.UTC(2026, 10, 20) * 1e3;

/** Groups by model, of the hours in which the events lie. */
function hourly(
  events: readonly (readonly [hour: number, fields: Record<string, unknown>])[],
): readonly Group[] {
  const by = ["model"];
  const fold = new Fold({ by, where: [], cellsMax: 1e6, fromMicros: START, stepMicros: HOUR });
  for (const [hour, fields] of events) {
    for (const { values, cell } of counted([fields]).groups) {
      merge(fold.cell(fold.placeOf([values[1]!]), START + hour * HOUR), cell, SUMS_LAYOUT);
    }
  }
  return fold.groups;
}

const boardOf = (groups: readonly Group[]) => costDashboard({ byModel: groups, byHour: groups });
const sum = (amounts: readonly Money[]) => amounts.reduce(plus, ZERO_USD);

describe("a dashboard of costs", () => {
  it("adds up by model and by hour to what it says of all", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), arbitraryFields), { maxLength: 20 }), (events) => {
        const { total_requests, total_cost, total_tokens, model_usage, hourly_trend } = boardOf(
          hourly(events),
        );
        const models = Object.values(model_usage);
        const hours = Object.values(hourly_trend);
        expect(total_requests).toBe(events.length);
        expect(models.reduce((all, { count }) => all + count, 0)).toBe(events.length);
        expect(hours.reduce((all, { count }) => all + count, 0)).toBe(events.length);
        expect(models.reduce((all, { tokens }) => all + tokens, 0)).toBe(total_tokens);
        expect(sum(models.map(({ cost }) => cost))).toEqual(total_cost);
        expect(sum(hours.map(({ cost }) => cost))).toEqual(total_cost);
      }),
      { numRuns: 50 },
    );
  });

  it("tells hours in their order, in UTC, and only those with requests", () => {
    const event = { provider: "openai", model: "gpt-4o" };
    const { hourly_trend } = boardOf(
      hourly([
        [25, event],
        [3, event],
        [25, event],
      ]),
    );
    expect(Object.entries(hourly_trend).map(([hour, { count }]) => [hour, count])).toEqual([
      ["2026-11-20 03:00", 1],
      ["2026-11-21 01:00", 2],
    ]);
  });

  it("puts the most asked model first", () => {
    const { model_usage } = boardOf(
      hourly([
        [0, { model: "a" }],
        [1, { model: "b" }],
        [2, { model: "b" }],
      ]),
    );
    expect(Object.keys(model_usage)).toEqual(["b", "a"]);
  });

  it("counts failures as requests, and tells rates in percent", () => {
    const asks = { provider: "openai", model: "gpt-4o" };
    const board = boardOf(
      hourly([
        [0, { ...asks, cache_hit: true, duration_ms: 100 }],
        [0, { ...asks, cache_hit: false, duration_ms: 200 }],
        [1, { ...asks, status: "error", error_type: "timeout" }],
        [1, { ...asks, status: "cancelled", cache_hit: false }],
        [1, { ...asks, cache_hit: false }],
      ]),
    );
    expect(board).toMatchObject({
      total_requests: 5,
      error_rate: 20,
      cache_hit_rate: 25,
      avg_latency_ms: 150,
    });
  });

  it("of nothing is zeros", () => {
    expect(boardOf([])).toEqual({
      ...{ total_cost: ZERO_USD, total_tokens: 0, total_requests: 0 },
      ...{ avg_latency_ms: 0, cache_hit_rate: 0, error_rate: 0, model_usage: {}, hourly_trend: {} },
    });
  });
});
