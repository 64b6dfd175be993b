/** `POST /v1/events`: every form that a body may have. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Answer, exchange, JSON_TYPE, NDJSON_TYPE, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { readMetrics, sumOf } from "./readings.ts";

const A = { id: "a", provider: "openai", model: "gpt-4o", pool: "chat", input_tokens: 3, cost_usd: 0.25 };
const B = { id: "b", provider: "anthropic", model: "claude", duration_ms: 1_500 };

const json = (value: unknown) => ({ type: JSON_TYPE, body: JSON.stringify(value) });
const lines = (body: string) => ({ type: NDJSON_TYPE, body });
const FORMS = [
  { name: "one event", ...json(A), accepted: 1 },
  { name: "an array of one", ...json([A]), accepted: 1 },
  { name: "an array", ...json([A, B]), accepted: 2 },
  { name: "an envelope", ...json({ events: [A, B] }), accepted: 2 },
  { name: "JSON in many lines", type: JSON_TYPE, body: JSON.stringify([A, B], undefined, 2), accepted: 2 },
  { name: "one line", ...lines(JSON.stringify(A)), accepted: 1 },
  { name: "lines", ...lines(`${JSON.stringify(A)}\n${JSON.stringify(B)}\n`), accepted: 2 },
  {
    name: "lines that end in CRLF",
    ...lines(`${JSON.stringify(A)}\r\n${JSON.stringify(B)}\r\n`),
    accepted: 2,
  },
  {
    name: "lines between blank ones",
    ...lines(`\n\r\n${JSON.stringify(A)}\n \t\n\n${JSON.stringify(B)}`),
    accepted: 2,
  },
];

function send(on: Exporter, type: Readonly<Record<string, string>>, body: string | Buffer): Promise<Answer> {
  return exchange(on, "/v1/events", { method: "POST", headers: type, body });
}

const answerOf = ({ text }: Answer) => JSON.parse(text);
const accepted = (count: number) => ({ accepted: count, duplicates: 0, rejected: 0, errors: [] });

describe.each([
  { name: "as it is", coding: {}, coded: (body: string) => Buffer.from(body) },
  { name: "with gzip", coding: { "content-encoding": "gzip" }, coded: (body: string) => gzipSync(body) },
])("sent $name,", ({ coding, coded }) => {
  it.each(FORMS)("$name is counted before it is answered", async ({ type, body, accepted: count }) => {
    const exporter = await startExporter();
    const answer = await send(exporter, { ...type, ...coding }, coded(body));
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answerOf(answer)).toEqual(accepted(count));
    const readings = await readMetrics(exporter);
    expect(sumOf(readings, "llm_requests_total")).toBe(count);
    expect(readings.get('llm_cost_usd_total{provider="openai",model="gpt-4o",pool="chat"}')).toBe(0.25);
  });

  it.each([
    { name: "an empty array", ...json([]) },
    { name: "an empty envelope", ...json({ events: [] }) },
  ])("$name is answered with zeros", async ({ type, body }) => {
    const exporter = await startExporter();
    const answer = await send(exporter, { ...type, ...coding }, coded(body));
    expect(answer.status).toBe(200);
    expect(answerOf(answer)).toEqual(accepted(0));
    expect((await readMetrics(exporter)).get("llm_exporter_series")).toBe(0);
  });
});

it("an envelope that holds more than events is refused whole", async () => {
  const exporter = await startExporter();
  const answer = await postEvents(exporter, { events: [A], model: "m" });
  expect(problemOf(answer)).toEqual({ status: 400, code: "bad_envelope" });
  expect((await readMetrics(exporter)).get("llm_exporter_series")).toBe(0);
});

it("an empty object is an event", async () => {
  const exporter = await startExporter();
  expect(answerOf(await postEvents(exporter, {}))).toEqual(accepted(1));
  expect(
    (await readMetrics(exporter)).get(
      'llm_requests_total{provider="unknown",model="unknown",pool="default",status="success",stream="false"}',
    ),
  ).toBe(1);
});

describe("the content type", () => {
  it.each([
    { name: "application/json; charset=utf-8", body: JSON.stringify(A) },
    { name: "Application/JSON", body: JSON.stringify(A) },
    { name: "application/ndjson", body: `${JSON.stringify(A)}\n` },
    { name: "application/jsonl", body: `${JSON.stringify(A)}\n` },
    { name: "application/x-ndjson; charset=utf-8", body: `${JSON.stringify(A)}\n` },
  ])("$name is read", async ({ name, body }) => {
    const answer = await send(await startExporter(), { "content-type": name }, body);
    expect(answerOf(answer)).toEqual(accepted(1));
  });

  it.each([
    { name: "text/plain" },
    { name: "application/x-www-form-urlencoded" },
    { name: "application/jsonx" },
  ])("$name is refused, since a page in a browser could send it", async ({ name }) => {
    const answer = await send(await startExporter(), { "content-type": name }, JSON.stringify(A));
    expect(problemOf(answer)).toEqual({ status: 415, code: "unsupported_media_type" });
  });

  it("must be there", async () => {
    expect(problemOf(await send(await startExporter(), {}, JSON.stringify(A))).status).toBe(415);
  });
});

describe("the content coding", () => {
  it.each([{ name: "gzip" }, { name: "GZIP" }, { name: "x-gzip" }])("$name is read", async ({ name }) => {
    const headers = { ...JSON_TYPE, "content-encoding": name };
    expect(answerOf(await send(await startExporter(), headers, gzipSync(JSON.stringify(A))))).toEqual(
      accepted(1),
    );
  });

  it("identity is read", async () => {
    const headers = { ...JSON_TYPE, "content-encoding": "identity" };
    expect(answerOf(await send(await startExporter(), headers, JSON.stringify(A)))).toEqual(accepted(1));
  });

  it.each([{ name: "br" }, { name: "deflate" }, { name: "gzip, gzip" }])(
    "$name is refused",
    async ({ name }) => {
      const answer = await send(await startExporter(), { ...JSON_TYPE, "content-encoding": name }, "{}");
      expect(problemOf(answer)).toEqual({ status: 415, code: "unsupported_encoding" });
    },
  );
});
