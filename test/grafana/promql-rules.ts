/** Rules about what expressions ask. */
import type { SyntaxNode } from "@lezer/common";
import { knownMetric } from "../promql/known-metrics.ts";
import { rowLabels } from "../promql/labels.ts";
import { labelFaults, metricFaults, valueFaults } from "../promql/name-faults.ts";
import {
  argumentsOf,
  functionOf,
  isNumber,
  nodesIn,
  type Promql,
  selectorAt,
  selectorsIn,
} from "../promql/names.ts";
import { type DashboardRule, INTERVALS, parsedIn, queriesOf, queryRule, rule } from "./dashboard-rule.ts";
import { isInstant, isRange } from "./panel-rules.ts";
import { filters } from "./variable-rules.ts";

const FILTERS = ["job", "pool", "provider", "model"];
/** Functions that read how a counter grows; the last ones ask only whether it is there. */
const OVER_COUNTERS = ["Rate", "Increase", "Irate", "Resets"];
const ALLOWED_OVER_COUNTERS = [
  ...OVER_COUNTERS,
  "Changes",
  "CountOverTime",
  "PresentOverTime",
  "AbsentOverTime",
];
/** What reads how many series there are and not their values. */
const COUNTING = ["Count", "Group", "Absent"];
/** Nodes around a series that hand it on as it is; a subquery that is of nothing but a series is one of fewer samples. */
const AROUND = [
  "MatrixSelector",
  "SubqueryExpr",
  "ParenExpr",
  "OffsetExpr",
  "StepInvariantExpr",
  "FunctionCallBody",
];
const RATES = ["Rate", "Irate", "Deriv"];
const GROWTH = [...RATES, "Increase", "Delta", "Idelta"];

export const PROMQL_RULES: readonly DashboardRule[] = [
  rule("target-promql-rule", (dashboard) =>
    queriesOf(dashboard).flatMap(({ place, query }) => {
      try {
        parsedIn(dashboard, query.expr);
        return [];
      } catch (error) {
        return [{ place: `${place} ${query.refId}`.trim(), value: (error as Error).message }];
      }
    }),
  ),
  // How much a week brought is a question of its own; how fast it goes must fit the graph and the scrape interval.
  queryRule("target-rate-interval-rule", ({ promql, query }) =>
    windows(promql)
      .filter(({ reader }) => (isInstant(query) ? RATES : GROWTH).includes(reader ?? ""))
      .filter(({ window }) => window !== INTERVALS.range && window !== INTERVALS.rateInterval)
      .map(({ window }) => `[${window}]`),
  ),
  // The range as a whole is one number; at each step of a graph it would be counted anew, over what lies before.
  queryRule("range-of-instant", ({ query, promql, of }) => [
    ...(promql.text.includes(INTERVALS.range) && !isInstant(query) && of !== "variable"
      ? ["$__range in a query that is not instant"]
      : []),
    ...(promql.text.includes(`[${INTERVALS.rateInterval}`) && !isRange(query) && of !== "variable"
      ? ["$__rate_interval in a query that is no range"]
      : []),
  ]),
  queryRule("target-job-rule", ({ of, promql }) =>
    of === "variable"
      ? []
      : selectorsIn(promql)
          .filter(({ matchers }) => !matchers.some((matcher) => matcher.label === "job" && filters(matcher)))
          .map(({ metric }) => `${metric} without job=~"$job"`),
  ),
  queryRule("request-filters", ({ of, promql }) =>
    of === "variable"
      ? []
      : selectorsIn(promql)
          .filter(({ metric }) => knownMetric(metric ?? "")?.ofRequests === true)
          .flatMap(({ metric, matchers }) =>
            FILTERS.filter(
              (filter) => !matchers.some((matcher) => matcher.label === filter && filters(matcher)),
            ).map((filter) => `${metric} without ${filter}=~"$${filter}"`),
          ),
  ),
  queryRule("target-counter-agg-rule", ({ promql, of }) =>
    of === "variable"
      ? []
      : nodesIn(promql, "VectorSelector").flatMap((node) => {
          const { metric } = selectorAt(promql, node);
          const counter = isCounter(metric);
          const reader = readerOf(node);
          if (counter && !ALLOWED_OVER_COUNTERS.includes(reader ?? "") && !COUNTING.includes(reader ?? ""))
            return [`${metric} is a counter, read by ${reader ?? "nothing"}`];
          if (!counter && OVER_COUNTERS.includes(reader ?? ""))
            return [`${metric} is no counter, read by ${reader}`];
          return [];
        }),
  ),
  queryRule("no-recorded-series", ({ promql }) =>
    selectorsIn(promql).flatMap(({ metric }) => (metric?.includes(":") === true ? [metric] : [])),
  ),
  queryRule("metric-exists", ({ promql }) => metricFaults(promql)),
  queryRule("label-exists", ({ promql }) => labelFaults(promql)),
  queryRule("annotation-labels", ({ of, place, promql }, { annotations }) => {
    if (of !== "annotation") return [];
    const { some } = rowLabels(promql);
    const one = annotations.list.find(({ name }) => place === `annotation ${name}`);
    return Array.from(
      `${one?.titleFormat} ${one?.textFormat}`.matchAll(/\{\{\s*(\w+)/g),
      ([, label]) => label!,
    )
      .filter((label) => some?.has(label) === false)
      .map((label) => `no label ${label}`);
  }),
  queryRule("label-value-exists", ({ promql }) => valueFaults(promql)),
  queryRule("ratio-guarded", ({ promql }) =>
    nodesIn(promql, "BinaryExpr")
      .filter((node) => node.firstChild!.nextSibling!.name === "Div" && !cannotBeZero(node.lastChild!))
      .map((node) => `/ ${promql.text.slice(node.lastChild!.from, node.lastChild!.to)}`),
  ),
  queryRule("quantile-by-le", ({ promql }) =>
    nodesIn(promql, "FunctionCall")
      .filter((node) => functionOf(node) === "HistogramQuantile")
      .map((node) => argumentsOf(node).at(-1)!)
      .filter((buckets) => buckets.name !== "AggregateExpr" || !rowLabels(promql, buckets).every.has("le"))
      .map((buckets) => promql.text.slice(buckets.from, buckets.to)),
  ),
];

/** Windows in brackets and the functions that read them; of a subquery, what it is of is looked at by itself. */
function windows(promql: Promql): { readonly window: string; readonly reader: string | undefined }[] {
  return nodesIn(promql, "MatrixSelector").map((node) => {
    const { from, to } = node.lastChild!;
    return { window: promql.text.slice(from, to), reader: readerOf(node) };
  });
}

/** The function or aggregation that a series is handed to as it is. */
function readerOf(node: SyntaxNode): string | undefined {
  const parent = node.parent;
  if (parent === null) return undefined;
  if (AROUND.includes(parent.name)) return readerOf(parent);
  return parent.name === "FunctionCall" || parent.name === "AggregateExpr" ? functionOf(parent) : undefined;
}

/** By its name if it is unknown: with matchers it is as much a counter as without. */
function isCounter(metric: string | undefined): boolean {
  return metric !== undefined && (knownMetric(metric)?.counter ?? /_(total|bucket|sum|count)$/.test(metric));
}

/** A number, or a vector that is only there when it is greater than some number. */
function cannotBeZero(node: SyntaxNode): boolean {
  if (node.name === "ParenExpr") return cannotBeZero(node.firstChild!);
  if (isNumber(node)) return true;
  if (node.name !== "BinaryExpr") return false;
  const operator = node.firstChild!.nextSibling!.name;
  if (operator === "Mul" || operator === "Div")
    return cannotBeZero(node.firstChild!) && cannotBeZero(node.lastChild!);
  return operator === "Gtr" && node.getChild("BoolModifier") === null && isNumber(node.lastChild!);
}
