/** Events that are yet to happen, the earliest first; of one instant, in the order in which they were added. */
import type { TimedEvent } from "./arrival.ts";

type Entry = { readonly timed: TimedEvent; readonly order: number };

/** A binary heap: adding and taking cost O(log length). */
export class EventQueue {
  #heap: Entry[] = [];
  #added = 0;

  get length(): number {
    return this.#heap.length;
  }

  add(timed: TimedEvent): void {
    const heap = this.#heap;
    const entry = { timed, order: this.#added++ };
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the earliest event if it is due. */
  takeDue(nowMillis: number): TimedEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.timed.atMillis > nowMillis) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first.timed;
  }

  clear(): void {
    this.#heap = [];
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(entry, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  const apart = one.timed.atMillis - other.timed.atMillis;
  return apart < 0 || (apart === 0 && one.order < other.order);
}
