/**
 * Longest time between two turns of the event loop: for so long the process could answer nobody.
 * It turns the loop as fast as it goes and looks at the clock once a turn, so that nothing longer than a turn is
 * missed; a timer would miss what ends just before it is due.
 */

export class LoopGap {
  #running = false;
  #lastTurn = 0;
  #longestMillis = 0;
  #turns = 0;

  start(): void {
    this.#running = true;
    this.#lastTurn = performance.now();
    this.#longestMillis = 0;
    this.#turns = 0;
    setImmediate(() => this.#turn());
  }

  stop(): { readonly longestMillis: number; readonly turns: number } {
    this.#running = false;
    return { longestMillis: this.#longestMillis, turns: this.#turns };
  }

  #turn(): void {
    const now = performance.now();
    this.#longestMillis = Math.max(this.#longestMillis, now - this.#lastTurn);
    this.#lastTurn = now;
    this.#turns += 1;
    if (this.#running) setImmediate(() => this.#turn());
  }
}
