/**
 * Statistics of the window by model, provider and pool: answered from the rollups, begun anew on demand, and sent out on a
 * schedule if there is somewhere to send them.
 */
import { inTurns } from "../history/turns.ts";
import { type AggregateStats, aggregateStats } from "../query/aggregate-stats.ts";
import type { Group } from "../query/fold.ts";
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

/** Names of one scope in one answer or sending. */
export const NAMES_MAX = 10_000;

export type NamedStatistics = { readonly name: string } & AggregateStats;

export type ScopeStatistics = {
  /** What they cover, in microseconds since the epoch. */
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly statistics: readonly NamedStatistics[];
  /** There are more names than NAMES_MAX; these are not all. */
  readonly isTooLarge: boolean;
};

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

  /**
   * Of all that have requests in the window, or of one name, those with the most requests first. Rejects with a StoreError.
   * `windowMicros`: instead of the configured one; never beyond the last reset.
   */
  async of(
    scope: StatisticsScope,
    {
      name,
      windowMicros,
    }: { readonly name?: string | undefined; readonly windowMicros?: number | undefined } = {},
  ): Promise<ScopeStatistics> {
    const { history, settings, nowMicros } = this.#parts;
    const now = nowMicros();
    const beginMicros = now - (windowMicros ?? settings().windowMicros);
    const { groups, range, isTooLarge } = await history.cells.range({
      by: [scope],
      where: name === undefined ? [] : [{ dimension: scope, kind: "is", values: [name] }],
      fromMicros: Math.max(0, beginMicros, history.statisticsSinceMicros),
      // What comes to its end in this very microsecond is in it.
      untilMicros: now + 1,
      stepMicros: undefined,
      cellsMax: NAMES_MAX,
      mayBeginAtReset: true,
    });
    const statistics = await inTurns(presented(groups));
    return { fromMicros: Math.min(range!.fromMicros, now), untilMicros: now, statistics, isTooLarge };
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
    const scopes: Record<string, Record<string, AggregateStats>> = {};
    const all = await Promise.all(
      this.#parts.settings().scopes.map(async (scope) => [scope, await this.of(scope)] as const),
    );
    for (const [scope, { statistics }] of all) {
      scopes[scope] = Object.fromEntries(statistics.map(({ name, ...stats }) => [name, stats]));
    }
    return {
      // They were asked at once; a reset between them would make the later ones shorter.
      fromMicros: Math.min(...all.map(([, { fromMicros }]) => fromMicros)),
      untilMicros: Math.max(...all.map(([, { untilMicros }]) => untilMicros)),
      scopes,
      isIncomplete: all.some(([, { isTooLarge }]) => isTooLarge),
    };
  }
}

function* presented(groups: readonly Group[]): Generator<void, NamedStatistics[]> {
  const statistics: NamedStatistics[] = [];
  for (const { values, cell } of groups) {
    statistics.push({ name: values[0]!, ...aggregateStats(cell) });
    yield;
  }
  return statistics.sort(
    (one, other) => other.total_requests - one.total_requests || (one.name < other.name ? -1 : 1),
  );
}
