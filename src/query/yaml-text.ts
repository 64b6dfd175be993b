/**
 * Text as a scalar or key of a YAML document, such that readers of YAML 1.1 and of 1.2 both get back the same text: what
 * either would take for a number, a date or a word of its own is quoted.
 */

/** Letters, digits and marks that have no meaning in YAML wherever they stand between others. */
const PLAIN = /^[\p{L}\p{N}_/](?:[\p{L}\p{M}\p{N}_./:@+()$^~=;<>\- ]*[\p{L}\p{M}\p{N}_./@+()$^~=;<>-])?$/u;
/** A colon before a space ends a key. */
const ENDS_KEY = ": ";
/** Integers of any base, floats, sexagesimals, dates and times, and what looks like one: some take `e5` for a float. */
const LIKE_NUMBER = /^(?:\d|e[-+\d])[\da-fxo_.:+\-tz ]*$/i;
/** https://yaml.org/type/bool.html and https://yaml.org/type/null.html */
const WORD = /^(?:y|yes|n|no|true|false|on|off|null)$/i;
/** Characters that print the same everywhere. The rest is escaped. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** One line, whatever the text is: plain if that is safe, else in single quotes, else escaped in double quotes. */
export function yamlText(text: string): string {
  const isPlain = PLAIN.test(text) && !text.includes(ENDS_KEY) && !LIKE_NUMBER.test(text) && !WORD.test(text);
  if (isPlain) return text;
  if (PRINTABLE.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return `"${text.replace(/["\\]/g, "\\$&").replace(UNPRINTABLE, escaped)}"`;
}

/** A float, which has a point: readers of YAML 1.1 take `1e21` for text and `3100` for an integer. */
export function yamlFloat(value: number): string {
  const text = String(value);
  if (text.includes(".")) return text;
  return text.includes("e") ? text.replace("e", ".0e") : `${text}.0`;
}

/** Text that a comment may hold: nothing in it ends the line. */
export function yamlComment(text: string): string {
  return `# ${text.replace(UNPRINTABLE, "\ufffd")}`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
