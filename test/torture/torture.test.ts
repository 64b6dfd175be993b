/** A few cycles of the torture (`npm run torture` does many), and the proof that it finds what it looks for. */
import { describe, expect, test } from "vitest";
import type { TortureReport } from "./report.ts";
import { torture } from "./torture.ts";
import { canDropUnsynced } from "./unsynced.ts";

const SEED = 20_261;
const TIMEOUT_MILLIS = 120_000;
const trafficMillis = { least: 100, most: 300 };

function expectNothingLost({ evidence, lost, doubled, steppedBack }: TortureReport): void {
  expect({ evidence, lost, doubled, steppedBack }).toEqual({
    evidence: [],
    lost: 0n,
    doubled: 0n,
    steppedBack: 0,
  });
}

describe("with history=sqlite, of what was acknowledged", () => {
  test(
    "nothing is lost, counted twice or taken back when the process is killed",
    async () => {
      const report = await torture({ cycles: 5, seed: SEED, history: "sqlite", trafficMillis });
      expectNothingLost(report);
      expect(report.cycles).toBe(5);
      expect(report.acknowledgedEvents).toBeGreaterThan(500);
    },
    TIMEOUT_MILLIS,
  );

  test.skipIf(!canDropUnsynced())(
    "nothing is lost when the disk loses its cache as well (needs a C compiler)",
    async () => {
      const options = { cycles: 3, seed: SEED, history: "sqlite", trafficMillis, dropUnsynced: true };
      const report = await torture(options);
      expectNothingLost(report);
      expect(report.cycles).toBe(3);
    },
    TIMEOUT_MILLIS,
  );
});

describe("the torture finds", () => {
  test(
    "what history=off loses",
    async () => {
      const report = await torture({ cycles: 2, seed: SEED, history: "off", trafficMillis });
      expect(report.lost).toBeGreaterThan(0n);
      expect(report.steppedBack).toBeGreaterThan(0);
      expect(report.evidence.join("\n")).toMatch(/after a start.*: llm_requests_total.*: expected/);
    },
    TIMEOUT_MILLIS,
  );

  test.skipIf(!canDropUnsynced())(
    "a disk that ignores every sync (needs a C compiler)",
    async () => {
      const options = { cycles: 5, seed: SEED, history: "sqlite", trafficMillis, lieEvery: 1 };
      const report = await torture({ ...options, dropUnsynced: true });
      // What was lost shows in one series or another, or the file is found damaged: either is told.
      expect(report.evidence).not.toEqual([]);
    },
    TIMEOUT_MILLIS,
  );
});
