/** What a client is told when the store did not do what it was asked. */
import { StoreError, type StoreFailure } from "../history/event-store.ts";
import { HttpProblem, type ProblemCode } from "./problem.ts";

const CODES = {
  full: "store_full",
  away: "store_away",
  lost: "store_failed",
  failed: "store_failed",
} as const satisfies Record<StoreFailure, ProblemCode>;
export const RETRY_AFTER_SECONDS = "1";

/** A StoreError as a problem; any other error as it is. */
export function storeProblem(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  return new HttpProblem(CODES[error.failure], error.message, { "retry-after": RETRY_AFTER_SECONDS });
}
