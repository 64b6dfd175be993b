/** Links that go one step down and take everything along: time range, data source and every filter, with values encoded. */
import { DashboardLinkBuilder, DashboardLinkType } from "@grafana/grafana-foundation-sdk/dashboard";
import { DASHBOARDS, type DashboardKey } from "../../prometheus/links.ts";
import { EXPORTER_URL, FILTERS, type Filter } from "./filters.ts";

/** Of the exporter's own API: kept requests, the latest first. */
const REQUESTS_PATH = "/v1/requests";

/** Where the value of a filter is found: a column of a table's row, or a label of a series. */
export type Origin = "column" | "series";

/** Tag that all dashboards have; links between them go by it. */
export const TAG = "llm-exporter";

/** To a dashboard, with the filters in `set` at the values of the row or series that was clicked. */
export function drillDown(title: string, to: DashboardKey, origin: Origin, set: readonly Filter[]) {
  const filters = FILTERS.map((filter) =>
    set.includes(filter) ? `var-${filter}=${clicked(origin, filter)}` : kept(filter),
  );
  const query = ["${__url_time_range}", kept("datasource"), ...filters, kept(EXPORTER_URL)].join("&");
  return link(title, `/d/${DASHBOARDS[to]}?${query}`);
}

/** Which of the requests behind a cell or point; parameters of the exporter's API. */
export type Only = {
  readonly status?: "error";
  /** At least as slow as the cell says, which is in milliseconds. */
  readonly min_duration_ms?: "${__value.raw}";
};

/** To the single requests at the exporter itself, within the dashboard's time range and its other filters. */
export function requestsBehind(title: string, origin: Origin, set: readonly Filter[], only: Only = {}) {
  // The exporter knows no job.
  const exact = FILTERS.filter((filter) => filter !== "job").map(
    (filter) => `${filter}=${set.includes(filter) ? clicked(origin, filter) : `\${${filter}:percentencode}`}`,
  );
  const further = Object.entries(only).map(([name, value]) => `${name}=${value}`);
  // The API reads RFC 3339, no milliseconds since the epoch.
  const range = ["from=${__from:date:iso}", "until=${__to:date:iso}"];
  const query = [...exact, ...further, ...range].join("&");
  return link(title, `\${${EXPORTER_URL}:raw}${REQUESTS_PATH}?${query}`).targetBlank(true);
}

/** On top of each dashboard: the others, with the same filters and time. */
export function dashboardsLink() {
  return new DashboardLinkBuilder("Dashboards")
    .type(DashboardLinkType.Dashboards)
    .tooltip("The other dashboards, with the same filters and time range")
    .tags([TAG])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true);
}

function link(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url);
}

/** Names of models hold slashes, brackets and ampersands: without the encoding a link leads elsewhere. */
function clicked(origin: Origin, filter: Filter): string {
  return origin === "column"
    ? `\${__data.fields.${filter}:percentencode}`
    : `\${__field.labels.${filter}:percentencode}`;
}

function kept(variable: string): string {
  return `\${${variable}:queryparam}`;
}
