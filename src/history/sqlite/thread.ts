/** A thread of the store as the exporter sees it: calls in order, and what it answers. calls.ts is its other side. */
import { Worker } from "node:worker_threads";
import { StoreError } from "../event-store.ts";
import type { Call, Reply } from "./calls.ts";
import { storeErrorOf } from "./failure.ts";

type Waiting = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

export class StoreThread {
  /** Nothing is answered any more; another thread can be started. */
  isEnded = false;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #isClosing = false;

  constructor(module: URL, workerData: unknown) {
    this.#worker = new Worker(module, { workerData });
    this.#worker.on("message", (reply: Reply) => {
      const waiting = this.#waiting.get(reply.call);
      this.#waiting.delete(reply.call);
      if ("error" in reply) waiting?.reject(storeErrorOf(reply.error));
      else waiting?.resolve(reply.value as never);
    });
    this.#worker.on("error", (error) =>
      this.#ended(new StoreError("failed", `the store's thread ended: ${error.message}`, { cause: error })),
    );
    this.#worker.on("exit", () =>
      this.#ended(this.#isClosing ? closedError() : new StoreError("failed", "the store's thread ended")),
    );
  }

  /** Rejects with a StoreError. `transferred`: buffers of the values that are given away. */
  call<Result>(
    method: string,
    values: readonly unknown[] = [],
    transferred: readonly ArrayBuffer[] = [],
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.isEnded) {
        reject(closedError());
        return;
      }
      this.#calls += 1;
      this.#waiting.set(this.#calls, { resolve, reject });
      this.#worker.postMessage({ call: this.#calls, method, values } satisfies Call, transferred);
    });
  }

  /** At once; calls under way are rejected. */
  async end(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
  }

  #ended(error: StoreError): void {
    this.isEnded = true;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export function closedError(): StoreError {
  return new StoreError("failed", "the store is closed");
}
