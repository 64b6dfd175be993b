/** What can be said of JSON text before it is parsed. */

const QUOTE = 34;
const BACKSLASH = 92;

/** Whether more than `levels` containers are open at once anywhere in the text. O(length) for any text; stops at the first. */
export function isDeeperThan(text: string, levels: number): boolean {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(text, at);
      if (at === -1) return false;
    } else if (code === 123 || code === 91) {
      open += 1;
      if (open > levels) return true;
    } else if (code === 125 || code === 93) open -= 1;
  }
  return false;
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
