/**
 * Requests that wait for the same store share its transactions: while one is being committed, all that come gather for
 * the next. Nobody waits for company that is not there. What is admitted is bounded.
 */
import type { EventStore, KeptRecord } from "../history/event-store.ts";

/** What is to be kept, and what becomes of it. */
export type Kept = {
  readonly record: Omit<KeptRecord, "seq">;
  /** It is on disk; called in the order in which it was given. */
  readonly onKept: (seq: number) => void;
  /** It is not, and will not be; called in the reverse order. */
  readonly onDropped: () => void;
};

/** More is waiting for the store than may wait. */
export class QueueFullError extends Error {
  constructor(recordsMax: number) {
    super(`expected at most ${recordsMax} events to wait for the store`);
  }
}

type Group = {
  readonly items: readonly Kept[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

export type GroupCommitLimits = {
  /** Most records that wait or are being committed. */
  readonly recordsMax: number;
  /** Most records in one transaction. */
  readonly transactionRecordsMax: number;
};

export class GroupCommit {
  limits: GroupCommitLimits;
  commits = 0;
  failures = 0;
  readonly #store: Pick<EventStore, "append">;
  readonly #observe: (seconds: number) => void;
  #seq: number;
  #waiting: Group[] = [];
  #committing: readonly Group[] = [];
  #records = 0;

  /** `lastSeq`: of the last record that the store has. `observe` is told how long each commit took. */
  constructor(
    store: Pick<EventStore, "append">,
    options: {
      readonly lastSeq: number;
      readonly limits: GroupCommitLimits;
      readonly observe: (seconds: number) => void;
    },
  ) {
    this.#store = store;
    this.#seq = options.lastSeq;
    this.limits = options.limits;
    this.#observe = options.observe;
  }

  /** Records that wait or are being committed. */
  get size(): number {
    return this.#records;
  }

  hasRoomFor(records: number): boolean {
    // A request larger than the limit must be able to come alone.
    return this.#records === 0 || this.#records + records <= this.limits.recordsMax;
  }

  /** Resolves when all items are on disk and everything that was given before; rejects if they are not kept. */
  keep(items: readonly Kept[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      this.#records += items.length;
      // All requests of this turn of the loop go into the first transaction.
      if (this.#committing.length === 0 && this.#waiting.length === 1) setImmediate(() => this.#commit());
    });
  }

  /** When nothing waits any more, kept or not. */
  async settled(): Promise<void> {
    while (this.#committing.length > 0 || this.#waiting.length > 0) {
      await this.keep([]).catch(() => undefined);
    }
  }

  async #commit(): Promise<void> {
    if (this.#committing.length > 0 || this.#waiting.length === 0) return;
    const groups = this.#takeGroups();
    this.#committing = groups;
    let seq = this.#seq;
    const records = groups.flatMap(({ items }) =>
      items.map(({ record }): KeptRecord => {
        seq += 1;
        return { ...record, seq };
      }),
    );
    try {
      if (records.length > 0) await this.#append(records);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#committing = [];
    this.#records -= records.length;
    for (const { items, resolve } of groups) {
      for (const { onKept } of items) {
        this.#seq += 1;
        onKept(this.#seq);
      }
      resolve();
    }
    void this.#commit();
  }

  async #append(records: readonly KeptRecord[]): Promise<void> {
    const startedMillis = performance.now();
    await this.#store.append(records);
    this.#observe((performance.now() - startedMillis) / 1e3);
    this.commits += 1;
  }

  /** What came after what failed rests on it: all of it is given back. */
  #fail(error: unknown): void {
    this.failures += 1;
    const groups = [...this.#committing, ...this.#waiting];
    this.#committing = [];
    this.#waiting = [];
    this.#records = 0;
    for (const { items } of groups.toReversed()) {
      for (const { onDropped } of items.toReversed()) onDropped();
    }
    for (const { reject } of groups) reject(error);
  }

  #takeGroups(): readonly Group[] {
    let records = 0;
    let count = 0;
    for (const { items } of this.#waiting) {
      records += items.length;
      if (count > 0 && records > this.limits.transactionRecordsMax) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
