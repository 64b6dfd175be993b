/**
 * Remembers ids for a while, in memory: for the window at least and twice the window at most, unless more come than
 * the limit allows. Two generations are kept and the older one is dropped whole, so that adding and asking cost the
 * same however many there are.
 */

/** `idsMax` is at least 2, one for each generation. */
export type DedupeLimits = { readonly idsMax: number; readonly windowMicros: number };

const LATEST_KEPT = 2_000;

export class DedupeWindow {
  limits: DedupeLimits;
  /** Ids forgotten before the window had passed. */
  evictions = 0;

  #current = new Set<string>();
  #previous = new Set<string>();
  #currentSinceMicros: number;
  #latest: string[] = [];

  constructor(limits: DedupeLimits, nowMicros: number) {
    this.limits = limits;
    this.#currentSinceMicros = nowMicros;
  }

  get size(): number {
    return this.#current.size + this.#previous.size;
  }

  has(id: string, nowMicros: number): boolean {
    this.#age(nowMicros);
    return this.#current.has(id) || this.#previous.has(id);
  }

  add(id: string, nowMicros: number): void {
    this.#age(nowMicros);
    if (this.#current.size >= Math.floor(this.limits.idsMax / 2)) {
      this.evictions += this.#previous.size;
      this.#turn(nowMicros);
    }
    this.#current.add(id);
    this.#latest.push(id);
    if (this.#latest.length >= 2 * LATEST_KEPT) this.#latest = this.#latest.slice(-LATEST_KEPT);
  }

  /** The ids that were added last, the oldest first; at least LATEST_KEPT of them if there were so many. */
  get latest(): readonly string[] {
    return this.#latest;
  }

  /** Forgets an id, as if it had not been added. */
  delete(id: string): void {
    this.#current.delete(id);
    this.#previous.delete(id);
  }

  #age(nowMicros: number): void {
    const windows = (nowMicros - this.#currentSinceMicros) / this.limits.windowMicros;
    if (windows < 1) return;
    if (windows >= 2) this.#current = new Set();
    this.#turn(nowMicros);
  }

  #turn(nowMicros: number): void {
    this.#previous = this.#current;
    this.#current = new Set();
    this.#currentSinceMicros = nowMicros;
  }
}
