/**
 * `npm run build`: all of src as JavaScript with types, in dist/. The exporter itself needs no build; a package does,
 * for Node strips no types below node_modules.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
const faults = globSync("**/*.js", { cwd: dist }).flatMap(renameModuleUrls);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : (status ?? 1);

/**
 * The compiler rewrites what is imported. The module of a thread is named by a URL, which becomes `.js` here; answers
 * with a line for each one that is not there, or that is written in another way.
 */
function renameModuleUrls(name: string): string[] {
  const file = join(dist, name);
  const faults: string[] = [];
  const text = readFileSync(file, "utf8");
  const renamed = text.replace(
    /(?<=new URL\(")(\.\.?\/[^"]+)\.ts(?=", import\.meta\.url\))/g,
    (_, module: string) => {
      if (!existsSync(join(dirname(file), `${module}.js`)))
        faults.push(`dist/${name}: there is no ${module}.js`);
      return `${module}.js`;
    },
  );
  for (const [left] of renamed.matchAll(/["'`][^"'`\n]*\.ts["'`]/g)) {
    faults.push(`dist/${name}: ${left}: write new URL("./module.ts", import.meta.url)`);
  }
  if (renamed !== text) writeFileSync(file, renamed);
  return faults;
}
