/** Faults that were found in what clients can do to connections: stay silent, read nothing, send too much, come in crowds. */
import { hashSync } from "bcryptjs";
import { describe, expect, test, vi } from "vitest";
import { hasOpenssl, makeCertificates } from "../http/certificates.ts";
import { exchange, JSON_TYPE, NDJSON_TYPE } from "../http/exchange.ts";
import { startExporter } from "../http/exporter.ts";
import { eventsHead, RawClient } from "../http/raw-client.ts";
import { readMetrics } from "../http/readings.ts";

const DROPPED = "llm_exporter_http_connections_dropped_total";

function manySeries(count: number): string {
  return Array.from({ length: count }, (_, index) => JSON.stringify({ model: `m${index}`, ttft_ms: 1 })).join(
    "\n",
  );
}

describe.skipIf(!hasOpenssl())("a TLS client that never shakes hands (needs openssl)", () => {
  const { ca, server } = makeCertificates();
  const tls = {
    webConfig: "tls_server_config: {cert_file: server.pem, key_file: server.key}",
    files: { "server.pem": server.cert, "server.key": server.key },
  };

  test("is hung up on and counted when limits.header_timeout is over", async () => {
    const exporter = await startExporter({ ...tls, config: "limits: {header_timeout: 500ms}" });
    await RawClient.connect(exporter);
    await vi.waitFor(
      async () => {
        const readings = await readMetrics(exporter, { tls: { ca: ca.cert } });
        expect(readings.get(`${DROPPED}{reason="timeout"}`)).toBe(1);
        expect(readings.get("llm_exporter_http_connections")).toBe(1);
      },
      { timeout: 5_000, interval: 200 },
    );
  });

  test("does not hold up a drain beyond limits.drain_timeout", async () => {
    const exporter = await startExporter({ ...tls, config: "limits: {drain_timeout: 500ms}" });
    await RawClient.connect(exporter);
    const startMillis = performance.now();
    await exporter.close();
    expect(performance.now() - startMillis).toBeLessThan(3_000);
  });
});

describe("a scraper that does not read", () => {
  test("is cut and counted, and others wait no longer than that", async () => {
    const exporter = await startExporter({ config: "limits: {request_timeout: 1s, scrapes: 1}" });
    await exchange(exporter, "/v1/events", { method: "POST", headers: NDJSON_TYPE, body: manySeries(2_000) });
    const deaf = await RawClient.connect(exporter);
    deaf.pause();
    deaf.send("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await vi.waitFor(async () => {
      const refused = await exchange(exporter, "/metrics");
      expect(refused.status).toBe(503);
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    });
    await vi.waitFor(
      async () => expect((await readMetrics(exporter)).get(`${DROPPED}{reason="stalled"}`)).toBe(1),
      { timeout: 10_000, interval: 200 },
    );
  });
});

describe("a body that is not wanted", () => {
  test("is refused so that its sender can read why, however much it has to send", async () => {
    const exporter = await startExporter({ config: "limits: {body_bytes: 1KiB}" });
    const body = Buffer.alloc(30_000_000, " ");
    for (let round = 0; round < 5; round++) {
      const declared = await exchange(exporter, "/v1/events", { method: "POST", headers: JSON_TYPE, body });
      expect(declared.status).toBe(413);
    }
  });

  test.each([
    {
      name: "another type",
      head: eventsHead(2, ["expect: 100-continue"]).replace("application/json", "text/plain"),
      status: 415,
    },
    { name: "too long", head: eventsHead(99_999_999, ["expect: 100-continue"]), status: 413 },
  ])("of $name is not asked for", async ({ head, status }) => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    client.send(head);
    expect(await client.until(/\r\n\r\n/)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test("of a client that asks first is asked for", async () => {
    const exporter = await startExporter();
    const client = await RawClient.connect(exporter);
    client.send(eventsHead(2, ["expect: 100-continue"]));
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.send("{}");
    await client.until(/"accepted":1/);
  });
});

test("a page of another host can neither reload nor write", async () => {
  const exporter = await startExporter();
  for (const path of ["/-/reload", "/v1/events"]) {
    const headers = { ...JSON_TYPE, origin: "http://evil.example" };
    expect((await exchange(exporter, path, { method: "POST", headers, body: "{}" })).status).toBe(403);
    const ours = { ...JSON_TYPE, origin: "http://localhost:3000" };
    expect((await exchange(exporter, path, { method: "POST", headers: ours, body: "{}" })).status).toBe(200);
  }
});

test("passwords guessed in bulk do not hold the exporter, nor the right one for long", async () => {
  const exporter = await startExporter({
    webConfig: `basic_auth_users:\n  scraper: ${hashSync("right", 10)}\n`,
  });
  const scrape = (password: string) => {
    const authorization = `Basic ${Buffer.from(`scraper:${password}`).toString("base64")}`;
    return exchange(exporter, "/metrics", { headers: { authorization } }).then(({ status }) => status);
  };
  expect(await scrape("right")).toBe(200);
  const guesses = Promise.all(Array.from({ length: 50 }, (_, index) => scrape(`wrong-${index}`)));
  const startMillis = performance.now();
  expect((await exchange(exporter, "/healthz")).status).toBe(200);
  expect(await scrape("right")).toBe(200);
  expect(performance.now() - startMillis).toBeLessThan(2_000);
  expect(new Set(await guesses)).toEqual(new Set([401, 429]));
});

test("an URL that is none is no error of ours", async () => {
  const exporter = await startExporter();
  const client = await RawClient.connect(exporter);
  client.send("GET http://[/ HTTP/1.1\r\nhost: localhost\r\n\r\n");
  expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 40\d /);
  expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
});

test("the last reload asked for is the one in force", async () => {
  const exporter = await startExporter({ config: "limits: {series: 11}" });
  exporter.write("config.yml", "limits: {series: 22}");
  const first = exchange(exporter, "/-/reload", { method: "POST" });
  const second = exchange(exporter, "/-/reload", { method: "POST" });
  await Promise.all([first, second]);
  expect((await readMetrics(exporter)).get("llm_exporter_series_limit")).toBe(22);
  expect((await readMetrics(exporter)).get('llm_exporter_config_reloads_total{result="success"}')).toBe(2);
});
