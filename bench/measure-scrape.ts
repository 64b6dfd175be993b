/** A scrape of 10,000 label sets: how long it takes, and how long it holds the event loop. */
import { fetchBody } from "./fetch-body.ts";
import { fill } from "./fill.ts";
import { median, shown, shownWithSpread } from "./median.ts";
import type { Section } from "./report.ts";
import { inRounds } from "./rounds.ts";
import { describeDifference, differencesOfPeers } from "./same-lines.ts";
import { LABEL_SETS } from "./sample-events.ts";
import { readSamples } from "./samples.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { EXPORTER, OTEL, PROM_CLIENT, type Subject } from "./subjects.ts";

const WARM_UP_SCRAPES = 2;
/** The peers need seconds for a scrape: they get as many as fit in the time, and never fewer than `least`. */
const TIMED = { most: 7, least: 3, withinMillis: 6_000 };
const GZIPPED = { most: 3, least: 1, withinMillis: 1_000 };
const GAPS = { most: 3, least: 1, withinMillis: 1_000 };
const IDLE_MILLIS = 200;
/** The gap meter must see a gap of this length before it is believed. */
const KNOWN_GAP_MILLIS = 50;
const KNOWN_GAP_TOLERANCE_MILLIS = 15;
const KNOWN_GAP_ATTEMPTS = 5;
const GAP_AT_MOST_MILLIS = 10;

type Run = {
  readonly millis: number;
  readonly gzipMillis: number | undefined;
  readonly bytes: number;
  /** Samples of the request families, and of all; counted in the first round only. */
  readonly counts: { readonly ofFamilies: number; readonly ofAll: number } | undefined;
  readonly gapMillis: number;
  readonly idleGapMillis: number;
};

export async function measureScrape(rounds: number): Promise<Section> {
  const differences = await differencesOfPeers();
  const runs = await inRounds(rounds, [EXPORTER, PROM_CLIENT, OTEL], runOnce);
  return sectionOf(runs, differences.map(describeDifference), rounds);
}

async function runOnce(subject: Subject, round: number): Promise<Run> {
  const server = await startServer(subject);
  const scrape = (acceptEncoding: string) => fetchBody(`${server.url}/metrics`, { acceptEncoding });
  try {
    await fill(server.url, 0, LABEL_SETS);
    const counts = round === 0 ? await countSamples(server.url) : undefined;
    for (let time = 1; time < WARM_UP_SCRAPES; time++) await scrape("identity");
    const { bytes } = await scrape("identity");
    return {
      bytes,
      counts,
      millis: median(await repeat(server.url, TIMED, async () => (await scrape("identity")).millis)),
      gzipMillis: subject.offersGzip
        ? median(await repeat(server.url, GZIPPED, async () => (await scrape("gzip")).millis))
        : undefined,
      ...(await gaps(server, () => scrape("identity"))),
    };
  } finally {
    await server.stop();
  }
}

async function countSamples(url: string): Promise<{ ofFamilies: number; ofAll: number }> {
  let ofFamilies = 0;
  const ofAll = await readSamples(url, () => {
    ofFamilies += 1;
  });
  return { ofFamilies, ofAll };
}

/** Before each scrape something changes, as it does between the scrapes of a Prometheus. */
async function repeat(
  url: string,
  {
    most,
    least,
    withinMillis,
  }: { readonly most: number; readonly least: number; readonly withinMillis: number },
  measure: () => Promise<number>,
): Promise<number[]> {
  const measured: number[] = [];
  const deadline = performance.now() + withinMillis;
  while (measured.length < least || (measured.length < most && performance.now() < deadline)) {
    await fill(url, measured.length, measured.length + 1);
    measured.push(await measure());
  }
  return measured;
}

async function gaps(
  server: ServerProcess,
  scrape: () => Promise<unknown>,
): Promise<Pick<Run, "gapMillis" | "idleGapMillis">> {
  await assertGapMeter(server);
  const idle = () => new Promise((resolve) => setTimeout(resolve, IDLE_MILLIS));
  return {
    idleGapMillis: await gapDuring(server, idle),
    gapMillis: Math.max(...(await repeat(server.url, GAPS, () => gapDuring(server, scrape)))),
  };
}

async function gapDuring(server: ServerProcess, action: () => Promise<unknown>): Promise<number> {
  await server.ask({ ask: "startGap" });
  await action();
  return (await server.ask({ ask: "stopGap" })).longestMillis;
}

/** A busy machine may lengthen a gap, so an overlong one is tried again; a gap that is not seen whole is a fault. */
async function assertGapMeter(server: ServerProcess): Promise<void> {
  let seen = 0;
  for (let attempt = 0; attempt < KNOWN_GAP_ATTEMPTS; attempt++) {
    seen = await gapDuring(server, () => server.ask({ ask: "block", millis: KNOWN_GAP_MILLIS }));
    if (seen < KNOWN_GAP_MILLIS) break;
    if (seen <= KNOWN_GAP_MILLIS + KNOWN_GAP_TOLERANCE_MILLIS) return;
  }
  throw new Error(`the event loop was held for ${KNOWN_GAP_MILLIS} ms, but the meter saw ${seen} ms`);
}

function sectionOf(
  runs: ReadonlyMap<string, Run[]>,
  comparisons: readonly string[],
  rounds: number,
): Section {
  const of = (name: string, read: (run: Run) => number) => runs.get(name)!.map(read);
  const time = (name: string) => median(of(name, ({ millis }) => millis));
  const ours = EXPORTER.name;
  const rows = [...runs].map(([name, ofSubject]) => {
    const { bytes, counts } = ofSubject[0]!;
    const gzip = ofSubject.flatMap(({ gzipMillis }) => gzipMillis ?? []);
    return [
      name,
      counts!.ofFamilies.toLocaleString("en-US"),
      shown(counts!.ofFamilies / LABEL_SETS),
      shown(counts!.ofAll - counts!.ofFamilies),
      shown(bytes / 1e6),
      shownWithSpread(of(name, ({ millis }) => millis)),
      `${shown(time(name) / time(ours))}x`,
      gzip.length === 0 ? "not offered" : shownWithSpread(gzip),
      shownWithSpread(of(name, ({ gapMillis }) => gapMillis)),
      shown(median(of(name, ({ idleGapMillis }) => idleGapMillis))),
    ];
  });
  const against = (peer: Subject, atLeast: number) => ({
    what: `Scrape of 10,000 label sets, against ${peer.name}`,
    measured: time(peer.name) / time(ours),
    unit: "x",
    atLeast,
  });
  return {
    title: "Scrape of 10,000 label sets",
    method: `10 providers, 100 models and 10 pools, three events each; ${rounds} rounds. A value is the median of ${TIMED.most} scrapes (of ${TIMED.least} or more where they take longer than ${TIMED.withinMillis / 1e3} s together) after ${WARM_UP_SCRAPES}, from the request to the last byte of the answer; before each, the events of one label set are sent again. The gap is the longest of up to ${GAPS.most} further scrapes, seen from inside the process by a loop that turns as fast as it can; in each process that meter first had to see a known gap of ${KNOWN_GAP_MILLIS} ms.`,
    head: [
      "server",
      "samples",
      "a label set",
      "of its own",
      "MB",
      "ms",
      "against exporter",
      "ms with gzip",
      "longest gap, ms",
      "idle gap, ms",
    ],
    rows,
    remarks: comparisons,
    targets: [
      against(PROM_CLIENT, 4),
      against(OTEL, 12),
      {
        what: "Longest event-loop gap during that scrape",
        measured: median(of(ours, ({ gapMillis }) => gapMillis)),
        unit: "ms",
        atMost: GAP_AT_MOST_MILLIS,
      },
    ],
  };
}
