/** What can be said of JSON text before it is parsed. */

const QUOTE = 34;
const BACKSLASH = 92;

export type TextLimits = {
  /** Containers open at once. */
  readonly levels: number;
  /** Opening brackets and commas: no text has more values than these. */
  readonly values: number;
};

/** Which limit the text exceeds first, if any. O(length) for any text; stops there. */
export function excessOf(text: string, limits: TextLimits): keyof TextLimits | undefined {
  let open = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(text, at);
      if (at === -1) return undefined;
      continue;
    }
    if (code === 125 || code === 93) open -= 1;
    else if (code === 123 || code === 91) {
      open += 1;
      values += 1;
      if (open > limits.levels) return "levels";
    } else if (code === 44) values += 1;
    if (values > limits.values) return "values";
  }
  return undefined;
}

/** Where the string ends that begins at `opening`; -1 if it does not, so that the text is no JSON. */
export function closingQuote(text: string, opening: number): number {
  for (let at = text.indexOf('"', opening + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return -1;
}
