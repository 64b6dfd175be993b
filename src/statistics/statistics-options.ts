/** How a collector is made: every option, its default, and what is wrong with one that cannot be taken. */
import { parseDurationMillis } from "../event/duration.ts";
import { shown } from "../event/issue.ts";
import type { LedgerLimits } from "../ledger/ledger.ts";
import type { BookPrices } from "./book-prices.ts";
import type { Connector } from "./connector.ts";
import { STATS_SCOPES, type StatsScope } from "./stats-scope.ts";

/** A number of milliseconds, or text such as `500ms`, `60s`, `1h30m`, `7d`. */
export type Duration = number | string;

export type StatisticsOptions = {
  /** What statistics are kept of; all three by default. */
  readonly scopes?: readonly StatsScope[] | undefined;
  /** How long a request is part of them; `7d` by default, at least `1m`. */
  readonly retention?: Duration | undefined;
  /** Between scheduled flushes, `60s` by default; 0: there are none. */
  readonly flushInterval?: Duration | undefined;
  readonly connector?: Connector | readonly Connector[] | undefined;
  /** What prices requests that come without a cost: `await bookPrices()`. By default nothing does. */
  readonly prices?: BookPrices | undefined;
  readonly limits?: Partial<StatisticsLimits> | undefined;
  /** Takes what a scheduled flush failed with. By default the first failure after a success is a warning of the process. */
  readonly onError?: ((error: AggregateError) => void) | undefined;
  /** Milliseconds since the epoch; the clock of the process by default. */
  readonly now?: (() => number) | undefined;
};

export type StatisticsLimits = {
  /** Combinations of model, provider and pool; 1,000 by default. */
  readonly combinations: number;
  /** Names of models, of providers and of pools, each; 200 by default. Further ones are counted as `other`. */
  readonly names: number;
};

const OPTIONS: readonly string[] = [
  ...(["scopes", "retention", "flushInterval", "connector", "prices", "limits", "onError", "now"] as const),
] satisfies readonly (keyof StatisticsOptions)[];
const DAY_MILLIS = 86_400e3;
const RETENTION = { default: "7d", minMillis: 60e3, maxMillis: 3_660 * DAY_MILLIS };
/** A timer of the runtime waits for 24 days at most. */
const FLUSH_INTERVAL = { default: "60s", minMillis: 0, maxMillis: 24 * DAY_MILLIS };
const LIMITS: StatisticsLimits = { combinations: 1_000, names: 200 };
const LIMIT_MAX = 1_000_000;

/** The options in force. */
export type StatisticsSettings = {
  readonly scopes: readonly StatsScope[];
  readonly retentionMillis: number;
  readonly flushIntervalMillis: number;
  readonly connectors: readonly Connector[];
  readonly ledgerLimits: LedgerLimits;
};

/** Throws a TypeError or a RangeError that names option, rule and value. */
export function statisticsSettings(options: StatisticsOptions): StatisticsSettings {
  const { scopes = STATS_SCOPES, connector, limits = {} } = options;
  const { retention = RETENTION.default, flushInterval = FLUSH_INTERVAL.default } = options;
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`options: expected ${OPTIONS.join(", ")}, got ${shown(unknown)}`);
  checkScopes(scopes);
  return {
    scopes: STATS_SCOPES.filter((scope) => scopes.includes(scope)),
    retentionMillis: durationMillis("retention", retention, RETENTION),
    flushIntervalMillis: durationMillis("flushInterval", flushInterval, FLUSH_INTERVAL),
    connectors: checkedConnectors(connector),
    ledgerLimits: {
      seriesMax: limit("limits.combinations", limits.combinations ?? LIMITS.combinations),
      valuesPerLabelMax: limit("limits.names", limits.names ?? LIMITS.names),
    },
  };
}

function checkScopes(scopes: readonly StatsScope[]): void {
  const rule = `one or more of ${STATS_SCOPES.join(", ")}`;
  if (!Array.isArray(scopes)) throw new TypeError(`scopes: expected ${rule}, got ${shown(scopes)}`);
  const unknown = scopes.find((scope) => !STATS_SCOPES.includes(scope));
  if (scopes.length === 0 || unknown !== undefined) {
    throw new RangeError(`scopes: expected ${rule}, got ${scopes.length === 0 ? "none" : shown(unknown)}`);
  }
}

function checkedConnectors(given: StatisticsOptions["connector"]): readonly Connector[] {
  const connectors: readonly Connector[] = given === undefined ? [] : [given].flat();
  for (const connector of connectors) {
    if (typeof connector?.flush === "function") continue;
    throw new TypeError(`connector: expected an object with a function flush, got ${shown(connector)}`);
  }
  return connectors;
}

function durationMillis(
  path: string,
  duration: Duration,
  { minMillis, maxMillis }: { readonly minMillis: number; readonly maxMillis: number },
): number {
  if (typeof duration !== "number" && typeof duration !== "string") {
    throw new TypeError(`${path}: expected a duration such as 60s or 7d, got ${shown(duration)}`);
  }
  const millis = typeof duration === "number" ? duration : parseDurationMillis(duration);
  if (millis !== undefined && millis >= minMillis && millis <= maxMillis) return millis;
  const range = `from ${minMillis / 60e3}m to ${maxMillis / DAY_MILLIS}d`;
  throw new RangeError(
    `${path}: expected milliseconds or a duration such as 60s, ${range}, got ${shown(duration)}`,
  );
}

function limit(path: string, count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= LIMIT_MAX) return count;
  throw new RangeError(`${path}: expected integer from 1 to ${LIMIT_MAX}, got ${shown(count)}`);
}
