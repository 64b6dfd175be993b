/** `GET /metrics/running-totals` of a running exporter: form, headers, parameters, and who may read it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { HttpProblem } from "../../src/http/problem.ts";
import type { QueryParts } from "../../src/http/query-parts.ts";
import { runningTotalsRoutes } from "../../src/http/running-totals-routes.ts";
import { arbitraryFields } from "../ledger/sample-events.ts";
import { exchange, postEvents } from "./exchange.ts";
import { ANYWHERE, type Exporter, startExporter, steppedClock } from "./exporter.ts";

const PATH = "/metrics/running-totals";
const EVENTS = [
  {
    ...{ id: "1", timestamp: "2026-03-01T11:00:00Z", provider: "openai", model: "gpt-4o", stream: true },
    ...{ duration_ms: 1_200.5, input_tokens: 1_200, cache_read_tokens: 800, output_tokens: 350 },
  },
  {
    ...{ id: "2", timestamp: "2026-03-01T11:00:01Z", provider: "openrouter", model: "qwen/qwen3-coder:free" },
    ...{ duration_ms: 800, input_tokens: 90, output_tokens: 12, status: "error" },
  },
  {
    ...{ id: "3", phase: "start", timestamp: "2026-03-01T11:59:59Z", provider: "openai", model: "gpt-4o" },
    ...{ input_tokens: 5 },
  },
];

const read = async (exporter: Exporter, query = "", headers = {}) =>
  exchange(exporter, `${PATH}${query}`, { headers });
const summaryOf = async (exporter: Exporter, query = "") =>
  parse((await read(exporter, query)).text).summary as Record<string, unknown>;

async function exporterWith(events: unknown, options = {}): Promise<Exporter> {
  const exporter = await startExporter({ nowMicros: steppedClock().nowMicros, ...options });
  expect((await postEvents(exporter, events)).status).toBe(200);
  return exporter;
}

describe("running totals", () => {
  it("are YAML with the headers that its readers know", async () => {
    const { status, headers, text } = await read(await exporterWith(EVENTS));
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/yaml; charset=utf-8",
      "cache-control": "no-cache",
      "content-disposition": "inline; filename=running-totals-20260301-120000.yaml",
      vary: "accept",
    });
    expect(text).toMatch(/^# Running Totals Report\n\n# Generated: 2026-03-01T12:00:00\.000000Z\n\n#\n\n/);
  });

  it("have every request and token, those in flight as well", async () => {
    const { summary, providers } = parse((await read(await exporterWith(EVENTS))).text);
    expect(summary).toMatchObject({
      last_accessed: { top: "2026-03-01T11:59:59" },
      total_requests: 3,
      total_errors: 1,
      total_input_tokens: 495,
      total_output_tokens: 362,
      total_cache_read_tokens: 800,
      active_requests: 1,
      average_duration_ms: 1_000,
      total_duration_ms: 2_001,
    });
    expect(Object.keys(providers)).toEqual(["openai", "openrouter"]);
    expect(providers.openrouter.models["qwen/qwen3-coder:free"].total).toMatchObject({ errors: 1 });
    expect(providers.openai.rollup.total).toMatchObject({ requests: 2, total_duration_ms: 1_200.5 });
  });

  it.each([
    { query: "?include_active=false", requests: 2 },
    { query: "?include_active=0", requests: 2 },
    { query: "?include_active=Yes", requests: 3 },
    { query: "?provider=open*", requests: 3 },
    { query: "?provider=OpenAI&include_active=off", requests: 1 },
    { query: "?model=gpt", requests: 0 },
    { query: "?model=gpt-4%3F", requests: 2 },
    { query: "?model=*%2F*:free", requests: 1 },
    { query: "?provider=&model=", requests: 3 },
    { query: "?unknown=1", requests: 3 },
  ])("of $query are of $requests requests", async ({ query, requests }) => {
    const exporter = await exporterWith(EVENTS);
    expect(await summaryOf(exporter, query)).toMatchObject({ total_requests: requests, active_requests: 1 });
  });

  it("name the filter in a comment, whatever it holds", async () => {
    const exporter = await exporterWith(EVENTS);
    expect((await read(exporter, "?model=gpt*")).text).toContain("\n# Filter: model=gpt*\n");
    const { text } = await read(exporter, `?provider=${encodeURIComponent("x\nsummary: {}\r\u2028")}`);
    expect(parse(text)).toMatchObject({ summary: { total_requests: 0 }, providers: {} });
  });

  it("of nothing are zeros", async () => {
    const exporter = await startExporter();
    expect(parse((await read(exporter)).text)).toMatchObject({
      summary: { last_accessed: null, total_requests: 0, total_duration_ms: 0, active_requests: 0 },
      providers: {},
    });
  });

  it("are counted when they end, once", async () => {
    const exporter = await exporterWith(EVENTS);
    await postEvents(exporter, { id: "3", timestamp: "2026-03-01T12:00:00Z", output_tokens: 8 });
    for (const query of ["", "?include_active=false"]) {
      expect(await summaryOf(exporter, query)).toMatchObject({
        ...{ total_requests: 3, active_requests: 0, total_input_tokens: 495, total_output_tokens: 370 },
      });
    }
  });

  it("are JSON where that is preferred, and YAML in all other cases", async () => {
    const exporter = await exporterWith(EVENTS);
    const typeFor = async (accept: string) => (await read(exporter, "", { accept })).headers["content-type"];
    for (const accept of ["application/json", "text/yaml;q=0.5, application/json"]) {
      expect(await typeFor(accept)).toBe("application/json");
    }
    for (const accept of ["*/*", "text/yaml", "application/yaml", "text/html,*/*;q=0.8", "image/png", ""]) {
      expect(await typeFor(accept)).toBe("text/yaml; charset=utf-8");
    }
  });

  it("say the same in both forms", async () => {
    const exporter = await exporterWith({
      ...{ id: "open", phase: "start", provider: "__proto__", model: "1e3", input_tokens: 1 },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryFields, { minLength: 1, maxLength: 20 }), async (events) => {
        await postEvents(
          exporter,
          events.map(({ timestamp, ...fields }) => fields),
        );
        const json = (await read(exporter, "", { accept: "application/json" })).text;
        expect(JSON.stringify(parse((await read(exporter)).text))).toBe(JSON.stringify(JSON.parse(json)));
      }),
      { numRuns: 20 },
    );
  });

  it("are answered to HEAD without a body", async () => {
    const answer = await exchange(await exporterWith(EVENTS), PATH, { method: "HEAD" });
    expect(answer.headers["content-type"]).toBe("text/yaml; charset=utf-8");
    expect(answer.body).toHaveLength(0);
  });
});

describe("an exporter whose store fails", () => {
  it("says so in the form of the report", () => {
    const { problemAs } = runningTotalsRoutes({} as QueryParts)[0]!;
    const { status, type, body } = problemAs!(new HttpProblem("store_failed", "disk: I/O error"));
    expect({ status, type }).toEqual({ status: 503, type: "text/yaml; charset=utf-8" });
    expect(parse(String(body))).toEqual({ error: "disk: I/O error", status: "failed" });
  });
});

describe("a request that is not in order", () => {
  it("is refused as FastAPI does it", async () => {
    const answer = await read(await startExporter(), "?include_active=maybe");
    expect(answer.status).toBe(422);
    expect(answer.headers["content-type"]).toBe("application/json");
    const { detail } = JSON.parse(answer.text);
    expect(detail).toEqual([
      {
        loc: ["query", "include_active"],
        msg: 'include_active: expected true or false, got "maybe"',
        type: "value_error",
      },
    ]);
  });

  it("is refused without the token, which may come as a bearer or an API key", async () => {
    const exporter = await startExporter({ args: [ANYWHERE], config: "auth: {query_token: query-key-1}" });
    for (const headers of [{}, { "x-api-key": "query-key-2" }, { authorization: "Bearer query-key-2" }]) {
      const { status, text } = await read(exporter, "", headers);
      expect(status).toBe(401);
      expect(JSON.parse(text)).toEqual({ detail: expect.stringContaining("query token") });
    }
    for (const headers of [{ "x-api-key": "query-key-1" }, { authorization: "Bearer query-key-1" }]) {
      expect((await read(exporter, "", headers)).status).toBe(200);
    }
  });
});
