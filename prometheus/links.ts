/** Where annotations of alerts lead: the dashboards and the runbooks. */

/** Grafana as its users reach it; docker-compose.yml publishes it here. */
export const GRAFANA_URL = "http://127.0.0.1:3000";

/**
 * Where docs/runbooks.md is read. Relative to this repository: put the address before it at which yours is hosted, so
 * that the link in a notification can be followed.
 */
export const RUNBOOKS_URL = "docs/runbooks.md";

/** Unique ids of the dashboards: they are in addresses, so they do not change. */
export const DASHBOARDS = {
  overview: "llm-overview",
  provider: "llm-provider",
  model: "llm-model",
  pools: "llm-pools",
  cost: "llm-cost",
  exporter: "llm-exporter",
} as const;
export type DashboardKey = keyof typeof DASHBOARDS;

/** A variable of the dashboards that an alert's label fills in. */
export type LinkedLabel = "job" | "provider" | "model" | "pool";

/** The address of a dashboard for the labels of an alert; a template that Prometheus fills in. */
export function dashboardUrl(dashboard: DashboardKey, labels: readonly LinkedLabel[]): string {
  const variables = labels.map((label) => `var-${label}={{ $labels.${label} | urlquery }}`);
  const query = variables.length === 0 ? "" : `?${variables.join("&")}`;
  return `${GRAFANA_URL}/d/${DASHBOARDS[dashboard]}${query}`;
}

/** The section of an alert in the runbooks. */
export function runbookUrl(alert: string): string {
  return `${RUNBOOKS_URL}#${alert.toLowerCase()}`;
}
