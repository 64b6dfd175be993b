/**
 * Appends to the log of one instance.
 *
 * Who writes an instance holds its advisory lock, on the very connection that it appends with. So a process that lost
 * the lock cannot append; and who got the lock knows that whatever was under way on the connection before has either
 * been committed or never will be.
 *
 * That settles a commit whose answer was lost. Appends touch no row but their own; sums, ids and open requests are
 * brought up to date by checkpoints, which go only as far as records that were acknowledged. When the connection breaks
 * before an append was answered, the writer connects anew, takes the lock and looks for the last number: if it is that
 * of the append, it was kept and is acknowledged; if not, nothing of it was kept (one statement, one transaction), and
 * it is sent again. When that takes too long, the append is rejected, though it may have been kept: the next connection
 * then finds records beyond the last acknowledged one and deletes them before anything else is written, and nobody is
 * given them meanwhile. Only a process that ends in between leaves them to its successor, which takes them for
 * acknowledged: clients that were told 503 and send again are recognised by their ids.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Client, DatabaseError } from "pg";
import { type KeptRecord, StoreError } from "../event-store.ts";
import { isRefusal, LOCK_NOT_AVAILABLE, storeErrorOf } from "./failure.ts";
import { Link, type LinkOptions } from "./link.ts";
import { lockKey } from "./presence.ts";
import { dropAfter, type Holding, insertEvents, lastSeq, takenOver } from "./queries.ts";

export type WriterOptions = Omit<LinkOptions, "prepare" | "statementTimeoutMillis"> & {
  readonly instance: string;
  /**
   * How long an append is tried, with all that is done to find out whether it was kept. A statement that is under way
   * then, or a connection, is waited for.
   */
  readonly appendTimeoutMillis: number;
};

const RETRY_MILLIS = 200;

export class Writer {
  readonly #options: WriterOptions;
  readonly #link: Link;
  readonly #closing = new AbortController();
  #holding: Holding | undefined;
  /** The last record that was acknowledged. */
  #lastSeq = 0;
  /** Last number of the append in hand, once it was sent. */
  #sentSeq: number | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#link = new Link({
      ...options,
      statementTimeoutMillis: options.appendTimeoutMillis,
      prepare: (client) => this.#prepare(client),
    });
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Connects. Rejects if another process has the lock. */
  lock(): Promise<void> {
    return this.#link.inTurn(async () => void (await this.#link.client()));
  }

  begin(holding: Holding, lastSeq: number): void {
    this.#holding = holding;
    this.#lastSeq = lastSeq;
  }

  append(records: readonly KeptRecord[]): Promise<void> {
    return this.#link.inTurn(() => this.#append(records));
  }

  /** Lets go of the lock; an append in hand is rejected. */
  close(): Promise<void> {
    this.#closing.abort();
    return this.#link.close();
  }

  /** Lets go of the lock, to take it again when it is asked to. */
  drop(): void {
    this.#holding = undefined;
    this.#link.drop();
  }

  async #append(records: readonly KeptRecord[]): Promise<void> {
    const first = records[0]?.seq;
    if (first === undefined) return;
    if (this.#holding === undefined) throw new StoreError("failed", "the store is not open");
    const last = records.at(-1)!.seq;
    if (first !== this.#lastSeq + 1 || last !== this.#lastSeq + records.length) {
      throw new StoreError(
        "failed",
        `expected records from ${this.#lastSeq + 1} on, got ${first} to ${last}`,
      );
    }
    const deadline = Date.now() + this.#options.appendTimeoutMillis;
    try {
      let client = await this.#settled(deadline);
      for (;;) {
        this.#sentSeq = last;
        const failure = await this.#insert(client, this.#holding.instance, records);
        if (failure === undefined) break;
        client = await this.#settled(deadline);
        if (this.#lastSeq === last) return;
        if (failure.failure !== "away" || Date.now() > deadline) throw failure;
      }
      this.#lastSeq = last;
    } finally {
      this.#sentSeq = undefined;
    }
  }

  /** Rejects if the server refused; gives what went wrong if it may have been kept for all that. */
  async #insert(
    client: Client,
    instance: number,
    records: readonly KeptRecord[],
  ): Promise<StoreError | undefined> {
    try {
      await insertEvents(client, instance, records);
      return undefined;
    } catch (error) {
      if (isRefusal(error)) throw storeErrorOf(error);
      this.#link.drop();
      return storeErrorOf(error);
    }
  }

  /**
   * A connection on which it is known what was kept before. When nothing was sent there is nothing to find out: then it
   * rejects as soon as the server cannot be reached.
   */
  async #settled(deadline: number): Promise<Client> {
    for (;;) {
      try {
        return await this.#link.client();
      } catch (error) {
        const isLate = Date.now() + RETRY_MILLIS > deadline;
        if (this.#sentSeq === undefined || isLate || this.#closing.signal.aborted) throw error;
        await delay(RETRY_MILLIS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  /** Takes the lock, and brings what was kept in line with what was acknowledged. */
  async #prepare(client: Client): Promise<void> {
    await this.#lock(client);
    if (this.#holding === undefined) return;
    const { instance, holder } = this.#holding;
    const found = await lastSeq(client, instance);
    if (found.holder !== holder) throw takenOver();
    if (found.lastSeq < this.#lastSeq) {
      throw new StoreError(
        "failed",
        `expected ${this.#lastSeq} records, got ${found.lastSeq}: the database lost some; start this process anew`,
      );
    }
    if (found.lastSeq === this.#sentSeq) this.#lastSeq = found.lastSeq;
    else if (found.lastSeq > this.#lastSeq) await dropAfter(client, instance, this.#lastSeq);
  }

  async #lock(client: Client): Promise<void> {
    const { instance } = this.#options;
    try {
      await client.query("SELECT pg_advisory_lock($1)", [lockKey(instance)]);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
      throw new StoreError(
        "failed",
        `another process is writing as instance ${JSON.stringify(instance)}: give each exporter a name of its own`,
        { cause: error },
      );
    }
  }
}
