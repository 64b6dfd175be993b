/**
 * JSON as foreign senders write it. Python has words for numbers that JSON has not: they stand for nothing known. What a
 * refusal says never repeats the text: it may be logged by the sender, and holds prompts.
 */
import { parseJsonText, type TextProblem } from "./json-body.ts";

/** The same as parseJsonText; a problem comes with the text as far as it could be mended. */
export function parseForeignJson(
  text: string,
  events: number,
): { readonly value: unknown } | (TextProblem & { readonly text: string }) {
  const parsed = parseJsonText(text, events);
  if (!("code" in parsed)) return parsed;
  if (parsed.code !== "malformed_json") return { ...parsed, text };
  const mended = withoutNonNumbers(text);
  const again = mended === text ? parsed : parseJsonText(mended, events);
  if (!("code" in again)) return again;
  // Positions in a mended text are not those of the sender's.
  const detail = mended === text ? malformedJson(parsed.detail) : "expected JSON";
  return { code: "malformed_json", detail, text: mended };
}

/** What a message of JSON.parse tells without the text that it quotes. */
function malformedJson(message: string): string {
  const position = / at position (\d{1,10})(?: \(line \d+ column \d+\))?$/.exec(message)?.[1];
  return position === undefined ? "expected JSON" : `expected JSON; it breaks at position ${position}`;
}

const QUOTE = 34;
const BACKSLASH = 92;
const WORDS: ReadonlyMap<number, string> = new Map(
  ["NaN", "Infinity", "-Infinity"].map((word) => [word.charCodeAt(0), word]),
);

/** The text with `null` for each `NaN`, `Infinity` and `-Infinity` that is in no string. Looks at each character once. */
function withoutNonNumbers(text: string): string {
  // Most texts that are no JSON are lines of it.
  if (!text.includes("NaN") && !text.includes("Infinity")) return text;
  let mended = "";
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    const word = WORDS.get(code);
    if (code === QUOTE) at = afterString(text, at);
    else if (word === undefined || !text.startsWith(word, at)) at += 1;
    else {
      mended += `${text.slice(copied, at)}null`;
      at += word.length;
      copied = at;
    }
  }
  return copied === 0 ? text : mended + text.slice(copied);
}

/** Where the string that begins at `at` is over. */
function afterString(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === QUOTE) return next + 1;
    if (code === BACKSLASH) next += 1;
  }
  return text.length;
}
