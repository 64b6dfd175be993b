/** The SQLite store as the exporter sees it: a thread that writes, and one that answers questions once there are any. */
import { mkdir, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type EventStore,
  type FoldAnswer,
  type KeptRecord,
  type Recovery,
  StoreError,
  type StoreStatus,
} from "../event-store.ts";
import { inTurns } from "../turns.ts";
import { buffersOf, checkpointColumns } from "./checkpoint-columns.ts";
import type { GroupColumns } from "./fold-rollups.ts";
import type { RecordColumns, RecoveredColumns } from "./queries.ts";
import type { Question, ReaderData } from "./reader-worker.ts";
import { closedError, StoreThread } from "./thread.ts";
import type { Method, WorkerData } from "./worker.ts";

export type SqliteOptions = {
  /** Of the database file; its folder is made if it is not there. */
  readonly path: string;
  /** Name of this exporter in answers. The file belongs to it alone, whatever its name was before. */
  readonly instance: string;
};

export function sqliteStore({ path, instance }: SqliteOptions): EventStore {
  let writer: StoreThread | undefined;
  let reader: StoreThread | undefined;

  const write = async <Result>(
    method: Method,
    values: readonly unknown[] = [],
    transferred?: readonly ArrayBuffer[],
  ): Promise<Result> => {
    if (writer === undefined) throw closedError();
    return writer.call(method, values, transferred);
  };
  /** The first question starts the thread, and the first one after it failed starts another. */
  const ask = async <Result>(method: Question, question: unknown): Promise<Result> => {
    if (writer === undefined) throw closedError();
    if (reader === undefined || reader.isEnded) {
      reader = new StoreThread(new URL("./reader-worker.ts", import.meta.url), {
        path,
        instance,
      } satisfies ReaderData);
    }
    return reader.call(method, [question]);
  };

  return {
    open: async (shape, limits) => {
      await mkdir(dirname(path), { recursive: true });
      const logAlone = await isLogAlone(path);
      const aside = logAlone ? await moveAside(path) : undefined;
      writer = new StoreThread(new URL("./worker.ts", import.meta.url), { path } satisfies WorkerData);
      const opened = () => write<RecoveredColumns>("open", [shape, limits]).then(recoveryOf);
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
    append: (records) => write("append", [columnsOf(records)]),
    checkpoint: async (checkpoint) => {
      const columns = await inTurns(checkpointColumns(checkpoint));
      await write("checkpoint", [columns], buffersOf(columns));
    },
    retain: (cut) => write("retain", [cut]),
    status: async () => {
      const [status, { bavail, bsize }] = await Promise.all([
        write<StoreStatus>("status"),
        statfs(dirname(path)),
      ]);
      return { ...status, freeBytes: bavail * bsize };
    },
    read: (range) => ask("read", range),
    fold: async (question) => answerOf(await ask<GroupColumns>("fold", question)),
    rows: (question) => ask("rows", question),
    close: async () => {
      const closing = writer;
      writer = undefined;
      // Before the writer: the last connection that is closed takes the log with it.
      await reader?.end();
      await closing?.call("close").catch(() => undefined);
      await closing?.end();
    },
  };
}

function answerOf({ startMicros, values, bytes, ends, ...rest }: GroupColumns): FoldAnswer {
  const groups = values.map((ofGroup, index) => ({
    startMicros: startMicros[index]!,
    values: ofGroup,
    cell: bytes.subarray(ends[index - 1] ?? 0, ends[index]),
  }));
  return { ...rest, groups };
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
