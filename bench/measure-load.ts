/** Events a second: single events, and NDJSON batches, over kept connections. */
import { median, shown, shownWithSpread } from "./median.ts";
import type { Section, Target } from "./report.ts";
import { inRounds } from "./rounds.ts";
import { BATCH_SIZE, ID_PLACE, NDJSON, sampleEvents } from "./sample-events.ts";
import { requestsCounted } from "./samples.ts";
import { startServer } from "./server-process.ts";
import { BARE_HTTP, DURABLE, EXPORTER, OTEL, PROM_CLIENT, type Subject } from "./subjects.ts";
import { ensureWrk, type Load, runWrk } from "./wrk.ts";

const WARM_UP_SECONDS = 1;
const MEASURED_SECONDS = 3;
/** As many as one busy host sends; each subject meets them all during the warm-up. */
const LABEL_SETS = 100;

type Case = {
  readonly title: string;
  readonly contentType: string;
  readonly eventsARequest: number;
  readonly connections: number;
  /** Bodies without ids, or with a place for unique ones. */
  readonly bodies: (id?: string) => string[];
  readonly ratioAtLeast: number;
};

const SINGLES: Case = {
  title: "Single events",
  contentType: "application/json",
  eventsARequest: 1,
  connections: 32,
  bodies: (id) => sampleEvents(3 * LABEL_SETS, LABEL_SETS, id),
  ratioAtLeast: 2,
};

const BATCHES: Case = {
  title: "NDJSON batches of 1,000",
  contentType: NDJSON,
  eventsARequest: BATCH_SIZE,
  connections: 4,
  bodies: () => [`${sampleEvents(BATCH_SIZE, LABEL_SETS).join("\n")}\n`],
  ratioAtLeast: 2.5,
};

const DURABLE_SINGLES: Case = { ...SINGLES, connections: 256 };

type Run = { readonly perSecond: number; readonly p99Millis: number; readonly cpuMicrosAnEvent: number };
/** A subject with what is sent to it. */
type Entrant = { readonly name: string; readonly subject: Subject; readonly bodies: readonly string[] };

export function measureSingles(rounds: number): Promise<Section> {
  const withIds = {
    name: `${EXPORTER.name}, unique ids`,
    subject: EXPORTER,
    bodies: SINGLES.bodies(ID_PLACE),
  };
  return measure(SINGLES, rounds, [withIds]);
}

export function measureBatches(rounds: number): Promise<Section> {
  return measure(BATCHES, rounds, []);
}

/** The exporter that keeps events against the one that does not. */
export async function measureDurable(rounds: number): Promise<Section> {
  ensureWrk();
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const load of [DURABLE_SINGLES, BATCHES]) {
    const bodies = load.bodies(ID_PLACE);
    const entrants = [EXPORTER, DURABLE].map((subject) => ({ name: subject.name, subject, bodies }));
    const runs = await inRounds(rounds, entrants, (entrant) => runOnce(load, entrant));
    const rate = (name: string) => median(runs.get(name)!.map(({ perSecond }) => perSecond));
    for (const [name, of] of runs) {
      rows.push([
        load.title,
        name,
        shownWithSpread(of.map(({ perSecond }) => perSecond)),
        `${shown(rate(name) / rate(EXPORTER.name))}x`,
        shown(median(of.map(({ p99Millis }) => p99Millis))),
      ]);
    }
    targets.push({
      what: `${load.title}, kept on disk, against not kept`,
      measured: rate(DURABLE.name) / rate(EXPORTER.name),
      unit: "x",
      atLeast: load === DURABLE_SINGLES ? 0.6 : 0.35,
    });
  }
  return {
    title: "Events kept on disk",
    method: `wrk, 1 thread, ${DURABLE_SINGLES.connections} kept connections for single events and ${BATCHES.connections} for batches, ${WARM_UP_SECONDS} s of warm-up and ${MEASURED_SECONDS} s measured; single events have unique ids, ${LABEL_SETS} label sets. SQLite with synchronous=FULL: each answer waits for its commit.`,
    head: ["load", "server", "events/s", "against not kept", "p99 ms"],
    rows,
    remarks: [],
    targets,
  };
}

async function measure(load: Case, rounds: number, others: readonly Entrant[]): Promise<Section> {
  ensureWrk();
  const bodies = load.bodies();
  const entrants = [EXPORTER, PROM_CLIENT, OTEL, BARE_HTTP].map((subject) => ({
    name: subject.name,
    subject,
    bodies,
  }));
  const runs = await inRounds(rounds, [...entrants, ...others], (entrant) => runOnce(load, entrant));
  return sectionOf(load, runs);
}

async function runOnce(load: Case, { subject, bodies }: Entrant): Promise<Run> {
  const server = await startServer(subject);
  try {
    const { contentType, connections, eventsARequest } = load;
    const sent: Load = {
      url: server.url,
      contentType,
      bodies,
      connections,
      seconds: WARM_UP_SECONDS,
      idLetter: "w",
    };
    const warmUp = await runWrk(sent);
    const before = await server.ask({ ask: "cpu" });
    const result = await runWrk({ ...sent, seconds: MEASURED_SECONDS, idLetter: "m" });
    const after = await server.ask({ ask: "cpu" });
    const events = (warmUp.requests + result.requests) * eventsARequest;
    if (subject !== BARE_HTTP) await assertCounted(server.url, events, 2 * connections * eventsARequest);
    return {
      perSecond: result.perSecond * eventsARequest,
      p99Millis: result.p99Millis,
      cpuMicrosAnEvent: (after.micros - before.micros) / (result.requests * eventsARequest),
    };
  } finally {
    await server.stop();
  }
}

/** Each answered event is counted; those under way when the load generator stopped may be. */
async function assertCounted(url: string, answered: number, underWayMax: number): Promise<void> {
  const counted = await requestsCounted(url);
  if (counted < answered || counted > answered + underWayMax) {
    throw new Error(`${answered} events were answered, but ${counted} are counted`);
  }
}

function sectionOf(load: Case, runs: ReadonlyMap<string, Run[]>): Section {
  const rate = (name: string) => median(runs.get(name)!.map(({ perSecond }) => perSecond));
  const cpu = (name: string) => median(runs.get(name)!.map(({ cpuMicrosAnEvent }) => cpuMicrosAnEvent));
  const ours = EXPORTER.name;
  const target = (peer: Subject): Target => ({
    what: `${load.title}, against ${peer.name}`,
    measured: rate(ours) / rate(peer.name),
    unit: "x",
    atLeast: load.ratioAtLeast,
  });
  return {
    title: load.title,
    method: `wrk, 1 thread, ${load.connections} kept connections, ${WARM_UP_SECONDS} s of warm-up and ${MEASURED_SECONDS} s measured; ${LABEL_SETS} label sets, the header lines of Node's \`fetch\`. Events carry no id, since only the exporter recognises repeats${load === SINGLES ? "; its row with unique ids pays for that too" : ""}. After each run the server's own count is compared with what was answered.`,
    head: [
      "server",
      "events/s",
      "share of bare",
      "exporter against it",
      "p99 ms",
      "CPU µs an event",
      "exporter against it, by CPU",
    ],
    rows: [...runs].map(([name, ofSubject]) => [
      name,
      shownWithSpread(ofSubject.map(({ perSecond }) => perSecond)),
      shown(rate(name) / rate(BARE_HTTP.name)),
      `${shown(rate(ours) / rate(name))}x`,
      shown(median(ofSubject.map(({ p99Millis }) => p99Millis))),
      shownWithSpread(ofSubject.map(({ cpuMicrosAnEvent }) => cpuMicrosAnEvent)),
      `${shown(cpu(name) / cpu(ours))}x`,
    ]),
    remarks: [],
    targets: [target(PROM_CLIENT)],
  };
}
