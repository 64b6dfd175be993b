/** Rules about what expressions ask. */
import type { SyntaxNode } from "@lezer/common";
import {
  groupingLabels,
  namesIn,
  type Promql,
  type Selector,
  selectorAt,
} from "../prometheus/promql-names.ts";
import { type DashboardRule, INTERVALS, parsedIn, queriesOf, queryRule, rule } from "./dashboard-rule.ts";
import { knownMetric } from "./known-metrics.ts";
import { isInstant, isRange } from "./panel-rules.ts";
import { argumentsOf, childrenOf, functionOf, isNumber, resultLabels } from "./result-labels.ts";
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
      : selectors(promql)
          .filter(({ matchers }) => !matchers.some((matcher) => matcher.label === "job" && filters(matcher)))
          .map(({ metric }) => `${metric} without job=~"$job"`),
  ),
  queryRule("request-filters", ({ of, promql }) =>
    of === "variable"
      ? []
      : selectors(promql)
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
      : nodes(promql, "VectorSelector").flatMap((node) => {
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
    selectors(promql).flatMap(({ metric }) => (metric?.includes(":") === true ? [metric] : [])),
  ),
  queryRule("metric-exists", ({ promql }) =>
    selectors(promql).flatMap(({ metric }) =>
      metric === undefined
        ? ["a selector without a name"]
        : knownMetric(metric) === undefined
          ? [metric]
          : [],
    ),
  ),
  queryRule("label-exists", ({ promql }) => [
    ...selectors(promql).flatMap(({ metric, matchers }) =>
      matchers
        .filter(({ label }) => knownMetric(metric ?? "")?.labels?.has(label) === false)
        .map(({ label }) => `${metric} has no label ${label}`),
    ),
    ...[...nodes(promql, "AggregateModifier"), ...nodes(promql, "MatchingModifierClause")].flatMap((clause) =>
      childrenOf(clause)
        .filter(({ nextSibling }) => nextSibling?.name === "GroupingLabels")
        .flatMap((word) => {
          const sides = groupedBy(clause.parent!, word.name).map((side) => resultLabels(promql, side));
          return groupingLabels(promql, word)
            .filter((label) => sides.some((labels) => labels?.has(label) === false))
            .map((label) => `${word.name} ${label}: there is no such label`);
        }),
    ),
  ]),
  queryRule("annotation-labels", ({ of, place, promql }, { annotations }) => {
    if (of !== "annotation") return [];
    const labels = resultLabels(promql);
    const one = annotations.list.find(({ name }) => place === `annotation ${name}`);
    return Array.from(
      `${one?.titleFormat} ${one?.textFormat}`.matchAll(/\{\{\s*(\w+)/g),
      ([, label]) => label!,
    )
      .filter((label) => labels?.has(label) === false)
      .map((label) => `no label ${label}`);
  }),
  queryRule("label-value-exists", ({ promql }) =>
    selectors(promql).flatMap(({ metric, matchers }) =>
      matchers.flatMap(({ label, op, value }) => {
        const known = knownMetric(metric ?? "")?.values[label];
        if (known === undefined || value === "" || value.startsWith("$")) return [];
        const values = op.includes("~") ? value.replace(/^\((.*)\)$/, "$1").split("|") : [value];
        return values
          .filter((one) => !known.includes(one))
          .map((one) => `${metric} has no ${label} "${one}"`);
      }),
    ),
  ),
  queryRule("ratio-guarded", ({ promql }) =>
    nodes(promql, "BinaryExpr")
      .filter((node) => node.firstChild!.nextSibling!.name === "Div" && !cannotBeZero(node.lastChild!))
      .map((node) => `/ ${promql.text.slice(node.lastChild!.from, node.lastChild!.to)}`),
  ),
  queryRule("quantile-by-le", ({ promql }) =>
    nodes(promql, "FunctionCall")
      .filter((node) => functionOf(node) === "HistogramQuantile")
      .map((node) => argumentsOf(node).at(-1)!)
      .filter((buckets) => buckets.name !== "AggregateExpr" || !resultLabels(promql, buckets)?.has("le"))
      .map((buckets) => promql.text.slice(buckets.from, buckets.to)),
  ),
];

function selectors(promql: Promql): readonly Selector[] {
  return namesIn(promql.text).selectors;
}

function nodes({ top }: Promql, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  top.cursor().iterate((node) => {
    if (node.name === name) found.push(node.node);
  });
  return found;
}

/** What has the labels that stand after a word such as `by`, `on` or `group_left`. */
function groupedBy(node: SyntaxNode, word: string): SyntaxNode[] {
  if (node.name === "AggregateExpr") return [argumentsOf(node).at(-1)!];
  if (word === "GroupLeft") return [node.lastChild!];
  return word === "GroupRight" ? [node.firstChild!] : [node.firstChild!, node.lastChild!];
}

/** Windows in brackets and the functions that read them; of a subquery, what it is of is looked at by itself. */
function windows(promql: Promql): { readonly window: string; readonly reader: string | undefined }[] {
  return nodes(promql, "MatrixSelector").map((node) => {
    const { from, to } = node.lastChild!;
    return { window: promql.text.slice(from, to), reader: readerOf(node) };
  });
}

/** The function or aggregation that a series is handed to as it is. */
function readerOf(node: SyntaxNode): string | undefined {
  const parent = node.parent;
  if (parent === null) return undefined;
  if (
    ["MatrixSelector", "ParenExpr", "OffsetExpr", "StepInvariantExpr", "FunctionCallBody"].includes(
      parent.name,
    )
  )
    return readerOf(parent);
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
