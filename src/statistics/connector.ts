/** What a collector gives to those who pass its numbers on, and what it expects of them. */
import type { AggregateStats } from "./aggregate-stats.ts";
import type { RequestFields } from "./request-metrics.ts";
import type { StatsScope } from "./stats-scope.ts";
import type { TotalFamily } from "./total-families.ts";

/** By name of a model, provider or pool. */
export type StatsByName = Readonly<Record<string, AggregateStats>>;

/** The statistics of one instant by scope; a scope that is not kept is absent. */
export type ScopedStats = Readonly<Partial<Record<StatsScope, StatsByName>>>;

/** A request as it was recorded. */
export type ObservedRequest = {
  /** When it was recorded, in microseconds since the epoch. */
  readonly timestampMicros: number;
  readonly fields: RequestFields;
};

/** Totals since the collector was made. They never go back, whatever becomes of the window. */
export type StatisticsSource = {
  /** When the totals began, and the time now, in microseconds since the epoch. */
  readonly startedMicros: number;
  readonly nowMicros: () => number;
  readonly families: readonly TotalFamily[];
};

/** All but `flush` is for those who need more than the statistics; any object with a `flush` is a connector. */
export type Connector = {
  /**
   * Passes the statistics of the window on. The key is the name of the model, provider or pool; a name that an earlier
   * scope has as well is prefixed by its scope, `pool:gpt-4o`. `scoped` has the same by scope. What it throws or rejects
   * with is reported, and other connectors get theirs all the same.
   */
  flush(stats: StatsByName, scoped: ScopedStats): unknown;
  /** Called once, by the collector that the connector is given to. */
  attach?(source: StatisticsSource): void;
  /** Called for each request when it has been counted. It must be quick and must not throw. */
  observe?(request: ObservedRequest): void;
  /** Requests that were not passed on and never will be. */
  readonly dropped?: number;
  /** Called after the last flush. */
  close?(): unknown;
};
