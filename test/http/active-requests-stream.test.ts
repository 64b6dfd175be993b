/** `GET /metrics/active-requests` and its stream: rows at once, frames when something changes, and nothing left behind. */
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ActiveStreams, type ActiveStreamsParts } from "../../src/http/active-streams.ts";
import { HttpTallies } from "../../src/http/http-tallies.ts";
import { NOW_MICROS } from "../ledger/sample-events.ts";
import { counted } from "../query/counted.ts";
import { exchange, postEvents } from "./exchange.ts";
import { ANYWHERE, type Exporter, startExporter, steppedClock } from "./exporter.ts";
import { RawClient } from "./raw-client.ts";

const PATH = "/metrics/active-requests";
const STREAM = "/metrics/active-requests/stream";
const START = { id: "a1", phase: "start", provider: "openai", model: "gpt-4o", input_tokens: 412 };
const UPDATE = /event: update\ndata: (.*)\n\n/g;

type Update = { readonly active_requests: Record<string, unknown>[]; readonly timestamp: number };

const updatesOf = ({ received }: RawClient): Update[] =>
  [...received.matchAll(UPDATE)].map(([, data]) => JSON.parse(data!));

async function streamFrom(target: { readonly port: number }, method = "GET"): Promise<RawClient> {
  const client = await RawClient.connect(target);
  client.send(`${method} ${STREAM} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  return client;
}

async function updates(client: RawClient, count: number): Promise<Update[]> {
  await client.until(new RegExp(`(?:${UPDATE.source}[\\s\\S]*){${count}}`));
  return updatesOf(client);
}

describe("active requests", () => {
  it("are rows, the newest first", async () => {
    const clock = steppedClock();
    const exporter = await startExporter({ nowMicros: clock.nowMicros });
    await postEvents(exporter, [START, { id: "done" }]);
    clock.advance(0.812);
    await postEvents(exporter, { ...START, id: "a2" });
    const { headers, text } = await exchange(exporter, PATH);
    expect(headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-cache" });
    expect(JSON.parse(text)).toMatchObject({
      disabled: false,
      active_requests: [
        { request_id: "a2", duration_ms: 0 },
        { request_id: "a1", duration_ms: 812, start_time: 1772366400, input_tokens: 412 },
      ],
    });
  });

  it("are an empty list if there are none", async () => {
    const { text } = await exchange(await startExporter(), PATH);
    expect(JSON.parse(text)).toEqual({ disabled: false, active_requests: [] });
  });

  it.each([{ path: PATH }, { path: STREAM }])("at $path need the token", async ({ path }) => {
    const exporter = await startExporter({ args: [ANYWHERE], config: "auth: {query_token: query-key-1}" });
    const { status, text } = await exchange(exporter, path);
    expect(status).toBe(401);
    expect(JSON.parse(text)).toEqual({ detail: expect.any(String) });
    const answer = await exchange(exporter, path, {
      method: "HEAD",
      headers: { "x-api-key": "query-key-1" },
    });
    expect(answer.status).toBe(200);
  });
});

describe("the stream of an exporter", () => {
  it("begins at once, goes on when something has changed, and is open to no page of another origin", async () => {
    const exporter = await startExporter();
    const client = await streamFrom(exporter);
    const [first] = await updates(client, 1);
    expect(first).toEqual({ disabled: false, active_requests: [], timestamp: expect.any(Number) });
    expect(client.received).toMatch(/^HTTP\/1\.1 200 [\s\S]*content-type: text\/event-stream\r\n/i);
    expect(client.received).toMatch(/cache-control: no-cache\r\n/i);
    expect(client.received).toMatch(/connection: keep-alive\r\n/i);
    expect(client.received).not.toMatch(/access-control/i);
    await postEvents(exporter, START);
    expect((await updates(client, 2))[1]!.active_requests).toMatchObject([{ request_id: "a1" }]);
    await postEvents(exporter, { id: "a1" });
    expect((await updates(client, 3))[2]!.active_requests).toEqual([]);
  });

  it("ends when the exporter stops, which does not wait for it", async () => {
    const exporter = await startExporter({ config: "limits: {drain_timeout: 20s}" });
    const client = await streamFrom(exporter);
    await updates(client, 1);
    const startMillis = performance.now();
    await exporter.close();
    expect(performance.now() - startMillis).toBeLessThan(2_000);
    await client.closed;
    // Ended, not cut.
    expect(client.received).toMatch(/\r\n0\r\n\r\n$/);
  });

  it("is one of a hundred at most", async () => {
    const exporter: Exporter = await startExporter();
    const clients = await Promise.all(Array.from({ length: 100 }, () => streamFrom(exporter)));
    await Promise.all(clients.map((client) => updates(client, 1)));
    const { status, headers, text } = await exchange(exporter, STREAM);
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("5");
    expect(JSON.parse(text)).toEqual({ detail: expect.stringContaining("at most 100 streams") });
    clients[0]!.abort();
    await vi.waitFor(async () => {
      const client = await streamFrom(exporter);
      await client.until(/HTTP\/1\.1 200/);
      client.abort();
    });
  });
});

/** Streams on a server of their own, so that a second takes no second. */
async function streamsOn(options: Partial<ActiveStreamsParts> = {}) {
  const { active } = counted([]);
  const tallies = new HttpTallies();
  const streams = new ActiveStreams({
    ...{ active, tallies, nowMicros: () => NOW_MICROS, rowsMax: 5_000 },
    ...{ pollMillis: 2, heartbeatMillis: 20 },
    ...options,
  });
  const responses: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    responses.push(response);
    streams.open(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    streams.end();
    server.close();
    server.closeAllConnections();
  });
  return { streams, tallies, active, responses, port: (server.address() as AddressInfo).port };
}

const openOf = (count: number) =>
  Array.from(
    counted(
      Array.from({ length: count }, (_, index) => ({ ...START, id: `a${index}`, model: "m".repeat(100) })),
    ).active.all(),
  );

describe("a stream", () => {
  it("has a heartbeat, and no frame while only time passes", async () => {
    let now = NOW_MICROS;
    const open = openOf(3);
    const { port } = await streamsOn({ active: { all: () => open }, nowMicros: () => (now += 1e6) });
    const client = await streamFrom({ port });
    await client.until(/(?:: heartbeat\n\n[\s\S]*){3}/);
    expect(updatesOf(client)).toHaveLength(1);
  });

  it("has no frame for a report that says nothing new", async () => {
    let open = openOf(1);
    const { port } = await streamsOn({ active: { all: () => open } });
    const client = await streamFrom({ port });
    await updates(client, 1);
    open = openOf(1);
    const soFar = client.received.length;
    await client.until(new RegExp(`^[\\s\\S]{${soFar}}[\\s\\S]*(?:: heartbeat\n\n[\\s\\S]*){2}`));
    expect(updatesOf(client)).toHaveLength(1);
  });

  it("that begins later begins with the durations of now", async () => {
    let now = NOW_MICROS;
    const open = openOf(1);
    const { port } = await streamsOn({ active: { all: () => open }, nowMicros: () => now });
    await updates(await streamFrom({ port }), 1);
    now += 5e6;
    const [first] = await updates(await streamFrom({ port }), 1);
    expect(first).toMatchObject({ active_requests: [{ duration_ms: 5_000 }], timestamp: now / 1e6 });
  });

  it("is forgotten when its client goes", async () => {
    const { streams, port } = await streamsOn();
    const clients = [await streamFrom({ port }), await streamFrom({ port })];
    for (const client of clients) await updates(client, 1);
    expect(streams.size).toBe(2);
    clients[0]!.abort();
    clients[1]!.end();
    await vi.waitFor(() => expect(streams.size).toBe(0));
  });

  it("is none for HEAD", async () => {
    const { streams, port } = await streamsOn();
    const client = await streamFrom({ port }, "HEAD");
    await client.until(/content-type: text\/event-stream\r\n[\s\S]*\r\n\r\n/i);
    expect(streams.size).toBe(0);
  });

  it("of a client that reads nothing holds one frame at most, and is cut after a while", async () => {
    let count = 2_000;
    const open = openOf(count);
    let longest = 0;
    const { streams, tallies, responses, port } = await streamsOn({
      active: {
        // Something has changed at every look.
        all: () => {
          longest = Math.max(longest, responses[0]?.writableLength ?? 0);
          count -= 1;
          return open.slice(0, count);
        },
      },
    });
    const client = await streamFrom({ port });
    client.pause();
    await vi.waitFor(() => expect(streams.size).toBe(1));
    await vi.waitFor(() => expect(streams.size).toBe(0), { timeout: 10_000 });
    expect(tallies.dropped.get("stalled")).toBe(1);
    expect(longest).toBeGreaterThan(0);
    // A frame of so many rows has 0.75 MB.
    expect(longest).toBeLessThan(1e6);
  });

  it("of a client that reads slowly skips frames, and comes to the latest", async () => {
    let count = 2_000;
    const open = openOf(count);
    let blockedLooks = 0;
    const { responses, port } = await streamsOn({
      active: {
        // Something changes until many changes in a row could not be sent.
        all: () => {
          if (blockedLooks === 50) return open.slice(0, count);
          count -= 1;
          blockedLooks = responses[0] !== undefined && responses[0].writableLength > 0 ? blockedLooks + 1 : 0;
          return open.slice(0, count);
        },
      },
      heartbeatMillis: 60_000,
    });
    const answer = await new Promise<IncomingMessage>((resolve) =>
      get({ host: "127.0.0.1", port, path: STREAM, agent: false }, resolve),
    );
    await vi.waitFor(() => expect(blockedLooks).toBe(50), { timeout: 10_000 });
    answer.setEncoding("utf8");
    let received = "";
    answer.on("data", (text: string) => {
      received += text;
    });
    const framesOf = () => [...received.matchAll(UPDATE)].map(([, data]) => JSON.parse(data!) as Update);
    await vi.waitFor(() => expect(framesOf().at(-1)!.active_requests).toHaveLength(count), {
      timeout: 10_000,
      interval: 200,
    });
    expect(framesOf().length).toBeLessThan(2_000 - count - 40);
  });
});
