/**
 * `npm run torture -- --cycles=50 --seed=1`: kills the exporter again and again under load and proves that nothing that
 * was acknowledged is lost or counted twice. Exit code 1 with the evidence if it is not so. See test/torture.
 *
 *   --history=sqlite     where events are kept
 *   --drop-unsynced      each kill also loses what was not synced to disk (needs a C compiler)
 *   --lie-every=N        that disk ignores every Nth sync: the run must fail, which proves that it can
 */
import { parseArgs } from "node:util";
import { summary } from "../test/torture/report.ts";
import { torture } from "../test/torture/torture.ts";

const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    history: { type: "string", default: "sqlite" },
    "drop-unsynced": { type: "boolean", default: false },
    "lie-every": { type: "string", default: "0" },
  },
});

const report = await torture({
  cycles: positive("cycles", values.cycles),
  seed: positive("seed", values.seed),
  history: values.history,
  dropUnsynced: values["drop-unsynced"] || values["lie-every"] !== "0",
  lieEvery: Number(values["lie-every"]),
  log: (line) => console.log(line),
});
console.log(summary(report));
process.exit(report.evidence.length === 0 ? 0 : 1);

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`--${name}: expected an integer above 0, got ${text}`);
  process.exit(2);
}
