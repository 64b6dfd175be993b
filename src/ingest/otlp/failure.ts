/** How a request ended. Words that nobody knows are not passed on, and no text of an error is. */
import { errorTypeOf } from "../../event/outcome.ts";
import type { Draft } from "../dialect.ts";
import { EXCEPTION_EVENT, SINGLE_ATTRIBUTES, SPAN_FIELDS } from "./attribute-names.ts";
import { httpStatusIn, textIn } from "./attribute-values.ts";
import type { Span } from "./records.ts";

const STATUS_ERROR = 2;

export function outcomeOf(span: Span): { readonly failed: boolean; readonly fields: Draft } {
  const named = textIn(span.attributes, SINGLE_ATTRIBUTES.errorType);
  // Gateways write the status where others write the name of an exception.
  const inDigits = named !== undefined && /^[1-5]\d\d$/.test(named) ? Number(named) : undefined;
  const httpStatus = httpStatusIn(span.attributes, ...SPAN_FIELDS.httpStatus) ?? inDigits;
  const failed = span.statusCode === STATUS_ERROR || named !== undefined || (httpStatus ?? 0) >= 400;
  if (!failed) return { failed, fields: { status: "success", http_status: httpStatus } };
  const exceptions = span.events
    .filter(({ name }) => name === EXCEPTION_EVENT)
    .map(({ attributes }) => textIn(attributes, SINGLE_ATTRIBUTES.exceptionType));
  return { failed, fields: failureFields([named, exceptions.at(-1), wordBeforeColon(span)], httpStatus) };
}

/** Of a failure that may be called by one of several words: the first that is known says what it was. */
export function failureFields(words: readonly (string | undefined)[], httpStatus: number | undefined): Draft {
  const known = words.find((word) => word !== undefined && errorTypeOf(word) !== "other");
  return { error: true, error_type: known, http_status: httpStatus };
}

/** OpenInference describes a failure as `RateLimitError: ...`; the rest is text of the provider's. */
function wordBeforeColon({ statusMessage }: Span): string | undefined {
  return /^\s*([\w.]{1,128})\s*(?::|$)/.exec(statusMessage?.slice(0, 512) ?? "")?.[1];
}
