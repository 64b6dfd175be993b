import { expect, test } from "vitest";
import { ruleFiles } from "../../prometheus/rule-files.ts";
import { type DashboardFile, dashboardFilesAsWritten } from "./dashboard-file.ts";
import { DASHBOARD_RULES, faultsOf } from "./dashboard-rules.ts";
import { sampleDashboard } from "./sample-dashboard.ts";

const dashboards = dashboardFilesAsWritten();

test.each(DASHBOARD_RULES)("dashboards keep to $name", (rule) => {
  expect(faultsOf(rule, dashboards)).toEqual([]);
});

test("the sample keeps to every rule", () => {
  expect(DASHBOARD_RULES.flatMap((rule) => faultsOf(rule, [sampleDashboard()]))).toEqual([]);
});

test("each rule has a name of its own", () => {
  const names = DASHBOARD_RULES.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

test("links of alerts lead to dashboards, and to variables that these have", () => {
  const links = Array.from(ruleFiles().values(), (text) =>
    Array.from(text.matchAll(/dashboard_url: \S*\/d\/([^\s?]+)(.*)/g)),
  ).flat();
  expect(links.length).toBeGreaterThan(0);
  for (const [, uid, query] of links) {
    const target = dashboards.find((dashboard) => dashboard.uid === uid);
    const names = target?.templating.list.map(({ name }) => name);
    const set = Array.from(query!.matchAll(/var-(\w+)=/g), ([, name]) => name);
    expect(names, `${uid}${query}`).toEqual(expect.arrayContaining(set));
  }
});

type Spoilt = { rule: string; spoil: (dashboard: DashboardFile) => unknown; fault: string };

const variable = (dashboard: DashboardFile, name: string) =>
  dashboard.templating.list.find((one) => one.name === name)!;
const panel = (dashboard: DashboardFile, type: string) => dashboard.panels.find((one) => one.type === type)!;
const query = (dashboard: DashboardFile, type: string) => panel(dashboard, type).targets![0]!;
const drillDown = (dashboard: DashboardFile) =>
  panel(dashboard, "timeseries").fieldConfig!.defaults.links![0]!;
const toExporter = (dashboard: DashboardFile) =>
  panel(dashboard, "timeseries").fieldConfig!.defaults.links![1]!;
const replace = <K extends string>(owner: { [key in K]?: string }, key: K, from: string, to: string) => {
  const before = owner[key] as string;
  if (!before.includes(from)) throw new RangeError(`${from} is not in ${before}`);
  (owner as Record<string, string>)[key] = before.replace(from, to);
};
const inQuery = (type: string, from: string, to: string) => (dashboard: DashboardFile) =>
  replace(query(dashboard, type), "expr", from, to);
const inDrillDown = (from: string, to: string) => (dashboard: DashboardFile) =>
  replace(drillDown(dashboard), "url", from, to);

const SPOILT: readonly Spoilt[] = [
  {
    rule: "uneditable-dashboard",
    spoil: (dashboard) => Object.assign(dashboard, { editable: true }),
    fault: "Sample / uneditable-dashboard: editable is true",
  },
  {
    rule: "no-inputs",
    spoil: (dashboard) => Object.assign(dashboard, { __inputs: [] }),
    fault: "Sample / no-inputs: __inputs",
  },
  {
    rule: "no-inputs",
    spoil: (dashboard) =>
      Object.assign(query(dashboard, "stat"), { datasource: { uid: "${DS_PROMETHEUS}" } }),
    fault: "Sample / no-inputs: ${DS_PROMETHEUS}",
  },
  {
    rule: "id-null",
    spoil: (dashboard) => Object.assign(dashboard, { id: 7 }),
    fault: "Sample / id-null: id 7",
  },
  {
    rule: "uid",
    spoil: (dashboard) => Object.assign(dashboard, { uid: "llm" }),
    fault: "Sample / uid: llm: expected 8 to 40 letters, digits, - or _",
  },
  {
    rule: "dashboard-description",
    spoil: (dashboard) => Object.assign(dashboard, { description: "Costs" }),
    fault: 'Sample / dashboard-description: no sentence: "Costs"',
  },
  {
    rule: "panel-ids",
    spoil: (dashboard) => Object.assign(panel(dashboard, "table"), { id: 3 }),
    fault: "Sample / panel-ids: id 3 is not unique",
  },
  {
    rule: "grid",
    spoil: (dashboard) => Object.assign(panel(dashboard, "timeseries").gridPos, { x: 11 }),
    fault: "Sample / Duration / grid: overlaps Errors",
  },
  {
    rule: "grid",
    spoil: (dashboard) => Object.assign(panel(dashboard, "heatmap").gridPos, { w: 13 }),
    fault: "Sample / Durations / grid: x 12, width 13 of 24 columns",
  },
  {
    rule: "variable-exists",
    spoil: (dashboard) => Object.assign(panel(dashboard, "stat"), { title: "Errors of $team" }),
    fault: "Sample / variable-exists: team",
  },
  {
    rule: "template-datasource-rule",
    spoil: (dashboard) => Object.assign(variable(dashboard, "datasource"), { query: "loki" }),
    fault: 'Sample / variable datasource / template-datasource-rule: labelled "Data source", of loki',
  },
  {
    rule: "template-datasource-rule",
    spoil: (dashboard) => dashboard.templating.list.shift(),
    fault: "Sample / template-datasource-rule: expected one variable for a data source",
  },
  {
    rule: "template-job-rule",
    spoil: (dashboard) => Object.assign(variable(dashboard, "job"), { multi: false }),
    fault: "Sample / variable job / template-job-rule: expected a query of several values, all of them .+",
  },
  {
    rule: "template-job-rule",
    spoil: (dashboard) => Object.assign(variable(dashboard, "job"), { name: "jobs" }),
    fault: "Sample / template-job-rule: no variable job",
  },
  {
    rule: "template-instance-rule",
    spoil: (dashboard) => dashboard.templating.list.push({ name: "instance", type: "textbox" }),
    fault:
      "Sample / variable instance / template-instance-rule: expected a query of several values, all of them .+",
  },
  {
    rule: "template-label-promql-rule",
    spoil: (dashboard) =>
      Object.assign(variable(dashboard, "job"), { query: "label_values(llm_exporter_build_info{, job)" }),
    fault: "Sample / variable job / template-label-promql-rule: no PromQL: llm_exporter_build_info{",
  },
  {
    rule: "template-label-promql-rule",
    spoil: (dashboard) =>
      Object.assign(variable(dashboard, "job"), { query: "label_values(llm_exporter_build_info, jbo)" }),
    fault: "Sample / variable job / template-label-promql-rule: llm_exporter_build_info has no label jbo",
  },
  {
    rule: "template-label-promql-rule",
    spoil: (dashboard) => Object.assign(variable(dashboard, "job"), { query: "label_values(job)" }),
    fault: "Sample / variable job / template-label-promql-rule: expected label_values(series, label)",
  },
  {
    rule: "template-on-time-change-reload-rule",
    spoil: (dashboard) => Object.assign(variable(dashboard, "pool"), { refresh: 1 }),
    fault: "Sample / variable pool / template-on-time-change-reload-rule: refresh 1",
  },
  {
    rule: "variable-all-value",
    spoil: (dashboard) => Object.assign(variable(dashboard, "pool"), { allValue: "" }),
    fault: "Sample / variable pool / variable-all-value: includeAll without an allValue",
  },
  {
    rule: "variable-chain",
    spoil: (dashboard) =>
      Object.assign(variable(dashboard, "model"), {
        query: 'label_values(llm_requests_total{job=~"$job",provider=~"$provider"}, model)',
      }),
    fault: "Sample / variable model / variable-chain: does not filter by pool",
  },
  {
    rule: "variable-operator",
    spoil: inQuery("stat", 'model=~"$model"', 'model="$model"'),
    fault: 'Sample / Errors A / variable-operator: model="$model" of several',
  },
  {
    rule: "variable-operator",
    spoil: (dashboard) => Object.assign(variable(dashboard, "pool"), { multi: false, includeAll: false }),
    fault: 'Sample / variable model / variable-operator: pool=~"$pool" of one',
  },
  {
    rule: "panel-datasource-rule",
    spoil: (dashboard) => delete panel(dashboard, "stat").datasource,
    fault: "Sample / Errors / panel-datasource-rule: undefined",
  },
  {
    rule: "panel-datasource-rule",
    spoil: (dashboard) => Object.assign(query(dashboard, "stat"), { datasource: { uid: "prometheus" } }),
    fault: "Sample / Errors A / panel-datasource-rule: prometheus",
  },
  {
    rule: "panel-datasource-rule",
    spoil: (dashboard) => delete variable(dashboard, "pool").datasource,
    fault: "Sample / pool / panel-datasource-rule: undefined",
  },
  {
    rule: "panel-title-description-rule",
    spoil: (dashboard) => delete panel(dashboard, "stat").title,
    fault: "Sample / stat 2 / panel-title-description-rule: no title",
  },
  {
    rule: "panel-title-description-rule",
    spoil: (dashboard) => delete panel(dashboard, "stat").description,
    fault: "Sample / Errors / panel-title-description-rule: no description",
  },
  {
    rule: "panel-title-description-rule",
    spoil: (dashboard) => Object.assign(panel(dashboard, "stat"), { description: "Errors" }),
    fault: "Sample / Errors / panel-title-description-rule: does not end with a period: Errors",
  },
  {
    rule: "panel-units-rule",
    spoil: (dashboard) => delete panel(dashboard, "table").fieldConfig!.defaults.unit,
    fault: "Sample / Providers / panel-units-rule: no unit",
  },
  {
    rule: "panel-units-rule",
    spoil: (dashboard) => Object.assign(panel(dashboard, "table").fieldConfig!.defaults, { unit: "dollars" }),
    fault: "Sample / Providers / panel-units-rule: no unit of Grafana: dollars",
  },
  {
    rule: "panel-no-targets-rule",
    spoil: (dashboard) => Object.assign(panel(dashboard, "stat"), { targets: [] }),
    fault: "Sample / Errors / panel-no-targets-rule: no query",
  },
  {
    rule: "ratio-no-value",
    spoil: (dashboard) => delete panel(dashboard, "stat").fieldConfig!.defaults.noValue,
    fault: "Sample / Errors / ratio-no-value: no noValue",
  },
  {
    rule: "ratio-no-value",
    spoil: (dashboard) =>
      panel(dashboard, "table").fieldConfig!.overrides.push({
        matcher: { id: "byName", options: "Cost" },
        properties: [{ id: "unit", value: "percentunit" }],
      }),
    fault: "Sample / Providers / ratio-no-value: no noValue",
  },
  {
    rule: "ref-ids",
    spoil: (dashboard) => Object.assign(panel(dashboard, "table").targets![1]!, { refId: "A" }),
    fault: 'Sample / Providers / ref-ids: "A" is empty or not unique',
  },
  {
    rule: "thresholds-ascend",
    spoil: (dashboard) => panel(dashboard, "stat").fieldConfig!.defaults.thresholds!.steps.reverse(),
    fault: "Sample / Errors / thresholds-ascend: [0.05,0.01,null]",
  },
  {
    rule: "query-mode",
    spoil: (dashboard) => Object.assign(query(dashboard, "table"), { instant: false, range: true }),
    fault: "Sample / Providers / query-mode: A of a table is no instant query",
  },
  {
    rule: "query-mode",
    spoil: (dashboard) => Object.assign(query(dashboard, "heatmap"), { instant: true }),
    fault: "Sample / Durations / query-mode: A of a heatmap is no range query",
  },
  {
    rule: "query-mode",
    spoil: (dashboard) => Object.assign(panel(dashboard, "heatmap"), { type: "graph" }),
    fault: "Sample / Durations / query-mode: no rule for graph",
  },
  {
    rule: "table-format",
    spoil: (dashboard) => delete query(dashboard, "table").format,
    fault: "Sample / Providers / table-format: A of a table has format undefined",
  },
  {
    rule: "heatmap-buckets",
    spoil: (dashboard) => delete query(dashboard, "heatmap").format,
    fault: "Sample / Durations / heatmap-buckets: A has format undefined",
  },
  {
    rule: "heatmap-buckets",
    spoil: (dashboard) => Object.assign(panel(dashboard, "heatmap"), { options: { calculate: true } }),
    fault: "Sample / Durations / heatmap-buckets: calculate is not false",
  },
  {
    rule: "heatmap-buckets",
    spoil: inQuery("heatmap", "by (le)", "by (le, pool)"),
    fault: "Sample / Durations / heatmap-buckets: A is not by le",
  },
  {
    rule: "exemplars",
    spoil: (dashboard) => Object.assign(query(dashboard, "stat"), { exemplar: true }),
    fault: "Sample / Errors A / exemplars: exemplars without a range of buckets",
  },
  {
    rule: "legend",
    spoil: (dashboard) => delete query(dashboard, "timeseries").legendFormat,
    fault: "Sample / Duration / legend: A has none",
  },
  {
    rule: "legend",
    spoil: (dashboard) => Object.assign(query(dashboard, "timeseries"), { legendFormat: "{{pool}}" }),
    fault: "Sample / Duration / legend: A has no label pool",
  },
  {
    rule: "legend",
    spoil: inQuery("timeseries", "by (provider", "by (model, provider"),
    fault: "Sample / Duration / legend: A does not show model",
  },
  {
    rule: "legend",
    spoil: (dashboard) => Object.assign(panel(dashboard, "timeseries"), { options: {} }),
    fault: "Sample / Duration / legend: is not shown",
  },
  {
    rule: "legend",
    spoil: (dashboard) =>
      panel(dashboard, "timeseries").targets!.push({ ...query(dashboard, "timeseries"), refId: "B" }),
    fault: 'Sample / Duration / legend: "{{provider}}" is of two queries',
  },
  {
    rule: "target-promql-rule",
    spoil: inQuery("stat", "sum(", "sum(("),
    fault: "Sample / Errors A / target-promql-rule: no PromQL at",
  },
  {
    rule: "target-promql-rule",
    spoil: inQuery("stat", "$__range", "$range"),
    fault: "Sample / Errors A / target-promql-rule: $range: a variable without a value",
  },
  {
    rule: "target-rate-interval-rule",
    spoil: inQuery("heatmap", "$__rate_interval", "5m"),
    fault: "Sample / Durations A / target-rate-interval-rule: [5m]",
  },
  {
    rule: "target-rate-interval-rule",
    spoil: inQuery("heatmap", "$__rate_interval", "$__interval"),
    fault: "Sample / Durations A / target-rate-interval-rule: [61s]",
  },
  {
    rule: "range-of-instant",
    spoil: inQuery("timeseries", "$__rate_interval", "$__range"),
    fault: "Sample / Duration A / range-of-instant: $__range in a query that is not instant",
  },
  {
    rule: "range-of-instant",
    spoil: inQuery("stat", "$__range", "$__rate_interval"),
    fault: "Sample / Errors A / range-of-instant: $__rate_interval in a query that is no range",
  },
  {
    rule: "target-job-rule",
    spoil: (dashboard) => replace(dashboard.annotations.list[0]!.target!, "expr", '{job=~"$job"}', ""),
    fault:
      'Sample / annotation Starts S / target-job-rule: llm_exporter_start_time_seconds without job=~"$job"',
  },
  {
    rule: "request-filters",
    spoil: inQuery("stat", ',pool=~"$pool"', ""),
    fault: 'Sample / Errors A / request-filters: llm_requests_total without pool=~"$pool"',
  },
  {
    rule: "target-counter-agg-rule",
    spoil: inQuery("table", "increase(", "max_over_time("),
    fault:
      "Sample / Providers A / target-counter-agg-rule: llm_cost_usd_total is a counter, read by MaxOverTime",
  },
  {
    rule: "target-counter-agg-rule",
    spoil: (dashboard) =>
      Object.assign(query(dashboard, "table"), { expr: 'sum by (job) (llm_cost_usd_total{job=~"$job"})' }),
    fault: "Sample / Providers A / target-counter-agg-rule: llm_cost_usd_total is a counter, read by Sum",
  },
  {
    rule: "target-counter-agg-rule",
    spoil: inQuery("table", "llm_cost_usd_total", "llm_requests_in_flight"),
    fault:
      "Sample / Providers A / target-counter-agg-rule: llm_requests_in_flight is no counter, read by Increase",
  },
  {
    rule: "no-recorded-series",
    spoil: inQuery("table", "llm_cost_usd_total", "job_provider:llm_cost_usd:rate5m"),
    fault: "Sample / Providers A / no-recorded-series: job_provider:llm_cost_usd:rate5m",
  },
  {
    rule: "metric-exists",
    spoil: inQuery("table", "llm_cost_usd_total", "llm_cost_total"),
    fault: "Sample / Providers A / metric-exists: there is no metric llm_cost_total",
  },
  {
    rule: "label-exists",
    spoil: inQuery("stat", "status=", "state="),
    fault: "Sample / Errors A / label-exists: llm_requests_total has no label state",
  },
  {
    rule: "label-exists",
    spoil: inQuery("table", "by (provider)", "by (provider, team)"),
    fault: "Sample / Providers A / label-exists: by (team): there is no such label",
  },
  {
    rule: "label-exists",
    spoil: inQuery("stat", "/ (", "/ on (provider) ("),
    fault: "Sample / Errors A / label-exists: on (provider): there is no such label",
  },
  {
    rule: "annotation-labels",
    spoil: (dashboard) => Object.assign(dashboard.annotations.list[0]!, { textFormat: "{{source}}" }),
    fault: "Sample / annotation Starts S / annotation-labels: no label source",
  },
  {
    rule: "label-value-exists",
    spoil: inQuery("stat", 'status="error"', 'status=~"error|failed"'),
    fault: 'Sample / Errors A / label-value-exists: llm_requests_total has no status "failed"',
  },
  {
    rule: "ratio-guarded",
    spoil: inQuery("stat", " > 0)", ")"),
    fault: "Sample / Errors A / ratio-guarded: / (sum(increase(llm_requests_total",
  },
  {
    rule: "ratio-guarded",
    spoil: inQuery("stat", "> 0", "> bool 0"),
    fault: "Sample / Errors A / ratio-guarded: / (sum(increase(llm_requests_total",
  },
  {
    rule: "quantile-by-le",
    spoil: inQuery("timeseries", "(provider, le)", "(provider)"),
    fault: "Sample / Duration A / quantile-by-le: sum by (provider)",
  },
  {
    rule: "table-rows",
    spoil: inQuery("table", "by (provider)", "by (provider, model)"),
    fault: "Sample / Providers / table-rows: rows by provider beside rows by model, provider",
  },
  {
    rule: "table-rows",
    spoil: (dashboard) => panel(dashboard, "table").transformations!.shift(),
    fault: "Sample / Providers / table-rows: several queries that are not merged",
  },
  {
    rule: "table-columns",
    spoil: (dashboard) =>
      Object.assign(panel(dashboard, "table"), { options: { sortBy: [{ displayName: "Value #A" }] } }),
    fault: "Sample / Providers / table-columns: sorts by Value #A",
  },
  {
    rule: "table-columns",
    spoil: (dashboard) =>
      panel(dashboard, "table").fieldConfig!.overrides.push({
        matcher: { id: "byName", options: "Price" },
        properties: [],
      }),
    fault: "Sample / Providers / table-columns: overrides Price",
  },
  {
    rule: "table-columns",
    spoil: (dashboard) =>
      Object.assign(panel(dashboard, "table").transformations![1]!.options, { indexByName: { model: 0 } }),
    fault: "Sample / Providers / table-columns: organizes model",
  },
  {
    rule: "table-titles",
    spoil: (dashboard) => panel(dashboard, "table").transformations!.pop(),
    fault: "Sample / Providers / table-titles: Value #A has no title",
  },
  {
    rule: "table-titles",
    spoil: (dashboard) =>
      Object.assign(panel(dashboard, "table").transformations![1]!.options, {
        renameByName: { "Value #A": "Cost", "Value #B": "Cost" },
      }),
    fault: "Sample / Providers / table-titles: two columns are Cost",
  },
  {
    rule: "link-address",
    spoil: inDrillDown("/d/", "http://127.0.0.1:3000/d/"),
    fault:
      "Sample / Duration / link Of ${__field.labels.provider} / link-address: neither a dashboard nor the exporter: http://127.0.0.1:3000/d/",
  },
  {
    rule: "link-target",
    spoil: inDrillDown("llm-sample", "llm-simple"),
    fault: "Sample / Duration / link Of ${__field.labels.provider} / link-target: no dashboard llm-simple",
  },
  {
    rule: "link-target",
    spoil: inDrillDown("var-provider", "var-Provider"),
    fault: "link-target: llm-sample has no variable Provider",
  },
  {
    rule: "link-keeps",
    spoil: inDrillDown("${__url_time_range}&", ""),
    fault: "link-keeps: loses the time range",
  },
  {
    rule: "link-keeps",
    spoil: inDrillDown("&${pool:queryparam}", ""),
    fault: "link-keeps: loses pool",
  },
  {
    rule: "link-keeps",
    spoil: inDrillDown("&${pool:queryparam}", "&${pool:queryparam}&${provider:queryparam}"),
    fault: "link-keeps: has provider twice",
  },
  {
    rule: "link-all-variables",
    spoil: inDrillDown("${pool:queryparam}", "${__all_variables}"),
    fault: "link-all-variables: all variables beside one of them",
  },
  {
    rule: "link-encoded",
    spoil: inDrillDown(":percentencode", ""),
    fault: "link-encoded: ${__field.labels.provider}",
  },
  {
    rule: "link-fields",
    spoil: inDrillDown("labels.provider", "labels.model"),
    fault: "link-fields: __field.labels.model:percentencode: not a label of each series",
  },
  {
    rule: "link-fields",
    spoil: inDrillDown("__field.labels.provider", "__data.fields.provider"),
    fault: "link-fields: __data.fields.provider:percentencode: there are no rows",
  },
  {
    rule: "link-fields",
    spoil: (dashboard) => {
      const [link] = panel(dashboard, "table").fieldConfig!.overrides[0]!.properties[0]!.value as {
        url: string;
      }[];
      replace(link!, "url", "fields.provider", "fields.model");
    },
    fault: "Sample / Providers / link Down / link-fields: __data.fields.model:percentencode: no such column",
  },
  {
    rule: "link-exporter",
    spoil: (dashboard) => replace(toExporter(dashboard), "url", "/v1/requests", "/v1/request"),
    fault: "Sample / Duration / link Requests / link-exporter: nothing known of /v1/request",
  },
  {
    rule: "link-exporter",
    spoil: (dashboard) => replace(toExporter(dashboard), "url", "?provider=", "?providers="),
    fault: "link-exporter: /v1/requests has no parameter providers",
  },
  {
    rule: "link-exporter",
    spoil: (dashboard) => replace(toExporter(dashboard), "url", "exporter_url", "exporter"),
    fault: "link-exporter: no variable exporter",
  },
  {
    rule: "dashboards-link",
    spoil: (dashboard) => Object.assign(dashboard.links![0]!, { keepTime: false }),
    fault: "Sample / Dashboards / dashboards-link: loses the time range",
  },
  {
    rule: "dashboards-link",
    spoil: (dashboard) => Object.assign(dashboard, { tags: [] }),
    fault: "Sample / Dashboards / dashboards-link: does not lead to llm-sample",
  },
  {
    rule: "dashboards-link",
    spoil: (dashboard) => Object.assign(dashboard, { links: [] }),
    fault: "Sample / dashboards-link: no link to the other dashboards",
  },
];

test.each(SPOILT)("$rule finds $fault", ({ rule: name, spoil, fault }) => {
  const dashboard = sampleDashboard();
  spoil(dashboard);
  const rule = DASHBOARD_RULES.find((one) => one.name === name)!;
  expect(faultsOf(rule, [dashboard]).join("\n")).toContain(fault);
});

test("uid finds two dashboards of one uid", () => {
  const rule = DASHBOARD_RULES.find(({ name }) => name === "uid")!;
  expect(faultsOf(rule, [sampleDashboard(), sampleDashboard()])).toContain(
    "Sample / uid: llm-sample is not unique",
  );
});

test("every rule was seen to find something", () => {
  const shown = new Set(SPOILT.map(({ rule }) => rule));
  expect(DASHBOARD_RULES.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
});
