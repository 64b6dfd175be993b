/** The current and coming periods of all budgets that have one period and time zone, and what was spent in each. */
import type { Span } from "./calendar.ts";

/** A period with the sums of its members: micro-dollars and pico-dollars of each in turn. */
export type PeriodSums = Span & { readonly sums: Float64Array };

type Member = { watchedSinceMicros: number };

/**
 * Periods kept; beyond it the oldest is forgotten. An event lies at most 24 days ahead of the clock, which is 576
 * hours: only what is past is ever forgotten, and no reading would have shown it.
 */
const KEPT_MAX = 600;

const NO_PERIOD: PeriodSums = { startMicros: 0, endMicros: 0, sums: new Float64Array(0) };

export class Timeline<Of extends Member> {
  /** All are added before the first period begins. */
  readonly members: Of[] = [];
  readonly #spanOf: (micros: number) => Span;
  /** In order of time. */
  #kept: PeriodSums[] = [];
  #latest = NO_PERIOD;
  /** What ended before it is forgotten. */
  #fromMicros: number;

  constructor(spanOf: (micros: number) => Span, nowMicros: number) {
    this.#spanOf = spanOf;
    this.#fromMicros = spanOf(nowMicros).startMicros;
  }

  get kept(): readonly PeriodSums[] {
    return this.#kept;
  }

  /** The period that holds an instant; `undefined` if it is forgotten. The one asked for last is found at once. */
  at(micros: number): PeriodSums | undefined {
    if (micros >= this.#latest.startMicros && micros < this.#latest.endMicros) return this.#latest;
    if (micros < this.#fromMicros) return undefined;
    const next = this.#kept.findIndex(({ endMicros }) => endMicros > micros);
    const known = this.#kept[next];
    this.#latest = known !== undefined && known.startMicros <= micros ? known : this.#begin(micros, next);
    return this.#latest;
  }

  /** Forgets the periods before the one that holds the current instant. */
  roll(nowMicros: number): void {
    const { startMicros } = this.#spanOf(nowMicros);
    if (startMicros < this.#fromMicros) {
      // The clock was put back into a period that is forgotten.
      for (const member of this.members) member.watchedSinceMicros = nowMicros;
    }
    if (startMicros === this.#fromMicros) return;
    this.#fromMicros = startMicros;
    this.#kept = this.#kept.filter(({ endMicros }) => endMicros > startMicros);
  }

  #begin(micros: number, next: number): PeriodSums {
    const { startMicros, endMicros } = this.#spanOf(micros);
    const period = { startMicros, endMicros, sums: new Float64Array(this.members.length * 2) };
    this.#kept.splice(next === -1 ? this.#kept.length : next, 0, period);
    if (this.#kept.length > KEPT_MAX) this.#fromMicros = this.#kept.shift()!.endMicros;
    return period;
  }
}
