/** The library: statistics inside an application, without a server. What is exported here is what applications may use. */
export type { AggregateStats } from "./statistics/aggregate-stats.ts";
export { type BookPrices, bookPrices } from "./statistics/book-prices.ts";
export type {
  Connector,
  ObservedRequest,
  ScopedStats,
  StatisticsSource,
  StatsByName,
} from "./statistics/connector.ts";
export { HttpConnector, type HttpConnectorOptions } from "./statistics/http-connector.ts";
export { PrometheusConnector, type PrometheusRegistry } from "./statistics/prometheus-connector.ts";
export type { RequestMetrics } from "./statistics/request-metrics.ts";
export { StatisticsCollector } from "./statistics/statistics-collector.ts";
export type { Duration, StatisticsLimits, StatisticsOptions } from "./statistics/statistics-options.ts";
export { StatsScope, UnknownScopeError } from "./statistics/stats-scope.ts";
export type { Distribution, Labels, Sample, TotalFamily } from "./statistics/total-families.ts";
