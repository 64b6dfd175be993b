/**
 * Remembers ids for a while, in memory: at least for the window, unless more come than the limit allows.
 * Two generations are kept and the older one is dropped whole, so that adding and asking cost the same however
 * many there are.
 */

export type DedupeLimits = { readonly idsMax: number; readonly windowMicros: number };

export class DedupeWindow {
  limits: DedupeLimits;
  /** Ids forgotten before the window had passed. */
  evictions = 0;

  #current = new Set<string>();
  #previous = new Set<string>();
  #currentSinceMicros: number;

  constructor(limits: DedupeLimits, nowMicros: number) {
    this.limits = limits;
    this.#currentSinceMicros = nowMicros;
  }

  get size(): number {
    return this.#current.size + this.#previous.size;
  }

  has(id: string): boolean {
    return this.#current.has(id) || this.#previous.has(id);
  }

  add(id: string, nowMicros: number): void {
    const aged = nowMicros - this.#currentSinceMicros >= this.limits.windowMicros;
    if (aged || this.#current.size >= this.limits.idsMax / 2) {
      if (!aged) this.evictions += this.#previous.size;
      this.#previous = this.#current;
      this.#current = new Set();
      this.#currentSinceMicros = nowMicros;
    }
    this.#current.add(id);
  }
}
