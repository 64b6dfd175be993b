/** OTLP over HTTP: what an exporter of an SDK is told, in the encoding that it sent, and what it does not send again. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { otlpProblem, successBody } from "../../src/http/otlp-answer.ts";
import { HttpProblem } from "../../src/http/problem.ts";
import { expectedOf, sampleText } from "../dialects/expected-events.ts";
import { decode, encode, type MessageName, otlpJson, type Plain } from "../ingest/otlp/oracle.ts";
import { type Answer, exchange } from "./exchange.ts";
import { ANYWHERE, type Exporter, startExporter } from "./exporter.ts";
import { DocumentChecker, operationsOf, readDocument } from "./openapi-document.ts";
import { RawClient } from "./raw-client.ts";
import { readMetrics, sumOf } from "./readings.ts";

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

const ENCODINGS = [
  { name: "protobuf", type: PROTOBUF, write: encode, read: decode },
  {
    ...{ name: "JSON", type: JSON_TYPE },
    write: (message: MessageName, plain: object) =>
      Buffer.from(otlpJson(decode(message, encode(message, plain)))),
    // By the decoder as well: it takes what JSON of protobuf may be.
    read: (message: MessageName, bytes: Uint8Array) =>
      decode(message, encode(message, JSON.parse(Buffer.from(bytes).toString()) as object)),
  },
] as const;
const [BY_PROTOBUF, BY_JSON] = ENCODINGS;

const HOUR_MILLIS = 3_600_000;
const nanos = (millis: number) => `${Math.round(millis)}000000`;
let spans = 0;

/** A span of a request that ended so long ago. */
function chat(endedAgoMillis = 1_000, more: object = {}): Plain {
  const end = Date.now() - endedAgoMillis;
  spans += 1;
  return {
    traceId: Buffer.alloc(16, 7),
    spanId: Buffer.from(spans.toString(16).padStart(16, "0"), "hex"),
    ...{ name: "chat gpt-5", kind: 3 },
    ...{ startTimeUnixNano: nanos(end - 1_500), endTimeUnixNano: nanos(end) },
    attributes: [
      { key: "gen_ai.operation.name", value: { stringValue: "chat" } },
      { key: "gen_ai.provider.name", value: { stringValue: "openai" } },
      { key: "gen_ai.request.model", value: { stringValue: "gpt-5" } },
      { key: "gen_ai.usage.input_tokens", value: { intValue: "100" } },
      { key: "gen_ai.usage.output_tokens", value: { intValue: "20" } },
    ],
    ...more,
  };
}

const OTHER: Plain = {
  ...chat(),
  name: "GET /",
  attributes: [{ key: "http.method", value: { stringValue: "GET" } }],
};

function request(...list: readonly Plain[]): Plain {
  return { resourceSpans: [{ scopeSpans: [{ scope: { name: "test" }, spans: list }] }] };
}

type Sent = { readonly path?: string; readonly headers?: Readonly<Record<string, string>> };

function send(exporter: Exporter, type: string, body: Buffer, { path = "/v1/traces", headers }: Sent = {}) {
  return exchange(exporter, path, { method: "POST", body, headers: { "content-type": type, ...headers } });
}

/** What a refusal says, decoded; throws if it is not in the encoding. */
function refusal({ headers, body }: Answer, { type, read }: (typeof ENCODINGS)[number]): Plain {
  expect(headers["content-type"]).toBe(type);
  return read("RpcStatus", body);
}

type Refused = {
  readonly name: string;
  readonly body: () => Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code: number;
  readonly says: RegExp;
};

describe.each(ENCODINGS)("a request in $name", (encoding) => {
  const { type, write, read } = encoding;

  it("is counted, and answered with an empty message of the same type", async () => {
    const exporter = await startExporter();
    const answer = await send(exporter, type, write("TracesRequest", request(chat(), OTHER, chat())));
    expect(answer).toMatchObject({ status: 200, text: type === JSON_TYPE ? "{}" : "" });
    expect(answer.headers["content-type"]).toBe(type);
    expect(answer.headers["content-length"]).toBe(String(answer.body.length));
    const readings = await readMetrics(exporter);
    expect(sumOf(readings, "llm_requests_total")).toBe(2);
    expect(readings.get('llm_exporter_events_total{dialect="otlp_traces",result="accepted"}')).toBe(2);
    expect(
      readings.get('llm_exporter_events_ignored_total{dialect="otlp_traces",reason="not_inference"}'),
    ).toBe(1);
  });

  it("of metrics is taken, and left out: they add up what spans tell", async () => {
    const exporter = await startExporter();
    const answer = await send(exporter, type, write("TracesRequest", request(chat())), {
      path: "/v1/metrics",
    });
    expect(answer).toMatchObject({ status: 200, text: type === JSON_TYPE ? "{}" : "" });
    expect(answer.headers["content-type"]).toBe(type);
    const readings = await readMetrics(exporter);
    expect(sumOf(readings, "llm_requests_total") ?? 0).toBe(0);
    const ignored = 'llm_exporter_events_ignored_total{dialect="otlp_metrics",reason="aggregate"}';
    expect(readings.get(ignored)).toBe(1);
  });

  it("may be compressed", async () => {
    const exporter = await startExporter();
    const body = gzipSync(write("TracesRequest", request(chat())));
    const headers = { "content-encoding": "gzip" };
    expect((await send(exporter, type, body, { headers })).status).toBe(200);
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(1);
  });

  it.each(["/v1/traces", "/v1/logs"])("may be empty at %s", async (path) => {
    const answer = await send(await startExporter(), type, Buffer.alloc(0), { path });
    expect(answer.status).toBe(200);
  });

  it("that is sent again counts once, and its sender learns nothing of it", async () => {
    const exporter = await startExporter();
    const body = write("TracesRequest", request(chat()));
    const first = await send(exporter, type, body);
    expect((await send(exporter, type, body)).body).toEqual(first.body);
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(1);
  });

  it("of a sender whose clock is ahead counts at its arrival", async () => {
    const exporter = await startExporter();
    const body = write(
      "TracesRequest",
      request(chat(), OTHER, chat(-5 * HOUR_MILLIS), chat(-6 * HOUR_MILLIS)),
    );
    const answer = await send(exporter, type, body);
    expect(answer.status).toBe(200);
    expect(read("TracesResponse", answer.body).partialSuccess ?? null).toBeNull();
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(3);
  });

  it("of which something is rejected is told so as a partial success", () => {
    const partial = { countName: "rejectedSpans", rejected: 2, message: "span 2, from 0: no" };
    const answer = successBody(type === PROTOBUF ? "protobuf" : "json", partial);
    const { partialSuccess } = read("TracesResponse", Buffer.from(answer)) as { partialSuccess: Plain };
    expect(partialSuccess.rejectedSpans).toBe("2");
    expect(partialSuccess.errorMessage).toBe("span 2, from 0: no");
  });

  it("of more spans than a batch may have events is taken if few of them are events", async () => {
    const exporter = await startExporter({ config: "limits: {batch_events: 2}" });
    const body = write("TracesRequest", request(...Array.from({ length: 38 }, () => OTHER), chat(), chat()));
    expect((await send(exporter, type, body)).status).toBe(200);
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(2);
  });

  it("of log records that are not ours is taken whole", async () => {
    const exporter = await startExporter();
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: "hello" } }] }] }] };
    const answer = await send(exporter, type, write("LogsRequest", logs), { path: "/v1/logs" });
    expect(answer).toMatchObject({ status: 200, text: type === JSON_TYPE ? "{}" : "" });
    expect(
      (await readMetrics(exporter)).get(
        'llm_exporter_events_ignored_total{dialect="otlp_logs",reason="not_inference"}',
      ),
    ).toBe(1);
  });

  it.each<Refused>([
    {
      name: "malformed",
      body: () => Buffer.from('{"resourceSpans": 5'),
      status: 400,
      code: 3,
      says: /^malformed_/,
    },
    {
      name: "larger than it may be",
      body: () => Buffer.alloc(2_000, " "),
      ...{ status: 413, code: 3, says: /^body_too_large: / },
    },
    {
      name: "larger than it may be once it is decompressed",
      body: () => gzipSync(Buffer.alloc(100_000_000, " ")).subarray(0, 1_000),
      ...{ headers: { "content-encoding": "gzip" }, status: 413, code: 3, says: /^inflated_too_large: / },
    },
    {
      name: "no gzip although it says so",
      body: () => Buffer.from("{}"),
      ...{ headers: { "content-encoding": "gzip" }, status: 400, code: 3, says: /^bad_gzip: / },
    },
    {
      name: "compressed in another way",
      body: () => Buffer.from("{}"),
      ...{ headers: { "content-encoding": "br" }, status: 415, code: 3, says: /^unsupported_encoding: / },
    },
    {
      name: "of more events than a batch may have",
      body: () => write("TracesRequest", request(chat(), chat(), chat())),
      ...{ status: 413, code: 3, says: /^too_many_events: / },
    },
    {
      name: "of far more spans than a batch may have events",
      body: () =>
        write(
          "TracesRequest",
          request(...Array.from({ length: 41 }, () => ({ traceId: Buffer.alloc(0) }) as Plain)),
        ),
      ...{ status: 413, code: 3, says: /^too_many_events: .* 40 spans or log records / },
    },
    {
      name: "without the token",
      body: () => write("TracesRequest", request(chat())),
      ...{ headers: { authorization: "Bearer other" }, status: 401, code: 16, says: /^unauthorized: / },
    },
    {
      name: "under another host's name",
      body: () => write("TracesRequest", request(chat())),
      ...{ headers: { host: "example.com" }, status: 403, code: 7, says: /^unknown_host: / },
    },
  ])("that is $name is refused for good, in $name", async ({ body, headers, status, code, says }) => {
    const config = `{auth: {ingest_token: the-token}, limits: {body_bytes: 1999B, inflated_bytes: 100KiB, batch_events: 2}}`;
    const exporter = await startExporter({ config });
    const answer = await send(exporter, type, body(), {
      headers: { authorization: "Bearer the-token", ...headers },
    });
    expect(answer.status).toBe(status);
    expect(answer.headers["retry-after"]).toBeUndefined();
    const { code: rpcCode, message } = refusal(answer, encoding);
    expect(rpcCode).toBe(code);
    expect(message).toMatch(says);
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBeUndefined();
  });

  it("that must wait for the store is to be sent again, and says when", async () => {
    const folder = mkdtempSync(join(tmpdir(), "llm-exporter-otlp-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const exporter = await startExporter({
      config: "limits: {store_queue: 5}",
      args: ["--history=sqlite", `--storage.path=${folder}`],
    });
    const bodies = Array.from({ length: 30 }, () =>
      write("TracesRequest", request(chat(), chat(), chat(), chat())),
    );
    const answers = await Promise.all(bodies.map((body) => send(exporter, type, body)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer.status).toBe(429);
      expect(answer.headers["retry-after"]).toBe("1");
      expect(refusal(answer, encoding)).toMatchObject({ code: 8 });
    }
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe((30 - refused.length) * 4);
  });

  it("that comes while too many bytes are being received is to be sent again", async () => {
    const exporter = await startExporter({
      config: "limits: {in_flight_bytes: 1KiB, body_bytes: 1KiB, inflated_bytes: 1KiB}",
    });
    const client = await RawClient.connect(exporter);
    client.send(
      `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: 1024\r\n\r\n`,
    );
    client.send(Buffer.alloc(1_000, " "));
    await expect
      .poll(async () => (await readMetrics(exporter)).get("llm_exporter_ingest_in_flight_bytes"))
      .toBe(1_000);
    const answer = await send(exporter, type, write("TracesRequest", request(chat())));
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(refusal(answer, encoding)).toMatchObject({
      code: 8,
      message: expect.stringMatching(/^overloaded: /),
    });
  });

  it.each([
    { problem: "store_full", status: 503, code: 14 },
    { problem: "store_away", status: 503, code: 14 },
    { problem: "store_failed", status: 503, code: 14 },
    { problem: "queue_full", status: 429, code: 8 },
    { problem: "internal", status: 500, code: 13 },
  ] as const)("that meets $problem is answered with $status", ({ problem, status, code }) => {
    const told = otlpProblem(new HttpProblem(problem, "why"), type);
    expect(told).toMatchObject({ status, type });
    expect(read("RpcStatus", Buffer.from(told.body))).toEqual({ code, message: `${problem}: why` });
  });

  it("is answered as the document says", async () => {
    const exporter = await startExporter({ config: "limits: {batch_events: 2}" });
    const document = await readDocument(exporter);
    const checker = new DocumentChecker(document);
    const placed = operationsOf(document).find(({ path }) => path === "/v1/traces")!;
    const bodies = [[chat()], [chat(), chat(-5 * HOUR_MILLIS)], [chat(), chat(), chat()]].map((list) =>
      write("TracesRequest", request(...list)),
    );
    for (const body of [...bodies, Buffer.from("nonsense")]) {
      expect(checker.answerFaults(placed, await send(exporter, type, body))).toEqual([]);
    }
  });
});

it("the two encodings of one request are counted alike", async () => {
  const list = [chat(), chat(2_000, { status: { code: 2, message: "timed out" } }), OTHER];
  const lines = await Promise.all(
    ENCODINGS.map(async ({ type, write }) => {
      const exporter = await startExporter();
      await send(exporter, type, write("TracesRequest", request(...list)));
      return [...(await readMetrics(exporter))].filter(([sample]) =>
        /^llm_(?!exporter_|budget)/.test(sample),
      );
    }),
  );
  expect(lines[0]!.length).toBeGreaterThan(10);
  expect(lines[1]).toEqual(lines[0]);
});

it.each(["application/x-ndjson", "application/grpc", "text/plain"])(
  "a body of %s is refused, with a status in JSON",
  async (type) => {
    const answer = await send(await startExporter(), type, Buffer.from("{}"));
    expect(answer.status).toBe(415);
    expect(refusal(answer, BY_JSON)).toMatchObject({ code: 3 });
  },
);

it("a type may have parameters, and capitals", async () => {
  const exporter = await startExporter();
  const body = BY_JSON.write("TracesRequest", request(chat()));
  expect((await send(exporter, "Application/JSON; charset=utf-8", body)).status).toBe(200);
});

it("beyond loopback and without a token nothing is taken, and what is left of the body is not waited for", async () => {
  const exporter = await startExporter({ args: [ANYWHERE] });
  const answer = await send(exporter, PROTOBUF, Buffer.alloc(3_000_000));
  expect(answer.status).toBe(403);
  expect(refusal(answer, BY_PROTOBUF)).toMatchObject({ code: 7 });
});

const SAMPLES = readdirSync(join(import.meta.dirname, "../dialects/samples")).filter((name) =>
  /"resource(Spans|Logs)"/.test(sampleText(name)),
);

describe.each(SAMPLES)("%s", (sample) => {
  it("is counted alike as JSON and as protobuf", async () => {
    const text = sampleText(sample);
    const isLogs = text.includes('"resourceLogs"');
    const path = isLogs ? "/v1/logs" : "/v1/traces";
    // The decoder takes bytes in base64, as protobuf's own JSON has them.
    const plain = JSON.parse(text, (name, value: unknown) =>
      /^(trace|span|parentSpan)Id$/.test(name) ? Buffer.from(value as string, "hex") : value,
    ) as object;
    const bodies = [
      { type: JSON_TYPE, body: Buffer.from(text) },
      { type: PROTOBUF, body: encode(isLogs ? "LogsRequest" : "TracesRequest", plain) },
    ];
    const readings = await Promise.all(
      bodies.map(async ({ type, body }) => {
        const nowMicros = () => Date.parse("2026-12-01T00:00:00Z") * 1e3;
        const exporter = await startExporter({ nowMicros });
        expect((await send(exporter, type, body, { path })).status).toBe(200);
        const lines = [...(await readMetrics(exporter))];
        return lines.filter(([line]) => /^llm_((?!exporter_)|exporter_events_)/.test(line));
      }),
    );
    expect(readings[1]).toEqual(readings[0]);
    const accepted = readings[0]!.find(([line]) => line.includes(isLogs ? "otlp_logs" : "otlp_traces"));
    expect(accepted?.[1]).toBe(expectedOf(sample).events.length);
  });
});

it("what names the pool may be configured anew while the exporter runs", async () => {
  const exporter = await startExporter({ config: "otlp: {pool_attributes: [first]}" });
  const attributes = (chat().attributes as Plain[]).concat(
    { key: "first", value: { stringValue: "one" } },
    { key: "second", value: { stringValue: "two" } },
  );
  const post = () => send(exporter, PROTOBUF, encode("TracesRequest", request(chat(1_000, { attributes }))));
  await post();
  exporter.write("config.yml", "otlp: {pool_attributes: [second]}");
  await exchange(exporter, "/-/reload", { method: "POST" });
  await post();
  const { text } = await exchange(exporter, "/metrics");
  const pools = text.matchAll(/^llm_requests_total\{.*pool="([^"]*)"/gm);
  expect(new Set(Array.from(pools, ([, pool]) => pool))).toEqual(new Set(["one", "two"]));
});
