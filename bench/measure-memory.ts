/** Memory that each label set takes: after 10,000 were filled, and after they were scraped once. */
import { fetchBody } from "./fetch-body.ts";
import { fill } from "./fill.ts";
import { median, shown, shownWithSpread } from "./median.ts";
import type { Section, Target } from "./report.ts";
import { inRounds } from "./rounds.ts";
import { LABEL_SETS } from "./sample-events.ts";
import { startServer } from "./server-process.ts";
import { EXPORTER, OTEL, PROM_CLIENT, type Subject } from "./subjects.ts";

/** Sent to one label set beforehand, so that code and buffers are warm before the first reading. */
const WARM_UP_FILLS = 1_000;

/** Garbage collections make the readings steady; more rounds would only take longer. */
const ROUNDS_MAX = 3;

/** Bytes a label set. */
type Run = Record<"filledHeap" | "scrapedHeap" | "filledRss" | "scrapedRss", number>;

export async function measureMemory(rounds: number): Promise<Section> {
  return sectionOf(await inRounds(Math.min(rounds, ROUNDS_MAX), [EXPORTER, PROM_CLIENT, OTEL], runOnce));
}

async function runOnce(subject: Subject): Promise<Run> {
  const server = await startServer(subject);
  try {
    for (let time = 0; time < WARM_UP_FILLS; time++) await fill(server.url, 0, 1);
    await fetchBody(`${server.url}/metrics`);
    const before = await server.ask({ ask: "memory" });
    await fill(server.url, 1, LABEL_SETS);
    const filled = await server.ask({ ask: "memory" });
    await fetchBody(`${server.url}/metrics`);
    const scraped = await server.ask({ ask: "memory" });
    const aLabelSet = (bytes: number) => bytes / (LABEL_SETS - 1);
    return {
      filledHeap: aLabelSet(filled.heapBytes - before.heapBytes),
      scrapedHeap: aLabelSet(scraped.heapBytes - before.heapBytes),
      filledRss: aLabelSet(filled.rssBytes - before.rssBytes),
      scrapedRss: aLabelSet(scraped.rssBytes - before.rssBytes),
    };
  } finally {
    await server.stop();
  }
}

function sectionOf(runs: ReadonlyMap<string, Run[]>): Section {
  const of = (name: string, key: keyof Run) => runs.get(name)!.map((run) => run[key]);
  const ratio = (key: keyof Run) => median(of(EXPORTER.name, key)) / median(of(PROM_CLIENT.name, key));
  const target = (what: string, key: keyof Run): Target => ({
    what: `${what}, against ${PROM_CLIENT.name}`,
    measured: ratio(key),
    unit: "x",
    atMost: 1,
  });
  return {
    title: "Memory per label set",
    method: `Growth from one label set, to which as many events were sent, to 10,000, divided by their number; at most ${ROUNDS_MAX} rounds. Heap is what V8 uses plus what it holds outside of its heap, after full garbage collections; RSS is what the operating system sees then.`,
    head: [
      "server",
      "heap when filled, B",
      "heap after a scrape, B",
      "RSS when filled, B",
      "RSS after a scrape, B",
    ],
    rows: [...runs.keys()].map((name) => [
      name,
      ...(["filledHeap", "scrapedHeap", "filledRss", "scrapedRss"] as const).map((key) =>
        shownWithSpread(of(name, key)),
      ),
    ]),
    remarks: [
      `Of what ${PROM_CLIENT.name} takes, the exporter takes ${(["filledHeap", "scrapedHeap", "filledRss", "scrapedRss"] as const).map((key) => shown(ratio(key))).join(", ")}, in the order of the columns.`,
    ],
    targets: [
      target("Heap per label set when filled", "filledHeap"),
      target("Heap per label set after a scrape", "scrapedHeap"),
      target("RSS per label set after a scrape", "scrapedRss"),
    ],
  };
}
