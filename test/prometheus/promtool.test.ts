/**
 * The rules in the eyes of promtool: they load, and fire when they should. Tests of rules name every annotation of an
 * alert; the addresses in two of them are the operator's, from prometheus/links.ts, and are left out on both sides, so
 * that whoever changes them has no test to mend.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { ruleFiles } from "../../prometheus/rule-files.ts";
import { isInstalled, ROOT } from "../system/programs.ts";
import { TESTS_FOLDER, testFileNames } from "./rule-set.ts";

const ADDRESSES = /^ +(?:runbook_url|dashboard_url): .*\n/gm;
/** One of them has nothing to do before the other ends. */
const AT_ONCE = 2;

const folder = copyWithoutAddresses();
const inTurn = turns(AT_ONCE);

describe.skipIf(!isInstalled("promtool")).concurrent("promtool (needs promtool)", () => {
  test("accepts every rule file", async () => {
    await promtool("check", "rules", ...Array.from(ruleFiles().keys(), (path) => join(ROOT, path)));
  });

  test.each(testFileNames())("finds that %s holds", { timeout: 120_000 }, async (name) => {
    await inTurn(() => promtool("test", "rules", join(folder, "tests", name)));
  });
});

/** Throws what it wrote if it is not content. */
async function promtool(...args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)("promtool", [...args]);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`promtool ${args.join(" ")}:\n${stdout}${stderr}`);
  }
}

/** Tests of rules find those in a folder beside their own. */
function copyWithoutAddresses(): string {
  const copy = mkdtempSync(join(tmpdir(), "rules-"));
  const tests = testFileNames().map(
    (name) => [name, readFileSync(join(TESTS_FOLDER, name), "utf8")] as const,
  );
  for (const [kind, files] of Object.entries({ rules: [...ruleFiles()], tests })) {
    mkdirSync(join(copy, kind));
    for (const [path, text] of files) {
      const shortened = text.replace(ADDRESSES, "");
      expect(shortened, path).not.toMatch(/(runbook|dashboard)_url/);
      writeFileSync(join(copy, kind, basename(path)), shortened);
    }
  }
  return copy;
}

/** So many at once; the others wait, and go in the order in which they came. */
function turns(count: number): (work: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
