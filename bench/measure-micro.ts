/** Time per event of the steps of the accept path, each round in a fresh process. For information; no target. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { shownWithSpread } from "./median.ts";
import type { Section } from "./report.ts";

const run = promisify(execFile);
const KILLED_AFTER_MILLIS = 60_000;

export async function measureMicro(rounds: number): Promise<Section> {
  const measured = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}: steps in one process\n`);
    const script = fileURLToPath(new URL("micro.ts", import.meta.url));
    const { stdout } = await run(process.execPath, [script], { timeout: KILLED_AFTER_MILLIS });
    const { micros } = JSON.parse(stdout) as { micros: [string, number][] };
    for (const [step, value] of micros) measured.set(step, [...(measured.get(step) ?? []), value]);
  }
  return {
    title: "Steps in one process",
    method: "The same events without HTTP, step by step; for information.",
    head: ["step", "µs an event"],
    rows: [...measured].map(([step, values]) => [step, shownWithSpread(values)]),
    remarks: [],
    targets: [],
  };
}
