/** Values of attributes as what they should be. What is something else is as if absent: it does not cost the event. */
import { NUMBER_BOUNDS } from "../../event/field-bounds.ts";
import { booleanOf, countOf, type Members, membersOf, numberOf, textOf } from "../loose-values.ts";
import type { Attributes } from "./records.ts";

type Names = readonly string[];

/** Beyond what any field may have. A resource's text is looked at once for each span: it has to be short by then. */
const TEXT_LENGTH_MAX = 1_024;

export function textIn(attributes: Attributes, ...names: Names): string | undefined {
  return firstUsable(attributes, names, shortText)?.trim();
}

/** Text that is not empty; what is beyond any field is cut off. */
export function shortText(value: unknown): string | undefined {
  return textOf(
    typeof value === "string" && value.length > TEXT_LENGTH_MAX ? value.slice(0, TEXT_LENGTH_MAX) : value,
  );
}

export function booleanIn(attributes: Attributes, ...names: Names): boolean | undefined {
  return firstUsable(attributes, names, booleanOf);
}

/** An integer from 0 to the most that an event may have. */
export function tokensIn(attributes: Attributes, ...names: Names): number | undefined {
  return firstUsable(attributes, names, (value) => boundedCount(value, NUMBER_BOUNDS.count.max));
}

export function httpStatusIn(attributes: Attributes, ...names: Names): number | undefined {
  const { min, max } = NUMBER_BOUNDS.http_status;
  return firstUsable(attributes, names, (value) => {
    const status = boundedCount(value, max);
    return status !== undefined && status >= min ? status : undefined;
  });
}

/** A finite number from 0. */
export function amountIn(attributes: Attributes, ...names: Names): number | undefined {
  return firstUsable(attributes, names, (value) => {
    const amount = numberOf(value);
    return amount !== undefined && amount >= 0 ? amount : undefined;
  });
}

/** US dollars. Zero is what producers say that have no price for the model. */
export function costIn(attributes: Attributes, ...names: Names): number | undefined {
  return firstUsable(attributes, names, (value) => {
    const costUsd = numberOf(value);
    return costUsd !== undefined && costUsd > 0 && costUsd <= NUMBER_BOUNDS.usd.max ? costUsd : undefined;
  });
}

/** Longest JSON text that is taken apart for a member or two. */
const JSON_LENGTH_MAX = 65_536;

/** Members of an object, which may have been written as JSON text. */
export function membersIn(attributes: Attributes, name: string): Members {
  const value = attributes.get(name);
  if (typeof value !== "string") return membersOf(value);
  if (value.length > JSON_LENGTH_MAX) return {};
  try {
    return membersOf(JSON.parse(value));
  } catch {
    return {};
  }
}

function boundedCount(value: unknown, max: number): number | undefined {
  const count = countOf(value);
  return count !== undefined && count <= max ? count : undefined;
}

function firstUsable<Value>(
  attributes: Attributes,
  names: Names,
  read: (value: unknown) => Value | undefined,
): Value | undefined {
  for (const name of names) {
    const value = read(attributes.get(name));
    if (value !== undefined) return value;
  }
  return undefined;
}
