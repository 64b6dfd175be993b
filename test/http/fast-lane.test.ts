/** The fast lane and the server behind it answer alike; only time tells them apart, and one header that the lane spares. */
import { describe, expect, test } from "vitest";
import { startExporter } from "./exporter.ts";
import { RawClient } from "./raw-client.ts";
import { readMetrics, sumOf } from "./readings.ts";

const REQUESTS = "llm_requests_total";
const EVENT = JSON.stringify({ provider: "openai", model: "通义", duration_ms: 5 });
const ACCEPTED = /^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"accepted":1,"duplicates":0,"rejected":0,"errors":\[\]\}$/;

function request(body: string, headers: readonly string[] = [], line = "POST /v1/events HTTP/1.1"): Buffer {
  const known = [
    "Host: 127.0.0.1",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${[line, ...known, ...headers].join("\r\n")}\r\n\r\n${body}`);
}

const wentThroughTheLane = (received: string) => !/\r\nkeep-alive:/i.test(received);
const pause = () => new Promise((resolve) => setTimeout(resolve, 15));

describe("a plain request", () => {
  test("is answered by the lane, again and again on one connection", async () => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    for (let round = 1; round <= 3; round++) {
      client.received = "";
      client.send(request(EVENT, ["User-Agent: test", "Connection: keep-alive"]));
      expect(wentThroughTheLane(await client.until(ACCEPTED))).toBe(true);
    }
    expect(sumOf(await readMetrics(exporter), REQUESTS)).toBe(3);
  });

  test("counts repeats as duplicates, within the lane and across", async () => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    client.send(request('{"id":"a"}'));
    await client.until(ACCEPTED);
    client.send(request('{"id":"a"}'));
    await client.until(/"duplicates":1/);
    client.send(request('{"id":"a"}', ["X-Other: 1"]));
    await client.until(/keep-alive: timeout[\s\S]*"duplicates":1/i);
    expect(sumOf(await readMetrics(exporter), REQUESTS)).toBe(1);
  });

  test("is answered alike wherever it is cut in two", async () => {
    const exporter = await startExporter();
    const bytes = request(EVENT);
    for (let at = 1; at < bytes.length; at += 7) {
      const client = await RawClient.connect(exporter);
      client.send(bytes.subarray(0, at));
      await pause();
      client.send(bytes.subarray(at));
      await client.until(ACCEPTED);
      client.end();
    }
    const cuts = Math.ceil((bytes.length - 1) / 7);
    expect(sumOf(await readMetrics(exporter), REQUESTS)).toBe(cuts);
  });

  test("may come many at once: each is answered, in order", async () => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    client.send(Buffer.concat(["a", "b", "a"].map((id) => request(`{"id":"${id}"}`))));
    await client.until(/"accepted":1[\s\S]*"accepted":1[\s\S]*"duplicates":1/);
    expect(sumOf(await readMetrics(exporter), REQUESTS)).toBe(2);
  });
});

describe("what is not plain goes to the server behind the lane", () => {
  test.each([
    { name: "a bad event", send: request('{"input_tokens":-1}'), answer: /^HTTP\/1\.1 422 / },
    { name: "a body that is no JSON", send: request("{"), answer: /^HTTP\/1\.1 400 [\s\S]*malformed_json/ },
    {
      name: "another media type",
      send: request("{}", ["Content-Type: text/plain"]),
      answer: /^HTTP\/1\.1 (200|415) /,
    },
    {
      name: "another method",
      send: request("{}", [], "PUT /v1/events HTTP/1.1"),
      answer: /^HTTP\/1\.1 405 /,
    },
    { name: "another path", send: request("{}", [], "POST /v1/event HTTP/1.1"), answer: /^HTTP\/1\.1 404 / },
    {
      name: "HTTP/1.0",
      send: request(EVENT, [], "POST /v1/events HTTP/1.0"),
      answer: /^HTTP\/1\.1 200 OK[\s\S]*connection: close/i,
    },
    {
      name: "a last request",
      send: request(EVENT, ["Connection: close"]),
      answer: /^HTTP\/1\.1 200 OK[\s\S]*connection: close/i,
    },
    {
      name: "an expectation",
      send: request(EVENT, ["Expect: 100-continue"]),
      answer: /^HTTP\/1\.1 100 Continue[\s\S]*"accepted":1/,
    },
    { name: "two lengths", send: request(EVENT, ["Content-Length: 3"]), answer: /^HTTP\/1\.1 400 / },
    {
      name: "a length and chunks",
      send: request(EVENT, ["Transfer-Encoding: chunked"]),
      answer: /^HTTP\/1\.1 400 /,
    },
    {
      name: "a folded header",
      send: request(EVENT, ["User-Agent: a\r\n b"]),
      answer: /^HTTP\/1\.1 (200|400) /,
    },
    { name: "a bare line feed", send: request(EVENT, ["User-Agent: a\nX-Y: b"]), answer: /^HTTP\/1\.1 400 / },
    {
      name: "another host",
      send: Buffer.from(request("{}").toString().replace("127.0.0.1", "evil.example")),
      answer: /^HTTP\/1\.1 403 /,
    },
    { name: "no HTTP at all", send: Buffer.from("hello\r\n\r\n"), answer: /^HTTP\/1\.1 400 / },
  ])("$name", async ({ send, answer }) => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    client.send(send);
    await client.until(answer);
  });

  test("a plain request after it on the same connection is answered, too", async () => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    client.send(request('{"input_tokens":-1}'));
    await client.until(/422/);
    client.received = "";
    client.send(request(EVENT));
    expect(wentThroughTheLane(await client.until(/"accepted":1/))).toBe(false);
  });
});

describe("access in the lane", () => {
  const token = "a-token-of-tests";
  const config = `auth:\n  ingest_token: ${token}\n`;

  test("asks for the token as the server does", async () => {
    const exporter = await startExporter({ config });
    for (const [header, answer] of [
      [`Authorization: Bearer ${token}`, /^HTTP\/1\.1 200 /],
      ["Authorization: Bearer another-token-of-tests", /^HTTP\/1\.1 401 /],
      ["User-Agent: without", /^HTTP\/1\.1 401 /],
    ] as const) {
      const client = await RawClient.connect(exporter);
      client.send(request(EVENT, [header]));
      await client.until(answer);
    }
  });

  test("forgets a token that a reload has replaced", async () => {
    const exporter = await startExporter({ config });
    const client = await RawClient.connect(exporter);
    client.send(request(EVENT, [`Authorization: Bearer ${token}`]));
    await client.until(ACCEPTED);
    exporter.write("config.yml", "auth:\n  ingest_token: the-next-token\n");
    expect((await fetch(`${exporter.url}/-/reload`, { method: "POST" })).status).toBe(200);
    client.received = "";
    client.send(request(EVENT, [`Authorization: Bearer ${token}`]));
    await client.until(/^HTTP\/1\.1 401 /);
  });
});

describe("connections in the lane", () => {
  test("end when nothing comes in time, and are counted", async () => {
    const exporter = await startExporter({ config: "limits:\n  header_timeout: 1s\n" });
    const client = await RawClient.connect(exporter);
    await client.closed;
    expect(
      (await readMetrics(exporter)).get('llm_exporter_http_connections_dropped_total{reason="timeout"}'),
    ).toBe(1);
  });

  test("end when the exporter drains", async () => {
    const exporter = await startExporter();
    const [silent, served] = [await RawClient.connect(exporter), await RawClient.connect(exporter)];
    served.send(request(EVENT));
    await served.until(ACCEPTED);
    await exporter.close();
    await Promise.all([silent.closed, served.closed]);
  });

  test("a client that hangs up within a request changes nothing", async () => {
    const exporter = await startExporter();
    for (const cut of [10, 80]) {
      const client = await RawClient.connect(exporter);
      client.send(request(EVENT).subarray(0, cut));
      await pause();
      client.abort();
      await client.closed;
    }
    expect(sumOf(await readMetrics(exporter), REQUESTS)).toBeUndefined();
  });

  test("a client that does not read its answers is not read from without end", async () => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    client.pause();
    for (let sent = 0; sent < 20_000; sent++) client.send(request("{}"));
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Another one is served all the same.
    const other = await RawClient.connect(exporter);
    other.send(request(EVENT));
    await other.until(ACCEPTED);
  });
});
