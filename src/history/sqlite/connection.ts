/** A connection to the file of a SQLite store: prepared statements, transactions, a few named values, and the lock. */
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A log that has grown is cut back to this when it is reused. */
const LOG_BYTES_KEPT = 64 * 1_048_576;
/** Pages in the log before they are brought into the database: 32 MB, so that a page that changes often is written once. */
const LOG_PAGES = 8_000;
/** A reader waits so long for what nobody holds for long: the log while it is begun anew. */
const READER_BUSY_MILLIS = 2_000;

export type Value = string | number | Uint8Array;
export type Row = Record<string, Value | bigint | null>;

export class Connection {
  readonly #db: DatabaseSync;
  /** Held for as long as the store is open; the operating system lets go of it whatever becomes of the process. */
  readonly #lock: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(db: DatabaseSync, lock: DatabaseSync | undefined) {
    this.#db = db;
    this.#lock = lock;
  }

  /**
   * Opens or makes the file, and keeps others from writing to it. Throws what SQLite says. `isSuspect`: it was found
   * damaged before, and is read whole before it is used.
   */
  static toWrite(path: string, isSuspect: boolean): Connection {
    const lock = lockOf(path);
    const connection = new Connection(new DatabaseSync(path), lock);
    try {
      connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;");
      connection.exec(
        `PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA journal_size_limit = ${LOG_BYTES_KEPT};`,
      );
      if (isSuspect) connection.#check();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Opens a file that another connection has made and keeps open. */
  static toRead(path: string): Connection {
    const connection = new Connection(new DatabaseSync(path, { readOnly: true }), undefined);
    connection.exec(`PRAGMA busy_timeout = ${READER_BUSY_MILLIS}`);
    return connection;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.statement(sql).all(...values) as Row[];
  }

  run(sql: string, ...values: Value[]): void {
    this.statement(sql).run(...values);
  }

  /** Rows that the statement changed. */
  changes(sql: string, ...values: Value[]): number {
    return Number(this.statement(sql).run(...values).changes);
  }

  /** Prepared once for each text. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** All of the work is on disk when this returns, or none of it is done and it throws. */
  transaction(work: () => void): void {
    this.#within("BEGIN IMMEDIATE", work);
  }

  /** Everything that the work reads is of one moment. */
  snapshot<Result>(work: () => Result): Result {
    return this.#within("BEGIN DEFERRED", work);
  }

  #within<Result>(begin: string, work: () => Result): Result {
    this.#db.exec(begin);
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      // A commit that failed may have ended the transaction by itself.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** A named value; `undefined` if it was never set. */
  meta(name: string): string | undefined {
    const [row] = this.all("SELECT value FROM meta WHERE name = ?", name);
    return row === undefined ? undefined : String(row.value);
  }

  setMeta(name: string, value: string): void {
    // What stays the same is written once: notes may be long, and a checkpoint is taken each second.
    this.run(
      "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
      name,
      value,
    );
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
    this.#lock?.close();
  }

  /** Reads the whole file; for one that was found damaged before. */
  #check(): void {
    const [row] = this.#db.prepare("PRAGMA quick_check(1)").all() as Row[];
    const [verdict] = Object.values(row ?? {});
    if (verdict !== "ok") throw new Error(`database disk image is malformed: ${String(verdict)}`);
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
