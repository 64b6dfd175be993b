/** Whatever lies between client and exporter does: what the queue could hold is counted, and counted once. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { type ClientOptions, createClient, type LlmClient } from "../../src/client/index.ts";
import { startExporter } from "../http/exporter.ts";
import { readMetrics, sumOf } from "../http/readings.ts";
import { FAULTS, type Fault, faultyExporter } from "./faulty-exporter.ts";

function impatient(url: string, more: Partial<ClientOptions> = {}): LlmClient {
  const retry = { baseMillis: 2, maxMillis: 10 };
  return createClient({ url, timeoutMillis: 150, retry, flushIntervalMillis: 5, onError: () => {}, ...more });
}

function trackMany(client: LlmClient, count: number): void {
  for (let n = 0; n < count; n++)
    client.track({ provider: "openai", model: "gpt-4o", input_tokens: n, output_tokens: 1, duration_ms: 5 });
}

const sumBelow = (count: number) => (count * (count - 1)) / 2;

test.each(FAULTS)("a server that %s, three times: each event counts once", async (fault) => {
  const exporter = await startExporter();
  const faulty = await faultyExporter(exporter.url, [fault, fault, fault]);
  const client = impatient(faulty.url, { maxBatch: 20 });
  trackMany(client, 50);
  expect(await client.flush()).toEqual({ left: 0 });
  const readings = await readMetrics(exporter);
  expect(sumOf(readings, "llm_requests_total")).toBe(50);
  expect(sumOf(readings, "llm_tokens_total")).toBe(sumBelow(50) + 50);
  const { tracked, accepted, duplicates, dropped, queued } = client.stats;
  expect({ tracked, settled: accepted + duplicates, dropped, queued }).toEqual({
    ...{ tracked: 50, settled: 50, dropped: 0, queued: 0 },
  });
});

test("a repeat carries the ids of the first attempt", async () => {
  const exporter = await startExporter();
  const faulty = await faultyExporter(exporter.url, ["resets after the exporter has counted"]);
  const client = impatient(faulty.url);
  trackMany(client, 3);
  await client.flush();
  expect(faulty.requests).toHaveLength(2);
  expect(faulty.requests[1]).toEqual(faulty.requests[0]);
  expect(new Set(faulty.requests[0]).size).toBe(3);
  expect(client.stats).toMatchObject({ accepted: 0, duplicates: 3, requests: 2, failedRequests: 1 });
});

test("any faults in any order, with events that come meanwhile: each event counts once", async () => {
  const exporter = await startExporter();
  let counted = 0;
  const fault = fc.constantFrom<Fault>(...FAULTS);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 60 }),
      async (faults, bursts, maxBatch) => {
        const faulty = await faultyExporter(exporter.url, faults);
        const client = impatient(faulty.url, { maxBatch, timeoutMillis: 40 });
        for (const burst of bursts) {
          trackMany(client, burst);
          counted += burst;
          await new Promise((resolve) => setTimeout(resolve, 3));
        }
        expect(await client.close(10_000)).toEqual({ left: 0 });
        const { tracked, accepted, duplicates, dropped } = client.stats;
        expect({ settled: accepted + duplicates, dropped }).toEqual({ settled: tracked, dropped: 0 });
        expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(counted);
      },
    ),
    { numRuns: 15 },
  );
});

test("while the exporter is away events wait, and are counted at the time at which they were tracked", async () => {
  const exporter = await startExporter();
  const away = Array.from({ length: 6 }, (): Fault => "resets before the exporter has it");
  const faulty = await faultyExporter(exporter.url, away);
  const now = Date.now();
  const client = impatient(faulty.url, { now: () => now - 60_000 });
  trackMany(client, 10);
  await client.flush();
  const readings = await readMetrics(exporter);
  expect(sumOf(readings, "llm_requests_total")).toBe(10);
  expect(sumOf(readings, "llm_last_request_timestamp_seconds")).toBeCloseTo((now - 60_000) / 1e3, 1);
});

test("a redirect is not followed: the token goes nowhere else, and the events wait", async () => {
  const exporter = await startExporter();
  const redirecting = createServer((request, response) => {
    request
      .resume()
      .on("end", () => response.writeHead(307, { location: `${exporter.url}/v1/events` }).end());
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    redirecting.closeAllConnections();
    redirecting.close();
  });
  await once(redirecting, "listening");
  const problems: string[] = [];
  const client = impatient(`http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`, {
    timeoutMillis: 10_000,
    retry: { maxMillis: 60_000 },
    onError: ({ code }) => void problems.push(code),
  });
  trackMany(client, 2);
  await vi.waitFor(() => expect(problems).toEqual(["refused"]));
  expect(client.stats).toMatchObject({ queued: 2, dropped: 0 });
  expect(sumOf(await readMetrics(exporter), "llm_requests_total") ?? 0).toBe(0);
});
