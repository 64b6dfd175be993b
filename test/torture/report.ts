/** What a run of the torture is asked for, what it found, and how that is told. */
import type { Verdict } from "./inspector.ts";

export type TortureOptions = {
  readonly cycles: number;
  readonly seed: number;
  /** Value of `--history`. */
  readonly history: string;
  /** After each end of the process the folder holds only what was synced. */
  readonly dropUnsynced?: boolean;
  /** Makes the disk lie at every so-manieth sync: it must be found out. */
  readonly lieEvery?: number;
  /** How long events come in before the quiet, and as long again after it at most. */
  readonly trafficMillis?: { readonly least: number; readonly most: number };
  readonly log?: (line: string) => void;
};

export type TortureReport = Verdict & {
  readonly seed: number;
  /** Cycles that were completed; the first fault ends the run. */
  readonly cycles: number;
  readonly endings: Readonly<Record<string, number>>;
  readonly acknowledgedEvents: number;
  readonly scrapes: number;
  /** Attempts without a 2xx, by status or error code; all were repeated. */
  readonly retries: Readonly<Record<string, number>>;
  readonly tornBodies: number;
  /** From the start of a process to its first 200 at /readyz, in order. */
  readonly readyMillis: readonly number[];
};

/** A line for each number, the evidence last. */
export function summary(report: TortureReport): string {
  const median = (millis: readonly number[]) =>
    millis.toSorted((a, b) => a - b)[Math.floor(millis.length / 2)]?.toFixed(0);
  const ready = report.readyMillis;
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  return [
    "",
    `seed              ${report.seed}`,
    `cycles            ${report.cycles} (${counts(report.endings)})`,
    `acknowledged      ${report.acknowledgedEvents} events`,
    `retries           ${counts(report.retries)}`,
    `torn batches      ${report.tornBodies}`,
    `scrapes           ${report.scrapes}`,
    `time to ready     median ${median(ready)} ms, worst ${Math.max(...ready).toFixed(0)} ms, of the last ten ${median(ready.slice(-10))} ms`,
    `lost              ${report.lost}`,
    `doubled           ${report.doubled}`,
    `stepped back      ${report.steppedBack} samples`,
    report.evidence.length === 0 ? "PASSED" : "FAILED",
    ...report.evidence.map((line) => `  ${line}`),
  ].join("\n");
}
