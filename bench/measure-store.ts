/** What a store costs besides throughput: how long an answer takes, how long the loop is held, how long a start takes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, shown, shownWithSpread } from "./median.ts";
import { percentile, runPaced } from "./paced-load.ts";
import type { Section } from "./report.ts";
import { ID_PLACE, sampleEvents } from "./sample-events.ts";
import { requestsCounted } from "./samples.ts";
import { startServer } from "./server-process.ts";
import { DURABLE, durableIn } from "./subjects.ts";

const PER_SECOND = 2_000;
const SECONDS = 8;
const CONNECTIONS = 64;
const LABEL_SETS = 100;
const STORED_EVENTS = 10_000_000;
const STORED_LABEL_SETS = 10_000;
/** They came in so many days: a start reads totals, not rollups. */
const STORED_DAYS = 0.01;

export async function measureStore(rounds: number): Promise<Section> {
  const p99: number[] = [];
  const gaps: number[] = [];
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}: ${PER_SECOND} events/s\n`);
    const { latencies, gapMillis } = await paced();
    p99.push(percentile(latencies, 99));
    gaps.push(gapMillis);
  }
  process.stderr.write(`filling a store with ${STORED_EVENTS} events\n`);
  const folder = mkdtempSync(join(tmpdir(), "bench-store-"));
  const file = join(folder, "llm-exporter.db");
  try {
    const fill = fileURLToPath(new URL("fill-store.ts", import.meta.url));
    const args = [STORED_EVENTS, STORED_LABEL_SETS, STORED_DAYS].map(String);
    execFileSync(process.execPath, [fill, file, ...args]);
    const starts: number[] = [];
    for (let round = 0; round < rounds; round++) starts.push(await startOn(folder));
    return section({ p99, gaps, starts, bytesAnEvent: statSync(file).size / STORED_EVENTS });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function paced(): Promise<{ latencies: readonly number[]; gapMillis: number }> {
  const server = await startServer(DURABLE);
  try {
    const bodies = sampleEvents(3 * LABEL_SETS, LABEL_SETS, ID_PLACE);
    let unique = 0;
    const body = (index: number) => {
      unique += 1;
      return bodies[index % bodies.length]!.replace(ID_PLACE, `p${String(unique).padStart(15, "0")}`);
    };
    const load = { url: server.url, bodies: body, perSecond: PER_SECOND, connections: CONNECTIONS };
    await runPaced({ ...load, seconds: 2 });
    await server.ask({ ask: "startGap" });
    const latencies = await runPaced({ ...load, seconds: SECONDS });
    const { longestMillis } = await server.ask({ ask: "stopGap" });
    return { latencies, gapMillis: longestMillis };
  } finally {
    await server.stop();
  }
}

/** Milliseconds from the start of the process until it is ready. */
async function startOn(folder: string): Promise<number> {
  const startedMillis = performance.now();
  const server = await startServer(durableIn(folder));
  const millis = performance.now() - startedMillis;
  const counted = await requestsCounted(server.url);
  await server.stop();
  if (counted !== STORED_EVENTS) {
    throw new Error(`the start took ${counted} of ${STORED_EVENTS} counted requests over`);
  }
  return millis;
}

function section(of: { p99: number[]; gaps: number[]; starts: number[]; bytesAnEvent: number }): Section {
  const load = `${PER_SECOND} single events/s, kept`;
  return {
    title: "A store at work",
    method: `${PER_SECOND} single events a second with unique ids over ${CONNECTIONS} connections for ${SECONDS} s after 2, each timed from when it was due; the longest gap of the loop meanwhile, seen from inside by a loop that turns as fast as it can. Then a start, from the beginning of the process until it is ready, on a store of ${STORED_EVENTS} events with ids and ${STORED_LABEL_SETS} label sets.`,
    head: ["what", "measured"],
    rows: [
      ["p99 of an answer, ms", shownWithSpread(of.p99)],
      ["longest gap of the loop, ms", shownWithSpread(of.gaps)],
      ["start until ready, ms", shownWithSpread(of.starts)],
      ["bytes on disk an event", shown(of.bytesAnEvent)],
    ],
    remarks: [],
    targets: [
      { what: `${load}: p99 of an answer`, measured: median(of.p99), unit: "ms", atMost: 20 },
      { what: `${load}: longest event-loop gap`, measured: median(of.gaps), unit: "ms", atMost: 20 },
      {
        what: "Start on 10 M events and 10,000 label sets",
        measured: median(of.starts),
        unit: "ms",
        atMost: 1_000,
      },
    ],
  };
}
