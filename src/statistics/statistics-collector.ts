/**
 * Statistics of requests to language models inside the application that makes them: the cells and the ledger of the
 * exporter without its server. Requests are counted in cells of the minute; when it is over, and whenever somebody
 * reads, these are merged into the totals and into the window that queries are answered from.
 */
import { FAMILIES } from "../catalogue/families.ts";
import { shown } from "../event/issue.ts";
import { safeLabelValue } from "../event/label-value.ts";
import { EventParser } from "../event/parse-event.ts";
import { merge } from "../ledger/cell.ts";
import { cellLayout } from "../ledger/cell-layout.ts";
import { Ledger } from "../ledger/ledger.ts";
import { MINUTE_MICROS, MinuteCells } from "../ledger/minute-cells.ts";
import { seriesKeys } from "../ledger/series-key.ts";
import { Pricer } from "../pricing/pricer.ts";
import { type AggregateStats, statsOf } from "./aggregate-stats.ts";
import type { Connector, ScopedStats, StatsByName } from "./connector.ts";
import { Flusher } from "./flusher.ts";
import { type RequestMetrics, requestEvent, requestFields } from "./request-metrics.ts";
import { RetentionWindow } from "./retention-window.ts";
import { type StatisticsOptions, statisticsSettings } from "./statistics-options.ts";
import { type StatsScope, UnknownScopeError } from "./stats-scope.ts";
import { totalFamilies } from "./total-families.ts";

const PRICED_MODELS_MAX = 10_000;
const LABEL_BYTES_MAX = 128;
const FIELD_DEPTH_MAX = 4;
/** Where the name stands among the label values of a series. */
const LABEL_INDEX: Readonly<Record<StatsScope, number>> = { provider: 0, model: 1, pool: 2 };

export class StatisticsCollector {
  readonly #scopes: readonly StatsScope[];
  readonly #connectors: readonly Connector[];
  readonly #observers: readonly Connector[];
  readonly #nowMicros: () => number;
  readonly #parser = new EventParser({
    labelBytesMax: LABEL_BYTES_MAX,
    depthMax: FIELD_DEPTH_MAX,
    futureToleranceMicros: 0,
  });
  readonly #ledger: Ledger;
  readonly #minutes: MinuteCells;
  readonly #pricer: Pricer;
  readonly #window: RetentionWindow;
  readonly #flusher: Flusher;
  #minute = Number.NEGATIVE_INFINITY;

  /** Throws a TypeError or a RangeError for an option that is not as it must be. */
  constructor(options: StatisticsOptions = {}) {
    const { scopes, connectors, retentionMillis, flushIntervalMillis, ledgerLimits } =
      statisticsSettings(options);
    const { now = Date.now, prices, onError } = options;
    this.#scopes = scopes;
    this.#connectors = connectors;
    this.#observers = connectors.filter(({ observe }) => observe !== undefined);
    this.#nowMicros = () => Math.round(now() * 1e3);
    this.#window = new RetentionWindow(retentionMillis * 1e3);
    this.#ledger = new Ledger(layoutOfTotals(), seriesKeys([]), ledgerLimits);
    this.#minutes = new MinuteCells(this.#ledger.layout, () => 0);
    this.#pricer = new Pricer(prices?.books ?? [], { modelsMax: PRICED_MODELS_MAX });
    const source = {
      startedMicros: this.#nowMicros(),
      nowMicros: this.#nowMicros,
      families: totalFamilies(this.#ledger, () => this.#settle()),
    };
    for (const connector of connectors) connector.attach?.(source);
    const read = () => this.#read();
    this.#flusher = new Flusher({ connectors, intervalMillis: flushIntervalMillis, read, onError });
  }

  /**
   * Counts one request that ended now. Throws a TypeError or a RangeError that names field, rule and value, and then
   * counts nothing.
   */
  record(modelId: string, providerId: string, poolId: string, metrics: RequestMetrics): void {
    const fields = requestFields(modelId, providerId, poolId, metrics);
    const timestampMicros = this.#nowMicros();
    const event = requestEvent(this.#parser, fields, metrics, timestampMicros);
    const minute = Math.floor(timestampMicros / MINUTE_MICROS);
    if (minute !== this.#minute) {
      this.#settle();
      this.#minute = minute;
    }
    this.#minutes.enter(this.#ledger.seriesOf(event), event, this.#pricer.price(event), false);
    for (const observer of this.#observers) observer.observe!({ timestampMicros, fields });
  }

  /** Statistics of the window. Throws an UnknownScopeError if the scope is not kept or has no request of that name. */
  query(scope: StatsScope, name: string): AggregateStats {
    this.#checkScope(scope, name);
    this.#settle();
    const cell = this.#window.read(scope, safeLabelValue(String(name), LABEL_BYTES_MAX));
    if (cell !== undefined) return statsOf(cell);
    const rule = `expected the name of a ${scope} with requests in the window`;
    throw new UnknownScopeError(scope, String(name), `${scope}: ${rule}, got ${shown(name)}`);
  }

  /** Names with requests in the window, in the order in which they were first seen. Throws as `query` does. */
  names(scope: StatsScope): readonly string[] {
    this.#checkScope(scope, "");
    this.#settle();
    return this.#window.names(scope);
  }

  /**
   * Passes the statistics on to the connectors. Resolves when all have them; rejects with an AggregateError of what some
   * failed with, when all were tried.
   */
  flush(): Promise<void> {
    return this.#flusher.flush();
  }

  /** Begins the window anew. Totals, which connectors pass on as counters, go on. */
  reset(): void {
    this.#settle();
    this.#window.clear();
  }

  /** Flushes for the last time and ends the schedule; rejects as `flush` does. What is recorded later is counted all the same. */
  close(): Promise<void> {
    return this.#flusher.close();
  }

  /** The same as `close`. */
  shutdown(): Promise<void> {
    return this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Requests that connectors did not pass on and never will. */
  get dropped(): number {
    return this.#connectors.reduce((sum, { dropped = 0 }) => sum + dropped, 0);
  }

  /** How often a name, or a combination of names, was counted as `other` because of a limit. */
  get folded(): number {
    return Array.from(this.#ledger.overflow.values()).reduce((sum, count) => sum + count, 0);
  }

  #checkScope(scope: StatsScope, name: string): void {
    if (this.#scopes.includes(scope)) return;
    const rule = `expected one of ${this.#scopes.join(", ")}, got ${shown(scope)}`;
    throw new UnknownScopeError(String(scope), String(name), `scope: ${rule}`);
  }

  /** Brings what was counted since the last time to where it is read. */
  #settle(): void {
    for (const { series, minuteMicros, cell } of this.#minutes.take()) {
      merge(series.cell, cell, this.#ledger.layout);
      for (const scope of this.#scopes) {
        this.#window.add(scope, series.labelValues[LABEL_INDEX[scope]]!, minuteMicros, cell);
      }
    }
    this.#window.expire(this.#nowMicros());
  }

  #read(): { stats: StatsByName; scoped: ScopedStats } {
    this.#settle();
    const stats = new Map<string, AggregateStats>();
    const scoped = this.#scopes.map((scope): [StatsScope, StatsByName] => {
      const byName = this.#window.names(scope).map((name): [string, AggregateStats] => {
        return [name, statsOf(this.#window.read(scope, name)!)];
      });
      for (const [name, of] of byName) stats.set(stats.has(name) ? `${scope}:${name}` : name, of);
      return [scope, Object.fromEntries(byName)];
    });
    return { stats: Object.fromEntries(stats), scoped: Object.fromEntries(scoped) };
  }
}

function layoutOfTotals() {
  const { duration, timeToFirstToken, timePerOutputToken } = FAMILIES;
  return cellLayout({
    duration: duration.buckets,
    timeToFirstToken: timeToFirstToken.buckets,
    timePerOutputToken: timePerOutputToken.buckets,
  });
}
