/** Text to JSON, under limits that keep a body of brackets from holding the process for seconds. */
import { excessOf } from "../event/json-text.ts";

/** Why a body as a whole cannot be read. The codes are those of the HTTP problems. */
export type BodyProblem = {
  readonly code:
    | "malformed_json"
    | "too_deep"
    | "too_many_values"
    | "bad_envelope"
    | "malformed_otlp"
    | "duplicate_key"
    | "too_many_events";
  readonly detail: string;
};

/** Why a text cannot be parsed. */
export type TextProblem = BodyProblem & {
  readonly code: "malformed_json" | "too_deep" | "too_many_values";
};

/**
 * JSON.parse takes a hundred bytes and a hundred nanoseconds for each value. Texts from this length on are measured
 * before they are parsed; smaller ones cannot do harm.
 */
const MEASURED_FROM = 1_048_576;
/** Far beyond any event; what lies between this and the limit of an event is refused event by event. */
const LEVELS_MAX = 1_000;
/** Far more than an event has fields; and what any text may have, for the sake of fields that are ignored. */
const VALUES_PER_EVENT = 200;
const VALUES_MIN = 100_000;

/** The value of a text that may hold `events` events. */
export function parseJsonText(text: string, events: number): { readonly value: unknown } | TextProblem {
  const excess = excessOfText(text, events);
  if (excess !== undefined) return { code: excess.code, detail: excess.expectation };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { code: "malformed_json", detail: `expected JSON: ${(error as Error).message}` };
  }
}

/** What is too much in a large text; `undefined` if it can be parsed without harm. */
export function excessOfText(
  text: string,
  events: number,
): { code: "too_deep" | "too_many_values"; expectation: string } | undefined {
  if (text.length < MEASURED_FROM) return undefined;
  const values = Math.max(VALUES_MIN, events * VALUES_PER_EVENT);
  switch (excessOf(text, { levels: LEVELS_MAX, values })) {
    case "levels":
      return { code: "too_deep", expectation: `expected at most ${LEVELS_MAX} levels` };
    case "values":
      return { code: "too_many_values", expectation: `expected at most ${values} values` };
    default:
      return undefined;
  }
}

export function tooManyEvents(got: string, most: number): BodyProblem {
  return {
    code: "too_many_events",
    detail: `expected at most ${most} events in a body, got ${got}; send several bodies`,
  };
}
