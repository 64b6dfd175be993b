/**
 * The PostgreSQL store: several exporters keep their history in one database, each under the name of its instance.
 *
 * Who writes an instance holds its advisory lock, on the very connection that it appends with. So a process that lost
 * the lock cannot append; and who got the lock knows that whatever was under way on the connection before has either
 * been committed or never will be.
 *
 * That settles a commit whose answer was lost. Appends touch no row but their own; sums, ids and open requests are
 * brought up to date by checkpoints, which go only as far as records that were acknowledged. When the connection breaks
 * before an append was answered, the store connects anew, takes the lock and looks for the last number: if it is that
 * of the append, it was kept and is acknowledged; if not, nothing of it was kept (one statement, one transaction), and
 * it is sent again. When that takes too long, the append is rejected, though it may have been kept: the next connection
 * then finds records beyond the last acknowledged one and deletes them before anything else is written, and `read` does
 * not give them meanwhile. Only a process that ends in between leaves them to its successor, which takes them for
 * acknowledged: clients that were told 503 and send again are recognised by their ids.
 */
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Client, DatabaseError } from "pg";
import type { CellLayout } from "../../ledger/cell-layout.ts";
import {
  type Checkpoint,
  type EventStore,
  type KeptRecord,
  type Recovery,
  type RecoveryLimits,
  type RetentionCut,
  StoreError,
  type StoreShape,
  type StoreStatus,
} from "../event-store.ts";
import { takeCheckpoint } from "./checkpoint.ts";
import { isRefusal, LOCK_NOT_AVAILABLE, storeErrorOf } from "./failure.ts";
import { Link } from "./link.ts";
import {
  dropAfter,
  dropPast,
  type Holding,
  insertEvents,
  lastSeq,
  lockInstance,
  readEvents,
  recover,
  statusOf,
  takenOver,
  takeOver,
} from "./queries.ts";
import { migrate } from "./schema.ts";

export type PostgresOptions = {
  /** `postgres://user:password@host:port/database`; no pooler that shares connections between transactions. */
  readonly url: string;
  /** Under which name this exporter keeps its rows. */
  readonly instance: string;
  readonly layout: CellLayout;
  /** Longest wait for a connection. */
  readonly connectTimeoutMillis?: number;
  /** Longest wait for an append, with all that is done to find out whether it was kept. */
  readonly appendTimeoutMillis?: number;
  /** Longest wait for a statement of a checkpoint, of a start or of a question. */
  readonly statementTimeoutMillis?: number;
  /** Longest wait for another process that ends to let go of the instance. */
  readonly lockTimeoutMillis?: number;
};

const RETRY_MILLIS = 200;
const DEFAULTS = {
  connectTimeoutMillis: 5_000,
  appendTimeoutMillis: 10_000,
  statementTimeoutMillis: 60_000,
  lockTimeoutMillis: 3_000,
};

/** Throws a StoreError if the URL is none. */
export function postgresStore(options: PostgresOptions): EventStore {
  if (!/^postgres(ql)?:\/\//.test(options.url)) {
    throw new StoreError("failed", "expected a URL like postgres://user:password@host:5432/database");
  }
  return new PostgresStore({ ...DEFAULTS, ...options });
}

type Opened = { readonly holding: Holding; readonly shape: StoreShape; readonly idsMax: number };

class PostgresStore implements EventStore {
  readonly #options: Required<PostgresOptions>;
  readonly #holder = randomUUID();
  readonly #closing = new AbortController();
  /** Appends, and has the lock. */
  readonly #writer: Link;
  /** Checkpoints and what is dropped. */
  readonly #keeper: Link;
  readonly #reader: Link;
  #opened: Opened | undefined;
  /** The last record that was acknowledged. */
  #lastSeq = 0;
  #checkpointSeq = 0;
  /** Last number of the append that is being made, once it was sent. */
  #sentSeq: number | undefined;

  constructor(options: Required<PostgresOptions>) {
    this.#options = options;
    const { url, connectTimeoutMillis, appendTimeoutMillis, statementTimeoutMillis, lockTimeoutMillis } =
      options;
    const link = (role: string, timeoutMillis: number, prepare?: (client: Client) => Promise<void>) =>
      new Link({
        url,
        name: `llm-exporter ${this.#holder} ${role}`,
        connectTimeoutMillis,
        statementTimeoutMillis: timeoutMillis,
        lockTimeoutMillis,
        ...(prepare && { prepare }),
      });
    this.#writer = link("writer", appendTimeoutMillis, (client) => this.#prepareWriter(client));
    this.#keeper = link("keeper", statementTimeoutMillis);
    this.#reader = link("reader", statementTimeoutMillis);
  }

  async open(shape: StoreShape, limits: RecoveryLimits): Promise<Recovery> {
    const { layout, instance: name } = this.#options;
    if (shape.fingerprint !== layout.fingerprint) {
      throw new StoreError("failed", "expected the shape to be that of the layout");
    }
    await this.#keeper.transaction(migrate);
    // Takes the lock.
    await this.#writer.inTurn(() => this.#writer.client());
    const recovery = await this.#keeper.transaction(async (client) => {
      const holding = { instance: await takeOver(client, name, this.#holder), holder: this.#holder };
      const row = await lockInstance(client, holding);
      const found = await recover(client, holding.instance, row, shape, limits);
      this.#opened = { holding, shape, idsMax: limits.idsMax };
      this.#checkpointSeq = row.checkpoint_seq;
      this.#lastSeq = found.lastSeq;
      return found;
    });
    return recovery;
  }

  append(records: readonly KeptRecord[]): Promise<void> {
    return this.#writer.inTurn(() => this.#append(records));
  }

  /** Once more if the answer was lost: a checkpoint that was kept is known by its number. */
  async checkpoint(checkpoint: Checkpoint): Promise<void> {
    const { holding, shape } = this.#open();
    const { layout } = this.#options;
    if (checkpoint.seq > this.#lastSeq) {
      throw new StoreError("failed", `expected a checkpoint up to ${this.#lastSeq}, got ${checkpoint.seq}`);
    }
    const take = () =>
      this.#keeper.transaction((client) =>
        takeCheckpoint(client, { holding, layout, shape, knownSeq: this.#checkpointSeq }, checkpoint),
      );
    await take().catch((error: StoreError) => {
      if (error.failure !== "away") throw error;
      return take();
    });
    this.#checkpointSeq = Math.max(this.#checkpointSeq, checkpoint.seq);
  }

  async retain(cut: RetentionCut): Promise<boolean> {
    const { holding, idsMax } = this.#open();
    return this.#keeper.transaction((client) => dropPast(client, holding, idsMax, cut));
  }

  async status(): Promise<StoreStatus> {
    const { holding } = this.#open();
    return this.#reader.run((client) => statusOf(client, holding.instance));
  }

  async read(range: Parameters<EventStore["read"]>[0]): ReturnType<EventStore["read"]> {
    const { holding } = this.#open();
    return this.#reader.run((client) => readEvents(client, holding.instance, this.#lastSeq, range));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#keeper.close(), this.#reader.close()]);
    await this.#writer.close();
  }

  #open(): Opened {
    if (this.#opened === undefined) throw new StoreError("failed", "the store is not open");
    return this.#opened;
  }

  async #append(records: readonly KeptRecord[]): Promise<void> {
    const { holding } = this.#open();
    const first = records[0]?.seq;
    if (first === undefined) return;
    const last = records.at(-1)!.seq;
    if (first !== this.#lastSeq + 1 || last !== this.#lastSeq + records.length) {
      throw new StoreError(
        "failed",
        `expected records from ${this.#lastSeq + 1} on, got ${first} to ${last}`,
      );
    }
    const deadline = Date.now() + this.#options.appendTimeoutMillis;
    try {
      for (;;) {
        const client = await this.#settled(deadline);
        if (this.#lastSeq === last) return;
        this.#sentSeq = last;
        const error = await insertEvents(client, holding.instance, records).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (error === undefined) {
          this.#lastSeq = last;
          return;
        }
        if (isRefusal(error)) throw storeErrorOf(error);
        this.#writer.drop();
        const failure = storeErrorOf(error);
        if (failure.failure !== "away" || Date.now() > deadline) {
          await this.#settled(deadline);
          if (this.#lastSeq === last) return;
          throw failure;
        }
      }
    } finally {
      this.#sentSeq = undefined;
    }
  }

  /**
   * A connection on which it is known what was kept before. When nothing was sent there is nothing to find out: then it
   * rejects as soon as the server cannot be reached.
   */
  async #settled(deadline: number): Promise<Client> {
    for (;;) {
      try {
        return await this.#writer.client();
      } catch (error) {
        const failure = storeErrorOf(error);
        const isHopeless = this.#sentSeq === undefined || failure.failure === "failed";
        if (isHopeless || Date.now() + RETRY_MILLIS > deadline || this.#closing.signal.aborted) throw failure;
        await delay(RETRY_MILLIS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  /** Takes the lock, and brings what was kept in line with what was acknowledged. */
  async #prepareWriter(client: Client): Promise<void> {
    await this.#lock(client);
    if (this.#opened === undefined) return;
    const { instance, holder } = this.#opened.holding;
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
    const digest = createHash("sha256").update(`llm-exporter instance ${instance}`).digest();
    try {
      await client.query("SELECT pg_advisory_lock($1)", [digest.readBigInt64BE().toString()]);
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
