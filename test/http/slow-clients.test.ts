/** Limits on time, connections and headers: clients that hold a connection without using it are cut and counted. */
import { describe, expect, it, vi } from "vitest";
import { exchange } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { eventsHead, RawClient } from "./raw-client.ts";
import { readMetrics } from "./readings.ts";

/** The server looks for slow clients once a second. */
const CONFIG = "limits: {header_timeout: 500ms, request_timeout: 500ms}";
/** The connection of the reader itself. */
const READER = 1;

const dropped = async (exporter: Exporter, reason: string) =>
  (await readMetrics(exporter)).get(`llm_exporter_http_connections_dropped_total{reason="${reason}"}`);

async function expectConnections(exporter: Exporter, expected: number): Promise<void> {
  await vi.waitFor(
    async () =>
      expect((await readMetrics(exporter)).get("llm_exporter_http_connections")).toBe(expected + READER),
    { timeout: 4_000, interval: 100 },
  );
}

const UNANSWERED = [
  { name: "says nothing", bytes: "" },
  { name: "does not finish its headers", bytes: "POST /v1/events HTTP/1.1\r\nhost: localhost\r\n" },
  { name: "does not finish its body", bytes: `${eventsHead(100)}{"provider":"p"}` },
];
const SLOW = [
  ...UNANSWERED,
  {
    name: "does not finish a body that its route does not read",
    bytes: "POST /-/reload HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n",
  },
];

describe("a client that is too slow", () => {
  it("gets a 408, is counted, and leaves nothing, whatever it has sent", async () => {
    const exporter = await startExporter({ config: CONFIG });
    const clients = await Promise.all(UNANSWERED.map(() => RawClient.connect(exporter)));
    UNANSWERED.forEach(({ bytes }, index) => void clients[index]!.send(bytes));
    await Promise.all(clients.map((client) => client.closed));
    clients.forEach(({ received }, index) => {
      const { name } = UNANSWERED[index]!;
      expect(received, name).toMatch(/^HTTP\/1\.1 408 /);
      expect(received.match(/HTTP\/1\.1/g), name).toHaveLength(1);
    });
    expect(await dropped(exporter, "timeout")).toBe(UNANSWERED.length);
    const readings = await readMetrics(exporter);
    expect(readings.get("llm_exporter_ingest_in_flight_bytes")).toBe(0);
    expect(readings.get("llm_exporter_series")).toBe(0);
    expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  it.each(SLOW)("and $name is cut even if it does not hang up when it is told to", async ({ bytes }) => {
    const exporter = await startExporter({ config: CONFIG });
    const client = await RawClient.connect(exporter, true);
    client.send(bytes);
    await expectConnections(exporter, 1);
    await expectConnections(exporter, 0);
    expect((await readMetrics(exporter)).get("llm_exporter_ingest_in_flight_bytes")).toBe(0);
  });

  it("is cut though it sends a byte now and then", async () => {
    const exporter = await startExporter({ config: CONFIG });
    const client = await RawClient.connect(exporter);
    client.send(eventsHead(1_000));
    const drip = setInterval(() => client.send(" "), 100);
    await client.closed;
    clearInterval(drip);
    expect(await dropped(exporter, "timeout")).toBe(1);
  });
});

it("a client that takes its time within the limits is served", async () => {
  const exporter = await startExporter({ config: "limits: {header_timeout: 2s, request_timeout: 4s}" });
  const client = await RawClient.connect(exporter);
  const pieces = [eventsHead(2).slice(0, 10), eventsHead(2).slice(10), "{", "}"];
  for (const piece of pieces) {
    client.send(piece);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  expect(await client.until(/"accepted":1/)).toMatch(/^HTTP\/1\.1 200 /);
});

describe("limits.connections", () => {
  it("closes what comes beyond it, counts it, and takes new ones when others have gone", async () => {
    const exporter = await startExporter({ config: "limits: {connections: 3}" });
    const held = [await RawClient.connect(exporter), await RawClient.connect(exporter)];
    await expectConnections(exporter, held.length);
    held.push(await RawClient.connect(exporter));
    const late = await RawClient.connect(exporter);
    late.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await late.closed;
    expect(late.received).toBe("");

    for (const client of held.splice(0, 2)) client.abort();
    await vi.waitFor(async () => expect((await exchange(exporter, "/healthz")).status).toBe(200));
    const readings = await readMetrics(exporter);
    expect(readings.get("llm_exporter_http_connections_limit")).toBe(3);
    // Attempts of the wait above may have been refused too.
    expect(
      readings.get('llm_exporter_http_connections_dropped_total{reason="limit"}'),
    ).toBeGreaterThanOrEqual(1);
    await expectConnections(exporter, held.length);
  });

  it("leaves connections within it alone", async () => {
    const exporter = await startExporter({ config: "limits: {connections: 3}" });
    const held = [await RawClient.connect(exporter), await RawClient.connect(exporter)];
    expect(await dropped(exporter, "limit")).toBe(0);
    for (const client of held) {
      client.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
      expect(await client.until(/ok\n/)).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});

describe("an unreadable request", () => {
  it.each([
    {
      name: "headers beyond 16 KiB",
      bytes: `GET / HTTP/1.1\r\nx: ${"x".repeat(20_000)}\r\n\r\n`,
      status: 431,
      reason: "header_overflow",
    },
    { name: "no HTTP at all", bytes: "hello there\r\n\r\n", status: 400, reason: "unreadable" },
    {
      name: "two lengths that differ",
      bytes: eventsHead(2, ["content-length: 3"]),
      status: 400,
      reason: "unreadable",
    },
    {
      name: "a length beside chunks",
      bytes: eventsHead(2, ["transfer-encoding: chunked"]),
      status: 400,
      reason: "unreadable",
    },
    {
      name: "a chunk without a size",
      bytes: `${eventsHead("chunked")}zz\r\n`,
      status: 400,
      reason: "unreadable",
    },
    { name: "a body that ends early", bytes: `${eventsHead(9)}{}`, status: 400, reason: "unreadable" },
  ])(
    "with $name is answered $status, counted as $reason, and closed",
    async ({ name, bytes, status, reason }) => {
      const exporter = await startExporter();
      const client = await RawClient.connect(exporter);
      client.send(bytes);
      if (name === "a body that ends early") client.end();
      await client.closed;
      expect(client.received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(await dropped(exporter, reason)).toBe(1);
      expect((await readMetrics(exporter)).get("llm_exporter_ingest_in_flight_bytes")).toBe(0);
      expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
    },
  );

  it("is no reason to write into the answer of the one before it", async () => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    client.send("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\nhello there\r\n\r\n");
    await client.closed;
    expect(client.received.match(/HTTP\/1\.1 \d+/g)?.length).toBe(1);
  });
});
