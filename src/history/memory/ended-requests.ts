/**
 * Ended requests by their numbers, in blocks: whole blocks are dropped and passed over, so that neither a bound nor a
 * range of time is paid for by the record. Adding one is a push; nothing but its times is looked at.
 */
import type { KeptRecord } from "../event-store.ts";

const BLOCK_RECORDS_MAX = 1_024;
/** A bound drops the oldest block, which is a small part of what is kept. */
const BLOCKS_MIN = 64;

/** Records in the order of their numbers. What is dropped leaves a new block, so that who reads goes on in the old one. */
export type Block = {
  readonly records: KeptRecord[];
  /** By the events' own time. */
  oldestMicros: number;
  newestMicros: number;
};

export class EndedRequests {
  /** Never more than `recordsMax`. */
  size = 0;
  readonly #recordsMax: number;
  readonly #blockRecords: number;
  #blocks: Block[] = [];

  constructor(recordsMax: number) {
    this.#recordsMax = recordsMax;
    this.#blockRecords = Math.max(1, Math.min(BLOCK_RECORDS_MAX, Math.floor(recordsMax / BLOCKS_MIN)));
  }

  /** Those there are now, the earliest first. None is empty. */
  get blocks(): readonly Block[] {
    return this.#blocks.slice();
  }

  get oldestMicros(): number | undefined {
    return this.#reduced(Math.min, ({ oldestMicros }) => oldestMicros);
  }

  get newestMicros(): number | undefined {
    return this.#reduced(Math.max, ({ newestMicros }) => newestMicros);
  }

  /** Of a number higher than all before. The oldest go if there would be too many. */
  add(record: KeptRecord): void {
    const { atMicros } = record;
    const block = this.#blocks.at(-1);
    if (block === undefined || block.records.length >= this.#blockRecords) {
      this.#blocks.push(blockOf([record]));
    } else {
      block.records.push(record);
      if (atMicros < block.oldestMicros) block.oldestMicros = atMicros;
      if (atMicros > block.newestMicros) block.newestMicros = atMicros;
    }
    this.size += 1;
    while (this.size > this.#recordsMax) this.size -= this.#blocks.shift()!.records.length;
  }

  /** Drops those up to a number whose own time is before an instant, at most a block more than `most`; how many. */
  dropBefore(micros: number, upToSeq: number, most: number): number {
    return this.#drop(most, ({ records, oldestMicros }) =>
      oldestMicros >= micros
        ? records
        : records.filter(({ atMicros, seq }) => atMicros >= micros || seq > upToSeq),
    );
  }

  /** Drops the first ones up to a number; how many. */
  dropFirst(upToSeq: number, most: number): number {
    return this.#drop(most, ({ records }, left) => {
      let past = 0;
      while (past < left && past < records.length && records[past]!.seq <= upToSeq) past += 1;
      return records.slice(past);
    });
  }

  /** Keeps of each block what is given back, until so many are gone. */
  #drop(most: number, keptOf: (block: Block, left: number) => KeptRecord[]): number {
    let dropped = 0;
    this.#blocks = this.#blocks.flatMap((block) => {
      if (dropped >= most) return block;
      const kept = keptOf(block, most - dropped);
      if (kept.length === block.records.length) return block;
      dropped += block.records.length - kept.length;
      return kept.length === 0 ? [] : blockOf(kept);
    });
    this.size -= dropped;
    return dropped;
  }

  #reduced(choose: (one: number, other: number) => number, of: (block: Block) => number): number | undefined {
    const [first, ...others] = this.#blocks;
    return first && others.reduce((chosen, block) => choose(chosen, of(block)), of(first));
  }
}

function blockOf(records: KeptRecord[]): Block {
  const times = records.map(({ atMicros }) => atMicros);
  return { records, oldestMicros: Math.min(...times), newestMicros: Math.max(...times) };
}
