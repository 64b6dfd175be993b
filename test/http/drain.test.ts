/** What becomes of requests and connections when the exporter is told to stop. */
import { describe, expect, it, vi } from "vitest";
import { exchange } from "./exchange.ts";
import { startExporter } from "./exporter.ts";
import { halfSentEvent } from "./half-sent-event.ts";
import { RawClient } from "./raw-client.ts";
import { readMetrics } from "./readings.ts";

const HEALTH = "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n";
const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

async function secondsOf(work: Promise<unknown>): Promise<number> {
  const startMillis = performance.now();
  await work;
  return (performance.now() - startMillis) / 1e3;
}

describe("an exporter that is told to stop", () => {
  it("is gone at once if nothing is under way, and frees its port", async () => {
    const exporter = await startExporter();
    const idle = await RawClient.connect(exporter);
    idle.send(HEALTH);
    await idle.until(/serving/);
    expect(await secondsOf(exporter.close())).toBeLessThan(1);
    await idle.closed;
    await expect(exchange(exporter, "/healthz")).rejects.toThrow(/ECONNREFUSED/);
    expect(exporter.log.map(({ msg }) => msg)).toEqual(["serving", "draining", "stopped"]);
  });

  it("answers a request that is under way, and is gone right after", async () => {
    const exporter = await startExporter({ config: "limits: {drain_timeout: 3s}" });
    const { client, finish } = await halfSentEvent(exporter);
    const closing = secondsOf(exporter.close());
    await sleep(200);
    expect(await finish()).toMatch(/^HTTP\/1\.1 200 /);
    await client.closed;
    expect(await closing).toBeLessThan(2);
  });

  it("takes no new connection meanwhile", async () => {
    const exporter = await startExporter({ config: "limits: {drain_timeout: 1s}" });
    await halfSentEvent(exporter);
    const closing = exporter.close();
    await expect(exchange(exporter, "/healthz")).rejects.toThrow(/ECONN(REFUSED|RESET)/);
    await closing;
  });

  it("is not ready any more, for those who are already connected", async () => {
    const exporter = await startExporter({ config: "limits: {drain_timeout: 1s}" });
    await halfSentEvent(exporter);
    const prober = await RawClient.connect(exporter);
    await vi.waitFor(async () =>
      expect((await readMetrics(exporter)).get("llm_exporter_http_connections")).toBe(3),
    );
    prober.send(HEALTH.slice(0, 20));
    await sleep(50);
    const closing = exporter.close();
    prober.send(HEALTH.slice(20));
    expect(await prober.until(/draining/)).toMatch(/^HTTP\/1\.1 503 .*connection: close/is);
    await prober.closed;
    await closing;
  });

  it("cuts a client that never finishes when limits.drain_timeout is over", async () => {
    const exporter = await startExporter({ config: "limits: {drain_timeout: 500ms}" });
    const { client } = await halfSentEvent(exporter);
    const seconds = await secondsOf(exporter.close());
    expect(seconds).toBeGreaterThan(0.4);
    expect(seconds).toBeLessThan(3);
    await client.closed;
    expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("waits as long as it is told to, however long that is", async () => {
    const exporter = await startExporter({ config: "limits: {drain_timeout: 24d}" });
    const { client, finish } = await halfSentEvent(exporter);
    const closing = exporter.close();
    await sleep(300);
    expect(await finish()).toMatch(/^HTTP\/1\.1 200 /);
    client.end();
    await closing;
  });

  it("twice, stops once", async () => {
    const exporter = await startExporter();
    await Promise.all([exporter.close(), exporter.close()]);
    await exporter.close();
  });
});
