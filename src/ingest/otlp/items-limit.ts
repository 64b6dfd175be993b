/**
 * How many spans or log records a body may hold. Few of an application's spans are requests to a model, so the limit of
 * events in a body would refuse batches, for good, that hold a single one.
 */

import type { Element } from "../dialect.ts";
import { type BodyProblem, tooManyEvents } from "../json-body.ts";

const ITEMS_PER_EVENT = 20;

export function itemsMaxOf(eventsMax: number): number {
  return eventsMax * ITEMS_PER_EVENT;
}

export function tooManyItems(itemsMax: number): BodyProblem {
  return {
    code: "too_many_events",
    detail: `expected at most ${itemsMax} spans or log records in a body, got more; send several bodies`,
  };
}

/** A problem if more of the elements are events than a body may have. */
export function excessOfEvents(elements: readonly Element[], eventsMax: number): BodyProblem | undefined {
  const events = elements.reduce((count, { kind }) => (kind === "event" ? count + 1 : count), 0);
  return events > eventsMax ? tooManyEvents(String(events), eventsMax) : undefined;
}
