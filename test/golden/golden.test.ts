/** A folder for each scenario: events in, both expositions out. `UPDATE_GOLDEN=1` writes them anew. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseOpenMetrics, parseText } from "../exposition/strict-parser.ts";
import { Pipeline } from "../pipeline.ts";

const scenarios = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const promtool = spawnSync("promtool", ["--version"]).status === 0;

describe.each(scenarios)("%s", (scenario) => {
  const folder = join(import.meta.dirname, scenario);
  const pipeline = new Pipeline();
  const answer = pipeline.send(readFileSync(join(folder, "events.ndjson"), "utf8"), "ndjson");

  test.each([
    { file: "answer.json", actual: `${JSON.stringify(answer, null, 2)}\n` },
    { file: "metrics.txt", actual: pipeline.text() },
    { file: "metrics.openmetrics.txt", actual: pipeline.openMetrics() },
  ])("gives $file", ({ file, actual }) => {
    const path = join(folder, file);
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, actual);
    expect(existsSync(path), `${file} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
    expect(actual).toBe(readFileSync(path, "utf8"));
  });

  test("prints what strict readers of both formats accept", () => {
    const text = parseText(readFileSync(join(folder, "metrics.txt"), "utf8"));
    const openMetrics = parseOpenMetrics(readFileSync(join(folder, "metrics.openmetrics.txt"), "utf8"));
    const samples = (families: typeof text) => families.flatMap((family) => family.samples).length;
    expect(samples(text)).toBe(samples(openMetrics));
  });

  test.skipIf(!promtool)("passes promtool check metrics (needs promtool)", () => {
    execFileSync("promtool", ["check", "metrics"], { input: readFileSync(join(folder, "metrics.txt")) });
  });
});
