/** What the demo says of itself: one line, rewritten in a terminal, written again every ten seconds elsewhere. */
import type { PhaseName } from "./scenario.ts";

/** Numbers since the demo began. */
export type DemoTotals = {
  /** Events that the exporter answered for. */
  sent: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Ended requests among them, repeats apart. */
  requests: number;
  /** Costs that were reported in them, in US dollars. */
  reportedUsd: number;
  /** Events given up because too many were waiting for an exporter that was away. */
  dropped: number;
};

export function zeroTotals(): DemoTotals {
  return { sent: 0, accepted: 0, duplicates: 0, rejected: 0, requests: 0, reportedUsd: 0, dropped: 0 };
}

/** Where the lines go; `process.stdout` is one. */
export type Terminal = {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
};

const RATE_WINDOW_MILLIS = 5_000;
const PLAIN_INTERVAL_MILLIS = 10_000;

export class Progress {
  readonly #terminal: Terminal;
  /** Requests at instants of the last seconds, the oldest first. */
  readonly #marks: { readonly atMillis: number; readonly requests: number }[] = [];
  #plainDueMillis: number;

  constructor(terminal: Terminal, nowMillis: number) {
    this.#terminal = terminal;
    this.#plainDueMillis = nowMillis + PLAIN_INTERVAL_MILLIS;
    this.#marks.push({ atMillis: nowMillis, requests: 0 });
  }

  show(totals: DemoTotals, phase: PhaseName, nowMillis: number): void {
    const perSecond = this.#perSecond(totals.requests, nowMillis);
    // What moves comes first: a narrow terminal cuts the end off.
    const line = `${phase} | ${perSecond.toFixed(1)} requests/s | ${usd(totals.reportedUsd)} | ${countsOf(totals)}`;
    if (this.#terminal.isTTY) {
      this.#terminal.write(`\r${ERASE_LINE}${line.slice(0, (this.#terminal.columns ?? 80) - 1)}`);
    } else if (nowMillis >= this.#plainDueMillis) {
      this.#plainDueMillis = nowMillis + PLAIN_INTERVAL_MILLIS;
      this.#terminal.write(`${line}\n`);
    }
  }

  /** A line that stays. */
  say(text: string): void {
    this.#terminal.write(`${this.#terminal.isTTY ? `\r${ERASE_LINE}` : ""}${text}\n`);
  }

  summary(totals: DemoTotals, seconds: number): void {
    this.say(
      `${count(totals.requests)} requests in ${seconds.toFixed(0)} s, ${usd(totals.reportedUsd)}; events ${countsOf(totals)}`,
    );
  }

  #perSecond(requests: number, nowMillis: number): number {
    const marks = this.#marks;
    marks.push({ atMillis: nowMillis, requests });
    while (marks.length > 2 && nowMillis - marks[1]!.atMillis >= RATE_WINDOW_MILLIS) marks.shift();
    const first = marks[0]!;
    return nowMillis === first.atMillis
      ? 0
      : ((requests - first.requests) * 1e3) / (nowMillis - first.atMillis);
  }
}

const ERASE_LINE = "\u001b[2K";

function countsOf({ sent, accepted, duplicates, rejected, dropped }: DemoTotals): string {
  const counts = `sent ${count(sent)}, accepted ${count(accepted)}, duplicates ${count(duplicates)}, rejected ${count(rejected)}`;
  return dropped === 0 ? counts : `${counts}, given up ${count(dropped)}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function usd(value: number): string {
  return `$${value.toFixed(2)} reported`;
}
