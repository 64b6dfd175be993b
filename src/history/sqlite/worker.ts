/** The thread in which the SQLite store commits, so that no sync of a disk holds the loop of the exporter. */
import { existsSync, rmSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { answerCalls, suspectPath } from "./calls.ts";
import type { CheckpointColumns } from "./checkpoint-columns.ts";
import { SqliteDatabase } from "./queries.ts";

export type WorkerData = { readonly path: string };
export type Method = "open" | "append" | "checkpoint" | "retain" | "status" | "close";

const { path } = workerData as WorkerData;
let database: SqliteDatabase | undefined;

answerCalls(path, async (method, values) => {
  if (method === "open") {
    database = new SqliteDatabase(path, existsSync(suspectPath(path)));
    rmSync(suspectPath(path), { force: true });
  }
  if (method === "checkpoint") {
    // Appends do not wait for all of it.
    for (const _piece of database!.checkpoint(values[0] as CheckpointColumns)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return undefined;
  }
  const work = database![method as Method] as (...values: readonly unknown[]) => unknown;
  return work.apply(database, values as unknown[]);
});
