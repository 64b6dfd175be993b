/** The routes of Gatewayz monitoring: numbers that stay, counts that need no requests, and filters that agree with both. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Checkpointer } from "../../src/history/checkpointer.ts";
import { encodeRecord } from "../../src/history/log-record.ts";
import { EventHistory } from "../../src/ingest/event-history.ts";
import { GatewayzClient } from "../clients/gatewayz.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByBook } from "../pricing/pricers.ts";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter, steppedClock } from "./exporter.ts";

const BASE = "/api/monitoring/chat-requests";

const EVENTS = [
  { id: "1", provider: "openai", model: "gpt-4o", timestamp: "2026-03-01T10:00:30Z" },
  { id: "2", provider: "openai", model: "GPT-4o-mini", status: "error", timestamp: "2026-03-01T10:01:00Z" },
  { id: "3", provider: "azure", model: "gpt-4o", status: "cancelled", timestamp: "2026-03-01T10:02:00Z" },
  { id: "4", provider: "anthropic", model: "claude", timestamp: "2026-03-01T10:02:30Z" },
  { id: "5", provider: "openai", model: "gpt-4o", timestamp: "2026-03-01T10:03:00Z" },
];

async function started(events: readonly unknown[] = EVENTS, config?: string): Promise<GatewayzClient> {
  const { nowMicros } = steppedClock();
  const exporter = await startExporter({ nowMicros, ...(config === undefined ? {} : { config }) });
  await postEvents(exporter, events);
  return new GatewayzClient(exporter.url);
}

function storage(): string {
  const folder = mkdtempSync(join(tmpdir(), "llm-exporter-numbers-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const startOn = (folder: string) => startExporter({ args: ["--history=sqlite", `--storage.path=${folder}`] });

/** Numbers of all models, as somebody is told them. */
async function numbersOf(exporter: Exporter): Promise<readonly string[]> {
  const { data } = await new GatewayzClient(exporter.url).models();
  return data.map(({ provider, model_id, model_name }) => `${provider.id}.${model_id} ${model_name}`).sort();
}

describe("numbers of models and providers", () => {
  it("are the same after a restart", async () => {
    const folder = storage();
    const first = await startOn(folder);
    await postEvents(first, EVENTS);
    const told = await numbersOf(first);
    expect(told).toEqual(["1.1 gpt-4o", "1.2 GPT-4o-mini", "2.3 gpt-4o", "3.4 claude"]);
    await first.close();
    const second = await startOn(folder);
    await postEvents(second, { provider: "openai", model: "a-new-one" });
    expect(await numbersOf(second)).toEqual([
      "1.1 gpt-4o",
      "1.2 GPT-4o-mini",
      "1.5 a-new-one",
      ...told.slice(2),
    ]);
  });

  it("are on disk when they are told, so that a kill changes none", async () => {
    const folder = storage();
    const exporter = await startOn(folder);
    // An open request is recovered before those that ended: by the records alone, its model would be first.
    await postEvents(exporter, { id: "ended", provider: "openai", model: "z" });
    await postEvents(exporter, { id: "open", phase: "start", provider: "azure", model: "a" });
    await postEvents(exporter, { provider: "azure", model: "a" });
    const told = await numbersOf(exporter);
    expect(told).toEqual(["1.1 z", "2.2 a"]);
    const killed = storage();
    cpSync(folder, killed, { recursive: true });
    expect(await numbersOf(await startOn(killed))).toEqual(told);
  });

  it("are the same under other labels, when totals begin anew", async () => {
    const folder = storage();
    const first = await startOn(folder);
    await postEvents(first, EVENTS);
    await numbersOf(first);
    await first.close();
    const args = ["--history=sqlite", `--storage.path=${folder}`];
    const second = await startExporter({ args, config: "labels: [team]" });
    expect(await numbersOf(second)).toEqual([]);
    await postEvents(second, [
      { provider: "anthropic", model: "claude" },
      { provider: "openai", model: "gpt-4o" },
    ]);
    expect(await numbersOf(second)).toEqual(["1.1 gpt-4o", "3.4 claude"]);
    const { data } = await new GatewayzClient(second.url).requests();
    expect(data.map(({ model_id }) => model_id)).toEqual([1, 4, 1, 4, 3, 2, 1]);
  });

  it("are not told while the store cannot keep them, and the failure is told as the original would", async () => {
    const exporter = await startOn(storage());
    const take = vi.spyOn(Checkpointer.prototype, "take").mockResolvedValue(false);
    onTestFinished(() => take.mockRestore());
    await postEvents(exporter, EVENTS);
    const refused = await exchange(exporter, `${BASE}/providers`);
    expect(refused.status).toBe(500);
    expect(JSON.parse(refused.text)).toEqual({
      detail: expect.stringMatching(/^Failed to get providers: expected /),
    });
    take.mockRestore();
    expect((await exchange(exporter, `${BASE}/providers`)).status).toBe(200);
  });
});

describe("providers, models and counts", () => {
  it("come from sums: not a single request is read for them", async () => {
    const client = await started();
    const rows = vi.spyOn(EventHistory.prototype, "rows");
    const read = vi.spyOn(EventHistory.prototype, "read");
    onTestFinished(() => {
      rows.mockRestore();
      read.mockRestore();
    });
    expect((await client.providers()).metadata).toMatchObject({ total_providers: 3, method: "rpc" });
    expect((await client.models()).metadata).toMatchObject({ total_models: 4, method: "rpc" });
    expect((await client.counts()).metadata).toMatchObject({ total_models: 4, total_requests: 5 });
    expect(rows).not.toHaveBeenCalled();
    // A plot reads the few requests that it lists beside its points, whatever there are.
    expect((await client.plot()).metadata).toMatchObject({ recent_count: 5, total_count: 5, method: "rpc" });
    expect(rows.mock.calls.map(([{ limit, scanMax }]) => [limit, scanMax])).toEqual([[10, 10_000]]);
    expect(read).not.toHaveBeenCalled();
  });

  it("leave out what was only begun", async () => {
    const client = await started([{ id: "a", phase: "start", provider: "openai", model: "gpt-4o" }]);
    expect((await client.providers()).data).toEqual([]);
    expect((await client.models()).data).toEqual([]);
    expect((await client.counts()).metadata).toMatchObject({ total_models: 0, total_requests: 0 });
  });

  it("put the most asked first, and models are those of a provider if one is named", async () => {
    const client = await started();
    expect((await client.providers()).data.map(({ slug, total_requests }) => [slug, total_requests])).toEqual(
      [
        ["openai", 3],
        ["azure", 1],
        ["anthropic", 1],
      ],
    );
    expect((await client.models({ provider_id: 2 })).data.map(({ model_id }) => model_id)).toEqual([3]);
    expect((await client.models({ provider_id: 99 })).data).toEqual([]);
  });
});

describe("requests", () => {
  it.each([
    { query: {}, ids: ["5", "4", "3", "2", "1"] },
    { query: { model_id: 1 }, ids: ["5", "1"] },
    { query: { provider_id: 1 }, ids: ["5", "2", "1"] },
    { query: { model_id: 1, provider_id: 2 }, ids: [] },
    { query: { model_id: 77 }, ids: [] },
    { query: { model_name: "gpt-4O" }, ids: ["5", "3", "2", "1"] },
    { query: { status: "completed" }, ids: ["5", "4", "1"] },
    { query: { status: "failed" }, ids: ["2"] },
    { query: { status: "partial", provider_id: 2 }, ids: ["3"] },
    { query: { status: "pending" }, ids: [] },
    { query: { start_date: "2026-03-01T10:03:00" }, ids: ["5"] },
    { query: { end_date: "2026-03-01T10:01:00Z" }, ids: ["2", "1"] },
    { query: { start_date: "2026-03-01", end_date: "2026-03-01 11:01:00+01:00" }, ids: ["2", "1"] },
    { query: { end_date: "2026-03-01" }, ids: [] },
    { query: { model_name: "gpt", start_date: "2026-03-01T10:01:00Z", status: "failed" }, ids: ["2"] },
  ])("of $query are $ids, and as many are counted", async ({ query, ids }) => {
    const { data, metadata } = await (await started()).requests(query);
    expect(data.map(({ request_id }) => request_id)).toEqual(ids);
    expect(metadata).toMatchObject({
      total_count: ids.length,
      returned_count: ids.length,
      is_complete: true,
    });
  });

  it("say what was asked for, and which minutes were counted", async () => {
    const { metadata } = await (await started()).requests({
      ...{ model_id: 1, start_date: "2026-03-01T10:00:31Z", limit: 7, offset: 1 },
    });
    expect(metadata).toEqual({
      // The first minute is counted whole; of its request the list knows that it is too early.
      ...{ total_count: 2, limit: 7, offset: 1, returned_count: 0, is_complete: true },
      filters: {
        ...{ model_id: 1, provider_id: null, model_name: null, status: null },
        ...{ start_date: "2026-03-01T10:00:31Z", end_date: null },
      },
      count_from: "2026-03-01T10:00:00.000000+00:00",
      count_until: null,
      timestamp: "2026-03-01T12:00:00.000000+00:00",
    });
  });

  it("come in pieces, and none is lost or told twice between two of them", async () => {
    const events = Array.from({ length: 1_203 }, (_, index) => ({
      id: String(index),
      model: `m-${index % 2}`,
    }));
    const client = await started(events);
    const expected = events.map(({ id }) => id).reverse();
    const idsOf = async (query: Readonly<Record<string, number>>) =>
      (await client.requests(query)).data.map(({ request_id }) => request_id);
    expect(await idsOf({ limit: 100_000 })).toEqual(expected);
    expect(await idsOf({ limit: 600, offset: 499 })).toEqual(expected.slice(499, 1_099));
    expect(await idsOf({ limit: 600, offset: 1_000 })).toEqual(expected.slice(1_000));
    expect(await idsOf({ limit: 2, offset: 300, model_id: 2 })).toEqual(["601", "599"]);
    expect(await idsOf({ offset: 100_000 })).toEqual([]);
  });

  it("beyond the limits on labels stand under the model that they are counted under", async () => {
    const events = ["a", "b", "c", "d", "b"].map((model, index) => ({
      id: String(index),
      provider: "p",
      model,
    }));
    const client = await started(events, "limits: {values_per_label: 2}");
    const other = (await client.models()).data.find(({ model_name }) => model_name === "other")!;
    expect(other).toMatchObject({ model_id: 3, stats: { total_requests: 2 } });
    const { data, metadata } = await client.requests({ model_id: other.model_id });
    expect(metadata).toMatchObject({ total_count: 2 });
    expect(data.map(({ request_id, metadata: of }) => [request_id, of])).toEqual([
      ["3", { unresolved_model_name: "d" }],
      ["2", { unresolved_model_name: "c" }],
    ]);
    expect((await client.requests({ provider_id: 1 })).data).toHaveLength(5);
  });

  it("of a model that another exporter has counted just now have a number, too", async () => {
    const client = await started();
    const event = eventOf({ id: "new", provider: "openai", model: "brand-new", user: "ada" });
    const text = encodeRecord({ kind: "end", event, price: priceByBook(event) });
    const row = { instance: "elsewhere", seq: 9, arrivalMicros: 0, text };
    const rows = vi.spyOn(EventHistory.prototype, "rows").mockResolvedValue({ rows: [row], next: undefined });
    onTestFinished(() => rows.mockRestore());
    expect((await client.requests()).data[0]).toMatchObject({
      ...{ id: 9, request_id: "new", model_id: 5, is_anonymous: false },
      models: { id: 5, model_name: "brand-new", providers: { id: 1 } },
    });
  });
});

describe("a plot", () => {
  it("has a point for each period with requests, of the dates that are asked for", async () => {
    const client = await started([
      { model: "a", input_tokens: 1, output_tokens: 2, duration_ms: 10, timestamp: "2026-02-01T00:10:00Z" },
      { model: "a", input_tokens: 4, duration_ms: 20, timestamp: "2026-02-01T01:50:00Z" },
      { model: "b", input_tokens: 8, timestamp: "2026-02-20T05:00:00Z" },
      { model: "b", input_tokens: 16, timestamp: "2026-03-01T11:00:00Z" },
      { model: "c", input_tokens: 32, timestamp: "2026-01-31T23:00:00Z" },
    ]);
    expect((await client.plot()).plot_data.tokens).toEqual([16]);
    const month = await client.plot({ start_date: "2026-02-01", end_date: "2026-02-28T23:59:59" });
    expect(month.plot_data).toEqual({
      tokens: [7, 8],
      latency: [15, null],
      timestamps: ["2026-02-01T00:00:00.000000+00:00", "2026-02-20T04:00:00.000000+00:00"],
    });
    expect(month.recent_requests.map(({ total_tokens }) => total_tokens)).toEqual([8, 4, 3]);
    expect(month.metadata).toEqual({
      ...{ recent_count: 3, total_count: 3, compression: "arrays", format_version: "1.0" },
      ...{ method: "rpc", point: "period", step_seconds: 7_200 },
      timestamp: "2026-03-01T12:00:00.000000+00:00",
      range_from: "2026-02-01T00:00:00.000000+00:00",
      range_until: "2026-03-01T00:00:00.000000+00:00",
    });
    const ofModel = await client.plot({ model_id: 1, start_date: "1970-01-01" });
    expect(ofModel.plot_data.tokens.reduce((sum, one) => sum + one, 0)).toBe(7);
    expect(ofModel.recent_requests).toHaveLength(2);
    expect(await client.plot({ model_id: 9 })).toMatchObject({
      ...{ recent_requests: [], plot_data: { tokens: [], latency: [], timestamps: [] } },
      metadata: { recent_count: 0, total_count: 0 },
    });
  });
});

describe("a client of Gatewayz monitoring", () => {
  it.each([
    { query: "?model_id=gpt", name: "model_id" },
    { query: "?limit=100001", name: "limit" },
    { query: "?offset=-1", name: "offset" },
    { query: "?offset=100001", name: "offset" },
    { query: "?start_date=soon", name: "start_date" },
    { query: "/plot-data?end_date=", name: "end_date" },
    { query: "/models?provider_id=1.5", name: "provider_id" },
  ])("is told by 422 what is wrong with $query", async ({ query, name }) => {
    const answer = await exchange(await startExporter(), BASE + query);
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toEqual({
      detail: [{ loc: ["query", name], msg: expect.stringContaining("expected"), type: "value_error" }],
    });
  });

  it("needs the token of those who read", async () => {
    const exporter = await startExporter({ config: "auth: {query_token: secret-secret-secret}" });
    for (const path of ["", "/providers", "/models", "/counts", "/plot-data?nonsense=1"]) {
      const refused = await exchange(exporter, BASE + path);
      expect(refused.status).toBe(401);
      expect(JSON.parse(refused.text)).toEqual({ detail: expect.any(String) });
      const headers = { authorization: "Bearer secret-secret-secret" };
      expect((await exchange(exporter, BASE + path, { headers })).status).toBe(200);
    }
  });
});
