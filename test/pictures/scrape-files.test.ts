import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ScrapeFiles } from "../../scripts/pictures/scrape-files.ts";
import { folderWith } from "../config/folder.ts";

const AT_MILLIS = Date.parse("2026-03-01T12:00:00Z");
const SCRAPE = { scrapeSeconds: 0.02, buckets: true };
const TARGET = 'job="llm-exporter",instance="127.0.0.1:9464"';

test("samples get the labels of the target and a time, and lose their exemplars", () => {
  const exposition = [
    "# TYPE a counter",
    'a_total{model="x"} 3 # {trace_id="t"} 1 2',
    'a_total{model="}\\" 9 # {"} 4',
    "unwanted 1",
    "# EOF",
  ].join("\n");
  const files = new ScrapeFiles(folderWith({}), (name) => name === "a_total", AT_MILLIS);
  files.add(exposition, { ...SCRAPE, atMillis: AT_MILLIS });
  const [path] = files.close();
  expect(readFileSync(path!, "utf8").split("\n")).toEqual([
    `a_total{${TARGET},model="x"} 3 ${AT_MILLIS / 1e3}`,
    `a_total{${TARGET},model="}\\" 9 # {"} 4 ${AT_MILLIS / 1e3}`,
    `up{${TARGET}} 1 ${AT_MILLIS / 1e3}`,
    `scrape_samples_scraped{${TARGET}} 3 ${AT_MILLIS / 1e3}`,
    `scrape_duration_seconds{${TARGET}} 0.02 ${AT_MILLIS / 1e3}`,
    "# EOF",
    "",
  ]);
});

test("each block of two hours has a file of its own", () => {
  const files = new ScrapeFiles(folderWith({}), () => true, AT_MILLIS);
  for (const hours of [0, 1, 2]) files.add("a 1", { ...SCRAPE, atMillis: AT_MILLIS + hours * 3_600_000 });
  expect(files.close().map((path) => readFileSync(path, "utf8").match(/^a/gm)?.length)).toEqual([2, 1]);
});
