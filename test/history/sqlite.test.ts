/** The SQLite store: what every store does, and what its file may have been through. */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readdirSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RequestEvent } from "../../src/event/request-event.ts";
import type { EventStore, FoldQuestion } from "../../src/history/event-store.ts";
import { encodeRecord } from "../../src/history/log-record.ts";
import { checkpointColumns } from "../../src/history/sqlite/checkpoint-columns.ts";
import { Connection } from "../../src/history/sqlite/connection.ts";
import { foldRollups } from "../../src/history/sqlite/fold-rollups.ts";
import { SqliteDatabase } from "../../src/history/sqlite/queries.ts";
import { sqliteStore } from "../../src/history/sqlite/store.ts";
import { inTurns } from "../../src/history/turns.ts";
import { zeroCell } from "../../src/ledger/cell.ts";
import { addEncodedSums, mergeEncoded } from "../../src/ledger/cell-codec.ts";
import { cellLayout, SLOT, SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import type { Resolution } from "../../src/query/rollup-plan.ts";
import { folderWith } from "../config/folder.ts";
import { eventOf, NOW_MICROS } from "../ledger/sample-events.ts";
import { priceByReport } from "../pricing/pricers.ts";
import {
  CHAT,
  checkpoint,
  DAY,
  DAY_MICROS,
  encoded,
  event,
  HOUR_MICROS,
  keptFromTo,
  LAYOUT,
  LIMITS,
  minuteCell,
  NOTHING_PAST,
  OTHER_BOUNDS,
  RAG,
  retainAll,
  SHAPE,
  type StoreUnderTest,
  storeConformance,
} from "./conformance.ts";
import { foldConformance } from "./fold-conformance.ts";

const FILE = "llm-exporter.db";

function storeAt(path: string): EventStore {
  return sqliteStore({ path, instance: "here" });
}

async function storeUnderTest(): Promise<StoreUnderTest> {
  const path = join(folderWith({}), FILE);
  return {
    store: storeAt(path),
    instance: "here",
    reopen: async () => storeAt(path),
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
}

storeConformance("SQLite", storeUnderTest);
foldConformance("SQLite", storeUnderTest);

/** A folder with a store of ten records in it, closed. */
async function usedFolder(): Promise<string> {
  const folder = folderWith({});
  const store = storeAt(join(folder, FILE));
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
    const store = storeAt(join(folder, FILE));
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
    const store = storeAt(join(folder, FILE));
    await expect(store.open(SHAPE, LIMITS)).rejects.toThrow(/written by a newer llm-exporter/);
    await store.close();
    expect(readdirSync(folder).filter((file) => file.includes("lost"))).toEqual([]);
  });

  test("that another one has open is refused", async () => {
    const folder = await usedFolder();
    const one = storeAt(join(folder, FILE));
    await one.open(SHAPE, LIMITS);
    const other = storeAt(join(folder, FILE));
    await expect(other.open(SHAPE, LIMITS)).rejects.toThrow(/the store is in use/);
    await other.close();
    await one.close();
  });
});

test("requests that never end do not stay for ever", async () => {
  const path = join(folderWith({}), FILE);
  const store = storeAt(path);
  await store.open(SHAPE, LIMITS);
  const [old, recent] = keptFromTo(1, 2, { kind: "report" });
  await store.append([old!, recent!]);
  await store.checkpoint({ seq: 2, cells: [], notes: {} });
  await retainAll(store, { eventsBeforeMicros: recent!.atMicros });
  await store.close();
  const again = storeAt(path);
  expect((await again.open(SHAPE, LIMITS)).open).toEqual([recent!.text]);
  await again.close();
});

/** Adds rows to a closed file that are all like the first one of a table, but for a label. */
function multiply(path: string, table: Resolution, count: number): void {
  const database = new DatabaseSync(path);
  database.exec(`
    WITH RECURSIVE number(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < ${count})
    INSERT INTO ${table} SELECT start_micros, shape, '["p","m","' || n || '"]', team, cell
      FROM (SELECT * FROM ${table} LIMIT 1), number`);
  database.close();
}

const EVERYTHING = { fromMicros: 0, untilMicros: 4e15, stepMicros: undefined };
const ALL_MINUTES: FoldQuestion = {
  ...{ by: [], where: [], cellsMax: 10, ...EVERYTHING },
  spans: [{ resolution: "minute", fromMicros: 0, untilMicros: 4e15 }],
};

describe("a checkpoint of many cells", () => {
  const LABEL_SETS = 1_250;
  const { cell } = minuteCell(DAY, { durations: [5] });
  const cells = Array.from({ length: LABEL_SETS }, (_, at) => ({
    ...{ minuteMicros: DAY, labelValues: ["openai", `model ${at}`, "chat"], team: "", cell },
  }));
  const packed = async (seq: number) => inTurns(checkpointColumns(checkpoint(seq, cells)));

  /** What is in the sums by each resolution. */
  function requestsAt(path: string): { readonly seq: number; readonly requests: readonly number[] } {
    const connection = Connection.toRead(path);
    const range = { ...EVERYTHING, by: [], where: [], cellsMax: 10 };
    const answers = (["minute", "hour", "day"] as const).map((resolution) =>
      foldRollups(connection, "here", { ...range, spans: [{ ...range, resolution }] }),
    );
    connection.close();
    const requests = answers.map(({ bytes }) => {
      const sum = zeroCell(SUMS_LAYOUT);
      if (bytes.length > 0) addEncodedSums(sum, bytes);
      return sum.values[SLOT.requests]!;
    });
    return { seq: answers[0]!.seq, requests };
  }

  test("counts whole or not at all wherever it is interrupted, and can be taken again", async () => {
    const folder = folderWith({});
    const columns = [await packed(1), await packed(2)];
    const counts = (times: number) => [times, times, times].map((one) => one * LABEL_SETS);
    const seqs = new Set<number>();
    let isWhole = false;
    for (let pieces = 0; !isWhole; pieces++) {
      const path = join(folder, `${pieces}.db`);
      const first = new SqliteDatabase(path);
      first.open(SHAPE, LIMITS);
      for (const _piece of first.checkpoint(columns[0]!));
      const work = first.checkpoint(columns[1]!);
      for (let done = 0; done < pieces && !isWhole; done++) isWhole = work.next().done === true;
      const { seq, requests } = requestsAt(path);
      seqs.add(seq);
      expect(requests).toEqual(counts(seq));
      first.close();
      const second = new SqliteDatabase(path);
      const { lastSeq, series } = second.open(SHAPE, LIMITS);
      expect({ lastSeq, series: series.length }).toEqual({ lastSeq: seq, series: LABEL_SETS });
      expect(series[0]!.cell).toEqual(mergeEncoded(Array.from({ length: seq }, () => cell)));
      for (const _piece of second.checkpoint(columns[1]!));
      expect(requestsAt(path)).toEqual({ seq: 2, requests: counts(2) });
      second.close();
      const database = new DatabaseSync(path);
      const { left } = database.prepare("SELECT count(*) AS left FROM pending").get()!;
      database.close();
      expect(left).toBe(0);
    }
    expect(Array.from(seqs)).toEqual([1, 2]);
  });
});

/** Threads that are started from now on, until the test ends. */
function threadsStarted(): Worker[] {
  const started: Worker[] = [];
  const take = (worker: Worker) => started.push(worker);
  process.on("worker", take);
  onTestFinished(() => {
    process.off("worker", take);
  });
  return started;
}

async function openAt(path: string): Promise<EventStore> {
  const store = storeAt(path);
  onTestFinished(() => store.close());
  await store.open(SHAPE, LIMITS);
  return store;
}

describe("the thread that answers questions", () => {
  test("is started by the first question and not by a store that only keeps", async () => {
    const started = threadsStarted();
    const store = await openAt(join(folderWith({}), FILE));
    await store.append(keptFromTo(1, 3));
    await store.checkpoint(checkpoint(3, [minuteCell(DAY, { durations: [5] })]));
    await store.retain(NOTHING_PAST);
    await store.status();
    expect(started.length).toBe(1);
    await Promise.all([store.fold(ALL_MINUTES), store.read({ ...EVERYTHING, afterSeq: 0, limit: 1 })]);
    expect(started.length).toBe(2);
  });

  test("holds no commit, however long it reads", async () => {
    const path = join(folderWith({}), FILE);
    const first = await openAt(path);
    await first.append(keptFromTo(1, 1));
    await first.checkpoint(checkpoint(1, [minuteCell(DAY, { durations: [5] })]));
    await first.close();
    multiply(path, "minute", 150_000);
    const store = await openAt(path);
    let isAnswered = false;
    const answer = store.fold(ALL_MINUTES).finally(() => {
      isAnswered = true;
    });
    let commits = 0;
    for (; !isAnswered; commits++) await store.append(keptFromTo(commits + 2, commits + 2));
    expect(commits).toBeGreaterThan(10);
    expect((await answer).groups.length).toBe(1);
    expect((await store.read({ ...EVERYTHING, afterSeq: 0, limit: 1e6 })).length).toBe(commits + 1);
  });

  test("is closed with the store, also in the middle of a reading, and leaves no log behind", async () => {
    const folder = folderWith({});
    const path = join(folder, FILE);
    const first = await openAt(path);
    await first.append(keptFromTo(1, 1));
    await first.checkpoint(checkpoint(1, [minuteCell(DAY, { durations: [5] })]));
    await first.close();
    multiply(path, "minute", 150_000);
    const store = await openAt(path);
    await store.fold({ ...ALL_MINUTES, spans: [] });
    const refused = expect(store.fold(ALL_MINUTES)).rejects.toThrow("the store is closed");
    await store.append(keptFromTo(2, 2));
    await store.close();
    await refused;
    await expect(store.fold(ALL_MINUTES)).rejects.toThrow("the store is closed");
    expect(readdirSync(folder).sort()).toEqual([FILE, `${FILE}.lock`]);
  });

  test("is started again by the next question after it ended", async () => {
    const started = threadsStarted();
    const store = await openAt(join(folderWith({}), FILE));
    await store.append(keptFromTo(1, 3));
    const read = async () => (await store.read({ ...EVERYTHING, afterSeq: 0, limit: 10 })).length;
    expect(await read()).toBe(3);
    const refused = expect(read()).rejects.toMatchObject({
      name: "Error",
      failure: "failed",
      message: "the store's thread ended",
    });
    await started[1]!.terminate();
    await refused;
    expect(await read()).toBe(3);
    await store.append(keptFromTo(4, 4));
    expect(await read()).toBe(4);
    expect(started.length).toBe(3);
  });

  test("says that the file is damaged, and the next start makes sure", async () => {
    const folder = folderWith({});
    const path = join(folder, FILE);
    const first = await openAt(path);
    await first.append(keptFromTo(1, 1));
    await first.checkpoint(checkpoint(1, [minuteCell(DAY, { durations: [5] })]));
    await first.close();
    const database = new DatabaseSync(path);
    const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'minute'").get()!;
    const { page_size: pageSize } = database.prepare("PRAGMA page_size").get()!;
    database.close();
    const file = openSync(path, "r+");
    writeSync(file, randomBytes(512), 0, 512, (Number(rootpage) - 1) * Number(pageSize));
    closeSync(file);
    const store = storeAt(path);
    await store.open(SHAPE, LIMITS);
    await expect(store.fold(ALL_MINUTES)).rejects.toMatchObject({ failure: "lost" });
    await store.close();
    const again = storeAt(path);
    expect((await again.open(SHAPE, LIMITS)).lost).toMatch(/malformed.*moved to/s);
    expect((await again.fold(ALL_MINUTES)).groups).toEqual([]);
    await again.close();
  });
});

test("rows of a range that is past are found without a look at what came after it", async () => {
  const store = await openAt(join(folderWith({}), FILE));
  const records = keptFromTo(1, 500).map((record) => {
    const of = eventOf({ id: record.id, timestamp: NOW_MICROS / 1e3 - 1e6 + record.seq * 1e3 });
    const text = encodeRecord({ kind: "end", event: of, price: priceByReport(of) });
    return { ...record, atMicros: of.timestampMicros, text };
  });
  await store.append(records);
  const range = { fromMicros: records[20]!.atMicros, untilMicros: records[25]!.atMicros };
  const bounds = { where: [], costMin: undefined, durationMinNanos: undefined, cursor: undefined };
  const { rows, next } = await store.rows({ ...bounds, ...range, limit: 100, scanMax: 10 });
  expect(rows.map(({ seq }) => seq)).toEqual([25, 24, 23, 22, 21]);
  expect(next).toBeUndefined();
});

describe("a file of version 1", () => {
  /** As it was made: hours and no days. */
  const VERSION_1 = `
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE event (
      seq INTEGER PRIMARY KEY, at_micros INTEGER NOT NULL, arrival_micros INTEGER NOT NULL, is_end INTEGER NOT NULL,
      text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_at ON event (at_micros);
    CREATE TABLE ended_ids (seq INTEGER PRIMARY KEY, arrival_micros INTEGER NOT NULL, ids TEXT NOT NULL) STRICT;
    CREATE TABLE open_request (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE shape (
      shape INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, label_names TEXT NOT NULL,
      UNIQUE (fingerprint, label_names)
    ) STRICT;
    CREATE TABLE series (
      shape INTEGER NOT NULL, labels TEXT NOT NULL, cell BLOB NOT NULL, PRIMARY KEY (shape, labels)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE minute (
      start_micros INTEGER NOT NULL, shape INTEGER NOT NULL, labels TEXT NOT NULL, team TEXT NOT NULL,
      cell BLOB NOT NULL, PRIMARY KEY (start_micros, shape, labels, team)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE hour (
      start_micros INTEGER NOT NULL, shape INTEGER NOT NULL, labels TEXT NOT NULL, team TEXT NOT NULL,
      cell BLOB NOT NULL, PRIMARY KEY (start_micros, shape, labels, team)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('checkpoint_seq', '7');
    PRAGMA user_version = 1;`;

  test("gets days that are the merge of its hours, each under its shape", async () => {
    const path = join(folderWith({}), FILE);
    const other = cellLayout(OTHER_BOUNDS);
    const shapes = [SHAPE.fingerprint, other.fingerprint, SHAPE.fingerprint.replace(/^[^|]*/, "1")];
    const hours = [0, 1, 23, 24, 71, 72].flatMap((hour) =>
      [CHAT, RAG].flatMap((labelValues, at) => {
        const startMicros = DAY - 3 * DAY_MICROS + hour * HOUR_MICROS;
        const events = [at, hour].map((one) =>
          event(startMicros, { duration_ms: 1 + one * 977, cost_usd: 0.7 }),
        );
        return shapes.map((_, shape) => ({
          ...{ startMicros, shape: shape + 1, labelValues, team: hour === 1 ? "search" : "" },
          ...{ events, cell: encoded(events, shape === 1 ? other : LAYOUT) },
        }));
      }),
    );
    const database = new DatabaseSync(path);
    database.exec(VERSION_1);
    for (const [at, fingerprint] of shapes.entries()) {
      const names = JSON.stringify(SHAPE.labelNames);
      database.prepare("INSERT INTO shape VALUES (?, ?, ?)").run(at + 1, fingerprint, names);
    }
    for (const { startMicros, shape, labelValues, team, cell } of hours) {
      const key = [startMicros, shape, JSON.stringify(labelValues), team];
      database.prepare("INSERT INTO hour VALUES (?, ?, ?, ?, ?)").run(...key, cell);
    }
    database.close();
    await (await openAt(path)).close();

    const days = new Map<string, { events: RequestEvent[]; shape: number }>();
    for (const { startMicros, shape, labelValues, team, events } of hours) {
      // Nobody knows what the cells of the last shape are.
      if (shape === 3) continue;
      const dayMicros = Math.floor(startMicros / DAY_MICROS) * DAY_MICROS;
      const key = JSON.stringify([dayMicros, shape, labelValues, team]);
      days.set(key, { shape, events: [...(days.get(key)?.events ?? []), ...events] });
    }
    const after = new DatabaseSync(path, { readOnly: true });
    const found = after.prepare("SELECT * FROM day").all();
    after.close();
    const hex = (cell: Uint8Array) => Buffer.from(cell).toString("hex");
    expect(
      new Map(
        found.map(({ start_micros, shape, labels, team, cell }) => [
          JSON.stringify([start_micros, shape, JSON.parse(String(labels)), team]),
          hex(cell as Uint8Array),
        ]),
      ),
    ).toEqual(
      new Map(
        Array.from(days, ([key, { shape, events }]) => [
          key,
          hex(encoded(events, shape === 2 ? other : LAYOUT)),
        ]),
      ),
    );
  });
});
