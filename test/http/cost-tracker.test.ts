/** The routes of the cost tracker: which requests are counted, which are listed, and how a client is told what is wrong. */
import { describe, expect, it } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter, steppedClock } from "./exporter.ts";

const DASHBOARD = "/api/v1/dashboard/metrics";
const RECENT = "/api/v1/requests/recent";

type Recent = {
  readonly count: number;
  readonly requests: readonly { readonly request_id: string }[];
  readonly next_cursor: string | null;
};

async function read<Body>(exporter: Exporter, path: string): Promise<Body> {
  const { status, text, headers } = await exchange(exporter, path);
  expect(status, text).toBe(200);
  expect(headers["content-type"]).toBe("application/json");
  return JSON.parse(text) as Body;
}

const idsOf = ({ requests }: Recent) => requests.map(({ request_id }) => request_id);

/** It is half past twelve. */
async function startAtHalfPast(): Promise<Exporter> {
  const { nowMicros, advance } = steppedClock();
  const exporter = await startExporter({ nowMicros });
  advance(1_800);
  return exporter;
}

describe("a dashboard of the last hours", () => {
  it("begins in the middle of an hour, and its hours are what it counts", async () => {
    const exporter = await startAtHalfPast();
    const model = { provider: "openai", model: "gpt-4o", cost_usd: 0.25 };
    await postEvents(exporter, [
      { ...model, timestamp: "2026-03-01T11:29:59Z" },
      { ...model, timestamp: "2026-03-01T11:30:00Z" },
      { ...model, timestamp: "2026-03-01T11:59:59Z" },
      { ...model, timestamp: "2026-03-01T12:00:00Z" },
      { ...model, timestamp: "2026-03-01T12:30:00Z" },
    ]);
    expect(await read(exporter, `${DASHBOARD}?time_range_hours=1`)).toEqual({
      ...{ total_cost: 1, total_tokens: 0, total_requests: 4, avg_latency_ms: 0 },
      ...{ cache_hit_rate: 0, error_rate: 0, time_range_hours: 1 },
      model_usage: { "gpt-4o": { count: 4, tokens: 0, cost: 1 } },
      hourly_trend: {
        "2026-03-01 11:00": { cost: 0.5, count: 2 },
        "2026-03-01 12:00": { cost: 0.5, count: 2 },
      },
      range_from: "2026-03-01T11:30:00.000000+00:00",
      range_until: "2026-03-01T12:30:00.000000+00:00",
    });
    expect(await read(exporter, DASHBOARD)).toMatchObject({ total_requests: 5, time_range_hours: 24 });
  });

  it("is of one team and of one model by their whole names", async () => {
    const exporter = await startAtHalfPast();
    await postEvents(exporter, [
      { model: "gpt-4o", team: "red" },
      { model: "gpt-4o" },
      { model: "gpt-4o-mini", team: "red" },
      { model: "gpt-4o", team: "reds" },
    ]);
    const count = async (query: string) =>
      (await read<{ total_requests: number }>(exporter, `${DASHBOARD}?${query}`)).total_requests;
    expect(await count("team_alias=red")).toBe(2);
    expect(await count("team_alias=red&model_filter=gpt-4o")).toBe(1);
    expect(await count("model_filter=GPT-4o")).toBe(0);
    expect(await count("model_filter=&team_alias=")).toBe(4);
  });

  it("tells models and hours apart when both together are too many", async () => {
    const { nowMicros } = steppedClock();
    const exporter = await startExporter({ nowMicros });
    const events = Array.from({ length: 100 }, (_, model) =>
      Array.from({ length: 210 }, (_, hours) => ({
        ...{ model: `m-${model}`, cost_usd: 0.001 },
        timestamp: nowMicros() / 1e3 - hours * 3_600e3,
      })),
    ).flat();
    for (let at = 0; at < events.length; at += 10_000)
      await postEvents(exporter, events.slice(at, at + 10_000));
    const dashboard = await read<{
      total_requests: number;
      total_cost: number;
      model_usage: Readonly<Record<string, { count: number }>>;
      hourly_trend: Readonly<Record<string, { count: number }>>;
    }>(exporter, `${DASHBOARD}?time_range_hours=730`);
    expect(dashboard).toMatchObject({ total_requests: 21_000, total_cost: 21 });
    expect(Object.values(dashboard.model_usage).map(({ count }) => count)).toEqual(Array(100).fill(210));
    expect(Object.values(dashboard.hourly_trend).map(({ count }) => count)).toEqual(Array(210).fill(100));
  });
});

describe("the latest requests", () => {
  const EVENTS = [
    { id: "1", provider: "openai", model: "gpt-4o", pool: "a", team: "red", cost_usd: 0.5, duration_ms: 10 },
    { id: "2", provider: "azure", model: "gpt-4o", pool: "b", end_user: "ada", cost_usd: 0.0000000375 },
    { id: "3", provider: "openai", model: "o4", status: "error", error_type: "timeout", duration_ms: 1_500 },
    { id: "4", provider: "vllm", model: "own", status: "cancelled", timestamp: "2026-02-28T00:00:00Z" },
  ];

  it.each([
    { query: "", ids: ["4", "3", "2", "1"] },
    { query: "limit=2", ids: ["4", "3"] },
    { query: "team_alias=red", ids: ["1"] },
    { query: "provider=openai", ids: ["3", "1"] },
    { query: "model=gpt-4o&pool=b", ids: ["2"] },
    { query: "user=ada", ids: ["2"] },
    { query: "status=error", ids: ["3"] },
    { query: "min_cost=0.0000000375", ids: ["2", "1"] },
    { query: "min_cost=0.4", ids: ["1"] },
    { query: "min_duration_ms=10", ids: ["3", "1"] },
    { query: "min_duration_ms=10.001", ids: ["3"] },
    { query: "until=2026-03-01", ids: ["4"] },
    { query: "from=2026-03-01T12:00:00", ids: ["3", "2", "1"] },
    { query: "from=2026-03-01T13:00:00%2B01:00&nonsense=1", ids: ["3", "2", "1"] },
  ])("of '$query' are $ids", async ({ query, ids }) => {
    const { nowMicros } = steppedClock();
    const exporter = await startExporter({ nowMicros });
    await postEvents(exporter, EVENTS);
    const recent = await read<Recent>(exporter, `${RECENT}?${query}`);
    expect(idsOf(recent)).toEqual(ids);
    expect(recent).toMatchObject({ status: "success", count: ids.length });
  });

  it("go on where the answer before ended, and come to an end", async () => {
    const exporter = await startExporter();
    await postEvents(
      exporter,
      Array.from({ length: 700 }, (_, index) => ({
        id: String(index),
        model: index % 7 === 0 ? "rare" : "common",
      })),
    );
    const ids: string[] = [];
    let query = "limit=30&model=rare";
    for (;;) {
      const recent = await read<Recent>(exporter, `${RECENT}?${query}`);
      ids.push(...idsOf(recent));
      if (recent.next_cursor === null) break;
      query = `limit=30&model=rare&cursor=${encodeURIComponent(recent.next_cursor)}`;
    }
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => String(693 - index * 7)));
  });

  it("without an id have a name that no other has, and no cost is no zero", async () => {
    const exporter = await startExporter({ args: ["--history.instance=here"] });
    await postEvents(exporter, [{ provider: "vllm", model: "own", input_tokens: 3 }, { provider: "x" }]);
    expect((await read<Recent>(exporter, RECENT)).requests).toMatchObject([
      { request_id: "here:2", cost: null, latency_ms: null, prompt_tokens: 0, user: null, cache_hit: false },
      { request_id: "here:1", cost: null, prompt_tokens: 3, output_tokens: 0, total_tokens: 3 },
    ]);
  });
});

describe("a client of the cost tracker", () => {
  it.each([
    { path: `${DASHBOARD}?time_range_hours=0`, name: "time_range_hours" },
    { path: `${DASHBOARD}?time_range_hours=731`, name: "time_range_hours" },
    { path: `${DASHBOARD}?time_range_hours=1.5`, name: "time_range_hours" },
    { path: `${RECENT}?limit=501`, name: "limit" },
    { path: `${RECENT}?limit=`, name: "limit" },
    { path: `${RECENT}?status=fine`, name: "status" },
    { path: `${RECENT}?min_cost=-1`, name: "min_cost" },
    { path: `${RECENT}?from=yesterday`, name: "from" },
    { path: `${RECENT}?cursor=nonsense`, name: "cursor" },
  ])("is told by 422 what is wrong with $path", async ({ path, name }) => {
    const answer = await exchange(await startExporter(), path);
    expect(answer.status).toBe(422);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(answer.text)).toEqual({
      detail: [{ loc: ["query", name], msg: expect.stringContaining("expected"), type: "value_error" }],
    });
  });

  it("is told of a cursor of no answer by a store on disk as well", async () => {
    const exporter = await startExporter({ args: ["--history=sqlite"] });
    expect((await exchange(exporter, `${RECENT}?cursor=nonsense`)).status).toBe(422);
  });

  it("needs the token of those who read", async () => {
    const exporter = await startExporter({ config: "auth: {query_token: secret-secret-secret}" });
    for (const path of [DASHBOARD, RECENT]) {
      const refused = await exchange(exporter, path);
      expect(refused.status).toBe(401);
      expect(JSON.parse(refused.text)).toEqual({ detail: expect.any(String) });
      expect(refused.headers).toHaveProperty("www-authenticate");
      const headers = { authorization: "Bearer secret-secret-secret" };
      expect((await exchange(exporter, path, { headers })).status).toBe(200);
    }
  });
});
