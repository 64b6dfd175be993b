/**
 * Which label values an event has, and the key of its series. A key joins the values with NUL, which no safe label
 * value contains, so that distinct label sets have distinct keys.
 */
import { BASE_LABELS } from "../catalogue/families.ts";
import type { RequestEvent } from "../event/request-event.ts";

/** Fields of an event that an operator may turn into labels, beside any tag (`tags.NAME`). */
export const LABEL_FIELDS = ["team", "user", "end_user", "operation", "requested_model"] as const;
export type LabelField = (typeof LABEL_FIELDS)[number];

/** One configured label: its name on the series, and where its value comes from. */
export type ExtraLabel = {
  readonly name: string;
  readonly source: LabelField | { readonly tag: string };
};

export type SeriesKeys = {
  /** Names of all labels of a series: the base labels, then the extra ones as configured. */
  readonly names: readonly string[];
  /** Key of the series of an event. */
  readonly keyOf: (event: RequestEvent) => string;
  readonly valuesOf: (event: RequestEvent) => string[];
};

export const SEPARATOR = "\u0000";

export function seriesKeys(extra: readonly ExtraLabel[]): SeriesKeys {
  const readers = extra.map(({ source }) => reader(source));
  const valuesOf = (event: RequestEvent): string[] => [
    event.provider,
    event.model,
    event.pool,
    ...readers.map((read) => read(event)),
  ];
  const baseKeyOf = (event: RequestEvent): string =>
    event.provider + SEPARATOR + event.model + SEPARATOR + event.pool;
  const keyOf =
    readers.length === 0
      ? baseKeyOf
      : (event: RequestEvent): string => {
          let key = baseKeyOf(event);
          for (const read of readers) key += SEPARATOR + read(event);
          return key;
        };
  return { names: [...BASE_LABELS, ...extra.map(({ name }) => name)], keyOf, valuesOf };
}

function reader(source: ExtraLabel["source"]): (event: RequestEvent) => string {
  if (typeof source === "object") return (event) => event.tags?.get(source.tag) ?? "";
  switch (source) {
    case "team":
      return (event) => event.team ?? "";
    case "user":
      return (event) => event.user ?? "";
    case "end_user":
      return (event) => event.endUser ?? "";
    case "operation":
      return (event) => event.operation;
    case "requested_model":
      return (event) => event.requestedModel ?? "";
  }
}
