/** `npm test`: the checks, then every test; a line with the totals comes last. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const run = (program: string, args: string[]): number =>
  spawnSync(program, args, { cwd: root, stdio: "inherit" }).status ?? 1;

const checked = run(process.execPath, ["scripts/check.ts"]);
// The checks count as one test in the totals; see test/summary-reporter.ts.
process.env.CHECKS_FAILED = checked === 0 ? "0" : "1";
const tested = run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)]);
process.exitCode = checked === 0 && tested === 0 ? 0 : 1;
