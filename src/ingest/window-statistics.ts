/**
 * Statistics of the window by model, provider and pool: answered from the rollups, begun anew on demand, and sent out on a
 * schedule if there is somewhere to send them.
 */
import { type AggregateStats, aggregateStats } from "../query/aggregate-stats.ts";
import type { EventHistory } from "./event-history.ts";

export const STATISTICS_SCOPES = ["model", "provider", "pool"] as const;
export type StatisticsScope = (typeof STATISTICS_SCOPES)[number];

export type WindowSettings = {
  readonly windowMicros: number;
  readonly scopes: readonly StatisticsScope[];
  readonly intervalMillis: number;
  /** Where statistics are sent; `undefined`: nowhere. Rejects if they do not arrive. */
  readonly send: ((statistics: SentStatistics) => Promise<void>) | undefined;
};

export type SentStatistics = {
  /** What they cover, in microseconds since the epoch. */
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly scopes: Readonly<Partial<Record<StatisticsScope, Readonly<Record<string, AggregateStats>>>>>;
  /** There were more names than are sent; these are not all. */
  readonly isIncomplete: boolean;
};

export type WindowStatisticsParts = {
  readonly history: Pick<EventHistory, "cells" | "statisticsSinceMicros" | "resetStatistics">;
  /** As they are now. */
  readonly settings: () => WindowSettings;
  readonly nowMicros: () => number;
  /** Sending begins to fail, or works again. */
  readonly onFailure: (error: unknown) => void;
  readonly onRecovery: () => void;
};

/** Names of one scope in one sending. */
const NAMES_MAX = 10_000;

export class WindowStatistics {
  sent = 0;
  failures = 0;
  readonly #parts: WindowStatisticsParts;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<unknown> = Promise.resolve();
  #isFailing = false;
  #isClosed = false;

  constructor(parts: WindowStatisticsParts) {
    this.#parts = parts;
  }

  /** Where the window begins: its length ago, or at the last reset. */
  get fromMicros(): number {
    const { history, settings, nowMicros } = this.#parts;
    return Math.max(nowMicros() - settings().windowMicros, history.statisticsSinceMicros);
  }

  /** The window begins anew; resolves with when, once that is on disk. */
  async reset(): Promise<number> {
    const { history } = this.#parts;
    await history.resetStatistics();
    return history.statisticsSinceMicros;
  }

  /** Sends the statistics; resolves with how many there were, 0 if they go nowhere. Rejects if they do not arrive. */
  async flush(): Promise<number> {
    const { send } = this.#parts.settings();
    if (send === undefined) return 0;
    const sending = this.#sending.then(async () => {
      const statistics = await this.#statistics();
      await send(statistics);
      return Object.values(statistics.scopes).reduce((sum, byName) => sum + Object.keys(byName).length, 0);
    });
    this.#sending = sending.catch(() => undefined);
    try {
      const count = await sending;
      this.sent += 1;
      if (this.#isFailing) this.#parts.onRecovery();
      this.#isFailing = false;
      return count;
    } catch (error) {
      this.failures += 1;
      if (!this.#isFailing) this.#parts.onFailure(error);
      this.#isFailing = true;
      throw error;
    }
  }

  /** Begins to send on schedule. */
  start(): void {
    this.#timer = setTimeout(() => {
      // What went wrong has been said.
      this.flush()
        .catch(() => undefined)
        .finally(() => {
          if (!this.#isClosed) this.start();
        });
    }, this.#parts.settings().intervalMillis);
  }

  /** Sends for the last time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.flush().catch(() => undefined);
  }

  async #statistics(): Promise<SentStatistics> {
    const { history, settings, nowMicros } = this.#parts;
    const asked = { fromMicros: this.fromMicros, untilMicros: nowMicros() + 1 };
    const scopes: Record<string, Record<string, AggregateStats>> = {};
    let isIncomplete = false;
    let covered = asked;
    for (const scope of settings().scopes) {
      const answer = await history.cells.range({
        ...asked,
        by: [scope],
        where: [],
        cellsMax: NAMES_MAX,
        stepMicros: undefined,
        mayBeginAtReset: true,
      });
      scopes[scope] = Object.fromEntries(
        answer.groups.map(({ values: [name], cell }) => [name, aggregateStats(cell)]),
      );
      isIncomplete ||= answer.isTooLarge;
      covered = answer.range ?? covered;
    }
    return { ...covered, scopes, isIncomplete };
  }
}
