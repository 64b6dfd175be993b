/**
 * `npm run bench`: the exporter against what a user would write by hand (bench/peers/) and against the limit of the
 * runtime. Prints each section when it is done; a whole run also writes bench/RESULTS.md.
 * Usage: node bench/run.ts [--only=singles|batches|otlp|durable|store|queries|scrape|memory|micro] [--rounds=N]
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { measureBatches, measureDurable, measureSingles } from "./measure-load.ts";
import { measureMemory } from "./measure-memory.ts";
import { measureMicro } from "./measure-micro.ts";
import { measureOtlp } from "./measure-otlp.ts";
import { measureQueries } from "./measure-queries.ts";
import { measureScrape } from "./measure-scrape.ts";
import { measureStore } from "./measure-store.ts";
import { page, type Section, sectionText, settingOf, targetTable } from "./report.ts";

const ROUNDS = 5;
const RESULTS = new URL("RESULTS.md", import.meta.url);
const MEASUREMENTS: ReadonlyMap<string, (rounds: number) => Promise<Section>> = new Map([
  ["singles", measureSingles],
  ["batches", measureBatches],
  ["otlp", measureOtlp],
  ["durable", measureDurable],
  ["store", measureStore],
  ["queries", measureQueries],
  ["scrape", measureScrape],
  ["memory", measureMemory],
  ["micro", measureMicro],
]);

const { values } = parseArgs({ options: { only: { type: "string" }, rounds: { type: "string" } } });
const rounds = Number(values.rounds ?? ROUNDS);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds: expected integer >= 1, got ${values.rounds}`);
const chosen = values.only === undefined ? [...MEASUREMENTS.keys()] : [values.only];
const startedAt = new Date();
const setting = settingOf(startedAt, rounds);
const sections: Section[] = [];
for (const name of chosen) {
  const measure = MEASUREMENTS.get(name);
  if (measure === undefined) {
    throw new Error(`--only: expected one of ${[...MEASUREMENTS.keys()].join(", ")}, got ${name}`);
  }
  process.stderr.write(`${name}, after ${secondsSince(startedAt)} s\n`);
  const section = await measure(rounds);
  sections.push(section);
  process.stdout.write(`${sectionText(section)}\n\n`);
}
process.stdout.write(`${targetTable(sections.flatMap(({ targets }) => targets))}\n`);
if (values.only === undefined) writeFileSync(RESULTS, page(sections, setting));
process.stderr.write(`done, after ${secondsSince(startedAt)} s\n`);

function secondsSince(start: Date): number {
  return Math.round((Date.now() - start.getTime()) / 1e3);
}
