/** That a lost disk cache is told from a kept one, on a program that is known to sync, or not to. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { buildUnsynced, canDropUnsynced, UnsyncedDisk } from "./unsynced.ts";

const PROBE = join(import.meta.dirname, "unsynced-probe.ts");
/** Enough for SQLite to write its log back into the database at least once. */
const ROWS = 1_500;

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "unsynced-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Rows that the probe said it had committed when it was killed, and what is left of them without the cache. */
async function lose(synchronous: string): Promise<{ committed: number; left: number }> {
  const parent = temporaryFolder();
  const folder = join(parent, "storage");
  const library = buildUnsynced(parent);
  const disk = new UnsyncedDisk({ folder, shadow: join(parent, "shadow"), library });
  const child = spawn(process.execPath, [PROBE, folder, synchronous], {
    env: { ...process.env, ...disk.environment() },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes(`\n${ROWS}\n`)) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
  expect(disk.watches).toBe(true);
  disk.loseUnsynced();
  const file = join(folder, "probe.db");
  const committed = Number(said.split("\n").at(-2));
  return { committed, left: existsSync(file) ? rowsIn(file) : 0 };
}

function rowsIn(file: string): number {
  const database = new DatabaseSync(file);
  try {
    const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'rows'").get();
    if (table === undefined) return 0;
    return (database.prepare("SELECT count(*) AS rows FROM rows").get() as { rows: number }).rows;
  } finally {
    database.close();
  }
}

test.skipIf(!canDropUnsynced()).each([
  { synchronous: "off", loses: true },
  { synchronous: "normal", loses: true },
  { synchronous: "full", loses: false },
])(
  "with synchronous=$synchronous committed rows are lost: $loses (needs a C compiler)",
  async ({ synchronous, loses }) => {
    const { committed, left } = await lose(synchronous);
    expect(committed).toBeGreaterThanOrEqual(ROWS);
    if (loses) expect(left).toBeLessThan(committed);
    else expect(left).toBeGreaterThanOrEqual(committed);
    // What is lost with `normal` is what came after the last write back, and not everything.
    if (synchronous === "normal") expect(left).toBeGreaterThan(0);
  },
);
