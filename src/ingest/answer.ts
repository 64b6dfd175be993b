/** What a sender is told about its events. The same for every dialect that has no answer of its own. */
import type { Issue } from "../event/issue.ts";

/** More errors than anyone reads; the numbers above them stay exact. */
const ERRORS_MAX = 100;

/** One event that was refused, with everything that is wrong with it. */
export type Rejection = {
  /** Position in the body, from 0; of NDJSON, among the lines that are not blank. */
  readonly index: number;
  readonly id: string | undefined;
  /** At least one. */
  readonly issues: readonly Issue[];
};

export type Answer = {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly errors: readonly { index: number; id?: string; path: string; code: string; message: string }[];
  /** Errors beyond the hundred that are listed; absent if all are. */
  readonly errors_omitted?: number;
};

export function answerOf(accepted: number, duplicates: number, rejections: readonly Rejection[]): Answer {
  const errors = rejections.flatMap(({ index, id, issues }) =>
    issues.map(({ path, code, message }) => ({
      index,
      ...(id === undefined ? {} : { id }),
      path,
      code,
      message,
    })),
  );
  const omitted = errors.length - ERRORS_MAX;
  return {
    accepted,
    duplicates,
    rejected: rejections.length,
    errors: errors.slice(0, ERRORS_MAX),
    ...(omitted > 0 ? { errors_omitted: omitted } : {}),
  };
}
