/** Which labels the series of an expression's result have. */
import type { SyntaxNode } from "@lezer/common";
import { groupingLabels, madeLabel, type Promql, selectorAt } from "../prometheus/promql-names.ts";
import { knownMetric } from "./known-metrics.ts";

/** `undefined`: cannot be known. */
export type Labels = ReadonlySet<string> | undefined;

/** Functions of which the result is a number or has no labels. */
const WITHOUT_LABELS = ["Scalar", "Time", "Vector", "Pi"];
/** Aggregations that keep series as they are. */
const CHOOSING = ["Topk", "Bottomk", "LimitK", "LimitRatio"];
const SETS = ["And", "Unless"];

export function resultLabels(promql: Promql, node: SyntaxNode = promql.top): Labels {
  const inner = (): Labels => (node.firstChild === null ? new Set() : resultLabels(promql, node.firstChild));
  switch (node.name) {
    case "VectorSelector":
      return knownMetric(selectorAt(promql, node).metric ?? "")?.labels;
    case "NumberDurationLiteral":
    case "StringLiteral":
      return new Set();
    case "UnaryExpr":
      return resultLabels(promql, node.lastChild!);
    case "FunctionCall":
      return ofCall(promql, node);
    case "AggregateExpr":
      return ofAggregation(promql, node);
    case "BinaryExpr":
      return ofOperation(promql, node);
    default:
      return inner();
  }
}

/** What a function or an aggregation is applied to, the parameters included. */
export function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  return childrenOf(node.getChild("FunctionCallBody")!);
}

/** Of a node such as `rate(...)` or `sum by (...) (...)`: the name of its word in the grammar, such as `Rate`. */
export function functionOf(node: SyntaxNode): string | undefined {
  return node.firstChild?.firstChild?.name;
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

/** A number, whatever the series: it needs no labels to be joined. */
export function isNumber(node: SyntaxNode): boolean {
  if (node.name === "NumberDurationLiteral") return true;
  if (node.name === "FunctionCall") return ["Scalar", "Time", "Pi"].includes(functionOf(node) ?? "");
  if (node.name === "ParenExpr") return isNumber(node.firstChild!);
  if (node.name === "UnaryExpr") return isNumber(node.lastChild!);
  return node.name === "BinaryExpr" && isNumber(node.firstChild!) && isNumber(node.lastChild!);
}

function ofCall(promql: Promql, node: SyntaxNode): Labels {
  const name = functionOf(node)!;
  if (WITHOUT_LABELS.includes(name)) return new Set();
  const args = argumentsOf(node);
  const series = args.find((argument) => !isNumber(argument) && argument.name !== "StringLiteral");
  const labels = series === undefined ? new Set<string>() : resultLabels(promql, series);
  if (name === "HistogramQuantile") return without(labels, ["le"]);
  const made = madeLabel(promql, node);
  return made === undefined ? labels : union(labels, new Set([made]));
}

function ofAggregation(promql: Promql, node: SyntaxNode): Labels {
  const of = resultLabels(promql, argumentsOf(node).at(-1)!);
  if (CHOOSING.includes(functionOf(node)!)) return of;
  const made = madeLabel(promql, node);
  const word = node.getChild("AggregateModifier")?.firstChild;
  if (word === undefined || word === null) return new Set(made === undefined ? [] : [made]);
  const labels = groupingLabels(promql, word);
  const kept = word.name === "By" ? new Set(labels) : without(of, labels);
  return made === undefined ? kept : union(kept, new Set([made]));
}

function ofOperation(promql: Promql, node: SyntaxNode): Labels {
  const left = node.firstChild!;
  const right = node.lastChild!;
  if (isNumber(left)) return resultLabels(promql, right);
  const labels = resultLabels(promql, left);
  if (isNumber(right)) return labels;
  const operator = left.nextSibling!.name;
  if (SETS.includes(operator)) return labels;
  if (operator === "Or") return union(labels, resultLabels(promql, right));
  const matching = node.getChild("MatchingModifierClause");
  const words = matching === null ? [] : childrenOf(matching);
  const many = words.find(({ name }) => name === "GroupLeft" || name === "GroupRight");
  if (many !== undefined) {
    const taken = many.nextSibling === null ? [] : groupingLabels(promql, many);
    return union(many.name === "GroupLeft" ? labels : resultLabels(promql, right), new Set(taken));
  }
  const word = words[0];
  if (word === undefined) return labels;
  const named = groupingLabels(promql, word);
  return word.name === "On" ? new Set(named) : without(labels, named);
}

function without(labels: Labels, gone: readonly string[]): Labels {
  return labels && new Set([...labels].filter((label) => !gone.includes(label)));
}

function union(a: Labels, b: Labels): Labels {
  return a && b && new Set([...a, ...b]);
}
