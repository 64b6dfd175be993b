/**
 * What every dashboard can be narrowed down to. Each variable offers only what the ones before it leave, so that no
 * choice ends in an empty page. All of them are on every dashboard, so that a link can carry them along.
 */
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { select } from "../../prometheus/promql.ts";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";

/** The data source of every panel, query, variable and annotation. */
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** Variables that filter by a label of the same name, in the order in which they narrow each other down. */
export const FILTERS = ["job", "pool", "provider", "model"] as const;
export type Filter = (typeof FILTERS)[number];

/** Where the exporter's own pages are; a dashboard cannot know it. */
export const EXPORTER_URL = "exporter_url";
const EXPORTER_URL_DEFAULT = "http://127.0.0.1:9464";

/** Variables have several values, which Grafana writes as a regular expression. */
function matches(label: Filter): string {
  return `${label}=~"$${label}"`;
}

/** Matchers of a request family: all filters. */
export const REQUESTS = FILTERS.map(matches).join(",");
/** Matchers of the exporter's own metrics, of budgets, and of whatever else has no more labels of ours. */
export const EXPORTER = matches("job");

export function filterVariables() {
  const before = (label: Filter) => FILTERS.slice(0, FILTERS.indexOf(label)).map(matches);
  return [
    new DatasourceVariableBuilder("datasource")
      .label("Data source")
      .description("The Prometheus that scrapes the exporters.")
      .type("prometheus"),
    filterVariable("job", `label_values(${SELF_FAMILIES.buildInfo.name}, job)`, "Scrape jobs of exporters."),
    filterVariable("pool", valuesOf("pool", before("pool")), "Pools, of these jobs."),
    filterVariable("provider", valuesOf("provider", before("provider")), "Providers, of these pools."),
    filterVariable("model", valuesOf("model", before("model")), "Models, of these providers and pools."),
    new TextBoxVariableBuilder(EXPORTER_URL)
      .label("Exporter")
      .description("Where your browser reaches an exporter: links to single requests lead there.")
      .defaultValue(EXPORTER_URL_DEFAULT)
      .current({ text: EXPORTER_URL_DEFAULT, value: EXPORTER_URL_DEFAULT }),
  ];
}

function valuesOf(label: Filter, matchers: readonly string[]): string {
  return `label_values(${select(FAMILIES.requests, ...matchers)}, ${label})`;
}

/** A variable with several values, all of them unless somebody chooses. `query` is one of label_values. */
function filterVariable(name: string, query: string, description: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(name.charAt(0).toUpperCase() + name.slice(1))
    .description(description)
    .datasource(DATASOURCE)
    .query({ qryType: 1, query, refId: `variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".+")
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}
