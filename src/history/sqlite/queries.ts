/**
 * What the SQLite store does to its file, statement by statement. Synchronous: it lives in a thread of its own.
 * A transaction is on disk when it is committed: WAL with synchronous=FULL syncs the log at each commit.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Cell, merge, zeroCell } from "../../ledger/cell.ts";
import { decodeCell, encodeCell } from "../../ledger/cell-codec.ts";
import type { CellLayout } from "../../ledger/cell-layout.ts";
import { MINUTE_MICROS } from "../../ledger/minute-cells.ts";
import type {
  Checkpoint,
  EventStore,
  Recovery,
  RecoveryLimits,
  RetentionCut,
  StoreShape,
  StoreStatus,
} from "../event-store.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "./schema.ts";

const HOUR_MICROS = 3_600e6;
const EVENTS = "events";
/** Rows dropped in one transaction. */
const DROPPED_AT_ONCE = 5_000;
/** A log that has grown is cut back to this when it is reused. */
const LOG_BYTES_KEPT = 64 * 1_048_576;
/** Pages in the log before they are brought into the database: 32 MB, so that a page that changes often is written once. */
const LOG_PAGES = 8_000;

/** Tables of sums, and how a row of them is read and written, its key first. */
const ROLLUPS = {
  minute: {
    read: "SELECT cell FROM minute WHERE start_micros = ? AND shape = ? AND labels = ? AND team = ?",
    write: "INSERT OR REPLACE INTO minute VALUES (?, ?, ?, ?, ?)",
  },
  hour: {
    read: "SELECT cell FROM hour WHERE start_micros = ? AND shape = ? AND labels = ? AND team = ?",
    write: "INSERT OR REPLACE INTO hour VALUES (?, ?, ?, ?, ?)",
  },
  series: {
    read: "SELECT cell FROM series WHERE shape = ? AND labels = ?",
    write: "INSERT OR REPLACE INTO series VALUES (?, ?, ?)",
  },
} as const;
type Rollup = keyof typeof ROLLUPS;
type Sum = { readonly table: Rollup; readonly key: readonly (string | number)[]; readonly cell: Cell };

/** Cells merged or encoded at a stretch. */
const CELLS_A_PIECE = 10;

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

type Row = Record<string, string | number | bigint | Uint8Array | null>;
type Read = Parameters<EventStore["read"]>[0];

export class SqliteDatabase {
  readonly #db: DatabaseSync;
  /** Held for as long as the store is open; the operating system lets go of it whatever becomes of the process. */
  readonly #lock: DatabaseSync;
  readonly #layout: CellLayout;
  readonly #statements = new Map<string, StatementSync>();
  /** Requests in `open_request`; most ended requests were never there. */
  #openIds: Set<string>;
  readonly #insertEvent: StatementSync;
  #shape = 0;

  /**
   * Opens or makes the file. Throws what SQLite says, or that the file is of a newer program. `isSuspect`: it was found
   * damaged before, and is read whole before it is used.
   */
  constructor(path: string, layout: CellLayout, isSuspect = false) {
    this.#layout = layout;
    this.#lock = lockOf(path);
    this.#db = new DatabaseSync(path);
    try {
      this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      this.#db.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
      this.#db.exec(`PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}; PRAGMA temp_store = MEMORY;`);
      if (isSuspect) this.#check();
      this.#migrate();
      this.#openIds = this.#readOpenIds();
      this.#insertEvent = this.#db.prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?)");
    } catch (error) {
      this.#db.close();
      this.#lock.close();
      throw error;
    }
  }

  open(
    { fingerprint, labelNames }: StoreShape,
    { idsMax, idsSinceMicros }: RecoveryLimits,
  ): RecoveredColumns {
    const names = JSON.stringify(labelNames);
    this.#run("INSERT OR IGNORE INTO shape (fingerprint, label_names) VALUES (?, ?)", fingerprint, names);
    const [shape] = this.#all(
      "SELECT shape FROM shape WHERE fingerprint = ? AND label_names = ?",
      fingerprint,
      names,
    );
    this.#shape = Number(shape!.shape);
    const checkpointSeq = this.#checkpointSeq();
    const [last] = this.#all("SELECT max(seq) AS seq FROM event");
    return {
      lastSeq: Math.max(checkpointSeq, Number(last?.seq ?? 0)),
      series: this.#all("SELECT labels, cell FROM series WHERE shape = ?", this.#shape).map(
        ({ labels, cell }) => ({
          labelValues: JSON.parse(String(labels)) as string[],
          cell: cell as Uint8Array,
        }),
      ),
      notes: Object.fromEntries(
        this.#all("SELECT name, value FROM meta WHERE name LIKE 'note.%'").map(({ name, value }) => [
          String(name).slice("note.".length),
          String(value),
        ]),
      ),
      since: this.#all("SELECT text FROM event WHERE seq > ? ORDER BY seq", checkpointSeq).map(({ text }) =>
        String(text),
      ),
      endedIds: this.#endedIds(idsSinceMicros, idsMax),
      open: this.#all("SELECT text FROM open_request ORDER BY seq").map(({ text }) => String(text)),
    };
  }

  append(records: RecordColumns): void {
    try {
      this.#transaction(() => this.#insert(records));
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
      const values = [firstSeq + last, Math.max(...arrivalMicros), JSON.stringify(ended)] as const;
      this.#run("INSERT INTO ended_ids VALUES (?, ?, ?)", ...values);
    }
    this.#countEvents(texts.length);
  }

  #readOpenIds(): Set<string> {
    return new Set(this.#all("SELECT id FROM open_request").map(({ id }) => String(id)));
  }

  /**
   * The work of a checkpoint in pieces of about a millisecond, between which records may be appended: rollups are
   * written by nobody else, so that they can be read and merged before the one transaction that writes them. One that is
   * not beyond the last has been taken before.
   */
  *checkpoint({ seq, cells, notes }: Checkpoint): Generator<void> {
    if (seq <= this.#checkpointSeq()) return;
    const sums = new Map<string, Sum>();
    for (const [index, { minuteMicros, labelValues, team, cell }] of cells.entries()) {
      const labels = JSON.stringify(labelValues);
      const hourMicros = Math.floor(minuteMicros / HOUR_MICROS) * HOUR_MICROS;
      const added = decodeCell(cell, this.#layout);
      this.#addTo(sums, "minute", [minuteMicros, this.#shape, labels, team], added);
      this.#addTo(sums, "hour", [hourMicros, this.#shape, labels, team], added);
      this.#addTo(sums, "series", [this.#shape, labels], added);
      if (index % CELLS_A_PIECE === CELLS_A_PIECE - 1) yield;
    }
    const rows: { table: Rollup; key: Sum["key"]; cell: Uint8Array }[] = [];
    for (const { table, key, cell } of sums.values()) {
      rows.push({ table, key, cell: encodeCell(cell, this.#layout) });
      if (rows.length % CELLS_A_PIECE === 0) yield;
    }
    this.#transaction(() => {
      // Totals of another shape lack from now on what is counted under this one.
      this.#run("DELETE FROM series WHERE shape <> ?", this.#shape);
      for (const { table, key, cell } of rows) this.#run(ROLLUPS[table].write, ...key, cell);
      for (const [name, value] of Object.entries(notes)) this.#setMeta(`note.${name}`, value);
      this.#setMeta("checkpoint_seq", String(seq));
    });
  }

  /** Drops at most some thousand rows; true if there are more. Records after the last checkpoint stay. */
  retain({ eventsBeforeMicros, minutesBeforeMicros, hoursBeforeMicros, bytesMax }: RetentionCut): boolean {
    const checkpointSeq = this.#checkpointSeq();
    const { bytes, events } = this.status();
    const isTooLarge = bytes > bytesMax;
    // Little by little: what is dropped for its size must not be more than is too much.
    const atOnce = isTooLarge
      ? Math.min(DROPPED_AT_ONCE, Math.max(100, Math.floor(events / 100)))
      : DROPPED_AT_ONCE;
    let dropped = 0;
    this.#transaction(() => {
      const before = isTooLarge ? Number.MAX_SAFE_INTEGER : eventsBeforeMicros;
      const doomed = isTooLarge ? "ORDER BY seq" : "ORDER BY at_micros";
      const gone = this.#changes(
        `DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE at_micros < ? AND seq <= ? ${doomed} LIMIT ${atOnce})`,
        before,
        checkpointSeq,
      );
      this.#countEvents(-gone);
      dropped += gone;
      dropped += this.#changes(
        `DELETE FROM ended_ids WHERE seq IN (SELECT seq FROM ended_ids WHERE arrival_micros < ? AND seq <= ? ORDER BY seq LIMIT ${DROPPED_AT_ONCE})`,
        eventsBeforeMicros,
        checkpointSeq,
      );
      dropped += this.#dropPeriods("minute", minutesBeforeMicros - MINUTE_MICROS);
      dropped += this.#dropPeriods("hour", hoursBeforeMicros - HOUR_MICROS);
    });
    return dropped > 0;
  }

  status(): StoreStatus {
    const [row] = this.#all(
      `SELECT (SELECT min(at_micros) FROM event) AS oldest, (SELECT max(at_micros) FROM event) AS newest,
        (SELECT page_count FROM pragma_page_count) AS pages, (SELECT freelist_count FROM pragma_freelist_count) AS free,
        (SELECT page_size FROM pragma_page_size) AS size`,
    );
    const { oldest, newest, pages, free, size } = row!;
    return {
      events: Number(this.#meta(EVENTS) ?? 0),
      bytes: (Number(pages) - Number(free)) * Number(size),
      oldestMicros: oldest === null ? undefined : Number(oldest),
      newestMicros: newest === null ? undefined : Number(newest),
    };
  }

  read({ fromMicros, untilMicros, afterSeq, limit }: Read): readonly { seq: number; text: string }[] {
    return this.#all(
      "SELECT seq, text FROM event WHERE seq > ? AND at_micros >= ? AND at_micros < ? AND is_end = 1 ORDER BY seq LIMIT ?",
      afterSeq,
      fromMicros,
      untilMicros,
      limit,
    ).map(({ seq, text }) => ({ seq: Number(seq), text: String(text) }));
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
    this.#lock.close();
  }

  /** The latest ones, the oldest first. */
  #endedIds(sinceMicros: number, most: number): IdColumns {
    const blocks: (string | number)[][] = [];
    let count = 0;
    const rows = this.#statement(
      "SELECT ids FROM ended_ids WHERE arrival_micros >= ? ORDER BY seq DESC",
    ).iterate(sinceMicros) as Iterable<Row>;
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

  #keepOpen(id: string, seq: number, text: string): void {
    this.#run("INSERT OR REPLACE INTO open_request VALUES (?, ?, ?)", id, seq, text);
    this.#openIds.add(id);
  }

  #dropOpen(id: string): void {
    this.#run("DELETE FROM open_request WHERE id = ?", id);
    this.#openIds.delete(id);
  }

  #dropPeriods(table: "minute" | "hour", lastStartMicros: number): number {
    return this.#changes(
      `DELETE FROM ${table} WHERE (start_micros, shape, labels, team) IN
        (SELECT start_micros, shape, labels, team FROM ${table} WHERE start_micros <= ? LIMIT ${DROPPED_AT_ONCE})`,
      lastStartMicros,
    );
  }

  /** Adds a cell to a sum of this checkpoint, which begins with what the table has. */
  #addTo(sums: Map<string, Sum>, table: Rollup, key: Sum["key"], added: Cell): void {
    const name = `${table} ${key.join("\n")}`;
    let sum = sums.get(name);
    if (sum === undefined) {
      const [known] = this.#all(ROLLUPS[table].read, ...key);
      const cell =
        known === undefined ? zeroCell(this.#layout) : decodeCell(known.cell as Uint8Array, this.#layout);
      sum = { table, key, cell };
      sums.set(name, sum);
    }
    merge(sum.cell, added, this.#layout);
  }

  #checkpointSeq(): number {
    return Number(this.#meta("checkpoint_seq") ?? 0);
  }

  /** Counting the rows of millions would take seconds. */
  #countEvents(change: number): void {
    this.#setMeta(EVENTS, String(Number(this.#meta(EVENTS) ?? 0) + change));
  }

  #meta(name: string): string | undefined {
    const [row] = this.#all("SELECT value FROM meta WHERE name = ?", name);
    return row === undefined ? undefined : String(row.value);
  }

  #setMeta(name: string, value: string): void {
    this.#run("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value);
  }

  /** Reads the whole file; for one that was found damaged before. */
  #check(): void {
    const [row] = this.#db.prepare("PRAGMA quick_check(1)").all() as Row[];
    const [verdict] = Object.values(row ?? {});
    if (verdict !== "ok") throw new Error(`database disk image is malformed: ${String(verdict)}`);
  }

  #migrate(): void {
    const [row] = this.#db.prepare("PRAGMA user_version").all() as Row[];
    const version = Number(row?.user_version ?? 0);
    if (version > SCHEMA_VERSION) {
      throw new Error(
        `expected a store of version ${SCHEMA_VERSION} or older, got ${version}: it was written by a newer llm-exporter; run that one, or another --storage.path`,
      );
    }
    for (let at = version; at < SCHEMA_VERSION; at++) {
      this.#transaction(() => {
        this.#db.exec(MIGRATIONS[at]!);
        this.#db.exec(`PRAGMA user_version = ${at + 1}`);
      });
    }
  }

  #transaction(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      // A commit that failed may have ended the transaction by itself.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #all(sql: string, ...values: (string | number | Uint8Array)[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  #run(sql: string, ...values: (string | number | Uint8Array)[]): void {
    this.#statement(sql).run(...values);
  }

  #changes(sql: string, ...values: (string | number)[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }
}

/** Keeps a second exporter away, but not those who only read: a backup, a look with sqlite3. Throws if it is held. */
function lockOf(path: string): DatabaseSync {
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
