import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { Registry } from "prom-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { bookPrices, HttpConnector, PrometheusConnector, StatisticsCollector } from "../../src/index.ts";
import { startExporter } from "../http/exporter.ts";
import { ledgerLines, readingsOf, readMetrics, sumOf } from "../http/readings.ts";

const METRICS = { latency_ms: 120, tokens_in: 100, tokens_out: 20, cost: 0.1 };

/** Requests of every kind, over some labels. */
function recordMany(collector: StatisticsCollector, count: number): void {
  for (let n = 0; n < count; n++) {
    collector.record(["gpt-4o", "o3", "claude-sonnet-4-5"][n % 3]!, ["openai", "azure"][n % 2]!, "chat", {
      ...{ latencyMs: n * 1.5, tokensIn: n, tokensOut: 2 * n, rotation: n % 7 === 0, attempt: 1 + (n % 2) },
      ...(n % 5 === 0 ? { errorType: "rate_limit" } : {}),
      ...(n % 4 === 0 ? { cost: n / 1e3 } : {}),
      ...(n % 3 === 0 ? { timeToFirstTokenMs: n / 2 } : {}),
    });
  }
}

/** What families have in common of which the library shows any. */
function comparable(text: string, families: ReadonlySet<string>): string[] {
  return ledgerLines(text)
    .filter((line) => families.has(line.slice(0, line.search(/[{ ]/)).replace(/_(bucket|sum|count)$/, "")))
    .filter((line) => !line.startsWith("llm_last_request"))
    .sort();
}

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** A server in the place of an exporter. */
async function server(
  answering: Answering,
  port = 0,
): Promise<{ url: string; port: number; close: () => void }> {
  const http = createServer(answering).listen(port, "127.0.0.1");
  const close = () => {
    http.closeAllConnections();
    http.close();
  };
  onTestFinished(close);
  await once(http, "listening");
  const { port: bound } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${bound}`, port: bound, close };
}

test("an exporter that gets the requests shows the very totals of the collector", async () => {
  const exporter = await startExporter();
  const registry = new Registry();
  const collector = new StatisticsCollector({
    connector: [new HttpConnector({ url: exporter.url }), new PrometheusConnector({ registry })],
    prices: await bookPrices(),
  });
  recordMany(collector, 500);
  await collector.flush();
  recordMany(collector, 100);
  await collector.close();
  const families = new Set((await registry.getMetricsAsJSON()).map(({ name }) => name));
  const exposition = await (await fetch(`${exporter.url}/metrics`)).text();
  const shown = comparable(exposition, families);
  expect(shown.length).toBeGreaterThan(200);
  expect(shown).toEqual(comparable(await registry.metrics(), families));
  expect(sumOf(readingsOf(exposition), "llm_requests_total")).toBe(600);
});

test("requests wait while the exporter is away, and all of them count when it is back", async () => {
  const { port, close } = await server(() => undefined);
  close();
  const collector = new StatisticsCollector({
    connector: new HttpConnector({ url: `http://127.0.0.1:${port}`, batchMax: 40 }),
  });
  recordMany(collector, 100);
  await expect(collector.flush()).rejects.toThrow(
    /127\.0\.0\.1:\d+\/v1\/events: 40 requests not sent: .*ECONNREFUSED/,
  );
  recordMany(collector, 100);
  const exporter = await startExporter({ args: [`--web.listen-address=127.0.0.1:${port}`] });
  await collector.flush();
  expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(200);
  expect(collector.dropped).toBe(0);
});

test("what is sent again because its answer was lost counts once", async () => {
  const exporter = await startExporter();
  let forwarded = 0;
  // Everything arrives; of the first two bodies nobody hears.
  const { url } = await server((request, response) => {
    forwarded += 1;
    const isLost = forwarded <= 2;
    const onward = httpRequest(
      exporter.url + request.url!,
      { method: "POST", headers: request.headers },
      (answer) => {
        if (isLost) answer.resume().on("end", () => response.destroy());
        else answer.pipe(response.writeHead(answer.statusCode!, answer.headers));
      },
    );
    request.pipe(new PassThrough()).pipe(onward);
  });
  const collector = new StatisticsCollector({ connector: new HttpConnector({ url }) });
  recordMany(collector, 50);
  await expect(collector.flush()).rejects.toThrow("50 requests not sent");
  recordMany(collector, 25);
  await expect(collector.flush()).rejects.toThrow("75 requests not sent");
  await collector.flush();
  const readings = await readMetrics(exporter);
  expect(sumOf(readings, "llm_requests_total")).toBe(75);
  expect(readings.get('llm_exporter_events_total{dialect="events",result="duplicate"}')).toBe(125);
});

test.each([429, 503, 401])("an answer of %d is an error, and the requests go on waiting", async (status) => {
  const bodies: string[] = [];
  let answer = status;
  const { url } = await server((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      bodies.push(body);
      response
        .writeHead(answer, { "content-type": "application/json" })
        .end('{"detail":"not now","accepted":1}');
    });
  });
  const collector = new StatisticsCollector({ connector: new HttpConnector({ url }) });
  collector.record("m", "p", "pool", METRICS);
  await expect(collector.flush()).rejects.toThrow(`1 requests not taken: ${status} not now`);
  answer = 200;
  await collector.flush();
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toBe(bodies[0]);
  await collector.flush();
  expect(bodies).toHaveLength(2);
});

test("beyond its limit requests are dropped and counted, and the statistics have them all the same", async () => {
  const exporter = await startExporter();
  const connector = new HttpConnector({ url: exporter.url, bufferMax: 10, batchMax: 10 });
  const collector = new StatisticsCollector({ connector });
  recordMany(collector, 25);
  expect(collector.dropped).toBe(15);
  await collector.flush();
  expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(10);
  expect(collector.query("pool", "chat").total_requests).toBe(25);
});

test("a full batch is sent without waiting for a flush", async () => {
  const exporter = await startExporter();
  const connector = new HttpConnector({ url: exporter.url, batchMax: 50 });
  const collector = new StatisticsCollector({ connector });
  recordMany(collector, 60);
  const requests = async () => sumOf(await readMetrics(exporter), "llm_requests_total");
  await vi.waitUntil(async () => (await requests()) === 50);
  await collector.close();
  expect(await requests()).toBe(60);
});

test("a flush sends what came while a full batch was on its way, too", async () => {
  const exporter = await startExporter();
  const connector = new HttpConnector({ url: exporter.url, batchMax: 2 });
  const collector = new StatisticsCollector({ connector });
  recordMany(collector, 3);
  await collector.flush();
  expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(3);
});

test("while the exporter is away only a flush tries again", async () => {
  let asked = 0;
  const { url } = await server((request, response) => {
    asked += 1;
    request.resume().on("end", () => response.writeHead(503).end());
  });
  const collector = new StatisticsCollector({ connector: new HttpConnector({ url, batchMax: 1 }) });
  collector.record("m", "p", "pool", METRICS);
  await expect(collector.flush()).rejects.toThrow("1 requests not taken: 503");
  const asAway = asked;
  for (let n = 0; n < 3; n++) {
    collector.record("m", "p", "pool", METRICS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect(collector.flush()).rejects.toThrow("503");
  expect(asked).toBe(asAway + 1);
});

test("bodies that are too large for the exporter are sent in parts", async () => {
  const exporter = await startExporter({ config: "limits:\n  body_bytes: 2KiB\n" });
  const collector = new StatisticsCollector({ connector: new HttpConnector({ url: exporter.url }) });
  recordMany(collector, 100);
  await collector.flush();
  expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(100);
});

test("requests that the exporter refuses for what they are do not hold up the others", async () => {
  const exporter = await startExporter();
  let ahead = 3_600e3;
  const collector = new StatisticsCollector({
    connector: new HttpConnector({ url: exporter.url }),
    now: () => Date.now() + ahead,
  });
  collector.record("m", "p", "pool", METRICS);
  await expect(collector.flush()).rejects.toThrow(
    /1 requests refused: timestamp: expected at most 600 s ahead/,
  );
  collector.record("m", "p", "pool", METRICS);
  ahead = 0;
  collector.record("m", "p", "pool", METRICS);
  await expect(collector.flush()).rejects.toThrow("1 requests refused");
  expect(collector.dropped).toBe(2);
  expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(1);
});

test("a server that is no exporter has not taken them", async () => {
  const { url } = await server((request, response) => {
    request.resume().on("end", () => response.writeHead(200).end("<html></html>"));
  });
  const collector = new StatisticsCollector({ connector: new HttpConnector({ url }) });
  collector.record("m", "p", "pool", METRICS);
  await expect(collector.flush()).rejects.toThrow("1 requests not taken: 200");
});

test("no error shows a password that the URL has", async () => {
  const { port, close } = await server(() => undefined);
  close();
  const url = `http://user:secret-word@127.0.0.1:${port}/below/`;
  const collector = new StatisticsCollector({ connector: new HttpConnector({ url }) });
  collector.record("m", "p", "pool", METRICS);
  const error = await collector.flush().catch((rejected: unknown) => rejected);
  expect((error as Error).message).toContain(`http://127.0.0.1:${port}/below/v1/events: 1 requests not sent`);
  expect((error as Error).message).not.toContain("secret-word");
});

test.each([
  { options: { url: "nowhere" }, type: TypeError, message: "Invalid URL" },
  {
    options: { url: "http://x", batchMax: 0 },
    type: RangeError,
    message: "batchMax: expected integer from 1 on, got 0",
  },
  { options: { url: "http://x", bufferMax: 0.5 }, type: RangeError, message: "bufferMax: expected" },
  { options: { url: "http://x", timeoutMillis: -1 }, type: RangeError, message: "timeoutMillis: expected" },
])("throws for $options", ({ options, type, message }) => {
  expect(() => new HttpConnector(options)).toThrow(type);
  expect(() => new HttpConnector(options)).toThrow(message);
});

test("sends the token that the exporter asks for", async () => {
  const config = 'auth:\n  ingest_token: "a-token-of-some-length"\n';
  const exporter = await startExporter({ config });
  const flushWith = async (token: string) => {
    const connector = new HttpConnector({ url: exporter.url, token });
    const collector = new StatisticsCollector({ connector });
    collector.record("m", "p", "pool", METRICS);
    await collector.flush();
  };
  await expect(flushWith("another-token")).rejects.toThrow("1 requests not taken: 401");
  await flushWith("a-token-of-some-length");
  expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(1);
});
