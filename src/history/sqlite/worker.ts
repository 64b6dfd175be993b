/** The thread in which the SQLite store commits, so that no sync of a disk holds the loop of the exporter. */
import { parentPort, workerData } from "node:worker_threads";
import { cellLayout, type HistogramBounds } from "../../ledger/cell-layout.ts";
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

parentPort!.on("message", ({ call, method, values }: Call) => {
  let reply: Reply;
  try {
    if (method === "open") database = new SqliteDatabase(path, cellLayout(bounds));
    const work = database![method] as (...values: readonly unknown[]) => unknown;
    reply = { call, value: work.apply(database, values as unknown[]) };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    reply = { call, error: { message, code: errcode } };
  }
  parentPort!.postMessage(reply);
  if (method === "close") parentPort!.close();
});
