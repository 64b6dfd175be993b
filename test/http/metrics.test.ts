/** `GET /metrics`: which format a scraper gets, how it is packed, and where it is. */
import { describe, expect, it } from "vitest";
import { parseOpenMetrics, parseText } from "../exposition/strict-parser.ts";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, type ExporterOptions, startExporter } from "./exporter.ts";
import { ledgerLines, readMetrics } from "./readings.ts";

const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const EVENTS = [
  {
    provider: "openai",
    model: "gpt-4o",
    pool: "chat",
    duration_ms: 2_150,
    stream: true,
    ttft_ms: 310,
    output_tokens: 350,
  },
  {
    provider: "anthropic",
    model: 'a"b\\c\nd',
    error_type: "timeout",
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    duration_ms: 5,
  },
];

async function startWithEvents(options?: ExporterOptions): Promise<Exporter> {
  const exporter = await startExporter(options);
  await postEvents(exporter, EVENTS);
  return exporter;
}

const ACCEPTS = [
  {
    name: "Prometheus 2.42",
    accept:
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    type: OPENMETRICS,
  },
  {
    name: "Prometheus 3",
    accept:
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1",
    type: OPENMETRICS,
  },
  {
    name: "Prometheus 3 that is told to scrape text",
    accept: "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1",
    type: TEXT,
  },
  { name: "Prometheus 2.0", accept: "text/plain;version=0.0.4;q=1,*/*;q=0.1", type: TEXT },
  {
    name: "Prometheus that prefers protobuf",
    accept:
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
    type: OPENMETRICS,
  },
  {
    name: "a browser",
    accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    type: TEXT,
  },
  { name: "curl", accept: "*/*", type: TEXT },
  { name: "a client that asks for nothing", accept: undefined, type: TEXT },
  { name: "a client that asks for what there is not", accept: "application/json", type: TEXT },
  {
    name: "a client that refuses OpenMetrics",
    accept: "application/openmetrics-text;q=0,text/plain;q=0.1",
    type: TEXT,
  },
];

describe("a scrape by", () => {
  it.each(ACCEPTS)("$name gets $type", async ({ accept, type }) => {
    const exporter = await startWithEvents();
    const answer = await exchange(exporter, "/metrics", accept === undefined ? {} : { headers: { accept } });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe(type);
    expect(String(answer.headers.vary).toLowerCase().split(/, */)).toEqual(
      expect.arrayContaining(["accept", "accept-encoding"]),
    );
    const families = (type === TEXT ? parseText : parseOpenMetrics)(answer.text);
    expect(families.length).toBeGreaterThan(40);
    const scrapes = (await readMetrics(exporter)).get(
      `llm_exporter_scrapes_total{format="${type === TEXT ? "text" : "openmetrics"}"}`,
    );
    expect(scrapes).toBe(1);
  });
});

describe("a scrape", () => {
  it.each([
    { name: "gzip", coding: "gzip" },
    { name: "gzip, deflate, br", coding: "gzip" },
    { name: "br, GZIP;q=0.5", coding: "gzip" },
    { name: "*", coding: "gzip" },
    { name: "identity", coding: undefined },
    { name: "gzip;q=0", coding: undefined },
    { name: "gzip;q=0.0, identity", coding: undefined },
    { name: "br", coding: undefined },
    { name: "", coding: undefined },
  ])('that accepts the coding "$name" gets $coding, and the same text', async ({ name, coding }) => {
    const exporter = await startWithEvents();
    const plain = await exchange(exporter, "/metrics");
    const answer = await exchange(exporter, "/metrics", { headers: { "accept-encoding": name } });
    expect(answer.headers["content-encoding"]).toBe(coding);
    expect(Number(answer.headers["content-length"])).toBe(answer.body.length);
    expect(ledgerLines(answer.text)).toEqual(ledgerLines(plain.text));
    if (coding !== undefined) expect(answer.body.length).toBeLessThan(plain.body.length / 3);
  });

  it("by HEAD has the head of a GET and no body", async () => {
    const exporter = await startWithEvents();
    const answer = await exchange(exporter, "/metrics", { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe(TEXT);
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(1_000);
    expect(answer.body.length).toBe(0);
  });

  it("twice without events between shows the same numbers", async () => {
    const exporter = await startWithEvents();
    const accept = "application/openmetrics-text";
    for (const headers of [{}, { accept }]) {
      const one = ledgerLines((await exchange(exporter, "/metrics", { headers })).text);
      const two = ledgerLines((await exchange(exporter, "/metrics", { headers })).text);
      expect(one.length).toBeGreaterThan(100);
      expect(two).toEqual(one);
    }
  });

  it("may carry a query", async () => {
    expect((await exchange(await startWithEvents(), "/metrics?module=all")).status).toBe(200);
  });
});

describe("--web.telemetry-path", () => {
  it("moves the exposition, and the page points there", async () => {
    const exporter = await startWithEvents({ args: ["--web.telemetry-path=/internal/prom"] });
    expect(parseText((await exchange(exporter, "/internal/prom")).text).length).toBeGreaterThan(40);
    expect(problemOf(await exchange(exporter, "/metrics"))).toEqual({ status: 404, code: "not_found" });
    expect((await exchange(exporter, "/")).text).toContain('href="/internal/prom"');
  });

  it("may be the root, in place of the page", async () => {
    const exporter = await startWithEvents({ args: ["--web.telemetry-path=/"] });
    expect((await exchange(exporter, "/")).headers["content-type"]).toBe(TEXT);
  });

  it.each([
    { name: "metrics" },
    { name: "" },
    { name: "/metrics/*" },
    { name: "/:name" },
    { name: "/healthz" },
  ])('is refused with the flag\'s name if it is "$name", which is no path of its own', async ({ name }) => {
    await expect(startExporter({ args: [`--web.telemetry-path=${name}`] })).rejects.toThrow(
      /--web\.telemetry-path: expected/,
    );
  });
});
