/** Many scrapes at once: few are rendered, and each shows every event that was acknowledged before it began. */
import { describe, expect, it } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { readingsOf, sumOf } from "./readings.ts";

const SERIES = 2_000;
const AT_ONCE = 20;
const FORMATS = ["text/plain", "application/openmetrics-text"];

/** Enough label sets that rendering takes a while. */
async function startFilled(): Promise<Exporter> {
  const exporter = await startExporter();
  const events = Array.from({ length: SERIES }, (_, index) => ({
    provider: "p",
    model: `m${index}`,
    duration_ms: index,
  }));
  await postEvents(exporter, events);
  return exporter;
}

async function requestsIn(exporter: Exporter, accept: string): Promise<number> {
  const { text } = await exchange(exporter, "/metrics", { headers: { accept, "accept-encoding": "gzip" } });
  const lines = text.split("\n").filter((line) => line.startsWith("llm_requests_total{"));
  return sumOf(readingsOf(lines.join("\n")), "llm_requests_total")!;
}

async function rendered(exporter: Exporter): Promise<number> {
  return readingsOf((await exchange(exporter, "/metrics")).text).get(
    "llm_exporter_scrape_duration_seconds_count",
  )!;
}

describe("scrapes at once", () => {
  it("share what is rendered", async () => {
    const exporter = await startFilled();
    const before = await rendered(exporter);
    const shown = await Promise.all(Array.from({ length: AT_ONCE }, () => requestsIn(exporter, FORMATS[0]!)));
    // What one scrape shows, it was itself not yet part of.
    const renders = (await rendered(exporter)) - before - 1;
    expect(shown).toEqual(Array(AT_ONCE).fill(SERIES));
    expect(renders).toBeGreaterThanOrEqual(1);
    expect(renders).toBeLessThanOrEqual(AT_ONCE / 4);
  });

  it("of both formats, amid events, each show all that was acknowledged before", async () => {
    const exporter = await startFilled();
    const scrapes: Promise<{ least: number; shown: number }>[] = [];
    let acknowledged = SERIES;
    let sending = true;
    const sender = (async () => {
      while (sending) {
        await postEvents(exporter, [
          { provider: "p", model: "m0" },
          { provider: "p", model: "m1" },
        ]);
        acknowledged += 2;
      }
    })();
    for (let turn = 0; turn < AT_ONCE; turn++) {
      const least = acknowledged;
      const scrape = requestsIn(exporter, FORMATS[turn % FORMATS.length]!);
      scrapes.push(scrape.then((shown) => ({ least, shown })));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const seen = await Promise.all(scrapes);
    sending = false;
    await sender;
    for (const { least, shown } of seen) {
      expect(shown).toBeGreaterThanOrEqual(least);
      expect((shown - SERIES) % 2).toBe(0);
    }
    expect(acknowledged).toBeGreaterThan(SERIES);
    expect(await requestsIn(exporter, FORMATS[0]!)).toBe(acknowledged);
  });

  it("go on when a scraper hangs up", async () => {
    const exporter = await startFilled();
    const controller = new AbortController();
    const left = fetch(`${exporter.url}/metrics`, { signal: controller.signal }).catch(() => undefined);
    const other = requestsIn(exporter, FORMATS[0]!);
    controller.abort();
    await left;
    expect(await other).toBe(SERIES);
    expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});

it("an event is answered while a large exposition is rendered", async () => {
  const exporter = await startFilled();
  const scrape = requestsIn(exporter, FORMATS[1]!);
  let scraped = false;
  void scrape.then(() => {
    scraped = true;
  });
  expect((await postEvents(exporter, {})).status).toBe(200);
  expect(scraped).toBe(false);
  await scrape;
});
