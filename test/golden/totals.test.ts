/** The events of each scenario as running totals of an exporter that has just taken them. `UPDATE_GOLDEN=1` writes them anew. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { exchange, NDJSON_TYPE } from "../http/exchange.ts";
import { startExporter } from "../http/exporter.ts";
import { NOW_MICROS } from "../ledger/sample-events.ts";

const scenarios = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test.each(scenarios)("%s gives totals.yaml", async (scenario) => {
  const folder = join(import.meta.dirname, scenario);
  const exporter = await startExporter({ nowMicros: () => NOW_MICROS });
  const body = readFileSync(join(folder, "events.ndjson"));
  await exchange(exporter, "/v1/events", { method: "POST", headers: NDJSON_TYPE, body });
  const { text } = await exchange(exporter, "/metrics/running-totals");
  const path = join(folder, "totals.yaml");
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  expect(existsSync(path), "totals.yaml is missing: run with UPDATE_GOLDEN=1").toBe(true);
  expect(text).toBe(readFileSync(path, "utf8"));
  // A reader of YAML 1.1 has the same of it as one of 1.2.
  expect(parse(text, { version: "1.1" })).toEqual(parse(text));
});
