/** Rotations that are reported beside requests: counted once, kept, and no request. */
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { readMetrics, sumOf } from "./readings.ts";

const ROTATION = { phase: "rotation", provider: "openai", model: "gpt-4o", pool: "chat" };
const ROTATIONS = 'llm_rotations_total{provider="openai",model="gpt-4o",pool="chat"}';

async function rotationsOf(exporter: Exporter): Promise<unknown> {
  const { text } = await exchange(exporter, "/v1/totals?by=pool");
  return (JSON.parse(text) as { total: { rotations: number } }).total.rotations;
}

describe.each(["off", "sqlite"])("a rotation of its own, with --history=%s", (history) => {
  const start = (folder: string) =>
    startExporter({ args: [`--history=${history}`, `--storage.path=${folder}`] });

  it("counts in its label set, at once and in totals, and is no request", async () => {
    const exporter = await start(mkdtempSync(join(tmpdir(), "rotations-")));
    await postEvents(exporter, [ROTATION, { ...ROTATION, phase: "end", rotation: "rate_limit" }]);
    expect(await rotationsOf(exporter)).toBe(2);
    // Totals that were added up before see the next one as well.
    await postEvents(exporter, [ROTATION]);
    expect(await rotationsOf(exporter)).toBe(3);
    const readings = await readMetrics(exporter);
    expect(readings.get(ROTATIONS)).toBe(3);
    expect(sumOf(readings, "llm_requests_total")).toBe(1);
    const { text } = await exchange(exporter, "/v1/requests");
    expect((JSON.parse(text) as { requests: unknown[] }).requests).toHaveLength(1);
  });

  it("takes no id, for ids are those of requests", async () => {
    const exporter = await start(mkdtempSync(join(tmpdir(), "rotations-")));
    const { status, text } = await postEvents(exporter, [{ ...ROTATION, id: "r-1" }]);
    expect(status).toBe(422);
    expect(text).toContain("id: expected none with phase rotation");
    expect(sumOf(await readMetrics(exporter), "llm_rotations_total") ?? 0).toBe(0);
  });
});

it("is there again after a restart, and after a crash before the next checkpoint", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rotations-"));
  const crashed = mkdtempSync(join(tmpdir(), "rotations-"));
  const startOn = (path: string) => startExporter({ args: ["--history=sqlite", `--storage.path=${path}`] });
  const first = await startOn(folder);
  await postEvents(first, [ROTATION, ROTATION]);
  await first.close();
  const second = await startOn(folder);
  expect((await readMetrics(second)).get(ROTATIONS)).toBe(2);
  await postEvents(second, [ROTATION]);
  // What is on the disk at this moment is what a crash would leave.
  cpSync(folder, crashed, { recursive: true });
  const third = await startOn(crashed);
  expect((await readMetrics(third)).get(ROTATIONS)).toBe(3);
  expect(await rotationsOf(third)).toBe(3);
});
