/**
 * What the exporter must show: the sum of everything that was acknowledged, and of everything that was ever sent. What
 * lies between the two is in doubt: a request without an answer may have been kept or not.
 */
import type { Effect } from "./events.ts";
import type { Exposition } from "./samples.ts";
import { decimalText } from "./samples.ts";

/** Families that the model knows in full: a sample of theirs that it does not know must be zero. */
const MODELLED =
  /^llm_(requests_total|errors_total|tokens_total|cost_usd_total|budget_spent_usd|requests_in_flight|request_duration_seconds_(count|sum))(\{|$)/;
const GAUGES = /^llm_requests_in_flight/;
const REQUESTS = /^llm_requests_total/;

export type Totals = ReadonlyMap<string, bigint>;

export class Model {
  /** Events (batches count each of theirs) that a 2xx was received for. */
  acknowledgedEvents = 0;
  readonly #acknowledged = new Map<string, bigint>();
  readonly #sent = new Map<string, bigint>();

  /** Before the first byte of an event leaves. A request that it would close counts as closed for the lower bound. */
  sending(effects: readonly Effect[]): void {
    for (const { sample, amount } of effects)
      add(amount < 0n ? this.#acknowledged : this.#sent, sample, amount);
  }

  acknowledge(effects: readonly Effect[], events: number): void {
    for (const { sample, amount } of effects)
      add(amount < 0n ? this.#sent : this.#acknowledged, sample, amount);
    this.acknowledgedEvents += events;
  }

  /** The least that an exposition may show that is asked for now. */
  floor(): Totals {
    return new Map(this.#acknowledged);
  }

  /** The most that an exposition may show that was received before now. */
  ceiling(): Totals {
    return new Map(this.#sent);
  }
}

function add(totals: Map<string, bigint>, sample: string, amount: bigint): void {
  totals.set(sample, (totals.get(sample) ?? 0n) + amount);
}

/** What a comparison found. */
export type Finding = {
  /** Requests that are missing, and requests that are too many. */
  readonly lost: bigint;
  readonly doubled: bigint;
  /** A line for each sample that is out of bounds. */
  readonly evidence: readonly string[];
};

/**
 * Compares an exposition with its bounds. Gauges go up and down while it is made, so they are compared only if nothing
 * was under way.
 */
export function compare(
  { values }: Exposition,
  bounds: { readonly floor: Totals; readonly ceiling: Totals; readonly still: boolean },
): Finding {
  const evidence: string[] = [];
  let lost = 0n;
  let doubled = 0n;
  for (const sample of new Set([...values.keys(), ...bounds.floor.keys()])) {
    if (!MODELLED.test(sample) || (!bounds.still && GAUGES.test(sample))) continue;
    const value = values.get(sample) ?? 0n;
    const least = bounds.floor.get(sample) ?? 0n;
    const most = bounds.ceiling.get(sample) ?? 0n;
    if (value >= least && value <= most) continue;
    if (REQUESTS.test(sample) && value < least) lost += (least - value) / 10n ** 18n;
    if (REQUESTS.test(sample) && value > most) doubled += (value - most) / 10n ** 18n;
    const expected = least === most ? decimalText(least) : `${decimalText(least)} to ${decimalText(most)}`;
    const shown = values.has(sample) ? decimalText(value) : "no such sample";
    evidence.push(`${sample}: expected ${expected}, got ${shown}`);
  }
  return { lost, doubled, evidence };
}

/** Samples that went back since an earlier exposition, or are gone: a line for each. */
export function stepsBack(before: Exposition, after: Exposition): string[] {
  return Array.from(before.steps).flatMap((sample) => {
    const was = before.values.get(sample)!;
    const is = after.values.get(sample);
    if (is !== undefined && is >= was) return [];
    return [`${sample}: was ${decimalText(was)}, is ${is === undefined ? "gone" : decimalText(is)}`];
  });
}
