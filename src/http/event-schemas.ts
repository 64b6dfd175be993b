/** Schemas of what events come in and of what is answered to them. */
import { EVENT_SCHEMA } from "../event/event-schema.ts";
import { ISSUE_CODES } from "../event/issue.ts";
import type { BodyProblem } from "../ingest/json-body.ts";
import { count, type JsonSchema, list, members, oneOf, text } from "./json-schema.ts";
import type { Content } from "./route.ts";

export const EVENTS_CONTENT: Content = {
  "application/json": {
    anyOf: [EVENT_SCHEMA, list(EVENT_SCHEMA), members({ events: list(EVENT_SCHEMA) })],
    description: "One event, an array of them, or an object that holds the array and nothing else.",
  },
  "application/x-ndjson": {
    type: "string",
    contentMediaType: "application/x-ndjson",
    contentSchema: EVENT_SCHEMA,
    description: "One event a line. `application/ndjson` and `application/jsonl` are the same.",
  },
};

/** What may be wrong with a body of events as a whole. */
export const EVENTS_PROBLEMS = [
  "malformed_json",
  "duplicate_key",
  "bad_envelope",
  "too_deep",
  "too_many_values",
  "too_many_events",
] as const satisfies readonly BodyProblem["code"][];

export const ANSWER_SCHEMA: JsonSchema = {
  title: "Answer",
  description: "What became of the events of a body.",
  ...members(
    {
      accepted: count("Events that count now."),
      duplicates: count("Events whose `id` has been counted before; they change nothing."),
      rejected: count("Events that cannot be read; they change nothing."),
      errors: {
        ...list(
          members(
            {
              index: count("Of the event, from 0; in NDJSON among the lines that are not blank."),
              id: text("Of the event, if it has one."),
              path: text("In the event; empty for the event as a whole."),
              code: oneOf(Object.keys(ISSUE_CODES)),
              message: text("*path: expected rule, got value*"),
            },
            { optional: ["id"] },
          ),
          "What is wrong with those that were rejected.",
        ),
        maxItems: 100,
      },
      errors_omitted: count("Errors beyond the hundred that are listed; absent if all are."),
    },
    { optional: ["errors_omitted"] },
  ),
};
