/**
 * More than two weeks in some seconds: the real exporter on a clock that is turned by hand takes the events of the
 * story and is scraped. What it answered becomes files that promtool makes blocks of.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assemble } from "../../src/assemble.ts";
import { parseCommandLine } from "../../src/config/flags.ts";
import { faultyEvents } from "./faulty-sender.ts";
import { ScrapeFiles } from "./scrape-files.ts";
import { type Span, simulatedTraffic } from "./simulated-traffic.ts";
import { BEGIN_MILLIS, NOW_MILLIS, sceneAt } from "./story.ts";

const SEED = 7;
/** Requests a second when most is asked. */
const RATE = 2;
const BODY_EVENTS_MAX = 2_000;
/** The traffic of a longer time is brought forth in parts: no scene of the demo is longer. */
const PART_MILLIS = 30_000;

const MINUTE_MILLIS = 60_000;
const HOUR_MILLIS = 60 * MINUTE_MILLIS;

type Scrapes = { readonly withinMillis: number; readonly everyMillis: number; readonly buckets: boolean };

/** The nearer to now, the more often it is scraped; the last as prometheus.yml says. Nobody asks how slow last week was. */
const SCRAPES: readonly Scrapes[] = [
  { withinMillis: 6.5 * HOUR_MILLIS, everyMillis: 15_000, buckets: true },
  { withinMillis: 25 * HOUR_MILLIS, everyMillis: MINUTE_MILLIS, buckets: true },
  { withinMillis: Number.POSITIVE_INFINITY, everyMillis: 10 * MINUTE_MILLIS, buckets: false },
];
/** Only from then on callers say that they begin: nobody asks how many were on the way last week. */
const STARTS_WITHIN_MILLIS = 6.5 * HOUR_MILLIS;

const CONFIG = `
time_zone: UTC
budgets:
  - { name: all, limit_usd: 15000, period: month }
  - { name: agents, pool: agents, limit_usd: 150, period: day }
  - { name: chat, pool: chat-*, limit_usd: 2600, period: week }
  - { name: anthropic, provider: anthropic, limit_usd: 45, period: hour }
history: { events: 2h, size: 200MiB }
`;

/** Writes the samples of all metrics that `isWanted` into files of a folder and returns their paths. */
export async function simulateHistory(
  folder: string,
  isWanted: (metric: string) => boolean,
): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, "config.yml");
  writeFileSync(configFile, CONFIG);
  let nowMillis = BEGIN_MILLIS;
  const commandLine = parseCommandLine(
    [
      `--config.file=${configFile}`,
      `--storage.path=${join(folder, "data")}`,
      "--web.listen-address=127.0.0.1:0",
    ],
    {},
  );
  if (commandLine.verb !== "serve") throw new Error("expected flags of the verb serve");
  const app = await assemble(commandLine.flags, {
    version: "0.1.0",
    nowMicros: () => nowMillis * 1e3,
    writeLog: (line) => {
      if (/level=(warn|error)/.test(line)) process.stderr.write(line);
    },
  });
  try {
    const url = await app.listen();
    const traffic = simulatedTraffic({ seed: SEED, rate: RATE, beginMillis: BEGIN_MILLIS });
    const files = new ScrapeFiles(join(folder, "scrapes"), isWanted, BEGIN_MILLIS);
    for (const span of spans()) {
      nowMillis = span.untilMillis;
      const withStarts = NOW_MILLIS - nowMillis < STARTS_WITHIN_MILLIS;
      const events = parts(span)
        .flatMap((part) => traffic.next(part, sceneAt(part.fromMillis)))
        .filter(({ phase }) => withStarts || phase === undefined);
      await post(url, [...events, ...faultyEvents(span)]);
      await scrape(url, files, nowMillis, span.buckets);
    }
    return files.close();
  } finally {
    await app.close();
  }
}

/** From scrape to scrape. */
function* spans(): Generator<Span & Scrapes> {
  let fromMillis = BEGIN_MILLIS;
  while (fromMillis < NOW_MILLIS) {
    const scrapes = SCRAPES.find(({ withinMillis }) => NOW_MILLIS - fromMillis <= withinMillis)!;
    const untilMillis = fromMillis + scrapes.everyMillis;
    yield { fromMillis, untilMillis, ...scrapes };
    fromMillis = untilMillis;
  }
}

function parts({ fromMillis, untilMillis }: Span): Span[] {
  const spans: Span[] = [];
  for (let at = fromMillis; at < untilMillis; at += PART_MILLIS) {
    spans.push({ fromMillis: at, untilMillis: Math.min(untilMillis, at + PART_MILLIS) });
  }
  return spans;
}

async function post(url: string, events: readonly object[]): Promise<void> {
  for (let at = 0; at < events.length; at += BODY_EVENTS_MAX) {
    const body = events
      .slice(at, at + BODY_EVENTS_MAX)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join("");
    const headers = { "content-type": "application/x-ndjson" };
    const response = await fetch(`${url}/v1/events`, { method: "POST", headers, body });
    const answer = await response.text();
    if (!response.ok) throw new Error(`the exporter refused the simulated events: ${answer}`);
  }
}

async function scrape(url: string, files: ScrapeFiles, atMillis: number, buckets: boolean): Promise<void> {
  const begunMillis = performance.now();
  const accept = "application/openmetrics-text; version=1.0.0";
  const response = await fetch(`${url}/metrics`, { headers: { accept } });
  const text = await response.text();
  const scrapeSeconds = (performance.now() - begunMillis) / 1e3;
  files.add(text, { atMillis, scrapeSeconds, buckets });
}
