/** What a Prometheus would remember of last week and of yesterday, written as blocks of its storage. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAMILIES } from "../../src/catalogue/families.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Long enough that both halves have two whole hours: weeks are compared by a value an hour. */
const STRETCH = 5 * HOUR;
/** Seconds before now of their middles. Of yesterday's, more falls into the last 24 hours than into those before. */
const STRETCHES = [7 * DAY, DAY - HOUR / 2];
/** Who looks at a day and the day before it sees that nobody asks for it any more. */
const RETIRED = { provider: "openai", model: "retired", pool: "chat" };
const LAST_STRETCH = 1.5 * DAY;
const SCRAPE_SECONDS = 15;

type LabelSet = { readonly provider: string; readonly model: string; readonly pool: string };

/** A folder for `--storage.tsdb.path`. Each label set had a request and a cent at every scrape. */
export function pastBlocks(instance: string, labelSets: readonly LabelSet[], nowSeconds: number): string {
  const folder = mkdtempSync(join(tmpdir(), "tsdb-"));
  const instantsOf = (stretches: readonly number[]) =>
    stretches.flatMap((before) =>
      Array.from(
        { length: STRETCH / SCRAPE_SECONDS },
        (_, scrape) => Math.floor(nowSeconds) - before - STRETCH / 2 + scrape * SCRAPE_SECONDS,
      ),
    );
  const past = [
    ...labelSets.map((labelSet) => ({ labelSet, instants: instantsOf(STRETCHES) })),
    { labelSet: RETIRED, instants: instantsOf([LAST_STRETCH]) },
  ];
  const { requests, cost } = FAMILIES;
  const families = [
    { family: requests, perScrape: 1, labels: { status: "success", stream: "true" } },
    { family: cost, perScrape: 0.01, labels: {} },
  ];
  const lines = families.flatMap(({ family, perScrape, labels }) => [
    `# TYPE ${family.name.replace(/_total$/, "")} counter`,
    ...past.flatMap(({ labelSet, instants }) => {
      const series = `${family.name}{${written({ job: "llm-exporter", instance, ...labelSet, ...labels })}}`;
      return instants.map((instant, index) => `${series} ${index * perScrape} ${instant}`);
    }),
  ]);
  const text = join(folder, "past.txt");
  writeFileSync(text, `${lines.join("\n")}\n# EOF\n`);
  const blocks = join(folder, "blocks");
  execFileSync("promtool", ["tsdb", "create-blocks-from", "openmetrics", text, blocks], { stdio: "ignore" });
  return blocks;
}

function written(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`)
    .join(",");
}
