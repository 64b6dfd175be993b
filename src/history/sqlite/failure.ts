/** What SQLite said, in a word of the store's interface. */
import { StoreError, type StoreFailure } from "../event-store.ts";

/** Result codes: https://www.sqlite.org/rescode.html. The low byte is the kind, the rest says more. */
const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** An error as it goes from a thread to another. `code`: SQLite's, if it comes from there. */
export type Failure = { readonly message: string; readonly code: number | undefined };

/** Whether a file is damaged, or none of SQLite's own. */
export function isDamage({ code }: Failure): boolean {
  const kind = kindOf(code);
  return kind === SQLITE_CORRUPT || kind === SQLITE_NOTADB;
}

export function storeErrorOf(failure: Failure): StoreError {
  const { message, code } = failure;
  const kind = kindOf(code);
  if (kind === SQLITE_BUSY) {
    return new StoreError(
      "failed",
      "the store is in use: expected one llm-exporter for each --storage.path; stop the other one or name another folder",
    );
  }
  // A write beyond the end of a full file system is an error of input and output that says so.
  const isFull = kind === SQLITE_FULL || (kind === SQLITE_IOERR && /full|space/i.test(message));
  const isLost = isDamage(failure) || /malformed/.test(message);
  const word: StoreFailure = isFull ? "full" : isLost ? "lost" : "failed";
  return new StoreError(word, message);
}

function kindOf(code: number | undefined): number | undefined {
  return code === undefined ? undefined : code & 0xff;
}
