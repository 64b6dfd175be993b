/** The thread in which the SQLite store commits, so that no sync of a disk holds the loop of the exporter. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
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
/** Says that the file was found damaged in the middle of the work. Reading all of it at each start would take minutes. */
const suspect = `${path}.suspect`;
/** Result codes of SQLite for files that are damaged, or none of its own. */
const DAMAGED = [11, 26];

parentPort!.on("message", ({ call, method, values }: Call) => {
  let reply: Reply;
  try {
    if (method === "open") {
      database = new SqliteDatabase(path, cellLayout(bounds), existsSync(suspect));
      rmSync(suspect, { force: true });
    }
    const work = database![method] as (...values: readonly unknown[]) => unknown;
    reply = { call, value: work.apply(database, values as unknown[]) };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    if (method !== "open" && DAMAGED.includes((errcode ?? 0) & 0xff)) writeFileSync(suspect, message);
    reply = { call, error: { message, code: errcode } };
  }
  parentPort!.postMessage(reply);
  if (method === "close") parentPort!.close();
});
