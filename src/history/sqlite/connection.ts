/** One connection to the file of a SQLite store: prepared statements, transactions, a few named values, and the lock. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { MIGRATIONS, SCHEMA_VERSION } from "./schema.ts";

/** A log that has grown is cut back to this when it is reused. */
const LOG_BYTES_KEPT = 64 * 1_048_576;
/** Pages in the log before they are brought into the database: 32 MB, so that a page that changes often is written once. */
const LOG_PAGES = 8_000;

export type Value = string | number | Uint8Array;
export type Row = Record<string, Value | bigint | null>;

export class Connection {
  readonly #db: DatabaseSync;
  /** Held for as long as the store is open; the operating system lets go of it whatever becomes of the process. */
  readonly #lock: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens or makes the file and brings its schema up to date. Throws what SQLite says, or that the file is of a newer
   * program. `isSuspect`: it was found damaged before, and is read whole before it is used.
   */
  constructor(path: string, isSuspect: boolean) {
    this.#lock = lockOf(path);
    this.#db = new DatabaseSync(path);
    try {
      this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;");
      this.#db.exec(
        `PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA journal_size_limit = ${LOG_BYTES_KEPT};`,
      );
      if (isSuspect) this.#check();
      this.#migrate();
    } catch (error) {
      this.close();
      throw error;
    }
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

  /** A named value; `undefined` if it was never set. */
  meta(name: string): string | undefined {
    const [row] = this.all("SELECT value FROM meta WHERE name = ?", name);
    return row === undefined ? undefined : String(row.value);
  }

  setMeta(name: string, value: string): void {
    this.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value);
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
    this.#lock.close();
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
      this.transaction(() => {
        this.#db.exec(MIGRATIONS[at]!);
        this.#db.exec(`PRAGMA user_version = ${at + 1}`);
      });
    }
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
