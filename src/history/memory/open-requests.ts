/** Reports of requests that go on: those since the last checkpoint, and as of it the latest one of each open request. */
import type { KeptRecord } from "../event-store.ts";

/** Requests looked at between two chances to be interrupted. */
const RECORDS_A_PIECE = 64;

export class OpenRequests {
  readonly #recordsMax: number;
  /** In the order of their numbers. */
  #later: KeptRecord[] = [];
  /** In the order of the latest report, the longest silent one first. */
  readonly #byId = new Map<string, KeptRecord>();

  /** At most so many requests, and so many reports between checkpoints. */
  constructor(recordsMax: number) {
    this.#recordsMax = recordsMax;
  }

  /** Records that are held. */
  get size(): number {
    return this.#later.length + this.#byId.size;
  }

  /** Reports after the last checkpoint. */
  get later(): readonly KeptRecord[] {
    return this.#later;
  }

  /** The latest report of each request that was open at the last checkpoint, in the order of their numbers. */
  get latest(): Iterable<KeptRecord> {
    return this.#byId.values();
  }

  add(report: KeptRecord): void {
    this.#later.push(report);
    if (this.#later.length >= 2 * this.#recordsMax) this.#later = this.#later.slice(-this.#recordsMax);
  }

  /** Takes a checkpoint up to a number in. `ended`: the requests that ended up to it since the one before. */
  *count(seq: number, ended: Iterable<KeptRecord>): Generator<void> {
    let count = 0;
    for (const report of this.#later) {
      const { id } = report;
      if (report.seq > seq) break;
      if (id === undefined) continue;
      this.#byId.delete(id);
      this.#byId.set(id, report);
      if (this.#byId.size > this.#recordsMax) this.#byId.delete(this.#byId.keys().next().value!);
      count += 1;
      if (count % RECORDS_A_PIECE === 0) yield;
    }
    this.#later = this.#later.filter((report) => report.seq > seq);
    if (this.#byId.size === 0) return;
    for (const { id, seq: endSeq } of ended) {
      if (id !== undefined && (this.#byId.get(id)?.seq ?? endSeq) < endSeq) this.#byId.delete(id);
      count += 1;
      if (count % RECORDS_A_PIECE === 0) yield;
    }
  }

  /** Gives up requests whose last report came before an instant, at most so many; how many there were. */
  dropBefore(arrivalMicros: number, most: number): number {
    let dropped = 0;
    for (const [id, report] of this.#byId) {
      if (report.arrivalMicros >= arrivalMicros || dropped === most) break;
      this.#byId.delete(id);
      dropped += 1;
    }
    return dropped;
  }
}
