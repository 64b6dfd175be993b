/**
 * Names of attributes and events as they stand in a body: the same few dozen, over and over. A name that was seen is
 * found by its bytes, so that neither it nor whether it is wanted is made anew each time.
 */

/** Names beyond it are forgotten, one for another: what a body holds cannot make it grow. A power of two. */
const SLOTS = 1_024;
/** Longer ones are not kept. */
const KEPT_BYTES_MAX = 128;

/** What is read beside the fields that every record has. */
export type Wanted = { readonly attributes: WantedNames; readonly events: WantedNames };

type Seen = { readonly bytes: Buffer; readonly name: string | undefined };

export class WantedNames {
  readonly isWanted: (name: string) => boolean;
  readonly #seen: (Seen | undefined)[] = new Array(SLOTS).fill(undefined);

  constructor(isWanted: (name: string) => boolean) {
    this.isWanted = isWanted;
  }

  /** The name that stands from `from` to `end`; `undefined` if it is not wanted. */
  find(bytes: Buffer, from: number, end: number): string | undefined {
    const length = end - from;
    if (length > KEPT_BYTES_MAX) return this.#read(bytes, from, end);
    // FNV-1a, https://www.rfc-editor.org/rfc/rfc9923
    let hash = 0x811c9dc5;
    for (let at = from; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const seen = this.#seen[slot];
    if (seen !== undefined && isSame(seen.bytes, bytes, from, length)) return seen.name;
    const name = this.#read(bytes, from, end);
    this.#seen[slot] = { bytes: Buffer.from(bytes.subarray(from, end)), name };
    return name;
  }

  #read(bytes: Buffer, from: number, end: number): string | undefined {
    const name = bytes.toString("utf8", from, end);
    return this.isWanted(name) ? name : undefined;
  }
}

function isSame(seen: Buffer, bytes: Buffer, from: number, length: number): boolean {
  if (seen.length !== length) return false;
  for (let at = 0; at < length; at++) if (seen[at] !== bytes[from + at]) return false;
  return true;
}
