/**
 * What the SQLite store does to its file, statement by statement. Synchronous: it lives in a thread of its own. Questions
 * are answered in another one (reader-worker.ts).
 * A transaction is on disk when it is committed: WAL with synchronous=FULL syncs the log at each commit.
 */
import type { StatementSync } from "node:sqlite";
import type { Recovery, RecoveryLimits, RetentionCut, StoreShape, StoreStatus } from "../event-store.ts";
import type { CheckpointColumns } from "./checkpoint-columns.ts";
import type { Connection, Row } from "./connection.ts";
import { openMigrated } from "./migrate.ts";
import { checkpointPieces, checkpointSeq, dropPeriods, sumPending } from "./rollups.ts";

const EVENTS = "events";
/** Rows dropped in one transaction. */
const DROPPED_AT_ONCE = 5_000;

/** Records side by side: between threads, numbers and strings by themselves cost less than objects. */
export type RecordColumns = {
  readonly firstSeq: number;
  readonly atMicros: Float64Array;
  readonly arrivalMicros: Float64Array;
  /** 1: an ended request, 0: a report. */
  readonly isEnd: Uint8Array;
  readonly ids: readonly (string | undefined)[];
  readonly texts: readonly string[];
};

/** Ids side by side with their arrivals. */
export type IdColumns = { readonly ids: readonly string[]; readonly arrivalMicros: Float64Array };
export type RecoveredColumns = Omit<Recovery, "endedIds"> & { readonly endedIds: IdColumns };

export class SqliteDatabase {
  readonly #connection: Connection;
  /** Requests in `open_request`; most ended requests were never there. */
  #openIds: Set<string>;
  readonly #insertEvent: StatementSync;
  #shape = 0;

  /**
   * Opens or makes the file. Throws what SQLite says, or that the file is of a newer program. `isSuspect`: it was found
   * damaged before, and is read whole before it is used.
   */
  constructor(path: string, isSuspect = false) {
    this.#connection = openMigrated(path, isSuspect);
    this.#openIds = this.#readOpenIds();
    this.#insertEvent = this.#connection.statement("INSERT INTO event VALUES (?, ?, ?, ?, ?)");
  }

  open(
    { fingerprint, labelNames }: StoreShape,
    { idsMax, idsSinceMicros }: RecoveryLimits,
  ): RecoveredColumns {
    const names = JSON.stringify(labelNames);
    this.#connection.run(
      "INSERT OR IGNORE INTO shape (fingerprint, label_names) VALUES (?, ?)",
      fingerprint,
      names,
    );
    const [shape] = this.#connection.all(
      "SELECT shape FROM shape WHERE fingerprint = ? AND label_names = ?",
      fingerprint,
      names,
    );
    this.#shape = Number(shape!.shape);
    for (const _piece of sumPending(this.#connection));
    const lastSeq = checkpointSeq(this.#connection);
    const [last] = this.#connection.all("SELECT max(seq) AS seq FROM event");
    return {
      lastSeq: Math.max(lastSeq, Number(last?.seq ?? 0)),
      series: this.#connection
        .all("SELECT labels, cell FROM series WHERE shape = ?", this.#shape)
        .map(({ labels, cell }) => ({
          labelValues: JSON.parse(String(labels)) as string[],
          cell: cell as Uint8Array,
        })),
      notes: Object.fromEntries(
        this.#connection
          .all("SELECT name, value FROM meta WHERE name LIKE 'note.%'")
          .map(({ name, value }) => [String(name).slice("note.".length), String(value)]),
      ),
      since: this.#connection
        .all("SELECT text FROM event WHERE seq > ? ORDER BY seq", lastSeq)
        .map(({ text }) => String(text)),
      endedIds: this.#endedIds(idsSinceMicros, idsMax),
      open: this.#connection
        .all("SELECT text FROM open_request ORDER BY seq")
        .map(({ text }) => String(text)),
    };
  }

  append(records: RecordColumns): void {
    try {
      this.#connection.transaction(() => this.#insert(records));
    } catch (error) {
      // What is open is what the file says, not what was about to be.
      this.#openIds = this.#readOpenIds();
      throw error;
    }
  }

  #insert({ firstSeq, atMicros, arrivalMicros, isEnd, ids, texts }: RecordColumns): void {
    const ended: (string | number)[] = [];
    texts.forEach((text, index) => {
      const seq = firstSeq + index;
      this.#insertEvent.run(seq, atMicros[index]!, arrivalMicros[index]!, isEnd[index]!, text);
      const id = ids[index];
      if (id === undefined) return;
      if (isEnd[index] === 0) this.#keepOpen(id, seq, text);
      else {
        ended.push(id, arrivalMicros[index]!);
        if (this.#openIds.has(id)) this.#dropOpen(id);
      }
    });
    const last = texts.length - 1;
    if (ended.length > 0) {
      const values = [
        firstSeq + last,
        arrivalMicros.reduce((latest, one) => Math.max(latest, one)),
        JSON.stringify(ended),
      ] as const;
      this.#connection.run("INSERT INTO ended_ids VALUES (?, ?, ?)", ...values);
    }
    this.#countEvents(texts.length);
  }

  #readOpenIds(): Set<string> {
    return new Set(this.#connection.all("SELECT id FROM open_request").map(({ id }) => String(id)));
  }

  /** The work of a checkpoint in pieces of some milliseconds, between which records may be appended. */
  checkpoint(checkpoint: CheckpointColumns): Generator<void> {
    return checkpointPieces(this.#connection, this.#shape, checkpoint);
  }

  /** Drops at most some thousand rows; true if there are more. Records after the last checkpoint stay. */
  retain(cut: RetentionCut): boolean {
    const { eventsBeforeMicros, idsBeforeMicros, bytesMax } = cut;
    const lastSeq = checkpointSeq(this.#connection);
    const { bytes, events } = this.status();
    const isTooLarge = bytes > bytesMax;
    // Little by little: what is dropped for its size must not be more than is too much.
    const atOnce = isTooLarge
      ? Math.min(DROPPED_AT_ONCE, Math.max(100, Math.floor(events / 100)))
      : DROPPED_AT_ONCE;
    let dropped = 0;
    this.#connection.transaction(() => {
      const before = isTooLarge ? Number.MAX_SAFE_INTEGER : eventsBeforeMicros;
      const doomed = isTooLarge ? "ORDER BY seq" : "ORDER BY at_micros";
      const gone = this.#connection.changes(
        `DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE at_micros < ? AND seq <= ? ${doomed} LIMIT ${atOnce})`,
        before,
        lastSeq,
      );
      this.#countEvents(-gone);
      dropped += gone;
      dropped += this.#connection.changes(
        `DELETE FROM ended_ids WHERE seq IN (SELECT seq FROM ended_ids WHERE arrival_micros < ? AND seq <= ? ORDER BY seq LIMIT ${DROPPED_AT_ONCE})`,
        idsBeforeMicros,
        lastSeq,
      );
      dropped += this.#dropAbandoned(eventsBeforeMicros);
      dropped += dropPeriods(this.#connection, cut, DROPPED_AT_ONCE);
    });
    return dropped > 0;
  }

  status(): StoreStatus {
    const [row] = this.#connection.all(
      `SELECT (SELECT min(at_micros) FROM event) AS oldest, (SELECT max(at_micros) FROM event) AS newest,
        (SELECT page_count FROM pragma_page_count) AS pages, (SELECT freelist_count FROM pragma_freelist_count) AS free,
        (SELECT page_size FROM pragma_page_size) AS size`,
    );
    const { oldest, newest, pages, free, size } = row!;
    return {
      events: Number(this.#connection.meta(EVENTS) ?? 0),
      bytes: (Number(pages) - Number(free)) * Number(size),
      oldestMicros: oldest === null ? undefined : Number(oldest),
      newestMicros: newest === null ? undefined : Number(newest),
    };
  }

  close(): void {
    this.#connection.close();
  }

  /** The latest ones, the oldest first. */
  #endedIds(sinceMicros: number, most: number): IdColumns {
    const blocks: (string | number)[][] = [];
    let count = 0;
    const rows = this.#connection
      .statement("SELECT ids FROM ended_ids WHERE arrival_micros >= ? ORDER BY seq DESC")
      .iterate(sinceMicros) as Iterable<Row>;
    for (const { ids } of rows) {
      const pairs = JSON.parse(String(ids)) as (string | number)[];
      blocks.push(pairs);
      count += pairs.length / 2;
      if (count >= most) break;
    }
    const ids: string[] = [];
    const arrivals: number[] = [];
    // Of the oldest block only the latest ids are wanted.
    let surplus = count - most;
    for (const pairs of blocks.reverse()) {
      for (let at = 0; at < pairs.length; at += 2) {
        surplus -= 1;
        if (surplus >= 0 || (pairs[at + 1] as number) < sinceMicros) continue;
        ids.push(pairs[at] as string);
        arrivals.push(pairs[at + 1] as number);
      }
    }
    return { ids, arrivalMicros: Float64Array.from(arrivals) };
  }

  /** Requests that never ended and whose last report is past. */
  #dropAbandoned(beforeMicros: number): number {
    const ids = this.#connection.all(
      `SELECT id FROM open_request LEFT JOIN event USING (seq)
        WHERE coalesce(arrival_micros, 0) < ? LIMIT ${DROPPED_AT_ONCE}`,
      beforeMicros,
    );
    for (const { id } of ids) this.#dropOpen(String(id));
    return ids.length;
  }

  #keepOpen(id: string, seq: number, text: string): void {
    this.#connection.run("INSERT OR REPLACE INTO open_request VALUES (?, ?, ?)", id, seq, text);
    this.#openIds.add(id);
  }

  #dropOpen(id: string): void {
    this.#connection.run("DELETE FROM open_request WHERE id = ?", id);
    this.#openIds.delete(id);
  }

  /** Counting the rows of millions would take seconds. */
  #countEvents(change: number): void {
    this.#connection.setMeta(EVENTS, String(Number(this.#connection.meta(EVENTS) ?? 0) + change));
  }
}
