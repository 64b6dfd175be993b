/** A disk that is full, and files that are damaged: what a store does about the worst that a disk can do to it. */
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { postEvents, problemOf } from "../http/exchange.ts";
import {
  counted,
  countedUpTo,
  databaseIn,
  end,
  filesIn,
  lostStores,
  mountFault,
  numbered,
  send,
  sendUntilTaken,
  smallDisk,
  startStore,
  storageFolder,
} from "./storage.ts";

const EVENTS = 200;
const TIMEOUT_MILLIS = 60_000;
const noMount = mountFault();

/** Writes a file until nothing more fits. */
function fill(path: string): void {
  for (let bytes = 65_536; bytes >= 512; bytes /= 2) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes, 1));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}

describe.skipIf(noMount !== undefined)(`on a disk that is full (${noMount ?? "mounts a tmpfs"})`, () => {
  test(
    "events are refused, nothing acknowledged is lost, and it goes on by itself once there is room",
    async () => {
      const disk = smallDisk("16m");
      const folder = join(disk, "storage");
      const store = await startStore(folder);
      let taken = 0;
      while (taken < EVENTS) await sendUntilTaken(store, ++taken);
      fill(join(disk, "filler"));
      // Some may still fit into room that the store has already taken.
      let refused = await send(store, taken + 1);
      while (refused.status === 200) refused = await send(store, ++taken + 1);
      expect(problemOf(refused)).toEqual({ status: 507, code: "store_full" });
      for (let time = 0; time < 20; time++) {
        expect(problemOf(await send(store, taken + 1))).toEqual({ status: 507, code: "store_full" });
      }
      expect(await counted(store)).toEqual(countedUpTo(taken));
      expect((await postEvents(store, [numbered(1), numbered(taken)])).status).not.toBe(500);

      rmSync(join(disk, "filler"));
      await sendUntilTaken(store, taken + 1);
      expect(await counted(store)).toEqual(countedUpTo(taken + 1));
      await end(store, "SIGKILL");
      const again = await startStore(folder);
      expect(await counted(again)).toEqual(countedUpTo(taken + 1));
      expect(await lostStores(again)).toBe(0);
      await end(again, "SIGKILL");
    },
    TIMEOUT_MILLIS,
  );

  test(
    "a restart keeps what was acknowledged, though nothing more can be written",
    async () => {
      const disk = smallDisk("16m");
      const folder = join(disk, "storage");
      const store = await startStore(folder);
      for (let number = 1; number <= EVENTS; number++) await sendUntilTaken(store, number);
      fill(join(disk, "filler"));
      await end(store, "SIGKILL");
      // Whether it starts on a full disk or waits for room: what it shows then must be all.
      const starting = startStore(folder);
      const started = await starting.catch(() => undefined);
      if (started !== undefined) expect(await counted(started)).toEqual(countedUpTo(EVENTS));
      rmSync(join(disk, "filler"));
      const again = started ?? (await startStore(folder));
      await sendUntilTaken(again, EVENTS + 1);
      expect(await counted(again)).toEqual(countedUpTo(EVENTS + 1));
      expect(await lostStores(again)).toBe(0);
      await end(again, "SIGKILL");
    },
    TIMEOUT_MILLIS,
  );
});

/** A store with events that was stopped, and its database. */
async function stoppedStore(signal: "SIGTERM" | "SIGKILL"): Promise<{ folder: string; database: string }> {
  const folder = storageFolder();
  const store = await startStore(folder);
  for (let number = 1; number <= EVENTS; number++) expect((await send(store, number)).status).toBe(200);
  await end(store, signal);
  return { folder, database: databaseIn(folder) };
}

function ruinHeader(database: string): void {
  const file = openSync(database, "r+");
  writeSync(file, randomBytes(100), 0, 100, 0);
  closeSync(file);
}

function overwrite(database: string): void {
  const file = openSync(database, "r+");
  writeSync(file, randomBytes(statSync(database).size));
  closeSync(file);
}

const cutToHalf = (database: string) => truncateSync(database, Math.floor(statSync(database).size / 2));
const empty = (database: string) => truncateSync(database, 0);

/** Whether a file of that content is still there, whatever its name. */
function isKept(content: Buffer, folder: string): boolean {
  return filesIn(folder).some((file) => readFileSync(file).equals(content));
}

describe("a database", () => {
  test.each([
    { damage: "with random bytes for a header", inflict: ruinHeader },
    { damage: "cut to half", inflict: cutToHalf },
    { damage: "that is no database at all", inflict: overwrite },
  ])(
    "$damage is moved aside and not deleted; the exporter says so and starts at zero",
    async ({ inflict }) => {
      const { folder, database } = await stoppedStore("SIGTERM");
      inflict(database);
      const damaged = readFileSync(database);
      const store = await startStore(folder);
      expect(await counted(store)).toEqual(countedUpTo(0));
      expect(await lostStores(store)).toBe(1);
      expect(isKept(damaged, folder)).toBe(true);
      const said = store.program.log.filter(({ level }) => level === "error" || level === "warn");
      expect(JSON.stringify(said)).toContain(folder);

      // From there on it keeps its promise again, and does not find the old damage a second time.
      for (let number = 1; number <= 5; number++) expect((await send(store, number)).status).toBe(200);
      await end(store, "SIGKILL");
      const again = await startStore(folder);
      expect(await counted(again)).toEqual(countedUpTo(5));
    },
    TIMEOUT_MILLIS,
  );

  test(
    "that is empty is a new one: a process that was killed while it made its store leaves such a file",
    async () => {
      const { folder, database } = await stoppedStore("SIGTERM");
      empty(database);
      const store = await startStore(folder);
      expect(await counted(store)).toEqual(countedUpTo(0));
      expect((await send(store, 1)).status).toBe(200);
      await end(store, "SIGKILL");
      expect(await counted(await startStore(folder))).toEqual(countedUpTo(1));
    },
    TIMEOUT_MILLIS,
  );

  test.each([
    { damage: "with random bytes for a header", inflict: ruinHeader },
    { damage: "cut to half", inflict: cutToHalf },
    { damage: "that is no database at all", inflict: overwrite },
    { damage: "that was emptied", inflict: empty },
    { damage: "that was removed", inflict: rmSync },
  ])(
    "$damage, beside a log that holds all events, costs none of them, or the exporter says so and keeps the log",
    async ({ inflict }) => {
      const { folder, database } = await stoppedStore("SIGKILL");
      inflict(database);
      const log = readFileSync(`${database}-wal`);
      const store = await startStore(folder);
      const { requests, ...sums } = await counted(store);
      expect({ requests, ...sums }).toEqual(countedUpTo(requests));
      if (requests === EVENTS) return;
      expect({ requests, lost: await lostStores(store) }).toEqual({ requests: 0, lost: 1 });
      expect(isKept(log, folder)).toBe(true);
    },
    TIMEOUT_MILLIS,
  );
});

/** The write-ahead log of a store that was killed. */
async function killedStore(): Promise<{ folder: string; log: string; bytes: number }> {
  const { folder, database } = await stoppedStore("SIGKILL");
  const log = `${database}-wal`;
  return { folder, log, bytes: statSync(log).size };
}

describe("a write-ahead log", () => {
  test.each([
    // Each event was acknowledged by itself, so what a byte belongs to is at most the last one.
    { cut: "by its last byte", keep: (bytes: number) => bytes - 1, atLeast: EVENTS - 1 },
    { cut: "in the middle", keep: (bytes: number) => Math.floor(bytes / 2), atLeast: 1 },
    { cut: "inside its header", keep: () => 16, atLeast: 0 },
  ])(
    "that is cut $cut gives back the first events without a gap, and repeats make it whole",
    async ({ keep, atLeast }) => {
      const { folder, log, bytes } = await killedStore();
      truncateSync(log, keep(bytes));
      const store = await startStore(folder);
      const { requests, ...sums } = await counted(store);
      expect({ requests, ...sums }).toEqual(countedUpTo(requests));
      expect(requests).toBeGreaterThanOrEqual(atLeast);
      expect(requests).toBeLessThanOrEqual(EVENTS);

      const all = Array.from({ length: EVENTS }, (_, index) => numbered(index + 1));
      const { status, text } = await postEvents(store, all);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ accepted: EVENTS - requests, duplicates: requests });
      expect(await counted(store)).toEqual(countedUpTo(EVENTS));
    },
    TIMEOUT_MILLIS,
  );

  test(
    "that is whole gives back everything",
    async () => {
      const { folder } = await killedStore();
      const store = await startStore(folder);
      expect(await counted(store)).toEqual(countedUpTo(EVENTS));
      expect(await lostStores(store)).toBe(0);
    },
    TIMEOUT_MILLIS,
  );
});
