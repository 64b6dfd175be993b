/**
 * Patterns for names: `*` stands for any characters, none included, `/`, `:` and `.` as well; `?` for exactly
 * one character. A pattern is matched against the whole value. Nothing escapes a `*` or `?`: a name that holds
 * one is met by `?` in its place.
 * No regular expressions: the time is bounded by the product of the two lengths, whoever wrote the pattern
 * and the value.
 */

const STAR = 42;
const QUESTION_MARK = 63;

export type GlobOptions = { readonly ignoreCase: boolean };

/** Whether the text is a pattern and not an exact value. */
export function isGlob(text: string): boolean {
  return text.includes("*") || text.includes("?");
}

/** Whether a value matches a pattern, or is the exact value. Allocates nothing unless case is ignored. */
export function globMatcher(pattern: string, { ignoreCase }: GlobOptions): (value: string) => boolean {
  if (ignoreCase) {
    const matches = globMatcher(pattern.toLowerCase(), { ignoreCase: false });
    return (value) => matches(value.toLowerCase());
  }
  if (!isGlob(pattern)) return (value) => value === pattern;
  const prefix = pattern.slice(0, -1);
  if (pattern.endsWith("*") && !isGlob(prefix)) return (value) => value.startsWith(prefix);
  return (value) => matchesGlob(pattern, value);
}

/** Whether a value is an exact value of the list or matches a pattern of it. Case matters. No allocation. */
export function listMatcher(list: readonly string[]): (value: string) => boolean {
  const exact = new Set(list.filter((entry) => !isGlob(entry)));
  const patterns = list.filter(isGlob).map((pattern) => globMatcher(pattern, { ignoreCase: false }));
  if (patterns.length === 0) return (value) => exact.has(value);
  return (value) => {
    if (exact.has(value)) return true;
    for (const matches of patterns) if (matches(value)) return true;
    return false;
  };
}

/**
 * Where the pattern fails after a `*`, that one takes a character more. Only the latest `*` ever does: what
 * stands before it has found its leftmost place, and a place further right leaves no more room for the rest.
 */
function matchesGlob(pattern: string, value: string): boolean {
  let at = 0;
  let valueAt = 0;
  let afterStar = -1;
  let starEnd = 0;
  while (valueAt < value.length) {
    const expected = at < pattern.length ? pattern.charCodeAt(at) : -1;
    if (expected === STAR) {
      at += 1;
      if (at === pattern.length) return true;
      afterStar = at;
      starEnd = valueAt;
    } else if (expected === QUESTION_MARK) {
      at += 1;
      valueAt += unitsAt(value, valueAt);
    } else if (expected === value.charCodeAt(valueAt)) {
      at += 1;
      valueAt += 1;
    } else if (afterStar !== -1) {
      starEnd += unitsAt(value, starEnd);
      at = afterStar;
      valueAt = starEnd;
    } else return false;
  }
  while (at < pattern.length && pattern.charCodeAt(at) === STAR) at += 1;
  return at === pattern.length;
}

/** Code units of the character that begins here: 2 of one beyond the basic plane. */
function unitsAt(value: string, at: number): number {
  return value.codePointAt(at)! > 0xffff ? 2 : 1;
}
