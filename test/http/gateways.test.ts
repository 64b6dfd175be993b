/** The routes for gateways and for the cost tracker's client, over HTTP. */
import { describe, expect, it } from "vitest";
import { sampleText } from "../dialects/expected-events.ts";
import { exchange } from "./exchange.ts";
import { ANYWHERE, type Exporter, startExporter } from "./exporter.ts";
import { readMetrics, sumOf } from "./readings.ts";

async function post(exporter: Exporter, path: string, text: string, headers: Record<string, string> = {}) {
  const answer = await exchange(exporter, path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: text,
  });
  return { ...answer, json: JSON.parse(answer.text) as Record<string, unknown> };
}

const events = (dialect: string, result: string) =>
  `llm_exporter_events_total{dialect="${dialect}",result="${result}"}`;
const ignored = (dialect: string, reason: string) =>
  `llm_exporter_events_ignored_total{dialect="${dialect}",reason="${reason}"}`;

/** What LiteLLM says of failures. */
const NO_TOKENS = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, metadata: {} };

describe("POST /v1/litellm", () => {
  it("counts what LiteLLM logs, once, under its model group", async () => {
    const exporter = await startExporter();
    const { status, json } = await post(exporter, "/v1/litellm", sampleText("litellm-1.json"));
    expect({ status, json }).toEqual({
      status: 200,
      json: { accepted: 1, duplicates: 0, rejected: 0, errors: [], ignored: 0 },
    });
    expect((await post(exporter, "/v1/litellm", sampleText("litellm-1.json"))).json).toMatchObject({
      duplicates: 1,
    });
    const readings = await readMetrics(exporter);
    const labels = 'provider="anthropic",model="claude-sonnet-4-6",pool="smart"';
    expect(readings.get(`llm_cost_usd_total{${labels}}`)).toBe(0.02145);
    expect(readings.get(`llm_tokens_total{${labels},token_type="input"}`)).toBe(250);
    expect(readings.get(events("litellm", "duplicate"))).toBe(1);
  });

  it("answers 200 whatever is wrong with single payloads: LiteLLM would give the batch up", async () => {
    const exporter = await startExporter();
    const [payload] = JSON.parse(sampleText("litellm-2.json")) as object[];
    const body = `null\n${JSON.stringify(payload)}\n{"id":"x", oops}`;
    const { status, json } = await post(exporter, "/v1/litellm", body);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      accepted: 1,
      rejected: 1,
      ignored: 1,
      errors: [{ index: 2, code: "malformed_json" }],
    });
    expect((await readMetrics(exporter)).get(ignored("litellm", "empty"))).toBe(1);
  });

  it("counts the answer that came after a failed attempt of the same call", async () => {
    const exporter = await startExporter();
    const [payload] = JSON.parse(sampleText("litellm-1.json")) as object[];
    const failed = { ...payload, status: "failure", startTime: 1794993290, response_cost: 0, ...NO_TOKENS };
    expect(
      (await post(exporter, "/v1/litellm", JSON.stringify([failed, payload, failed]))).json,
    ).toMatchObject({ accepted: 2, duplicates: 1 });
    expect(sumOf(await readMetrics(exporter), "llm_cost_usd_total")).toBe(0.02145);
  });

  it("takes bodies as large as others may be once they are decompressed, for they hold prompts", async () => {
    const exporter = await startExporter({ config: "limits: {body_bytes: 10KiB, inflated_bytes: 100KiB}" });
    const [payload] = JSON.parse(sampleText("litellm-1.json")) as object[];
    const text = (length: number) => JSON.stringify([{ ...payload, messages: "x".repeat(length) }]);
    expect((await post(exporter, "/v1/litellm", text(50_000))).json).toMatchObject({ accepted: 1 });
    expect((await post(exporter, "/v1/litellm", text(200_000))).status).toBe(413);
    expect((await post(exporter, "/v1/modelmesh", text(50_000))).status).toBe(413);
  });

  it("refuses what is no JSON, and another content type", async () => {
    const exporter = await startExporter();
    expect((await post(exporter, "/v1/litellm", "hello")).status).toBe(400);
    expect((await post(exporter, "/v1/litellm", "{}", { "content-type": "text/plain" })).status).toBe(415);
  });

  it("needs the token of senders beyond loopback", async () => {
    const exporter = await startExporter({ args: [ANYWHERE], config: "auth: {ingest_token: senders-only}" });
    for (const path of ["/v1/litellm", "/v1/modelmesh", "/api/v1/metrics/track"]) {
      expect((await exchange(exporter, path, { method: "POST" })).status, path).toBe(401);
    }
    const headers = { authorization: "Bearer senders-only" };
    expect((await post(exporter, "/v1/litellm", "[]", headers)).status).toBe(200);
  });
});

describe("POST /v1/modelmesh", () => {
  it("counts logs as requests and rotations as rotations, and leaves out what repeats them", async () => {
    const exporter = await startExporter();
    expect(
      (await post(exporter, "/v1/modelmesh", sampleText("modelmesh-webhook-1.json"))).json,
    ).toMatchObject({
      accepted: 1,
      ignored: 0,
    });
    expect(
      (await post(exporter, "/v1/modelmesh", sampleText("modelmesh-webhook-2.json"))).json,
    ).toMatchObject({
      accepted: 2,
      ignored: 1,
    });
    const readings = await readMetrics(exporter);
    expect(sumOf(readings, "llm_requests_total")).toBe(2);
    expect(
      readings.get('llm_rotations_total{provider="unknown",model="openai.gpt-4o",pool="chat-pool"}'),
    ).toBe(1);
    expect(readings.get(ignored("modelmesh", "not_inference"))).toBe(1);
  });
});

describe("POST /api/v1/metrics/track", () => {
  const REPORT = {
    model: "gpt-4o",
    prompt_tokens: 400,
    output_tokens: 10,
    total_tokens: 410,
    latency_ms: 733.4,
  };

  it("answers 201 with the id, the cost by the price book and the tokens", async () => {
    const exporter = await startExporter();
    const report = JSON.stringify({ ...REPORT, request_id: "r-1" });
    const { status, json } = await post(exporter, "/api/v1/metrics/track", report);
    expect({ status, json }).toEqual({
      status: 201,
      json: {
        status: "success",
        message: "Metrics tracked successfully",
        request_id: "r-1",
        cost: 0.0011,
        tokens: 410,
      },
    });
    // Again: the same answer, and it counts once.
    expect((await post(exporter, "/api/v1/metrics/track", report)).json).toEqual(json);
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(1);
  });

  it("makes an id where there is none, and knows no cost without a price", async () => {
    const exporter = await startExporter();
    const report = JSON.stringify({ ...REPORT, model: "own" });
    const one = await post(exporter, "/api/v1/metrics/track", report);
    const other = await post(exporter, "/api/v1/metrics/track", report);
    expect(one.json.cost).toBeNull();
    expect(one.json.request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.json.request_id).not.toBe(one.json.request_id);
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(2);
  });

  it("names each field that is not as it must be, in a list as its client expects", async () => {
    const exporter = await startExporter();
    const { status, json } = await post(
      exporter,
      "/api/v1/metrics/track",
      '{"model":"m","prompt_tokens":"x"}',
    );
    expect(status).toBe(422);
    expect(json.detail).toMatchObject([
      { loc: ["body", "prompt_tokens"], msg: "Input should be a valid integer" },
      { loc: ["body", "output_tokens"], msg: "Field required" },
      { loc: ["body", "total_tokens"], msg: "Field required" },
      { loc: ["body", "latency_ms"], msg: "Field required" },
    ]);
    const tooMany = await post(
      exporter,
      "/api/v1/metrics/track",
      JSON.stringify({ ...REPORT, prompt_tokens: -1 }),
    );
    expect(tooMany.status).toBe(422);
    expect(sumOf(await readMetrics(exporter), "llm_requests_total") ?? 0).toBe(0);
  });

  it("takes counts of batches and caches, and counts nothing twice", async () => {
    const exporter = await startExporter();
    const batch = await post(exporter, "/api/v1/metrics/batch", sampleText("track-batch-1.json"));
    expect(batch).toMatchObject({ status: 201, json: { batch_id: "b-31", cost_per_query: 0.0421 / 8 } });
    const cache = await post(exporter, "/api/v1/metrics/cache", sampleText("track-cache-1.json"));
    expect(cache).toMatchObject({ status: 201, json: { cache_hit_rate: 70 } });
    const none = await post(exporter, "/api/v1/metrics/cache", '{"cache_hit":0,"cache_miss":0}');
    expect(none).toMatchObject({ status: 201, json: { cache_hit_rate: 0 } });
    expect((await post(exporter, "/api/v1/metrics/cache", "{}")).status).toBe(422);
    expect((await readMetrics(exporter)).get(ignored("cost_tracker", "aggregate"))).toBe(3);
    expect(sumOf(await readMetrics(exporter), "llm_requests_total") ?? 0).toBe(0);
  });
});
