/** What an expression names that there is not: metrics, labels and label values. Each fault in some words. */
import type { SyntaxNode } from "@lezer/common";
import { knownMetric } from "./known-metrics.ts";
import { rowLabels } from "./labels.ts";
import {
  argumentsOf,
  childrenOf,
  groupingLabels,
  type Matcher,
  nodesIn,
  type Promql,
  selectorsIn,
} from "./names.ts";

export function metricFaults(promql: Promql): string[] {
  return selectorsIn(promql).flatMap(({ metric }) => {
    if (metric === undefined) return ["a selector without a name"];
    return knownMetric(metric) === undefined ? [`there is no metric ${metric}`] : [];
  });
}

/** Labels of matchers, and those by which it groups and joins. Says nothing of metrics that are unknown. */
export function labelFaults(promql: Promql): string[] {
  const matched = selectorsIn(promql).flatMap(({ metric, matchers }) => {
    const known = knownMetric(metric ?? "");
    if (known === undefined || known.open) return [];
    return matchers
      .filter(({ label }) => !known.labels.has(label))
      .map(({ label }) => `${metric} has no label ${label}`);
  });
  const clauses = nodesIn(promql, "AggregateModifier", "MatchingModifierClause");
  const grouped = clauses.flatMap((clause) =>
    childrenOf(clause).flatMap((word) => {
      const sides = groupedBy(clause.parent!, word.name).map((side) => rowLabels(promql, side).some);
      return groupingLabels(promql, word)
        .filter((label) => sides.some((labels) => labels?.has(label) === false))
        .map((label) => `${promql.text.slice(word.from, word.to)} (${label}): there is no such label`);
    }),
  );
  return [...matched, ...grouped];
}

export function valueFaults(promql: Promql): string[] {
  return selectorsIn(promql).flatMap(({ metric, matchers }) =>
    matchers.flatMap((matcher) => {
      const known = knownMetric(metric ?? "")?.values[matcher.label];
      if (known === undefined || matcher.value === "" || matcher.value.startsWith("$")) return [];
      return unknownValues(matcher, known).map((value) => `${metric} has no ${matcher.label} "${value}"`);
    }),
  );
}

/** Of a regular expression each alternative must match something. */
function unknownValues({ op, value }: Matcher, known: readonly string[]): string[] {
  if (!op.includes("~")) return known.includes(value) ? [] : [value];
  const alternatives = value.replace(/^\((.*)\)$/, "$1").split("|");
  return alternatives.filter((one) => !known.some((word) => new RegExp(`^(?:${one})$`).test(word)));
}

/** What has the labels that stand after a word such as `by`, `on` or `group_left`. */
function groupedBy(node: SyntaxNode, word: string): SyntaxNode[] {
  if (node.name === "AggregateExpr") return [argumentsOf(node).at(-1)!];
  if (word === "GroupLeft") return [node.lastChild!];
  return word === "GroupRight" ? [node.firstChild!] : [node.firstChild!, node.lastChild!];
}
