/** The package as npm makes it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** A program that goes on where it should end is ended, and has failed. */
const RUN_TIMEOUT_MILLIS = 30_000;

export type Packed = {
  /** A folder of its own, which the tarball lies in. */
  readonly folder: string;
  readonly tarball: string;
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[];
};

/** Builds and packs. Takes some seconds, and writes `dist`: not to be called by two at once. */
export function pack(): Packed {
  const folder = mkdtempSync(join(tmpdir(), "llm-exporter-package-"));
  const text = run("npm", ["pack", "--json", "--pack-destination", folder], ROOT);
  const [{ filename, files }] = JSON.parse(text) as [{ filename: string; files: Packed["files"] }];
  return { folder, tarball: join(folder, filename), files };
}

/** Answers with what it prints; what a program that fails prints is in the error. */
export function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...{ cwd, env: ENVIRONMENT, encoding: "utf8", timeout: RUN_TIMEOUT_MILLIS },
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stdout}${stderr}`, { cause: error });
  return stdout;
}

/** The same Node for whatever starts `node`; nothing of the npm that may have started the tests. */
export const ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.entries(process.env as Record<string, string>).filter(
    ([name]) => !/^npm_|^LLM_EXPORTER_/.test(name),
  ),
  ["PATH", `${dirname(process.execPath)}:${process.env.PATH}`],
]);

/** The programs of a document's `js` blocks, in order. */
export function examplesOf(text: string): string[] {
  return Array.from(text.matchAll(/^```js\n([\s\S]+?)^```$/gm), ([, example]) => example!);
}

/** What an example says that it prints: its comments at the end of a line or on one of their own. */
export function saidBy(example: string): string {
  return Array.from(example.matchAll(/(?:^|;) ?\/\/ (.+)$/gm), ([, line]) => line).join("\n");
}
