/** The SQLite store as the exporter sees it: calls to a thread, in order, and what it answers. */
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import type { HistogramBounds } from "../../ledger/cell-layout.ts";
import {
  type EventStore,
  type KeptRecord,
  type Recovery,
  StoreError,
  type StoreFailure,
} from "../event-store.ts";
import type { RecordColumns, RecoveredColumns } from "./queries.ts";
import type { Call, Method, Reply, WorkerData } from "./worker.ts";

/** Result codes of SQLite: https://www.sqlite.org/rescode.html */
const SQLITE_FULL = 13;
const SQLITE_IOERR = 10;
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

type Waiting = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

/** `path` of the database file; its folder is made if it is not there. */
export function sqliteStore(path: string, bounds: HistogramBounds): EventStore {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let calls = 0;

  const failAll = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const start = () => {
    const data: WorkerData = { path, bounds };
    const started = new Worker(new URL("./worker.ts", import.meta.url), { workerData: data });
    started.on("message", (reply: Reply) => {
      const call = waiting.get(reply.call);
      waiting.delete(reply.call);
      if ("error" in reply) call?.reject(storeError(reply.error));
      else call?.resolve(reply.value as never);
    });
    started.on("error", (error) =>
      failAll(new StoreError("failed", `the store's thread ended: ${error.message}`)),
    );
    started.on("exit", () => {
      worker = undefined;
      failAll(new StoreError("failed", "the store is closed"));
    });
    return started;
  };
  const call = <Result>(method: Method, ...values: readonly unknown[]): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (worker === undefined) {
        reject(new StoreError("failed", "the store is closed"));
        return;
      }
      calls += 1;
      waiting.set(calls, { resolve, reject });
      worker.postMessage({ call: calls, method, values } satisfies Call);
    });

  return {
    open: async (shape, limits) => {
      await mkdir(dirname(path), { recursive: true });
      const logAlone = await isLogAlone(path);
      const aside = logAlone ? await moveAside(path) : undefined;
      worker = start();
      const opened = () => call<RecoveredColumns>("open", shape, limits).then(recoveryOf);
      if (aside !== undefined) {
        return { ...(await opened()), lost: `the log of a database that is gone; moved to ${aside}` };
      }
      try {
        return await opened();
      } catch (error) {
        if (!(error instanceof StoreError) || error.failure !== "lost") throw error;
        const movedTo = await moveAside(path);
        return { ...(await opened()), lost: `${error.message}; moved to ${movedTo}` };
      }
    },
    append: (records) => call("append", columnsOf(records)),
    checkpoint: (checkpoint) => call("checkpoint", checkpoint),
    retain: (cut) => call("retain", cut),
    status: () => call("status"),
    read: (range) => call("read", range),
    close: async () => {
      const closing = worker;
      if (closing === undefined) return;
      await call("close").catch(() => undefined);
      await closing.terminate();
    },
  };
}

function recoveryOf({ endedIds: { ids, arrivalMicros }, ...rest }: RecoveredColumns): Recovery {
  return { ...rest, endedIds: ids.map((id, index) => ({ id, arrivalMicros: arrivalMicros[index]! })) };
}

function columnsOf(records: readonly KeptRecord[]): RecordColumns {
  return {
    firstSeq: records[0]?.seq ?? 0,
    atMicros: Float64Array.from(records, ({ atMicros }) => atMicros),
    arrivalMicros: Float64Array.from(records, ({ arrivalMicros }) => arrivalMicros),
    isEnd: Uint8Array.from(records, ({ kind }) => (kind === "end" ? 1 : 0)),
    ids: records.map(({ id }) => id),
    texts: records.map(({ text }) => text),
  };
}

function storeError({ message, code }: { message: string; code: number | undefined }): StoreError {
  const primary = code === undefined ? undefined : code & 0xff;
  // A write beyond the end of a full file system is an error of input and output that says so.
  const full = primary === SQLITE_FULL || (primary === SQLITE_IOERR && /full|space/i.test(message));
  const lost = primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB || /malformed/.test(message);
  if (primary === SQLITE_BUSY) {
    return new StoreError(
      "failed",
      "the store is in use: expected one llm-exporter for each --storage.path; stop the other one or name another folder",
    );
  }
  const failure: StoreFailure = full ? "full" : lost ? "lost" : "failed";
  return new StoreError(failure, message);
}

/** A log without frames is as long as its head. */
const LOG_HEAD_BYTES = 32;

/** Whether a log holds something and the database that it belongs to is gone: SQLite would delete the log. */
async function isLogAlone(path: string): Promise<boolean> {
  const sizeOf = (file: string) =>
    stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  return (await sizeOf(path)) === 0 && (await sizeOf(`${path}-wal`)) > LOG_HEAD_BYTES;
}

/** Renames the database and what belongs to it, so that nothing is lost that somebody could still read. */
async function moveAside(path: string): Promise<string> {
  const aside = `${path}.lost-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  await rm(`${path}.suspect`, { force: true });
  for (const suffix of ["", "-wal", "-shm"]) {
    await rename(`${path}${suffix}`, `${aside}${suffix}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  return aside;
}
