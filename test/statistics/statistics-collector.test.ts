import { describe, expect, test } from "vitest";
import {
  bookPrices,
  type RequestMetrics,
  StatisticsCollector,
  StatsScope,
  UnknownScopeError,
} from "../../src/index.ts";
import { steppedClock } from "./clock.ts";

const METRICS = { latency_ms: 120, tokens_in: 100, tokens_out: 20 };

describe("query", () => {
  test("answers with the statistics of a model, a provider and a pool", () => {
    const { now } = steppedClock();
    const collector = new StatisticsCollector({ now });
    collector.record("gpt-4o", "openai", "chat", { ...METRICS, cost: 0.1 });
    collector.record("gpt-4o", "azure", "chat", { ...METRICS, latency_ms: 240, cost: 0.2, rotation: true });
    collector.record("o3", "openai", "batch", { ...METRICS, success: false, error_type: "rate_limit" });

    expect(collector.query(StatsScope.MODEL, "gpt-4o")).toMatchObject({
      total_requests: 2,
      successful_requests: 2,
      failed_requests: 0,
      total_tokens_in: 200,
      total_tokens_out: 40,
      total_cost: 0.3,
      avg_latency_ms: 180,
      error_rate: 0,
      rotation_events: 1,
      last_updated: "2026-03-01T12:00:00Z",
    });
    expect(collector.query(StatsScope.PROVIDER, "openai")).toMatchObject({
      total_requests: 2,
      failed_requests: 1,
      error_rate: 0.5,
      total_cost: 0.1,
    });
    expect(collector.query("pool", "batch")).toMatchObject({ total_requests: 1, failed_requests: 1 });
  });

  test("has every number under the names of connectors, too", () => {
    const collector = new StatisticsCollector();
    collector.record("m", "p", "pool", { ...METRICS, cost: 0.5, rotation: "quota" });
    collector.record("m", "p", "pool", { ...METRICS, success: false });
    const stats = collector.query("model", "m");
    const { total_requests, successful_requests, failed_requests, total_cost, p95_latency_ms } = stats;
    expect([total_requests, successful_requests, failed_requests, total_cost]).toEqual([2, 1, 1, 0.5]);
    expect(stats).toMatchObject({
      ...{ requests_total: 2, requests_success: 1, requests_failed: 1, tokens_in: 200, tokens_out: 40 },
      ...{ cost_total: 0.5, latency_avg: 120, latency_p95: p95_latency_ms, rotation_events: 1 },
      ...{ requestsTotal: 2, requestsSuccess: 1, requestsFailed: 1, tokensIn: 200, tokensOut: 40 },
      ...{ costTotal: 0.5, latencyAvg: 120, latencyP95: p95_latency_ms, rotationEvents: 1 },
    });
  });

  test("gives sums of money that no float would", () => {
    const collector = new StatisticsCollector();
    for (let n = 0; n < 10; n++) collector.record("m", "p", "pool", { ...METRICS, cost: 0.1 });
    expect(collector.query("model", "m").total_cost).toBe(1);
  });

  test("throws an UnknownScopeError that says scope and value for a name without requests", () => {
    const collector = new StatisticsCollector();
    collector.record("m", "p", "pool", METRICS);
    const query = () => collector.query("provider", "m");
    expect(query).toThrow(UnknownScopeError);
    expect(query).toThrow('provider: expected the name of a provider with requests in the window, got "m"');
    expect(query).toThrow(expect.objectContaining({ scope: "provider", value: "m", code: "unknown_scope" }));
  });

  test("throws an UnknownScopeError for a scope that is none, or that is not kept", () => {
    const collector = new StatisticsCollector({ scopes: ["model"] });
    collector.record("m", "p", "pool", METRICS);
    expect(collector.query("model", "m").total_requests).toBe(1);
    expect(() => collector.query("pool", "pool")).toThrow('scope: expected one of model, got "pool"');
    expect(() => collector.query("tenant" as StatsScope, "x")).toThrow(UnknownScopeError);
    expect(() => collector.names("provider")).toThrow(UnknownScopeError);
  });

  test("finds names that had to be made safe, under what they were recorded as", () => {
    const collector = new StatisticsCollector();
    const name = `${"long".repeat(50)}\u202e`;
    collector.record(name, "p", "__proto__", METRICS);
    expect(collector.query("model", name).total_requests).toBe(1);
    expect(collector.query("pool", "__proto__").total_requests).toBe(1);
    expect(() => collector.query("pool", "constructor")).toThrow(UnknownScopeError);
  });
});

describe("record", () => {
  test.each<{ name: string; metrics: RequestMetrics }>([
    {
      name: "snake_case",
      metrics: { ...METRICS, cost: 0.25, success: false, error_type: "timeout", time_to_first_token_ms: 50 },
    },
    {
      name: "camelCase",
      metrics: {
        ...{ latencyMs: 120, tokensIn: 100, tokensOut: 20, cost: 0.25 },
        ...{ success: false, errorType: "timeout", timeToFirstTokenMs: 50 },
      },
    },
  ])("takes metrics in $name", ({ metrics }) => {
    const collector = new StatisticsCollector();
    collector.record("m", "p", "pool", metrics);
    expect(collector.query("model", "m")).toMatchObject({
      ...{
        total_requests: 1,
        failed_requests: 1,
        total_tokens_in: 100,
        total_tokens_out: 20,
        total_cost: 0.25,
      },
      avg_latency_ms: 120,
    });
  });

  test("counts a request as failed when an error says so, and as a success when nothing does", () => {
    const collector = new StatisticsCollector();
    collector.record("m", "p", "pool", METRICS);
    collector.record("m", "p", "pool", { ...METRICS, success: true });
    collector.record("m", "p", "pool", { ...METRICS, success: false });
    collector.record("m", "p", "pool", { ...METRICS, http_status: 500 });
    collector.record("m", "p", "pool", { ...METRICS, error_type: "cancelled" });
    expect(collector.query("model", "m")).toMatchObject({ successful_requests: 2, failed_requests: 3 });
  });

  test("takes what is undefined or null for absent", () => {
    const collector = new StatisticsCollector();
    collector.record("m", "p", "pool", { ...METRICS, cost: undefined, error_type: null, rotation: null });
    expect(collector.query("model", "m")).toMatchObject({ total_cost: 0, successful_requests: 1 });
  });

  test("prices requests without a cost when it is given a book", async () => {
    const collector = new StatisticsCollector({ prices: await bookPrices() });
    collector.record("gpt-4o", "openai", "chat", { latency_ms: 1, tokens_in: 1_000_000, tokens_out: 0 });
    collector.record("gpt-4o", "openai", "chat", { ...METRICS, cost: 0.5 });
    expect(collector.query("model", "gpt-4o").total_cost).toBe(3);
  });

  test.each<{ name: string; metrics: unknown; type: typeof TypeError | typeof RangeError; message: string }>([
    {
      name: "no metrics",
      metrics: undefined,
      type: TypeError,
      message: "metrics: expected an object, got undefined",
    },
    {
      name: "a latency that is missing",
      metrics: { tokens_in: 1, tokens_out: 1 },
      type: TypeError,
      message: "metrics.latency_ms: expected a number of milliseconds, got none",
    },
    {
      name: "tokens that are missing",
      metrics: { latency_ms: 1, tokens_out: 1 },
      type: TypeError,
      message: "metrics.tokens_in: expected a number of tokens, got none",
    },
    {
      name: "a latency below zero",
      metrics: { ...METRICS, latency_ms: -1 },
      type: RangeError,
      message: "metrics.latency_ms: expected number from 0 to 2592000000, got -1",
    },
    {
      name: "a latency that is no number, in the caller's spelling",
      metrics: { latencyMs: Number.NaN, tokensIn: 1, tokensOut: 1 },
      type: RangeError,
      message: "metrics.latencyMs: expected number from 0 to 2592000000, got NaN",
    },
    {
      name: "tokens in a string",
      metrics: { latencyMs: 1, tokensIn: 1, tokensOut: "12" },
      type: TypeError,
      message: 'metrics.tokensOut: expected integer from 0 to 1000000000, got "12"',
    },
    {
      name: "half a token",
      metrics: { ...METRICS, tokens_in: 0.5 },
      type: RangeError,
      message: "metrics.tokens_in: expected integer from 0 to 1000000000, got 0.5",
    },
    {
      name: "a negative cost",
      metrics: { ...METRICS, cost: -0.01 },
      type: RangeError,
      message: "metrics.cost: expected US dollars from 0 to 1000000, got -0.01",
    },
    {
      name: "a success beside an error",
      metrics: { ...METRICS, success: true, error_type: "timeout" },
      type: RangeError,
      message: "metrics.success: expected false beside an error, got true",
    },
    {
      name: "two values in two spellings",
      metrics: { ...METRICS, latencyMs: 5 },
      type: RangeError,
      message: "metrics.latencyMs: expected one value for both spellings, got two",
    },
    {
      name: "a field that is none",
      metrics: { ...METRICS, latency: 5 },
      type: TypeError,
      message: "metrics.latency: expected no such field; remove it",
    },
    {
      name: "a field of an event that is not for callers",
      metrics: { ...METRICS, phase: "start" },
      type: TypeError,
      message: "metrics.phase: expected no such field; remove it",
    },
  ])("throws for $name and counts nothing", ({ metrics, type, message }) => {
    const observed: unknown[] = [];
    const connector = { flush: () => undefined, observe: (request: unknown) => observed.push(request) };
    const collector = new StatisticsCollector({ connector });
    const record = () => collector.record("m", "p", "pool", metrics as RequestMetrics);
    expect(record).toThrow(type);
    expect(record).toThrow(message);
    expect(collector.names("model")).toEqual([]);
    expect(observed).toEqual([]);
  });

  test("throws for names that are none", () => {
    const collector = new StatisticsCollector();
    expect(() => collector.record("", "p", "pool", METRICS)).toThrow('modelId: expected a name, got ""');
    expect(() => collector.record("m", 5 as never, "pool", METRICS)).toThrow(TypeError);
    expect(() => collector.record("m", "p", undefined as never, METRICS)).toThrow(
      "poolId: expected a name, got undefined",
    );
  });
});

describe("limits", () => {
  test("names beyond a limit are counted as other, and sums stay whole", () => {
    const collector = new StatisticsCollector({ limits: { names: 2 } });
    for (const model of ["a", "b", "c", "d", "a"]) collector.record(model, "p", "pool", METRICS);
    expect(collector.names("model")).toEqual(["a", "b", "other"]);
    expect(collector.query("model", "other").total_requests).toBe(2);
    expect(collector.query("provider", "p").total_requests).toBe(5);
    expect(collector.folded).toBe(2);
  });

  test("so are combinations of names", () => {
    const collector = new StatisticsCollector({ limits: { combinations: 1 } });
    collector.record("a", "p", "pool", METRICS);
    collector.record("b", "p", "pool", METRICS);
    expect(collector.names("provider")).toEqual(["p", "other"]);
    expect(collector.folded).toBe(1);
  });
});

describe("reset", () => {
  test("begins the window anew", () => {
    const collector = new StatisticsCollector();
    collector.record("m", "p", "pool", METRICS);
    collector.reset();
    expect(() => collector.query("model", "m")).toThrow(UnknownScopeError);
    collector.record("m", "p", "pool", METRICS);
    expect(collector.query("model", "m").total_requests).toBe(1);
  });
});

describe("options", () => {
  test.each<{ options: object; type: typeof TypeError | typeof RangeError; message: string }>([
    {
      options: { scopes: ["model", "user"] },
      type: RangeError,
      message: 'scopes: expected one or more of model, provider, pool, got "user"',
    },
    { options: { scopes: [] }, type: RangeError, message: "scopes: expected one or more of" },
    { options: { scopes: "model" }, type: TypeError, message: "scopes: expected one or more of" },
    {
      options: { retention: "seven days" },
      type: RangeError,
      message:
        'retention: expected milliseconds or a duration such as 60s, from 1m to 3660d, got "seven days"',
    },
    { options: { retention: 10 }, type: RangeError, message: "retention: expected" },
    { options: { retention: Number.NaN }, type: RangeError, message: "retention: expected" },
    { options: { flushInterval: "25d" }, type: RangeError, message: "flushInterval: expected" },
    { options: { flushInterval: true }, type: TypeError, message: "flushInterval: expected a duration" },
    { options: { limits: { names: 0 } }, type: RangeError, message: "limits.names: expected integer from 1" },
    {
      options: { connector: {} },
      type: TypeError,
      message: "connector: expected an object with a function flush",
    },
    { options: { connector: [null] }, type: TypeError, message: "connector: expected an object" },
    { options: { flush_interval: "60s" }, type: TypeError, message: "options: expected scopes, retention" },
  ])("throws for $options", ({ options, type, message }) => {
    expect(() => new StatisticsCollector(options)).toThrow(type);
    expect(() => new StatisticsCollector(options)).toThrow(message);
  });
});
