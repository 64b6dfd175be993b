/** Which labels the rows of an expression have: those that every row has, and those that some row may have. */
import type { SyntaxNode } from "@lezer/common";
import { knownMetric } from "./known-metrics.ts";
import {
  argumentsOf,
  childrenOf,
  functionOf,
  groupingLabels,
  isNumber,
  madeLabel,
  type Promql,
  type Selector,
  selectorAt,
} from "./names.ts";

export type RowLabels = {
  /** A row without one of them cannot be. */
  readonly every: ReadonlySet<string>;
  /** A row with any other cannot be; `undefined`: there may be any. Never less than `every`. */
  readonly some: ReadonlySet<string> | undefined;
};

const NONE = exactly([]);
/** Functions of which the result is a number or has no labels. */
const WITHOUT_LABELS = ["Scalar", "Time", "Vector", "Pi"];
/** Aggregations that keep series as they are. */
const CHOOSING = ["Topk", "Bottomk", "LimitK", "LimitRatio"];

/** Of a metric that nobody knows, or a selector without a name: any labels, and none for sure. */
export function rowLabels(promql: Promql, node: SyntaxNode = promql.top): RowLabels {
  switch (node.name) {
    case "VectorSelector":
      return ofSelector(selectorAt(promql, node));
    case "NumberDurationLiteral":
    case "StringLiteral":
      return NONE;
    case "UnaryExpr":
      return rowLabels(promql, node.lastChild!);
    case "FunctionCall":
      return ofCall(promql, node);
    case "AggregateExpr":
      return ofAggregation(promql, node);
    case "BinaryExpr":
      return ofOperation(promql, node);
    default:
      return node.firstChild === null ? NONE : rowLabels(promql, node.firstChild);
  }
}

function ofSelector({ metric, matchers }: Selector): RowLabels {
  const { labels = new Set<string>(), open = true } = knownMetric(metric ?? "") ?? {};
  const equal = matchers.filter(({ op }) => op === "=");
  const lacked = equal.flatMap(({ label, value }) => (value === "" ? [label] : []));
  const given = equal.flatMap(({ label, value }) => (value === "" ? [] : [label]));
  return without({ every: union(labels, given), some: open ? undefined : labels }, lacked);
}

function ofCall(promql: Promql, node: SyntaxNode): RowLabels {
  const name = functionOf(node)!;
  if (WITHOUT_LABELS.includes(name)) return NONE;
  const series = argumentsOf(node).find((one) => !isNumber(one) && one.name !== "StringLiteral");
  if (series === undefined) return NONE;
  if (name === "Absent" || name === "AbsentOverTime") return exactly(labelsOfAbsent(promql, series));
  const labels = rowLabels(promql, series);
  if (name === "HistogramQuantile") return without(labels, ["le"]);
  const made = madeLabel(promql, node);
  if (made === undefined) return labels;
  // Its pattern may not match, or what it makes may be empty, which takes a label away.
  return { every: less(labels.every, [made]), some: labels.some && union(labels.some, [made]) };
}

/** What is not there has the labels that its selector asks for, each by one `=`; what is worked out has none. */
function labelsOfAbsent(promql: Promql, node: SyntaxNode): string[] {
  if (["ParenExpr", "MatrixSelector", "OffsetExpr", "StepInvariantExpr"].includes(node.name))
    return labelsOfAbsent(promql, node.firstChild!);
  if (node.name !== "VectorSelector") return [];
  const { matchers } = selectorAt(promql, node);
  const isAsked = (label: string) => matchers.filter((matcher) => matcher.label === label).length === 1;
  return matchers
    .filter(({ label, op, value }) => op === "=" && value !== "" && isAsked(label))
    .map(({ label }) => label);
}

function ofAggregation(promql: Promql, node: SyntaxNode): RowLabels {
  const of = rowLabels(promql, argumentsOf(node).at(-1)!);
  if (CHOOSING.includes(functionOf(node)!)) return of;
  const word = node.getChild("AggregateModifier")?.firstChild ?? undefined;
  const kept = word === undefined ? NONE : grouped(of, word.name === "By", groupingLabels(promql, word));
  const made = madeLabel(promql, node);
  return made === undefined
    ? kept
    : { every: union(kept.every, [made]), some: kept.some && union(kept.some, [made]) };
}

function ofOperation(promql: Promql, node: SyntaxNode): RowLabels {
  const [left, right] = [node.firstChild!, node.lastChild!];
  if (isNumber(left)) return rowLabels(promql, right);
  const [ofLeft, ofRight] = [rowLabels(promql, left), rowLabels(promql, right)];
  const operator = left.nextSibling!.name;
  if (isNumber(right) || operator === "And" || operator === "Unless") return ofLeft;
  if (operator === "Or")
    return {
      every: common(ofLeft.every, ofRight.every),
      some: ofLeft.some && ofRight.some && union(ofLeft.some, ofRight.some),
    };
  const matching = node.getChild("MatchingModifierClause");
  const words = matching === null ? [] : childrenOf(matching);
  const many = words.find(({ name }) => name === "GroupLeft" || name === "GroupRight");
  if (many !== undefined) {
    const taken = groupingLabels(promql, many);
    return many.name === "GroupLeft" ? joined(ofLeft, ofRight, taken) : joined(ofRight, ofLeft, taken);
  }
  // Rows are of one side each and agree on the labels by which they find each other.
  const both = {
    every: union(ofLeft.every, ofRight.every),
    some: ofLeft.some && ofRight.some ? common(ofLeft.some, ofRight.some) : (ofLeft.some ?? ofRight.some),
  };
  const word = words[0];
  const agreed = both.some === undefined ? both : { ...both, every: common(both.every, both.some) };
  return word === undefined ? agreed : grouped(agreed, word.name === "On", groupingLabels(promql, word));
}

/** Rows of the side of many; the labels that are taken come from the side of one, or go if it lacks them. */
function joined(many: RowLabels, one: RowLabels, taken: readonly string[]): RowLabels {
  const { every, some } = grouped(one, true, taken);
  const kept = without(many, taken);
  return { every: union(kept.every, every), some: kept.some && union(kept.some, some!) };
}

/** Only these labels, or all but these. */
function grouped(of: RowLabels, isOnly: boolean, labels: readonly string[]): RowLabels {
  if (!isOnly) return without(of, labels);
  return { every: common(labels, of.every), some: of.some ? common(labels, of.some) : new Set(labels) };
}

function exactly(labels: Iterable<string>): RowLabels {
  const all = new Set(labels);
  return { every: all, some: all };
}

function without({ every, some }: RowLabels, gone: readonly string[]): RowLabels {
  return { every: less(every, gone), some: some && less(some, gone) };
}

function less(labels: ReadonlySet<string>, gone: readonly string[]): ReadonlySet<string> {
  return new Set([...labels].filter((label) => !gone.includes(label)));
}

function union(one: Iterable<string>, other: Iterable<string>): ReadonlySet<string> {
  return new Set([...one, ...other]);
}

function common(one: Iterable<string>, other: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...one].filter((label) => other.has(label)));
}
