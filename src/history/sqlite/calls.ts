/** Calls from the exporter to a thread of the store: the thread's side. thread.ts is the other one. */
import { writeFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { type Failure, isDamage } from "./failure.ts";

export type Call = { readonly call: number; readonly method: string; readonly values: readonly unknown[] };
export type Reply =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly error: Failure };

/** Says that the file was found damaged in the middle of the work. Reading all of it at each start would take minutes. */
export function suspectPath(path: string): string {
  return `${path}.suspect`;
}

/** Answers each call with what the work returns or throws; `path` of the database file. The thread ends after `close`. */
export function answerCalls(
  path: string,
  carryOut: (method: string, values: readonly unknown[]) => Promise<unknown>,
): void {
  const answer = async ({ call, method, values }: Call): Promise<Reply> => {
    try {
      return { call, value: await carryOut(method, values) };
    } catch (thrown) {
      const { message, errcode } = thrown as Error & { errcode?: number };
      const error: Failure = { message, code: errcode };
      if (method !== "open" && isDamage(error)) writeFileSync(suspectPath(path), message);
      return { call, error };
    }
  };
  parentPort!.on("message", (call: Call) => {
    void answer(call).then((reply) => {
      parentPort!.postMessage(reply);
      if (call.method === "close") parentPort!.close();
    });
  });
}
