/** What questions cost: totals of many label sets, a month of few and of many events, and what senders notice of them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchBody } from "./fetch-body.ts";
import { fill } from "./fill.ts";
import { median, shown, shownWithSpread } from "./median.ts";
import { percentile, runPaced } from "./paced-load.ts";
import type { Section } from "./report.ts";
import { ID_PLACE, LABEL_SETS, sampleEvents } from "./sample-events.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { durableIn, EXPORTER } from "./subjects.ts";

const QUESTIONS = 40;
const MONTH = "/v1/totals?by=provider,model&window=30d";
const MONTH_LABEL_SETS = 100;
const FEW = 1_000_000;
const MANY = 10_000_000;
const DAYS = 30;
const PER_SECOND = 2_000;
const SECONDS = 8;
const CONNECTIONS = 64;
/** A dashboard that is never satisfied. */
const PAUSE_MILLIS = 100;

export async function measureQueries(rounds: number): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), "bench-queries-"));
  const stores = [FEW, MANY].map((events) => join(folder, String(events)));
  try {
    for (const [index, store] of stores.entries()) fillStore(store, [FEW, MANY][index]!);
    const totals: number[] = [];
    const months: [number[], number[]] = [[], []];
    const alone: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < rounds; round++) {
      process.stderr.write(`round ${round + 1} of ${rounds}\n`);
      totals.push(percentile(await askTotals(), 95));
      const order = round % 2 === 0 ? [0, 1] : [1, 0];
      for (const index of order) months[index]!.push(percentile(await askMonth(stores[index]!), 95));
      for (const asks of round % 2 === 0 ? [false, true] : [true, false]) {
        (asks ? beside : alone).push(await sendersP99(stores[1]!, asks));
      }
    }
    return section({ totals, few: months[0], many: months[1], alone, beside });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fillStore(folder: string, events: number): void {
  process.stderr.write(`filling a store with ${events} events of ${DAYS} days\n`);
  mkdirSync(folder);
  const script = fileURLToPath(new URL("fill-store.ts", import.meta.url));
  const file = join(folder, "llm-exporter.db");
  execFileSync(process.execPath, [script, file, ...[events, MONTH_LABEL_SETS, DAYS].map(String)]);
}

async function askTotals(): Promise<readonly number[]> {
  const server = await startServer(EXPORTER);
  try {
    await fill(server.url, 0, LABEL_SETS);
    return await ask(server, "/v1/totals");
  } finally {
    await server.stop();
  }
}

async function askMonth(store: string): Promise<readonly number[]> {
  const server = await startServer(durableIn(store));
  try {
    return await ask(server, MONTH);
  } finally {
    await server.stop();
  }
}

/** The first few warm what the runtime compiles. */
async function ask({ url }: ServerProcess, path: string): Promise<readonly number[]> {
  for (let time = 0; time < 5; time++) await fetchBody(`${url}${path}`);
  const millis: number[] = [];
  for (let time = 0; time < QUESTIONS; time++) millis.push((await fetchBody(`${url}${path}`)).millis);
  return millis;
}

async function sendersP99(store: string, asks: boolean): Promise<number> {
  const server = await startServer(durableIn(store));
  try {
    const bodies = sampleEvents(3 * MONTH_LABEL_SETS, MONTH_LABEL_SETS, ID_PLACE);
    const run = Date.now().toString(36);
    let unique = 0;
    const body = (index: number) => {
      unique += 1;
      return bodies[index % bodies.length]!.replace(ID_PLACE, `${run}-${unique}`.padEnd(16, "0"));
    };
    const load = { url: server.url, bodies: body, perSecond: PER_SECOND, connections: CONNECTIONS };
    await runPaced({ ...load, seconds: 2 });
    let isOver = false;
    const asking = (async () => {
      while (asks && !isOver) {
        await fetchBody(`${server.url}${MONTH}`);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS));
      }
    })();
    const latencies = await runPaced({ ...load, seconds: SECONDS });
    isOver = true;
    await asking;
    return percentile(latencies, 99);
  } finally {
    await server.stop();
  }
}

type Measured = Readonly<Record<"totals" | "few" | "many" | "alone" | "beside", readonly number[]>>;

function section({ totals, few, many, alone, beside }: Measured): Section {
  const labelSets = shown(LABEL_SETS);
  return {
    title: "Questions",
    method: `p95 of ${QUESTIONS} answers, one after the other: GET /v1/totals of ${labelSets} label sets; GET ${MONTH} of a SQLite store with ${shown(FEW)} and one with ${shown(MANY)} events of ${DAYS} days and ${MONTH_LABEL_SETS} label sets. Then ${shown(PER_SECOND)} single events a second, kept, on the larger store, timed from when each was due, without questions and beside one that asks for the month again ${PAUSE_MILLIS} ms after each answer.`,
    head: ["what", "measured, ms"],
    rows: [
      [`totals of ${labelSets} label sets, p95`, shownWithSpread(totals)],
      [`a month of ${shown(FEW)} events, p95`, shownWithSpread(few)],
      [`a month of ${shown(MANY)} events, p95`, shownWithSpread(many)],
      ["p99 of an event, no questions", shownWithSpread(alone)],
      ["p99 of an event, beside questions", shownWithSpread(beside)],
    ],
    remarks: [],
    targets: [
      { what: `Totals of ${labelSets} label sets: p95`, measured: median(totals), unit: "ms", atMost: 50 },
      { what: `A month of ${shown(MANY)} events: p95`, measured: median(many), unit: "ms", atMost: 50 },
      {
        what: `A month of ${shown(MANY)} events to one of ${shown(FEW)}`,
        measured: median(many) / median(few),
        unit: "x",
        atMost: 1.5,
      },
      {
        what: "p99 of an event beside questions to one without",
        measured: median(beside) / median(alone),
        unit: "x",
        atMost: 2,
      },
    ],
  };
}
