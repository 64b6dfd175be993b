/**
 * What can be wrong with an event, each with a code that clients may rely on. docs/errors.md lists the same codes;
 * a test holds the two together.
 */
import { safeLabelValue } from "./label-value.ts";

export const ISSUE_CODES = {
  malformed_json: "The line or body is not valid JSON.",
  not_an_object: "An event is not a JSON object.",
  duplicate_key: "An object names the same key twice, so that readers would disagree on its value.",
  forbidden_key: "An object names the key __proto__.",
  too_deep: "A value is nested deeper than the limit.",
  too_many_values: "A line holds more values than an event can have.",
  wrong_type: "A field has a value of the wrong JSON type.",
  out_of_range: "A number is negative, not finite, not an integer where one is needed, or beyond its limit.",
  too_long: "A string is longer than its limit.",
  unknown_value: "A field that takes a closed set of words has another one.",
  bad_timestamp: "A timestamp is neither RFC 3339 nor an epoch in seconds or milliseconds.",
  in_future: "The event says that it ended later than the exporter's clock allows.",
  conflict: "Two fields contradict each other.",
  missing_field: "A field that the phase of the event needs is absent.",
} as const;
export type IssueCode = keyof typeof ISSUE_CODES;

/** `path` is relative to the event, in the form `tags.route`; empty for the event as a whole. */
export type Issue = { readonly code: IssueCode; readonly path: string; readonly message: string };

/** Paths come from senders; an answer repeats no more of one than a reader needs. */
const PATH_BYTES_MAX = 100;
const VALUE_BYTES_MAX = 60;

/** An issue whose message says `path: expectation`; the expectation has the form `expected rule, got value`. */
export function issueAt(path: string, code: IssueCode, expectation: string): Issue {
  const short = safeLabelValue(path, PATH_BYTES_MAX);
  return { code, path: short, message: short === "" ? expectation : `${short}: ${expectation}` };
}

/** A value as an error message shows it: JSON, cut short, never a whole prompt. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(safeLabelValue(value, VALUE_BYTES_MAX));
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}
