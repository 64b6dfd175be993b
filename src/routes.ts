/** Every route of the exporter, family by family: what the router serves, and what /openapi.json and /docs are printed from. */
import { activeRequestsRoutes } from "./http/active-requests-routes.ts";
import type { ActiveStreams } from "./http/active-streams.ts";
import { costTrackerRoutes } from "./http/cost-tracker-routes.ts";
import { type CostTrackerWritesParts, costTrackerWriteRoutes } from "./http/cost-tracker-writes.ts";
import { type EventsRouteParts, ingestRoutes } from "./http/events-route.ts";
import { gatewayRoutes } from "./http/gateway-routes.ts";
import { historyRoutes } from "./http/history-routes.ts";
import { landingRoute } from "./http/landing-page.ts";
import { logsRoutes } from "./http/logs-routes.ts";
import { metricsRoute } from "./http/metrics-route.ts";
import { monitoringRoutes } from "./http/monitoring-routes.ts";
import { openApiRoutes } from "./http/openapi-routes.ts";
import { type OperationsRoutesParts, operationsRoutes } from "./http/operations-routes.ts";
import { type OtelMetricsParts, otelMetricsRoute } from "./http/otel-metrics-route.ts";
import { type OtlpParts, otlpRoutes } from "./http/otlp-routes.ts";
import { type PricingRoutesParts, pricingRoutes } from "./http/pricing-routes.ts";
import type { QueryParts } from "./http/query-parts.ts";
import { requestsRoutes } from "./http/requests-routes.ts";
import type { Route } from "./http/route.ts";
import { runningTotalsRoutes } from "./http/running-totals-routes.ts";
import { seriesRoutes } from "./http/series-routes.ts";
import { statisticsRoutes } from "./http/statistics-routes.ts";
import { statsRoutes } from "./http/stats-routes.ts";
import { type StatusRoutesParts, statusRoutes } from "./http/status-routes.ts";
import { totalsRoutes } from "./http/totals-routes.ts";
import type { WindowStatistics } from "./ingest/window-statistics.ts";

export type RoutesParts = {
  readonly telemetryPath: string;
  readonly events: EventsRouteParts;
  readonly dialects: CostTrackerWritesParts & OtlpParts;
  readonly metrics: Parameters<typeof metricsRoute>;
  readonly otelMetrics: OtelMetricsParts;
  readonly query: QueryParts;
  readonly activeStreams: ActiveStreams;
  readonly pricing: PricingRoutesParts;
  readonly statistics: WindowStatistics;
  readonly status: Omit<StatusRoutesParts, keyof QueryParts | "readiness">;
  readonly operations: OperationsRoutesParts;
};

export function routesOf(parts: RoutesParts): readonly Route[] {
  const { query, operations, statistics, status, telemetryPath } = parts;
  const { version } = status;
  const routes: Route[] = [
    ...ingestRoutes(parts.events),
    ...gatewayRoutes(parts.dialects),
    ...otlpRoutes(parts.dialects),
    ...costTrackerWriteRoutes(parts.dialects),
    metricsRoute(...parts.metrics),
    otelMetricsRoute(parts.otelMetrics),
    ...pricingRoutes(parts.pricing),
    ...historyRoutes(query.history),
    ...totalsRoutes(query),
    ...statsRoutes(statistics),
    ...seriesRoutes(query),
    ...requestsRoutes(query),
    ...statusRoutes({ ...query, ...status, ...operations }),
    ...runningTotalsRoutes(query),
    ...activeRequestsRoutes(query, parts.activeStreams),
    ...logsRoutes(query),
    ...costTrackerRoutes(query),
    ...monitoringRoutes(query),
    ...statisticsRoutes(statistics),
    ...operationsRoutes(operations),
    ...(telemetryPath === "/" ? [] : [landingRoute({ version, telemetryPath })]),
  ];
  // It tells of itself as well.
  routes.push(...openApiRoutes({ version, routes }));
  return routes;
}
