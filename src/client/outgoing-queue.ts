/** Events that wait to be sent, the oldest first, within a limit on their number and one on their bytes. */
import type { EventLine } from "./event-line.ts";

export type Waiting = EventLine & {
  /** Since when it may be with the exporter though no answer said so; epoch in milliseconds. */
  unsureSinceMillis: number | undefined;
};

export class OutgoingQueue {
  /** How many were ever added, and how many of them, always the first ones, have left. */
  added = 0;
  left = 0;
  bytes = 0;

  readonly #eventsMax: number;
  readonly #bytesMax: number;
  #events: Waiting[] = [];
  /** Where the first one stands; what lies before it is cut off now and then, not each time. */
  #head = 0;

  constructor(limits: { readonly eventsMax: number; readonly bytesMax: number }) {
    this.#eventsMax = limits.eventsMax;
    this.#bytesMax = limits.bytesMax;
  }

  get length(): number {
    return this.#events.length - this.#head;
  }

  /** False if there is no room for it. */
  add(line: EventLine): boolean {
    if (this.length >= this.#eventsMax || this.bytes + line.bytes > this.#bytesMax) return false;
    this.#events.push({ ...line, unsureSinceMillis: undefined });
    this.bytes += line.bytes;
    this.added += 1;
    return true;
  }

  /** The first ones, as many as there may be within both limits; at least one if any waits. */
  first(eventsMax: number, bytesMax: number): readonly Waiting[] {
    let end = this.#head;
    for (let bytes = 0; end < this.#events.length && end - this.#head < eventsMax; end++) {
      bytes += this.#events[end]!.bytes;
      if (bytes > bytesMax && end > this.#head) break;
    }
    return this.#events.slice(this.#head, end);
  }

  /** Lets the first ones go. */
  remove(count: number): void {
    for (let at = this.#head; at < this.#head + count; at++) this.bytes -= this.#events[at]!.bytes;
    this.#head += count;
    this.left += count;
    if (this.#head >= 1_024 || this.#head === this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }
}
