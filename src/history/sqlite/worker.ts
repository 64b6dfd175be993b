/** The thread in which the SQLite store commits, so that no sync of a disk holds the loop of the exporter. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { cellLayout, type HistogramBounds } from "../../ledger/cell-layout.ts";
import type { Checkpoint } from "../event-store.ts";
import { SqliteDatabase } from "./queries.ts";

export type WorkerData = { readonly path: string; readonly bounds: HistogramBounds };
export type Call = { readonly call: number; readonly method: Method; readonly values: readonly unknown[] };
export type Method = "open" | "append" | "checkpoint" | "retain" | "status" | "read" | "close";
export type Reply =
  | { readonly call: number; readonly value: unknown }
  | {
      readonly call: number;
      readonly error: { readonly message: string; readonly code: number | undefined };
    };

const { path, bounds } = workerData as WorkerData;
let database: SqliteDatabase | undefined;
/** Says that the file was found damaged in the middle of the work. Reading all of it at each start would take minutes. */
const suspect = `${path}.suspect`;
/** Result codes of SQLite for files that are damaged, or none of its own. */
const DAMAGED = [11, 26];

parentPort!.on("message", (call: Call) => {
  void answer(call).then((reply) => {
    parentPort!.postMessage(reply);
    if (call.method === "close") parentPort!.close();
  });
});

async function answer({ call, method, values }: Call): Promise<Reply> {
  try {
    return { call, value: await carryOut(method, values) };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    if (method !== "open" && DAMAGED.includes((errcode ?? 0) & 0xff)) writeFileSync(suspect, message);
    return { call, error: { message, code: errcode } };
  }
}

async function carryOut(method: Method, values: readonly unknown[]): Promise<unknown> {
  if (method === "open") {
    database = new SqliteDatabase(path, cellLayout(bounds), existsSync(suspect));
    rmSync(suspect, { force: true });
  }
  if (method === "checkpoint") {
    // Appends do not wait for all of it.
    for (const _piece of database!.checkpoint(values[0] as Checkpoint)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return undefined;
  }
  const work = database![method] as (...values: readonly unknown[]) => unknown;
  return work.apply(database, values as unknown[]);
}
