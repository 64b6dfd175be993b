/**
 * Makes any string safe to be a label value: valid Unicode, no control or bidirectional formatting characters,
 * bounded in UTF-8 bytes. What it returns prints the same in every terminal, file and page.
 */

/** Controls, format characters (bidirectional ones, zero-width ones), line and paragraph separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const REPLACEMENT = "\ufffd";

/** True if the value needs no change. The common case costs one pass over ASCII and allocates nothing. */
export function isSafeLabelValue(value: string, bytesMax: number): boolean {
  if (value.length > bytesMax) return false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return value === safeLabelValue(value, bytesMax);
  }
  return true;
}

/** The value with each unsafe character replaced by U+FFFD, then cut to at most `bytesMax` bytes of UTF-8 at a character. */
export function safeLabelValue(value: string, bytesMax: number): string {
  return cutToBytes(value.slice(0, bytesMax).toWellFormed().replace(UNSAFE, REPLACEMENT), bytesMax);
}

/** Built anew, character by character: a slice would keep the whole of a huge value in memory. */
function cutToBytes(value: string, bytesMax: number): string {
  let bytes = 0;
  let cut = "";
  for (const character of value) {
    bytes += utf8Bytes(character.codePointAt(0)!);
    if (bytes > bytesMax) break;
    cut += character;
  }
  return cut;
}

function utf8Bytes(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
