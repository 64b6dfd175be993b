/**
 * Hands what waits to the exporter, one body at a time, in order: by size, by time, and again until there is an answer.
 * An event leaves the queue when the exporter has answered for it, and for no other reason but those that are counted.
 */
import { ISSUE_CODES } from "../event/issue.ts";
import { backOffMillis } from "./back-off.ts";
import type { Settings } from "./client-options.ts";
import type { OutgoingQueue, Waiting } from "./outgoing-queue.ts";
import { type Destination, type PostOutcome, postEvents } from "./post-events.ts";
import type { Tally } from "./tally.ts";
import { MILLIS_MAX, type Timer, unref } from "./timer.ts";

/** A tenth of what exporters take at once by default. */
const BATCH_BYTES_MAX = 1_048_576;
/** An exporter knows repeats for 24 hours at least. */
const UNSURE_MAX_MILLIS = 23 * 3_600_000;

type Waiter = { readonly target: number; readonly resolve: () => void };
type Nap = { readonly canBeCut: boolean; readonly wake: () => void };

export class Delivery {
  readonly #settings: Settings;
  readonly #destination: Destination;
  readonly #queue: OutgoingQueue;
  readonly #tally: Tally;
  readonly #stopping = new AbortController();
  readonly #waiters = new Set<Waiter>();
  /** Events in one body at most: halved when a body is too large, one more with each that is not. */
  #batchMax: number;
  /** How many of the events ever added are to be sent without waiting for more. */
  #goal = 0;
  #isRunning = false;
  #failures = 0;
  #timer: Timer | undefined;
  #nap: Nap | undefined;

  constructor(settings: Settings, destination: Destination, queue: OutgoingQueue, tally: Tally) {
    this.#settings = settings;
    this.#destination = destination;
    this.#queue = queue;
    this.#tally = tally;
    this.#batchMax = settings.maxBatch;
  }

  /** To be called when an event was added. */
  noteAdded(): void {
    if (this.#isRunning) return;
    if (this.#isFull()) void this.#run();
    else this.#arm();
  }

  /**
   * Resolves when all that waits now has left the queue, at the latest after `timeoutMillis`; then with how many of them
   * still wait. Cuts a pause between attempts short, unless the exporter asked for it.
   */
  async flush(timeoutMillis: number): Promise<number> {
    const target = this.#queue.added;
    if (this.#queue.left >= target) return 0;
    this.#goal = target;
    await new Promise<void>((resolve) => {
      const waiter: Waiter = {
        target,
        resolve: () => {
          clearTimeout(deadline);
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      // The one timer that keeps the process alive: somebody waits.
      const deadline = setTimeout(() => waiter.resolve(), Math.min(timeoutMillis, MILLIS_MAX));
      this.#waiters.add(waiter);
      if (this.#nap?.canBeCut) this.#nap.wake();
      void this.#run();
    });
    return Math.max(0, target - this.#queue.left);
  }

  /** Ends the request that is under way, and whatever would follow. */
  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    this.#nap?.wake();
    for (const { resolve } of this.#waiters) resolve();
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#stopping.signal.aborted) return;
    this.#isRunning = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      while (this.#isDue()) await this.#sendFirst();
    } catch {
      // A runtime that gives no timer here and now: the next event or flush tries again.
    }
    this.#isRunning = false;
    if (this.#queue.length > 0) this.#arm();
  }

  #isDue(): boolean {
    if (this.#stopping.signal.aborted) return false;
    return this.#queue.left < this.#goal || this.#isFull();
  }

  #isFull(): boolean {
    return this.#queue.length >= this.#settings.maxBatch || this.#queue.bytes >= BATCH_BYTES_MAX;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#stopping.signal.aborted) return;
    const send = () => {
      this.#timer = undefined;
      this.#goal = this.#queue.added;
      void this.#run();
    };
    try {
      this.#timer = unref(setTimeout(send, this.#settings.flushIntervalMillis));
    } catch {
      // Some edge runtimes have timers inside a request only; a flush sends what waits.
    }
  }

  async #sendFirst(): Promise<void> {
    this.#dropUnsure();
    const batch = this.#queue.first(this.#batchMax, BATCH_BYTES_MAX);
    if (batch.length === 0) return;
    this.#tally.requests += 1;
    const outcome = await postEvents(this.#destination, batch, this.#stopping.signal);
    // What waits was given up, and counted, when this was stopped.
    if (this.#stopping.signal.aborted) return;
    await this.#settle(batch, outcome);
  }

  async #settle(batch: readonly Waiting[], outcome: PostOutcome): Promise<void> {
    const { onError, retry, random } = this.#settings;
    const events = batch.length;
    switch (outcome.kind) {
      case "answered": {
        this.#tally.accepted += outcome.accepted;
        this.#tally.duplicates += outcome.duplicates;
        // What an answer leaves out of its account is counted as rejected, too: it is gone.
        let unnamed = events - outcome.accepted - outcome.duplicates;
        for (const [code, count] of outcome.rejectedByCode) {
          this.#tally.drop(code, count);
          unnamed -= count;
        }
        this.#tally.drop("rejected", unnamed);
        if (outcome.rejected > 0) {
          const message = `${outcome.rejected} events rejected: ${outcome.complaint}`;
          onError({ code: "rejected", message, events: outcome.rejected });
        }
        this.#batchMax = Math.min(this.#settings.maxBatch, this.#batchMax + 1);
        this.#leave(events);
        return;
      }
      case "too large":
        if (events > 1) {
          this.#batchMax = Math.ceil(events / 2);
          return;
        }
        this.#dropFirst("too_large", outcome.reason, events);
        return;
      case "unreadable":
        this.#dropFirst(
          Object.hasOwn(ISSUE_CODES, outcome.code) ? outcome.code : "rejected",
          outcome.reason,
          events,
        );
        return;
      case "away": {
        const nowMillis = this.#settings.nowMillis();
        if (outcome.isUnsure) for (const event of batch) event.unsureSinceMillis ??= nowMillis;
        this.#fail("away", outcome.reason, events);
        const pauseMillis = backOffMillis(retry, this.#failures, random);
        const asked = outcome.retryAfterMillis;
        // What the exporter asks of all is spread as well, or all would come back at once.
        if (asked === undefined) await this.#pause(pauseMillis, true);
        else await this.#pause(asked + random() * retry.baseMillis, false);
        return;
      }
      case "refused":
        this.#fail("refused", outcome.reason, events);
        await this.#pause(retry.maxMillis * (1 + random()) * 0.5, true);
    }
  }

  #fail(code: "away" | "refused", reason: string, events: number): void {
    this.#failures += 1;
    this.#tally.failedRequests += 1;
    this.#settings.onError({ code, message: `${this.#destination.url}: ${reason}`, events });
  }

  #dropFirst(reason: string, why: string, events: number): void {
    this.#tally.drop(reason, events);
    this.#leave(events);
    const message = `${events} events dropped (${reason}): ${why}`;
    this.#settings.onError({ code: "rejected", message, events });
  }

  /** One that may have been counted so long ago that a repeat would count twice. */
  #dropUnsure(): void {
    const before = this.#settings.nowMillis() - UNSURE_MAX_MILLIS;
    const [first] = this.#queue.first(1, BATCH_BYTES_MAX);
    if (first?.unsureSinceMillis === undefined || first.unsureSinceMillis > before) return;
    const waiting = this.#queue.first(this.#settings.maxQueue, Number.POSITIVE_INFINITY);
    const fresh = waiting.findIndex(
      ({ unsureSinceMillis = Number.POSITIVE_INFINITY }) => unsureSinceMillis > before,
    );
    const events = fresh === -1 ? waiting.length : fresh;
    this.#dropFirst("unsure", "no answer came for 23 hours", events);
  }

  #leave(events: number): void {
    this.#failures = 0;
    this.#queue.remove(events);
    for (const { target, resolve } of this.#waiters) if (this.#queue.left >= target) resolve();
  }

  #pause(millis: number, canBeCut: boolean): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#nap = undefined;
        resolve();
      };
      const timer = unref(setTimeout(wake, millis));
      this.#nap = { canBeCut, wake };
    });
  }
}
