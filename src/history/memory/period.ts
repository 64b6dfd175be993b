/**
 * Sums of one period of time, or of all of it: a row for each label set. Cells stand one after the other in a few long
 * arrays; an array for each of hundreds of thousands would take more than what is in it, and the collector's time.
 */
import type { EncodedMerge } from "../../ledger/encoded-merge.ts";

export type Shape = {
  readonly number: number;
  readonly fingerprint: string;
  /** Of a row's values after the name of the instance. */
  readonly dimensions: readonly string[];
};
/** One object for the rows of a day, mostly. */
export type LabelSet = {
  /** Equal for equal label sets. */
  readonly key: string;
  readonly shape: Shape;
  readonly labelValues: readonly string[];
  readonly team: string;
};
export type RollupRow = {
  readonly labels: LabelSet;
  /** The cell is what stands in it from `start` until `end`. */
  readonly chunk: Uint8Array;
  readonly start: number;
  readonly end: number;
};

/** What a row takes beside the bytes of its cell, about: itself, its entry, its share of keys and labels. */
export const ROW_BYTES = 100;
const CHUNK_BYTES_MAX = 65_536;
/** What may stand idle in chunks beside as much as is in use. */
const IDLE_BYTES = 256;
/** Rows copied between two chances to be interrupted. */
const ROWS_A_PIECE = 64;
const NO_CHUNK = new Uint8Array(0);

export class Period {
  readonly startMicros: number;
  readonly #rows = new Map<string, RollupRow>();
  /** Where cells are put: after what this period and those before it have there. */
  #chunk = NO_CHUNK;
  #end = 0;
  /** Length of all chunks that rows are in, and of the cells in use there. */
  #chunkBytes = 0;
  #cellBytes = 0;

  constructor(startMicros: number) {
    this.startMicros = startMicros;
  }

  get rows(): ReadonlyMap<string, RollupRow> {
    return this.#rows;
  }

  /** An estimate. */
  get bytes(): number {
    return this.#rows.size * ROW_BYTES + this.#chunkBytes;
  }

  /** Begins with the rows of another one, which stays as it is. To be called first; says where it may be interrupted. */
  *takeOver(known: Period): Generator<void> {
    const isLoose = known.#chunkBytes > 2 * known.#cellBytes + IDLE_BYTES;
    if (isLoose) this.#begin(Math.min(known.#cellBytes, CHUNK_BYTES_MAX));
    else {
      this.#chunk = known.#chunk;
      this.#end = known.#end;
      this.#chunkBytes = known.#chunkBytes;
      this.#cellBytes = known.#cellBytes;
    }
    for (const [key, row] of known.#rows) {
      this.#rows.set(key, isLoose ? this.#put(row.labels, cellOf(row)) : row);
      if (this.#rows.size % ROWS_A_PIECE === 0) yield;
    }
  }

  /** Adds a cell to the row of a label set, and gives the set as it is known here. Throws a RangeError for bytes that are none. */
  add(labels: LabelSet, cell: Uint8Array, merge: EncodedMerge): LabelSet {
    const row = this.#rows.get(labels.key);
    if (row === undefined) this.#rows.set(labels.key, this.#put(labels, cell));
    else {
      const sum = merge.merge(cellOf(row), cell);
      this.#cellBytes -= row.end - row.start;
      this.#rows.set(row.labels.key, this.#put(row.labels, sum));
    }
    return row?.labels ?? labels;
  }

  #put(labels: LabelSet, cell: Uint8Array): RollupRow {
    const { length } = cell;
    if (this.#end + length > this.#chunk.length) {
      // Room for half as much as there is, so that it is not left at once.
      this.#begin(Math.max(length, Math.min(Math.floor(this.#cellBytes / 2), CHUNK_BYTES_MAX)));
    }
    const start = this.#end;
    this.#chunk.set(cell, start);
    this.#end += length;
    this.#cellBytes += length;
    return { labels, chunk: this.#chunk, start, end: this.#end };
  }

  #begin(bytes: number): void {
    this.#chunk = new Uint8Array(bytes);
    this.#end = 0;
    this.#chunkBytes += bytes;
  }
}

/** The encoded cell of a row; a view, not to be written to. */
export function cellOf({ chunk, start, end }: RollupRow): Uint8Array {
  return chunk.subarray(start, end);
}
