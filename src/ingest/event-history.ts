/**
 * A store at work: what it gave back at the start goes into the ledger and all that lives as long as the counters, and
 * from then on commits, checkpoints and retention go on until the exporter stops. What is read goes through here too.
 */
import { CellReader } from "../history/cell-reader.ts";
import { Checkpointer } from "../history/checkpointer.ts";
import type { DedupeWindow } from "../history/dedupe-window.ts";
import {
  type EventStore,
  type KeptRecord,
  type Recovery,
  type RetentionCut,
  type RowsAnswer,
  type RowsQuestion,
  StoreError,
  type StoreFailure,
  type StoreStatus,
} from "../history/event-store.ts";
import { decodeRecord, encodeRecord, type LogRecord } from "../history/log-record.ts";
import { decodeCell } from "../ledger/cell-codec.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { MinuteCells } from "../ledger/minute-cells.ts";
import type { BudgetState, Budgets } from "../pricing/budgets.ts";
import type { UnpricedModels } from "../pricing/unpriced-models.ts";
import type { AcceptHistory, AcceptPath } from "./accept-path.ts";
import type { EntityIds } from "./entity-ids.ts";
import { GroupCommit, type GroupCommitLimits, type Kept } from "./group-commit.ts";
import type { SeriesOrder } from "./series-order.ts";

export type EventHistoryParts = {
  readonly store: EventStore;
  /** Hands a record to a store that takes it at once and forgets with the process; absent: an event waits for its store. */
  readonly takeAtOnce?: ((record: KeptRecord) => void) | undefined;
  /** Name of this exporter among those that share the store. */
  readonly instance: string;
  readonly ledger: Ledger;
  readonly endedIds: DedupeWindow;
  readonly batchIds: DedupeWindow;
  readonly budgets: Budgets;
  readonly unpriced: UnpricedModels;
  readonly entityIds: EntityIds;
  readonly seriesOrder: SeriesOrder;
  readonly limits: GroupCommitLimits;
  /** What is past by now. */
  readonly cut: () => RetentionCut;
  readonly nowMicros: () => number;
  readonly observeCommit: (seconds: number) => void;
  /** Something begins to fail, or works again. What goes on failing is said once. */
  readonly onFailure: (what: string, error: unknown) => void;
  readonly onRecovery: (what: string) => void;
};

const CHECKPOINT_MILLIS = 1_000;
/** Of a store that forgets with the process: a start has nothing to catch up with. */
const MEMORY_CHECKPOINT_MILLIS = 30_000;
const STATUS_MILLIS = 1_000;
const RETENTION_MILLIS = 60_000;
/** Between two pieces of what is dropped, so that commits are not held up. */
const RETENTION_PAUSE_MILLIS = 50;

const NOTHING_KEPT: StoreStatus = { events: 0, bytes: 0, oldestMicros: undefined, newestMicros: undefined };

export class EventHistory implements AcceptHistory {
  readonly groupCommit: GroupCommit | undefined;
  readonly minutes: MinuteCells;
  readonly checkpoints: Checkpointer;
  readonly cells: CellReader;
  countedSeq: number;
  tooOld = 0;
  /** As of the last second or so. */
  keptSinceMicros: number;
  /** How large the store may grow, as of then. */
  bytesMax: number;
  status: StoreStatus = NOTHING_KEPT;
  lastCommitMicros: number | undefined;
  /** Why the last commit failed; `undefined` if it did not. */
  failure: StoreFailure | undefined;
  /** Why the store begins empty though there was one. */
  readonly lost: string | undefined;

  readonly #parts: EventHistoryParts;
  /** Until it is where it belongs: ids alone may be half a million. */
  #recovery: Recovery | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  #retaining: Promise<void> = Promise.resolve();
  #closing = false;
  /** Series whose names have numbers; how many numbers the last checkpoint took along, and how many the store has. */
  #seriesNumbered = 0;
  #idsNoted = 0;
  #idsKept = 0;
  /** What is failing and has been said. */
  readonly #failing = new Set<string>();

  /** Opens the store. Throws if it cannot be used. */
  static async open(
    parts: EventHistoryParts,
    idsMax: number,
    idsWindowMicros: number,
  ): Promise<EventHistory> {
    const { store, ledger, nowMicros } = parts;
    const shape = { fingerprint: ledger.layout.fingerprint, labelNames: ledger.keys.names };
    const recovery = await store.open(shape, { idsMax, idsSinceMicros: nowMicros() - idsWindowMicros });
    return new EventHistory(parts, recovery);
  }

  private constructor(parts: EventHistoryParts, recovery: Recovery) {
    this.#parts = parts;
    this.#recovery = recovery;
    this.lost = recovery.lost;
    this.countedSeq = recovery.lastSeq;
    const { eventsBeforeMicros, bytesMax } = parts.cut();
    this.keptSinceMicros = eventsBeforeMicros;
    this.bytesMax = bytesMax;
    this.minutes = new MinuteCells(parts.ledger.layout, () => parts.ledger.limits.valuesPerLabelMax);
    if (parts.takeAtOnce === undefined) {
      this.groupCommit = new GroupCommit(
        { append: (records) => this.#append(records) },
        { lastSeq: recovery.lastSeq, limits: parts.limits, observe: parts.observeCommit },
      );
    }
    this.checkpoints = new Checkpointer({
      store: parts.store,
      minutes: this.minutes,
      layout: parts.ledger.layout,
      countedSeq: () => this.countedSeq,
      notes: () => this.#notes(),
      lastSeq: recovery.lastSeq - recovery.since.length,
      onSuccess: () => {
        this.#idsKept = this.#idsNoted;
        this.#works("checkpoint");
      },
      onFailure: (error) => this.#fails("checkpoint", error),
    });
    const { ledger, store, instance } = parts;
    this.cells = new CellReader({
      ...{ ledger, store, checkpoints: this.checkpoints, instance },
      cutMicros: () => this.statisticsSinceMicros,
    });
  }

  /**
   * Puts everything back to where the acknowledged events left it. Once, before the first event. `activeMax`: most
   * requests that may be open.
   */
  recover(acceptPath: AcceptPath, activeMax: number): void {
    const { ledger, endedIds, batchIds, budgets, unpriced, entityIds, seriesOrder, nowMicros } = this.#parts;
    const { series, notes, since, endedIds: ids, open } = this.#recovery!;
    this.#recovery = undefined;
    const now = nowMicros();
    if (notes.series !== undefined) seriesOrder.restore(notes.series);
    for (const { labelValues, cell } of series) ledger.restore(labelValues, decodeCell(cell, ledger.layout));
    for (const { id, arrivalMicros } of ids) endedIds.add(id, Math.min(arrivalMicros, now));
    if (notes.budgets !== undefined) budgets.restore(JSON.parse(notes.budgets) as BudgetState[]);
    if (notes.entities !== undefined) entityIds.restore(notes.entities);
    this.#idsKept = entityIds.size;
    if (notes.statistics !== undefined) this.statisticsSinceMicros = Number(notes.statistics);
    if (notes.unpriced !== undefined) unpriced.restore(JSON.parse(notes.unpriced));
    for (const key of JSON.parse(notes.batches ?? "[]") as string[]) batchIds.add(key, now);
    // A report that came after the checkpoint has its turn among the records of then: label sets are admitted as before.
    const later = new Set(since);
    for (const text of open.slice(-activeMax)) {
      if (!later.has(text)) acceptPath.replay(decodeRecord(text), now);
    }
    for (const text of since) acceptPath.replay(decodeRecord(text), now);
  }

  /** Statistics begin here, in microseconds; 0: they were never reset. */
  get statisticsSinceMicros(): number {
    return this.minutes.cutMicros;
  }

  set statisticsSinceMicros(micros: number) {
    this.minutes.cutMicros = micros;
  }

  /** Statistics begin anew; counters go on. Rejects as an append does, and then they do not. */
  async resetStatistics(): Promise<void> {
    const sinceMicros = this.#parts.nowMicros();
    const begin = () => {
      this.statisticsSinceMicros = sinceMicros;
    };
    if (this.groupCommit === undefined) begin();
    else await this.#note({ kind: "reset", sinceMicros }, begin);
  }

  /** Keeps a record that is of no request. */
  async #note(record: Extract<LogRecord, { kind: "reset" | "mark" }>, onKept: () => void): Promise<void> {
    const now = this.#parts.nowMicros();
    const kept: Kept["record"] = {
      ...{ atMicros: now, arrivalMicros: now, id: undefined, text: encodeRecord(record) },
      ...{ provider: "", model: "", pool: "" },
      // Without an id it opens none.
      kind: "report",
    };
    const item = {
      record: kept,
      onKept: (seq: number) => {
        this.countedSeq = seq;
        onKept();
      },
      onDropped: () => undefined,
    };
    await this.groupCommit?.keep([item]);
  }

  /**
   * The numbers of all names that the ledger has, and of these pairs of provider and model, which others counted. Resolves
   * when they are kept: one that was told stays, whatever happens. Rejects with a StoreError if the store does not take them.
   */
  async entities(others: Iterable<readonly [provider: string, model: string]>): Promise<EntityIds> {
    const { entityIds } = this.#parts;
    this.#numberSeries();
    const unknown = Array.from(others).filter(([provider, model]) => !entityIds.find(provider, model));
    for (const [provider, model] of unknown.sort()) entityIds.meet(provider, model);
    if (this.groupCommit === undefined || entityIds.size <= this.#idsKept) return entityIds;
    // A checkpoint needs a record that it goes beyond.
    await this.#note({ kind: "mark" }, () => undefined);
    if (!(await this.checkpoints.take())) {
      throw new StoreError("failed", "expected the store to keep the numbers of new models, it did not");
    }
    return entityIds;
  }

  /** Takes what is counted already, for a store that nobody waits for. */
  keepNow(record: KeptRecord): void {
    this.#parts.takeAtOnce?.(record);
  }

  /** Ended requests of a range of their own time, piece by piece. */
  read(range: Parameters<EventStore["read"]>[0]): ReturnType<EventStore["read"]> {
    return this.#parts.store.read(range);
  }

  /** Ended requests that meet conditions, the latest arrival first. */
  rows(question: RowsQuestion): Promise<RowsAnswer> {
    return this.#parts.store.rows(question);
  }

  /** Begins what goes on by itself. */
  start(): void {
    this.#timers.push(
      setInterval(
        () => void this.checkpoints.take(),
        this.groupCommit === undefined ? MEMORY_CHECKPOINT_MILLIS : CHECKPOINT_MILLIS,
      ),
      setInterval(() => this.#look(), STATUS_MILLIS),
      setInterval(() => {
        this.#retaining = this.#retaining.then(() => this.#retain());
      }, RETENTION_MILLIS),
    );
    this.#look();
  }

  /** Lets everything under way come to its end, then closes the store. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.groupCommit?.settled();
    await this.#retaining;
    await this.checkpoints.take();
    await this.#parts.store.close();
  }

  async #append(records: Parameters<EventStore["append"]>[0]): Promise<void> {
    try {
      await this.#parts.store.append(records);
      this.failure = undefined;
      this.#works("commit");
      this.lastCommitMicros = this.#parts.nowMicros();
    } catch (error) {
      this.failure = error instanceof StoreError ? error.failure : "failed";
      this.#fails("commit", error);
      throw error;
    }
  }

  #notes(): Readonly<Record<string, string>> {
    const { budgets, unpriced, batchIds, entityIds, seriesOrder } = this.#parts;
    this.#numberSeries();
    this.#idsNoted = entityIds.size;
    const models = unpriced.list().map((model) => ({ ...model, missing: Array.from(model.missing) }));
    return {
      budgets: JSON.stringify(budgets.state()),
      unpriced: JSON.stringify(models),
      batches: JSON.stringify(batchIds.latest),
      statistics: String(this.statisticsSinceMicros),
      entities: entityIds.state(),
      series: seriesOrder.state(),
    };
  }

  /** In the order of their first sight. */
  #numberSeries(): void {
    const { entityIds, ledger } = this.#parts;
    for (; this.#seriesNumbered < ledger.series.length; this.#seriesNumbered++) {
      const [provider, model] = ledger.series[this.#seriesNumbered]!.labelValues as [string, string];
      entityIds.meet(provider, model);
    }
  }

  #look(): void {
    const { eventsBeforeMicros, bytesMax } = this.#parts.cut();
    this.keptSinceMicros = eventsBeforeMicros;
    this.bytesMax = bytesMax;
    this.#parts.store.status().then(
      (status) => {
        this.status = status;
        this.#works("status");
      },
      (error: unknown) => this.#fails("status", error),
    );
  }

  async #retain(): Promise<void> {
    const { store, cut } = this.#parts;
    try {
      while (!this.#closing && (await store.retain(cut()))) {
        await new Promise((resolve) => setTimeout(resolve, RETENTION_PAUSE_MILLIS));
      }
    } catch (error) {
      this.#fails("retention", error);
      return;
    }
    this.#works("retention");
  }

  #fails(what: string, error: unknown): void {
    if (!this.#failing.has(what)) this.#parts.onFailure(what, error);
    this.#failing.add(what);
  }

  #works(what: string): void {
    if (this.#failing.delete(what)) this.#parts.onRecovery(what);
  }
}
