/**
 * The PostgreSQL store: several exporters keep their history in one database, each under the name of its instance.
 * One connection appends (see writer.ts for what happens when it breaks), one takes checkpoints and drops what is past,
 * one reads records, one adds rollups up, which may take seconds; each is made again when it is needed.
 */
import { randomUUID } from "node:crypto";
import type { CellLayout } from "../../ledger/cell-layout.ts";
import {
  type Checkpoint,
  type EventStore,
  type FoldAnswer,
  type FoldQuestion,
  type KeptRecord,
  type Recovery,
  type RecoveryLimits,
  type RetentionCut,
  type RowsAnswer,
  type RowsQuestion,
  StoreError,
  type StoreShape,
  type StoreStatus,
} from "../event-store.ts";
import { takeCheckpoint } from "./checkpoint.ts";
import { dropGone } from "./drop-gone.ts";
import { fillDays, instancesToFill } from "./fill-days.ts";
import { findRows } from "./find-rows.ts";
import { foldRollups } from "./fold-rollups.ts";
import { Link } from "./link.ts";
import { type Holding, lockInstance, readEvents, recover, statusOf, takeOver } from "./queries.ts";
import { dropPast } from "./retention.ts";
import { migrate } from "./schema.ts";
import { Writer } from "./writer.ts";

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
  /** Tells this process from all others that ever wrote under the name. */
  readonly #holder = randomUUID();
  readonly #writer: Writer;
  readonly #keeper: Link;
  readonly #reader: Link;
  readonly #folder: Link;
  #opened: Opened | undefined;
  #checkpointSeq = 0;

  constructor(options: Required<PostgresOptions>) {
    this.#options = options;
    const named = (role: string) => ({ ...options, name: `llm-exporter ${this.#holder} ${role}` });
    this.#writer = new Writer(named("writer"));
    this.#keeper = new Link(named("keeper"));
    this.#reader = new Link(named("reader"));
    this.#folder = new Link(named("folder"));
  }

  async open(shape: StoreShape, limits: RecoveryLimits): Promise<Recovery> {
    try {
      await this.#keeper.transaction(migrate);
      await this.#writer.lock();
      for (const instance of await this.#keeper.run(instancesToFill)) {
        await this.#keeper.transaction((client) => fillDays(client, instance));
      }
      return await this.#recover(shape, limits);
    } catch (error) {
      this.#keeper.drop();
      this.#writer.drop();
      throw error;
    }
  }

  append(records: readonly KeptRecord[]): Promise<void> {
    return this.#writer.append(records);
  }

  /** Once more if the answer was lost: a checkpoint that was kept is known by its number. */
  async checkpoint(checkpoint: Checkpoint): Promise<void> {
    const { holding, shape } = this.#open();
    const { layout } = this.#options;
    if (checkpoint.seq > this.#writer.lastSeq) {
      throw new StoreError(
        "failed",
        `expected a checkpoint up to ${this.#writer.lastSeq}, got ${checkpoint.seq}`,
      );
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
    // Without events to append nobody else would notice that the connection broke, and others would take us for gone.
    await this.#writer.lock();
    const hasMore = await this.#keeper.transaction((client) => dropPast(client, holding, idsMax, cut));
    const ofGone = () =>
      this.#keeper.transaction((client) => dropGone(client, holding.instance, idsMax, cut));
    return (await ofGone()) || hasMore;
  }

  async status(): Promise<StoreStatus> {
    const { holding } = this.#open();
    return this.#reader.run((client) => statusOf(client, holding.instance));
  }

  async read(range: Parameters<EventStore["read"]>[0]): ReturnType<EventStore["read"]> {
    const { holding } = this.#open();
    return this.#reader.run((client) => readEvents(client, holding.instance, this.#writer.lastSeq, range));
  }

  async fold(question: FoldQuestion): Promise<FoldAnswer> {
    const { holding } = this.#open();
    return foldRollups(this.#folder, holding.instance, question);
  }

  async rows(question: RowsQuestion): Promise<RowsAnswer> {
    const { holding } = this.#open();
    return this.#reader.run((client) =>
      findRows(client, { instance: holding.instance, lastSeq: this.#writer.lastSeq }, question),
    );
  }

  async close(): Promise<void> {
    const links = [this.#writer, this.#keeper, this.#reader, this.#folder];
    await Promise.all(links.map((link) => link.close()));
  }

  #open(): Opened {
    if (this.#opened === undefined) throw new StoreError("failed", "the store is not open");
    return this.#opened;
  }

  #recover(shape: StoreShape, limits: RecoveryLimits): Promise<Recovery> {
    return this.#keeper.transaction(async (client) => {
      // Another exporter that starts may be filling the days of this one.
      await client.query("SET LOCAL lock_timeout = 0");
      const instance = await takeOver(client, this.#options.instance, this.#holder);
      const holding = { instance, holder: this.#holder };
      const row = await lockInstance(client, holding);
      await fillDays(client, instance);
      const recovery = await recover(client, instance, row, shape, limits);
      this.#opened = { holding, shape, idsMax: limits.idsMax };
      this.#checkpointSeq = row.checkpoint_seq;
      this.#writer.begin(holding, recovery.lastSeq);
      return recovery;
    });
  }
}
