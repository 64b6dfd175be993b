/**
 * `llm-exporter demo`: sends believable traffic to a running exporter until it is stopped. It outlives an exporter
 * that is away, and takes its leave properly: requests that it reported as started are reported as ended.
 */

import type { TimedEvent } from "./arrival.ts";
import type { DemoOptions } from "./demo-options.ts";
import { type DemoTotals, Progress, type Terminal, zeroTotals } from "./progress.ts";
import { type SendOutcome, sendBatch } from "./send-batch.ts";
import { createTraffic } from "./traffic.ts";

/** What the demo takes from the world around it. */
export type DemoPorts = {
  readonly nowMillis: () => number;
  /** Resolves after the time, or as soon as the signal is aborted. */
  readonly sleep: (millis: number, signal: AbortSignal) => Promise<void>;
  readonly terminal: Terminal;
  /** Aborted when the demo shall stop. */
  readonly stop: AbortSignal;
};

export type DemoReport = {
  readonly totals: DemoTotals;
  /** False if the exporter refused the demo, or never answered in all of the duration. */
  readonly ok: boolean;
};

const TICK_MILLIS = 250;
const BATCH_EVENTS = 500;
/** Events that wait for an exporter that is away: some minutes at the default rate, 30 MB or so. */
const WAITING_MAX = 30_000;
const BACKOFF_MIN_MILLIS = 500;
const BACKOFF_MAX_MILLIS = 15_000;
/** How long the last events are tried for. */
const FAREWELL_MILLIS = 5_000;

/** Resolves when the demo has been stopped, its duration is over, or the exporter refused it. Never rejects. */
export async function runDemo(options: DemoOptions, ports: DemoPorts): Promise<DemoReport> {
  const { nowMillis, sleep, terminal, stop } = ports;
  const startMillis = nowMillis();
  const traffic = createTraffic({ seed: options.seed, rate: options.rate, startMillis });
  const progress = new Progress(terminal, startMillis);
  const mailer = new Mailer(options, progress);
  const endMillis = startMillis + (options.durationMillis ?? Number.POSITIVE_INFINITY);
  progress.say(
    `sending ${options.rate} requests/s to ${options.target}, seed ${options.seed}; stop with Ctrl-C`,
  );

  while (!stop.aborted && !mailer.refused && nowMillis() < endMillis) {
    mailer.add(traffic.due(nowMillis()));
    await mailer.deliver(nowMillis());
    progress.show(mailer.totals, traffic.phaseAt(nowMillis()), nowMillis());
    await sleep(Math.min(TICK_MILLIS, Math.max(0, endMillis - nowMillis())), stop);
  }

  mailer.add(traffic.due(nowMillis()));
  mailer.add(traffic.finish(nowMillis()));
  const farewellMillis = nowMillis() + FAREWELL_MILLIS;
  const never = new AbortController().signal;
  while (mailer.waiting > 0 && !mailer.refused && mailer.reached && nowMillis() < farewellMillis) {
    if (!(await mailer.deliver(nowMillis()))) await sleep(TICK_MILLIS, never);
  }
  if (mailer.waiting > 0) progress.say(`${mailer.waiting} events were left unsent`);
  progress.summary(mailer.totals, (nowMillis() - startMillis) / 1e3);
  return { totals: mailer.totals, ok: !mailer.refused && (mailer.reached || stop.aborted) };
}

/** Delivers events in order, in batches, and backs off while the exporter is away. */
class Mailer {
  readonly totals = zeroTotals();
  /** The exporter refuses what is sent, and will go on to. */
  refused = false;
  /** The exporter has answered at least once. */
  reached = false;

  readonly #options: DemoOptions;
  readonly #progress: Progress;
  #waiting: TimedEvent[] = [];
  #batchEvents = BATCH_EVENTS;
  #backoffMillis = 0;
  #nextTryMillis = 0;
  #complaint: string | undefined;

  constructor(options: DemoOptions, progress: Progress) {
    this.#options = options;
    this.#progress = progress;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(events: readonly TimedEvent[]): void {
    this.#waiting = this.#waiting.concat(events);
    const excess = this.#waiting.length - WAITING_MAX;
    if (excess <= 0) return;
    this.#waiting = this.#waiting.slice(excess);
    this.totals.dropped += excess;
  }

  /** Sends what waits, as far as the exporter takes it. False if it is away. */
  async deliver(nowMillis: number): Promise<boolean> {
    if (nowMillis < this.#nextTryMillis) return false;
    while (this.#waiting.length > 0 && !this.refused) {
      const batch = this.#waiting.slice(0, this.#batchEvents);
      const outcome = await sendBatch(
        this.#options,
        batch.map(({ event }) => event),
      );
      if (outcome.kind === "answered") this.#book(batch, outcome);
      else if (!this.#endure(outcome, nowMillis)) return false;
    }
    return true;
  }

  #book(batch: readonly TimedEvent[], outcome: Extract<SendOutcome, { kind: "answered" }>): void {
    this.#waiting = this.#waiting.slice(batch.length);
    if (this.#backoffMillis > 0) this.#progress.say(`${this.#options.target} takes events again`);
    this.#backoffMillis = 0;
    this.reached = true;
    this.#say(outcome.complaint === undefined ? undefined : `an event was rejected: ${outcome.complaint}`);
    const { totals } = this;
    totals.sent += batch.length;
    totals.accepted += outcome.accepted;
    totals.duplicates += outcome.duplicates;
    totals.rejected += outcome.rejected;
    batch.forEach(({ event, repeat }, index) => {
      if (repeat || event.phase !== undefined || outcome.rejectedAt.has(index)) return;
      totals.requests += 1;
      totals.reportedUsd += event.cost_usd ?? 0;
    });
  }

  /** True if sending may go on at once. */
  #endure(outcome: Exclude<SendOutcome, { kind: "answered" }>, nowMillis: number): boolean {
    this.#say(outcome.reason);
    if (outcome.kind === "too large" && this.#batchEvents > 1) {
      this.#batchEvents = Math.ceil(this.#batchEvents / 2);
      return true;
    }
    if (outcome.kind !== "away") {
      this.refused = true;
      return false;
    }
    this.#backoffMillis = Math.min(BACKOFF_MAX_MILLIS, Math.max(BACKOFF_MIN_MILLIS, this.#backoffMillis * 2));
    this.#nextTryMillis = nowMillis + (outcome.retryAfterMillis ?? this.#backoffMillis);
    return false;
  }

  /** Says a thing once, and not again until something else has been said. */
  #say(complaint: string | undefined): void {
    if (complaint !== undefined && complaint !== this.#complaint) this.#progress.say(complaint);
    this.#complaint = complaint;
  }
}
