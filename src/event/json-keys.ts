/**
 * Duplicate object keys. JSON.parse keeps the last of them without a word, so that two readers of one body may
 * disagree on what it says (https://www.rfc-editor.org/rfc/rfc8259#section-4). A cheap count finds bodies that
 * may have some; an exact scan then names them.
 */
import { closingQuote } from "./json-text.ts";

const QUOTE = 34;
const COLON = 58;
const SPACE = 32;

/**
 * An upper bound of the number of keys in JSON text: quotes followed by a colon. It equals the number of keys unless
 * a string value looks like one, so a body whose parsed objects hold as many has no duplicates.
 * `indexOf` of one character is the fastest scan that the runtime offers.
 */
export function keysAtMost(text: string): number {
  let count = 0;
  for (let colon = text.indexOf(":"); colon !== -1; colon = text.indexOf(":", colon + 1)) {
    let before = colon - 1;
    while (before > 0 && text.charCodeAt(before) <= SPACE) before -= 1;
    if (text.charCodeAt(before) === QUOTE) count += 1;
  }
  return count;
}

export type KeyCount = { count: number; tooDeep: boolean; forbidden: boolean };

/** Keys in all objects of a parsed value, down to `depthMax` levels. */
export function countKeys(value: unknown, depthMax: number): KeyCount {
  const into: KeyCount = { count: 0, tooDeep: false, forbidden: false };
  descend(value, depthMax, into);
  return into;
}

function descend(value: unknown, levelsLeft: number, into: KeyCount): void {
  if (typeof value !== "object" || value === null || into.tooDeep) return;
  if (levelsLeft === 0) {
    into.tooDeep = true;
    return;
  }
  if (Array.isArray(value)) {
    for (const element of value) descend(element, levelsLeft - 1, into);
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    into.count += 1;
    if (key === "__proto__") into.forbidden = true;
    descend(member, levelsLeft - 1, into);
  }
}

/** A path says where to look; the rest of a deep one says no more. */
const PATH_STEPS_MAX = 40;

/** Keys and array indices from the root to an object's key. */
export type KeyPath = readonly (string | number)[];

/**
 * Paths of the keys that repeat an earlier key of the same object, in the order of the text.
 * The text must be JSON that JSON.parse accepts. O(length), no recursion.
 */
export function* duplicateKeys(text: string): Generator<KeyPath> {
  // One entry for each open container: for an object its keys so far, for an array the index of the current element.
  const open: { keys: Set<string> | undefined; step: string | number }[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const container = open[open.length - 1];
    if (code === QUOTE) {
      const end = closingQuote(text, at);
      if (container?.keys !== undefined && isKey(text, end)) {
        const key = JSON.parse(text.slice(at, end + 1)) as string;
        container.step = key;
        if (container.keys.has(key)) yield open.slice(0, PATH_STEPS_MAX).map(({ step }) => step);
        container.keys.add(key);
      }
      at = end;
    } else if (code === 123) open.push({ keys: new Set(), step: "" });
    else if (code === 91) open.push({ keys: undefined, step: 0 });
    else if (code === 125 || code === 93) open.pop();
    else if (code === 44 && container !== undefined && typeof container.step === "number")
      container.step += 1;
  }
}

function isKey(text: string, closing: number): boolean {
  let at = closing + 1;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return text.charCodeAt(at) === COLON;
}
