/** Limits on bytes and events: what is beyond them is refused and counted, and leaves nothing behind. */
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { exchange, JSON_TYPE, NDJSON_TYPE, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { eventsHead, RawClient } from "./raw-client.ts";
import { readMetrics } from "./readings.ts";

const KIB = 1024;
const GZIP = { "content-encoding": "gzip" };

/** One event in exactly so many bytes. */
const eventOf = (bytes: number) => "{}".padEnd(bytes, " ");
const post = (exporter: Exporter, body: string | Buffer, headers = {}, chunkBytes?: number) =>
  exchange(exporter, "/v1/events", {
    method: "POST",
    body,
    headers: { ...JSON_TYPE, ...headers },
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
  });

async function expectNothingLeft(exporter: Exporter): Promise<void> {
  await vi.waitFor(async () =>
    expect((await readMetrics(exporter)).get("llm_exporter_ingest_in_flight_bytes")).toBe(0),
  );
}

describe.each([
  { name: "declared", chunkBytes: undefined },
  { name: "sent in chunks", chunkBytes: 500 },
])("a body whose length is $name", ({ chunkBytes }) => {
  const config = "limits: {body_bytes: 2KiB}";

  it("is taken up to limits.body_bytes", async () => {
    const exporter = await startExporter({ config });
    expect((await post(exporter, eventOf(2 * KIB), {}, chunkBytes)).status).toBe(200);
    await expectNothingLeft(exporter);
  });

  it("is refused a byte beyond it, counted, and changes nothing", async () => {
    const exporter = await startExporter({ config });
    const answer = await post(exporter, eventOf(2 * KIB + 1), {}, chunkBytes);
    expect(problemOf(answer)).toEqual({ status: 413, code: "body_too_large" });
    expect(answer.text).toContain("2048");
    const readings = await readMetrics(exporter);
    expect(readings.get('llm_exporter_requests_rejected_total{reason="body_too_large"}')).toBe(1);
    expect(readings.get("llm_exporter_series")).toBe(0);
    await expectNothingLeft(exporter);
  });
});

it("a body that declares too much is refused before it is sent", async () => {
  const exporter = await startExporter({ config: "limits: {body_bytes: 2KiB}" });
  const client = await RawClient.connect(exporter);
  client.send(eventsHead(1e12));
  expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 413 /);
  await client.closed;
});

it("a body without an end is refused when it has passed the limit", async () => {
  const exporter = await startExporter({ config: "limits: {body_bytes: 2KiB}" });
  const client = await RawClient.connect(exporter);
  client.send(eventsHead("chunked"));
  client.send(`801\r\n${" ".repeat(0x801)}\r\n`);
  expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 413 /);
  await client.closed;
  await expectNothingLeft(exporter);
});

describe("a compressed body", () => {
  it("is refused if it inflates beyond limits.inflated_bytes, and taken up to it", async () => {
    const exporter = await startExporter({ config: "limits: {inflated_bytes: 100KiB}" });
    expect((await post(exporter, gzipSync(eventOf(100 * KIB)), GZIP)).status).toBe(200);
    const answer = await post(exporter, gzipSync(eventOf(100 * KIB + 1)), GZIP);
    expect(problemOf(answer)).toEqual({ status: 413, code: "inflated_too_large" });
    expect(
      (await readMetrics(exporter)).get('llm_exporter_events_total{dialect="events",result="accepted"}'),
    ).toBe(1);
    await expectNothingLeft(exporter);
  });

  it("is refused under limits.body_bytes by its size on the wire", async () => {
    const exporter = await startExporter({ config: "limits: {body_bytes: 1KiB}" });
    const noise = JSON.stringify({ prompt: randomBytes(2 * KIB).toString("hex") });
    expect(problemOf(await post(exporter, gzipSync(noise), GZIP)).code).toBe("body_too_large");
    expect((await post(exporter, gzipSync(eventOf(100 * KIB)), GZIP)).status).toBe(200);
  });

  it("counts inflated towards limits.in_flight_bytes", async () => {
    const exporter = await startExporter({
      config: "limits: {in_flight_bytes: 50KiB, inflated_bytes: 50KiB, body_bytes: 10KiB}",
    });
    const answer = await post(exporter, gzipSync(eventOf(50 * KIB)), GZIP);
    expect(problemOf(answer)).toEqual({ status: 429, code: "overloaded" });
    await expectNothingLeft(exporter);
  });
});

describe("limits.in_flight_bytes", () => {
  const config = "limits: {in_flight_bytes: 4KiB, body_bytes: 4KiB, inflated_bytes: 4KiB}";

  it.each([
    { name: "in one piece", head: eventsHead(3_002), start: " ".repeat(3_000), rest: "{}" },
    {
      name: "in chunks",
      head: eventsHead("chunked"),
      start: `bb8\r\n${" ".repeat(0xbb8)}\r\n`,
      rest: "2\r\n{}\r\n0\r\n\r\n",
    },
  ])(
    "counts what has come $name: others are told to come back, until there is room",
    async ({ head, start, rest }) => {
      const exporter = await startExporter({ config });
      const slow = await RawClient.connect(exporter);
      slow.send(head + start);
      await vi.waitFor(async () =>
        expect((await readMetrics(exporter)).get("llm_exporter_ingest_in_flight_bytes")).toBe(3_000),
      );

      expect((await post(exporter, eventOf(1_096))).status).toBe(200);
      const refused = await post(exporter, eventOf(1_097));
      expect(problemOf(refused)).toEqual({ status: 429, code: "overloaded" });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(1);

      slow.send(rest);
      expect(await slow.until(/"accepted":1/)).toMatch(/^HTTP\/1\.1 200 /);
      expect((await post(exporter, eventOf(1_097))).status).toBe(200);
      await expectNothingLeft(exporter);
      const readings = await readMetrics(exporter);
      expect(readings.get('llm_exporter_requests_rejected_total{reason="overloaded"}')).toBe(1);
      expect(readings.get('llm_exporter_events_total{dialect="events",result="accepted"}')).toBe(3);
    },
  );

  it("counts nothing for what is only declared", async () => {
    const exporter = await startExporter({ config });
    for (let sender = 0; sender < 5; sender++) (await RawClient.connect(exporter)).send(eventsHead(4_000));
    await vi.waitFor(async () =>
      expect((await readMetrics(exporter)).get("llm_exporter_http_connections")).toBeGreaterThanOrEqual(5),
    );
    expect((await post(exporter, eventOf(4_000))).status).toBe(200);
  });

  it("gives back what a sender held that hung up, and counts nothing of it", async () => {
    const exporter = await startExporter({ config });
    for (const leave of ["abort", "end"] as const) {
      const client = await RawClient.connect(exporter);
      client.send(`${eventsHead(3_000)}{"provider":"p"}`);
      await vi.waitFor(async () =>
        expect((await readMetrics(exporter)).get("llm_exporter_ingest_in_flight_bytes")).toBe(16),
      );
      client[leave]();
      await client.closed;
      await expectNothingLeft(exporter);
    }
    const readings = await readMetrics(exporter);
    expect(readings.get("llm_exporter_series")).toBe(0);
    expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe("limits.batch_events", () => {
  const config = "limits: {batch_events: 3}";
  const events = (count: number) => Array.from({ length: count }, () => ({}));

  it.each([
    { name: "an array", body: (count: number) => JSON.stringify(events(count)), type: JSON_TYPE },
    {
      name: "an envelope",
      body: (count: number) => JSON.stringify({ events: events(count) }),
      type: JSON_TYPE,
    },
    { name: "NDJSON", body: (count: number) => "{}\n\n".repeat(count), type: NDJSON_TYPE },
  ])("holds for $name: up to it all are taken, beyond it none", async ({ body, type }) => {
    const exporter = await startExporter({ config });
    expect(JSON.parse((await post(exporter, body(3), type)).text).accepted).toBe(3);
    const answer = await post(exporter, body(4), type);
    expect(problemOf(answer)).toEqual({ status: 413, code: "too_many_events" });
    const readings = await readMetrics(exporter);
    expect(readings.get('llm_exporter_events_total{dialect="events",result="accepted"}')).toBe(3);
  });
});

it("a refused body does not spoil the connection's next request", async () => {
  const exporter = await startExporter();
  const client = await RawClient.connect(exporter);
  client.send(`${eventsHead(1)}x${eventsHead(2)}{}`);
  const received = await client.until(/"accepted":1/);
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400", "HTTP/1.1 200"]);
});

it("limits that are reached leave the other senders alone", async () => {
  const exporter = await startExporter({ config: "limits: {body_bytes: 1KiB}" });
  const bodies = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0 ? eventOf(KIB) : eventOf(2 * KIB),
  );
  const answers = await Promise.all(bodies.map((body) => post(exporter, body)));
  expect(answers.map(({ status }) => status)).toEqual(
    bodies.map(({ length }) => (length === KIB ? 200 : 413)),
  );
  expect((await postEvents(exporter, {})).status).toBe(200);
});
