/** How a request ended, from whatever parts of it the sender reported. */
import { type Issue, issueAt } from "./issue.ts";
import { type ErrorType, errorTypeOf, errorTypeOfHttpStatus, type Status } from "./outcome.ts";

export type ReportedOutcome = {
  readonly status: Status | undefined;
  readonly success: boolean | undefined;
  /** What the sender calls the failure. */
  readonly errorWord: string | undefined;
  /** Whether an error was reported in any other form. */
  readonly hasError: boolean;
  readonly httpStatus: number | undefined;
};

export type RequestOutcome = {
  readonly status: Status;
  /** Present if and only if the status is not `success`. */
  readonly errorType: ErrorType | undefined;
  /** Whether anything was said of it; without a word, success is assumed. */
  readonly outcomeReported: boolean;
};

const SUCCESS_REPORTED: RequestOutcome = { status: "success", errorType: undefined, outcomeReported: true };
const SUCCESS_ASSUMED: RequestOutcome = { status: "success", errorType: undefined, outcomeReported: false };

/** Fills in what follows from the rest; adds to `issues` what contradicts itself. */
export function requestOutcome(reported: ReportedOutcome, issues: Issue[]): RequestOutcome {
  const { status, success, errorWord, hasError } = reported;
  const ofHttp = errorTypeOfHttpStatus(reported.httpStatus ?? 0);
  const failed = errorWord !== undefined || hasError || success === false || ofHttp !== undefined;
  if (failed && status === "success") {
    issues.push(issueAt("status", "conflict", "expected error or cancelled beside an error, got success"));
  } else if (failed && status === undefined && success === true) {
    issues.push(issueAt("success", "conflict", "expected false beside an error, got true"));
  }
  const outcomeReported =
    failed || status !== undefined || success !== undefined || reported.httpStatus !== undefined;
  if (status === "success" || (status === undefined && !failed)) {
    return outcomeReported ? SUCCESS_REPORTED : SUCCESS_ASSUMED;
  }
  // A word that nobody knows says less than a status code.
  const ofWord = errorWord === undefined ? "other" : errorTypeOf(errorWord);
  const named = ofWord === "other" ? ofHttp : ofWord;
  if (status === "cancelled") {
    return { status, errorType: named ?? (errorWord === undefined ? "cancelled" : "other"), outcomeReported };
  }
  const errorType = named ?? "other";
  return {
    status: status ?? (errorType === "cancelled" ? "cancelled" : "error"),
    errorType,
    outcomeReported,
  };
}
