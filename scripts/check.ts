/** `npm run check`: format, lint, types, purity, the import law, metric names, and generated files held to the code. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { objectiveFaults } from "../prometheus/objectives.ts";
import { besideFaults, importFaults } from "./check-imports.ts";
import { nameFaults } from "./check-names.ts";
import { generatedFaults } from "./generated.ts";

const root = join(import.meta.dirname, "..");

const steps: readonly [name: string, faults: () => string[]][] = [
  ["format and lint", () => command("biome", ["check", "--error-on-warnings"])],
  ["types", () => command("tsc", [])],
  ["purity", () => command("tsc", ["-p", "tsconfig.pure.json"])],
  ["import law and cycles", () => [...importFaults(join(root, "src")), ...besideFaults(root)]],
  ["metric names", () => nameFaults(root, ["src", "bench", "grafana", "prometheus"])],
  ["objectives", objectiveFaults],
  ["generated files", () => generatedFaults(root)],
];

let failed = 0;
for (const [name, check] of steps) {
  const faults = check();
  console.log(`${faults.length === 0 ? "ok    " : "FAILED"} ${name}`);
  for (const fault of faults) console.log(`       ${fault}`);
  if (faults.length > 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;

/** The output of a program that failed; nothing if it did not. */
function command(program: string, args: string[]): string[] {
  const { status, stdout, stderr, error } = spawnSync(join(root, "node_modules/.bin", program), args, {
    cwd: root,
    encoding: "utf8",
  });
  if (status === 0) return [];
  return `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.split("\n").filter((line) => line !== "");
}
