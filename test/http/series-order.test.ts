/** Which label sets `otlp.series` shows, over restarts: a Prometheus that sees `other` go back reads a reset. */
import { cpSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { folderWith } from "../config/folder.ts";
import { PostgresServer, serverPrograms } from "../history/postgres-server.ts";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { readingsOf } from "./readings.ts";

const MODELS = ["zeta", "yota", "xeta", "beta", "alpha", "gamma"];
const CONFIG = "otlp: {series: 3}\n";

/** Requests by model, as the view shows them. */
async function shown(exporter: Exporter): Promise<Readonly<Record<string, number>>> {
  const { text } = await exchange(exporter, "/metrics/otel");
  const requests: Record<string, number> = {};
  for (const [sample, value] of readingsOf(text)) {
    const model = /^llm_requests_total\{.*model="(\w+)"/.exec(sample)?.[1];
    if (model !== undefined) requests[model] = (requests[model] ?? 0) + value;
  }
  return requests;
}

/** Starts, and starts again with what the one before left. */
async function holds(args: readonly string[]): Promise<void> {
  const options = { config: CONFIG, args };
  let exporter = await startExporter(options);
  // One of the first is in flight only: it has no totals that a store could give back.
  await postEvents(exporter, start("waits"));
  for (const [at, model] of MODELS.entries()) await postEvents(exporter, eventsOf(model, 10 * (at + 1)));
  const before = await shown(exporter);
  expect(before).toEqual({ waits: 0, zeta: 10, yota: 20, other: 30 + 40 + 50 + 60 });
  for (let starts = 0; starts < 2; starts++) {
    await exporter.close();
    exporter = await startExporter(options);
    expect(await shown(exporter)).toEqual(before);
  }
  await postEvents(exporter, [...eventsOf("zeta", 1), ...eventsOf("new", 1)]);
  expect(await shown(exporter)).toEqual({ ...before, zeta: 11, other: 181 });
}

describe("the label sets that are shown are the same", () => {
  it("after a restart on SQLite", async () => {
    await holds(["--history=sqlite", `--storage.path=${folderWith({})}`]);
  });

  const hasServer = serverPrograms() !== undefined;
  const needs = hasServer ? "" : " (needs Debian's postgresql)";
  it.skipIf(!hasServer)(`after a restart on PostgreSQL${needs}`, { timeout: 30_000 }, async () => {
    const server = await PostgresServer.create();
    onTestFinished(() => server.remove());
    await holds([`--history=${await server.database()}`]);
  });

  it("after the exporter was killed before a checkpoint", async () => {
    const folder = folderWith({});
    const config = "otlp: {series: 1}\n";
    const exporter = await startExporter({ config, args: ["--history=sqlite", `--storage.path=${folder}`] });
    await postEvents(exporter, eventsOf("zeta", 1));
    await postEvents(exporter, start("waits"));
    const before = await shown(exporter);
    expect(before).toEqual({ zeta: 1, other: 0 });
    const copy = folderWith({});
    cpSync(folder, copy, { recursive: true });
    const args = ["--history=sqlite", `--storage.path=${copy}`];
    expect(await shown(await startExporter({ config, args }))).toEqual(before);
  });

  it("after a reload, which refuses another number of them", async () => {
    const exporter = await startExporter({ config: "otlp: {series: 3}\n" });
    exporter.write("config.yml", "otlp: {series: 4}\n");
    const answer = await exchange(exporter, "/-/reload", { method: "POST" });
    expect(problemOf(answer).code).toBe("reload_failed");
    expect(JSON.parse(answer.text).detail).toContain("otlp.series: expected no change while running");
  });
});

function start(model: string) {
  return { ...eventsOf(model, 1)[0], id: model, phase: "start" };
}

function eventsOf(model: string, count: number) {
  return Array.from({ length: count }, () => ({ provider: "openai", model, pool: "p" }));
}
