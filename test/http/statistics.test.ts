/** The statistics window: sent out, begun anew, and what that leaves alone. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { folderWith } from "../config/folder.ts";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, startExporter, steppedClock } from "./exporter.ts";
import { readMetrics, sumOf } from "./readings.ts";

const POST = { method: "POST" };

async function statsOf(exporter: Exporter, query: string): Promise<Record<string, unknown>> {
  return JSON.parse((await exchange(exporter, `/v1/stats?${query}`)).text) as Record<string, unknown>;
}

/** A receiver that answers with a status, and what it was sent. */
async function receiver(statuses: readonly number[]) {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    request.toArray().then((chunks: Buffer[]) => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
      response.writeHead(statuses[Math.min(bodies.length, statuses.length) - 1]!).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/statistics`, bodies };
}

describe("POST /v1/reset", () => {
  it("lets statistics begin anew in the middle of a minute, and counters go on", async () => {
    const { nowMicros, advance } = steppedClock();
    const exporter = await startExporter({ nowMicros });
    advance(20);
    await postEvents(exporter, { provider: "openai", model: "gpt-4o", duration_ms: 100 });
    advance(1);
    const answer = await exchange(exporter, "/v1/reset", POST);
    expect(JSON.parse(answer.text)).toEqual({ since: "2026-03-01T12:00:21Z" });
    const gone = await exchange(exporter, "/v1/stats?scope=model&name=gpt-4o");
    expect(gone.status).toBe(404);
    advance(1);
    await postEvents(exporter, { provider: "openai", model: "gpt-4o", duration_ms: 300 });
    expect(await statsOf(exporter, "scope=model&name=gpt-4o")).toMatchObject({
      total_requests: 1,
      avg_latency_ms: 300,
    });
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(2);
  });

  it("holds after a restart, for what came before and after it in one minute", async () => {
    const { nowMicros, advance } = steppedClock();
    const data = join(folderWith({}), "data");
    const args = ["--history=sqlite", `--storage.path=${data}`];
    const first = await startExporter({ args, nowMicros });
    await postEvents(first, { provider: "x", model: "m" });
    advance(10);
    await exchange(first, "/v1/reset", POST);
    await postEvents(first, [
      { provider: "x", model: "m" },
      { provider: "x", model: "m" },
    ]);
    expect(await statsOf(first, "scope=model&name=m")).toMatchObject({ total_requests: 2 });
    await first.close();
    const second = await startExporter({ args, nowMicros });
    expect(await statsOf(second, "scope=model&name=m")).toMatchObject({ total_requests: 2 });
    await second.close();
    // A start after a checkpoint, which has the reset among its notes.
    const third = await startExporter({ args, nowMicros });
    await postEvents(third, { provider: "x", model: "m" });
    expect(await statsOf(third, "scope=model&name=m")).toMatchObject({ total_requests: 3 });
    expect(sumOf(await readMetrics(third), "llm_requests_total")).toBe(4);
  });

  it("is for those who control the exporter", async () => {
    const exporter = await startExporter({
      config: "auth: {query_token: reads-only-reads, admin_token: controls-all-of-it}",
    });
    for (const path of ["/v1/reset", "/v1/flush"]) {
      const asReader = { ...POST, headers: { authorization: "Bearer reads-only-reads" } };
      expect((await exchange(exporter, path, asReader)).status).toBe(401);
      const asAdmin = { ...POST, headers: { authorization: "Bearer controls-all-of-it" } };
      expect((await exchange(exporter, path, asAdmin)).status).toBe(200);
    }
  });
});

describe("POST /v1/flush", () => {
  it("sends nothing where nothing is configured", async () => {
    const exporter = await startExporter();
    await postEvents(exporter, { provider: "x" });
    expect(JSON.parse((await exchange(exporter, "/v1/flush", POST)).text)).toEqual({ flushed: 0 });
  });

  it("sends each model, provider and pool as JSON, with exact cost", async () => {
    const { url, bodies } = await receiver([204]);
    const exporter = await startExporter({
      config: `observability: {statistics: {connector: http, url: "${url}", retention: 1h}}`,
    });
    await postEvents(exporter, [
      { provider: "p", model: "m", pool: "a", cost_usd: 0.000000001, input_tokens: 3 },
      { provider: "p", model: "m", pool: "b", cost_usd: 0.1, status: "error" },
    ]);
    expect(JSON.parse((await exchange(exporter, "/v1/flush", POST)).text)).toEqual({ flushed: 4 });
    const { scopes } = bodies[0] as { scopes: Record<string, Record<string, object>> };
    expect(Object.keys(scopes)).toEqual(["model", "provider", "pool"]);
    expect(scopes.provider!.p).toMatchObject({
      total_requests: 2,
      failed_requests: 1,
      total_cost: 0.100000001,
      total_tokens_in: 3,
    });
    expect(Object.keys(scopes.pool!).sort()).toEqual(["a", "b"]);
    const readings = await readMetrics(exporter);
    expect(readings.get('llm_exporter_statistics_flushes_total{result="success"}')).toBe(1);
  });

  it("says why they did not arrive, counts it, logs it once and goes on", async () => {
    const { url } = await receiver([503, 503, 200]);
    const exporter = await startExporter({
      config: `observability: {statistics: {connector: http, url: "${url}"}}`,
    });
    for (let time = 0; time < 2; time++) {
      const answer = await exchange(exporter, "/v1/flush", POST);
      expect(problemOf(answer)).toEqual({ status: 502, code: "flush_failed" });
    }
    expect((await exchange(exporter, "/v1/flush", POST)).status).toBe(200);
    const readings = await readMetrics(exporter);
    expect(readings.get('llm_exporter_statistics_flushes_total{result="failure"}')).toBe(2);
    const said = exporter.log.map(({ msg }) => msg).filter((msg) => /statistics/.test(String(msg)));
    expect(said).toEqual(["the statistics cannot be sent", "the statistics are sent again"]);
  });

  it("writes lines to the log on schedule, of the scopes that are wanted, and at the end", async () => {
    const exporter = await startExporter({
      config: "observability: {statistics: {connector: log, flush_interval: 20ms, scopes: [pool]}}",
    });
    await postEvents(exporter, { provider: "x", pool: "chat", cost_usd: 0.25 });
    await expect
      .poll(() => exporter.log.find(({ msg, name }) => msg === "statistics" && name === "chat"))
      .toMatchObject({ scope: "pool", total_requests: 1, total_cost: "0.25" });
    await postEvents(exporter, { provider: "x", pool: "late" });
    await exporter.close();
    expect(exporter.log.some(({ name }) => name === "late")).toBe(true);
    expect(exporter.log.some(({ scope }) => scope === "model")).toBe(false);
  });
});

it("a connector without the URL that it needs is an error", async () => {
  const starting = startExporter({ config: "observability: {statistics: {connector: http}}" });
  await expect(starting).rejects.toThrow(/observability\.statistics\.url: expected the URL/);
});
