/** The thread in which the SQLite store answers questions, so that no commit waits for a reading. */
import { workerData } from "node:worker_threads";
import type { EventStore, FoldQuestion, RowsQuestion } from "../event-store.ts";
import { answerCalls } from "./calls.ts";
import { Connection } from "./connection.ts";
import { EventRows } from "./event-rows.ts";
import { foldRollups } from "./fold-rollups.ts";

export type ReaderData = { readonly path: string; readonly instance: string };
export type Question = "fold" | "rows" | "read";

const { path, instance } = workerData as ReaderData;
let opened: { readonly connection: Connection; readonly events: EventRows } | undefined;

function open() {
  const connection = Connection.toRead(path);
  return { connection, events: new EventRows(connection, instance) };
}

answerCalls(path, async (method, [question]) => {
  opened ??= open();
  const { connection, events } = opened;
  switch (method as Question) {
    case "fold":
      return foldRollups(connection, instance, question as FoldQuestion);
    case "rows":
      return events.rows(question as RowsQuestion);
    case "read":
      return events.read(question as Parameters<EventStore["read"]>[0]);
  }
});
