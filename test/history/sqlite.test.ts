/** The SQLite store: what every store does, and what its file may have been through. */
import { randomBytes } from "node:crypto";
import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { sqliteStore } from "../../src/history/sqlite/store.ts";
import { folderWith } from "../config/folder.ts";
import { BOUNDS, keptFromTo, LIMITS, SHAPE, storeConformance } from "./conformance.ts";

const FILE = "llm-exporter.db";

storeConformance("SQLite", async () => {
  const path = join(folderWith({}), FILE);
  return {
    store: sqliteStore(path, BOUNDS),
    reopen: async (bounds = BOUNDS) => sqliteStore(path, bounds),
    rows: async (table) => {
      const database = new DatabaseSync(path, { readOnly: true });
      const rows = database.prepare(`SELECT start_micros, labels, team, cell FROM ${table}`).all();
      database.close();
      return rows.map(({ start_micros, labels, team, cell }) => ({
        minuteMicros: Number(start_micros),
        labelValues: JSON.parse(String(labels)) as string[],
        team: String(team),
        cell: cell as Uint8Array,
      }));
    },
  };
});

/** A folder with a store of ten records in it, closed. */
async function usedFolder(): Promise<string> {
  const folder = folderWith({});
  const store = sqliteStore(join(folder, FILE), BOUNDS);
  await store.open(SHAPE, LIMITS);
  await store.append(keptFromTo(1, 10));
  await store.close();
  return folder;
}

describe("a damaged file", () => {
  test.each([
    {
      name: "with something else at its head",
      damage: (path: string) => writeFileSync(path, randomBytes(8_192)),
    },
    { name: "that was cut", damage: (path: string) => truncateSync(path, 9_000) },
  ])("$name is moved aside, said, and a new one begun", async ({ damage }) => {
    const folder = await usedFolder();
    damage(join(folder, FILE));
    const store = sqliteStore(join(folder, FILE), BOUNDS);
    const recovery = await store.open(SHAPE, LIMITS);
    expect(recovery).toMatchObject({ lastSeq: 0, since: [], series: [] });
    expect(recovery.lost).toMatch(/moved to .*llm-exporter\.db\.lost-/);
    await store.append(keptFromTo(1, 1));
    await store.close();
    expect(readdirSync(folder).some((file) => file.startsWith(`${FILE}.lost-`))).toBe(true);
  });

  test("of a newer program is left alone, and the message says what to do", async () => {
    const folder = await usedFolder();
    const database = new DatabaseSync(join(folder, FILE));
    database.exec("PRAGMA user_version = 99");
    database.close();
    const store = sqliteStore(join(folder, FILE), BOUNDS);
    await expect(store.open(SHAPE, LIMITS)).rejects.toThrow(/written by a newer llm-exporter/);
    await store.close();
    expect(readdirSync(folder).filter((file) => file.includes("lost"))).toEqual([]);
  });

  test("that another one has open is refused", async () => {
    const folder = await usedFolder();
    const one = sqliteStore(join(folder, FILE), BOUNDS);
    await one.open(SHAPE, LIMITS);
    const other = sqliteStore(join(folder, FILE), BOUNDS);
    await expect(other.open(SHAPE, LIMITS)).rejects.toThrow(/the store is in use/);
    await other.close();
    await one.close();
  });
});

test("requests that never end do not stay for ever", async () => {
  const path = join(folderWith({}), FILE);
  const store = sqliteStore(path, BOUNDS);
  await store.open(SHAPE, LIMITS);
  const [old, recent] = keptFromTo(1, 2, { kind: "report" });
  await store.append([old!, recent!]);
  await store.checkpoint({ seq: 2, cells: [], notes: {} });
  const past = { minutesBeforeMicros: 0, hoursBeforeMicros: 0, bytesMax: 1e12 };
  while (await store.retain({ ...past, eventsBeforeMicros: recent!.atMicros }));
  await store.close();
  const again = sqliteStore(path, BOUNDS);
  expect((await again.open(SHAPE, LIMITS)).open).toEqual([recent!.text]);
  await again.close();
});
