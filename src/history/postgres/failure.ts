/** What went wrong in a word of the store's interface. No message holds a password or the URL. */
import { DatabaseError } from "pg";
import { StoreError, type StoreFailure } from "../event-store.ts";

/** SQLSTATE codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DISK_FULL = "53100";
export const LOCK_NOT_AVAILABLE = "55P03";
/** The server is there and cannot serve now: no connection left, stopping, starting, too slow, a standby. */
const AWAY = new Set([
  "53300",
  "57P01",
  "57P02",
  "57P03",
  "57P05",
  "57014",
  "25P03",
  "25006",
  LOCK_NOT_AVAILABLE,
]);
const CONNECTION_EXCEPTION = "08";
/** Errors of a connection by node, resolver or `pg`; the last ones have no code. */
const SYSTEM_AWAY = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...["EHOSTDOWN", "ENETDOWN", "ENOTFOUND", "EAI_AGAIN", "ENOENT"],
]);
const CLIENT_AWAY =
  /^(Connection terminated|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed)/;

export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(failureOf(error), `PostgreSQL: ${messageOf(error)}`, { cause: error });
}

/**
 * True if the server itself refused the statement and goes on: it rolled back, nothing of it is kept. After anything
 * else (a connection that broke, a server that ended, no answer in time) only asking again can tell.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof StoreError || (error instanceof DatabaseError && error.severity === "ERROR");
}

function failureOf(error: unknown): StoreFailure {
  const code = codeOf(error);
  if (code === DISK_FULL) return "full";
  if (error instanceof DatabaseError) {
    return AWAY.has(code) || code.startsWith(CONNECTION_EXCEPTION) ? "away" : "failed";
  }
  return SYSTEM_AWAY.has(code) || CLIENT_AWAY.test(messageOf(error)) ? "away" : "failed";
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}

/** A host with several addresses fails with an error for each, and no message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message || codeOf(error) : String(error);
}
