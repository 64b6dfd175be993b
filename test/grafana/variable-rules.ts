/** Rules about variables, and about how expressions use them. */
import { knownMetric } from "../promql/known-metrics.ts";
import { type Matcher, selectorsIn } from "../promql/names.ts";
import type { DashboardFile, VariableFile } from "./dashboard-file.ts";
import { type DashboardRule, labelValues, parsedQueries, queryRule, rule } from "./dashboard-rule.ts";

const ON_TIME_RANGE_CHANGE = 2;

export const VARIABLE_RULES: readonly DashboardRule[] = [
  rule("template-datasource-rule", ({ templating: { list } }) => {
    const [first, ...others] = list.filter(({ type }) => type === "datasource");
    if (first === undefined || others.length > 0)
      return [{ value: "expected one variable for a data source" }];
    const { name, label, query } = first;
    const wanted = name === "datasource" && label === "Data source" && query === "prometheus";
    return wanted ? [] : [{ place: `variable ${name}`, value: `labelled "${label}", of ${query}` }];
  }),
  rule("template-job-rule", (dashboard) => templateFaults(dashboard, "job", { needed: true })),
  rule("template-instance-rule", (dashboard) => templateFaults(dashboard, "instance", { needed: false })),
  variableRule("template-label-promql-rule", (variable, dashboard) => {
    const asked = labelValues(variable);
    if (asked === undefined) return ["expected label_values(series, label)"];
    const parsed = selectorsOf(variable, dashboard);
    if (parsed.length === 0) return [`no PromQL: ${asked.series}`];
    return parsed
      .filter(({ metric }) => knownMetric(metric ?? "")?.labels.has(asked.label) !== true)
      .map(({ metric }) => `${metric} has no label ${asked.label}`);
  }),
  variableRule("template-on-time-change-reload-rule", ({ refresh }) =>
    refresh === ON_TIME_RANGE_CHANGE ? [] : [`refresh ${refresh}`],
  ),
  variableRule("variable-all-value", ({ includeAll, allValue = "" }) =>
    includeAll === true && allValue === "" ? ["includeAll without an allValue"] : [],
  ),
  // Each variable offers only what those before it leave, as far as its series have their labels.
  variableRule("variable-chain", (variable, dashboard) =>
    selectorsOf(variable, dashboard).flatMap(({ metric, matchers }) =>
      filtersBefore(variable, dashboard)
        .filter((label) => knownMetric(metric ?? "")?.labels.has(label) === true)
        .filter((label) => !matchers.some((matcher) => matcher.label === label && filters(matcher)))
        .map((label) => `does not filter by ${label}`),
    ),
  ),
  // Grafana writes several values as a regular expression, and a single one as it is.
  queryRule("variable-operator", ({ promql }, { templating: { list } }) =>
    selectorsIn(promql).flatMap(({ matchers }) =>
      matchers.flatMap(({ label, op, value }) =>
        list
          .filter(({ name }) => value === `$${name}`)
          .filter((variable) => severalValues(variable) !== op.includes("~"))
          .map((variable) => `${label}${op}"${value}" of ${severalValues(variable) ? "several" : "one"}`),
      ),
    ),
  ),
];

/** A rule about the variables that ask the data source. */
function variableRule(
  name: string,
  values: (variable: VariableFile, dashboard: DashboardFile) => string[],
): DashboardRule {
  return rule(name, (dashboard) =>
    dashboard.templating.list
      .filter(({ type }) => type === "query")
      .flatMap((variable) =>
        values(variable, dashboard).map((value) => ({ place: `variable ${variable.name}`, value })),
      ),
  );
}

function selectorsOf({ name }: VariableFile, dashboard: DashboardFile) {
  const query = parsedQueries(dashboard).find(({ place }) => place === `variable ${name}`);
  return query === undefined ? [] : selectorsIn(query.promql);
}

/** Labels that the variables before this one choose. */
function filtersBefore(variable: VariableFile, { templating: { list } }: DashboardFile): string[] {
  return list.slice(0, list.indexOf(variable)).flatMap((earlier) => labelValues(earlier)?.label ?? []);
}

/** Whether it leaves what the variable of the same name says. */
export function filters({ label, op, value }: Matcher): boolean {
  return op === "=~" && value === `$${label}`;
}

function severalValues({ multi, includeAll }: VariableFile): boolean {
  return multi === true || includeAll === true;
}

function templateFaults(dashboard: DashboardFile, name: string, { needed }: { needed: boolean }) {
  const variable = dashboard.templating.list.find((one) => one.name === name);
  if (variable === undefined) return needed ? [{ value: `no variable ${name}` }] : [];
  const { type, label, multi, allValue, includeAll } = variable;
  const wanted = [type === "query", label?.toLowerCase() === name, multi, includeAll, allValue === ".+"];
  return wanted.every(Boolean)
    ? []
    : [{ place: `variable ${name}`, value: "expected a query of several values, all of them .+" }];
}
