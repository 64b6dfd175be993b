/** Which labels the rows of a PromQL expression have, worked out from those of the metrics in it. */
import type { SyntaxNode } from "@lezer/common";
import { groupingLabels, madeLabel, type Promql, parsePromql, selectorAt } from "./promql-names.ts";

/** Words of a binary operator that keep the rows of its left side. */
const KEEP_LEFT = ["And", "Unless"];
/** Nodes around an expression that leave its labels as they are. */
const ARGUMENT_TYPES = /Expr$|^FunctionCall$|^VectorSelector$|^MatrixSelector$/;

/**
 * Labels that every row has; of metrics that `labelsOf` does not know, none. A number has none either. Of `or` the
 * labels that both sides have. Throws a SyntaxError if the expression is no PromQL.
 */
export function rowLabels(
  expression: string,
  labelsOf: (metric: string) => readonly string[] | undefined,
): string[] {
  const parsed = parsePromql(expression);
  return labelsAt(parsed, parsed.top, labelsOf);
}

type LabelsOf = Parameters<typeof rowLabels>[1];

function labelsAt(parsed: Promql, node: SyntaxNode, labelsOf: LabelsOf): string[] {
  const of = (below: SyntaxNode): string[] => labelsAt(parsed, below, labelsOf);
  if (node.name === "VectorSelector") {
    const { metric } = selectorAt(parsed, node);
    return [...((metric === undefined ? undefined : labelsOf(metric)) ?? [])];
  }
  if (node.name === "BinaryExpr") return binary(parsed, node, of);
  const operands = expressionsIn(node.getChild("FunctionCallBody") ?? node);
  const made = madeLabel(parsed, node);
  const added = made === undefined ? [] : [made];
  if (node.name === "AggregateExpr") {
    if (["Topk", "Bottomk"].includes(node.firstChild!.firstChild!.name)) return of(operands.at(-1)!);
    const word = node.getChild("AggregateModifier")?.firstChild;
    if (word == null) return added;
    const labels = groupingLabels(parsed, word);
    if (word.name === "By") return [...labels, ...added];
    return [...of(operands.at(-1)!).filter((label) => !labels.includes(label)), ...added];
  }
  if (node.name === "FunctionCall") {
    const word = node.firstChild!.firstChild!.name;
    if (["Scalar", "Time", "Vector", "Absent", "AbsentOverTime"].includes(word)) return [];
    const below = operands.flatMap(of);
    return word === "HistogramQuantile" ? below.filter((label) => label !== "le") : [...below, ...added];
  }
  return operands.flatMap(of);
}

function binary(parsed: Promql, node: SyntaxNode, of: (below: SyntaxNode) => string[]): string[] {
  const [left, right] = expressionsIn(node).map(of) as [string[], string[]];
  const both = left.filter((label) => right.includes(label));
  const words = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) words.push(child.name);
  if (words.some((word) => KEEP_LEFT.includes(word))) return left;
  if (words.includes("Or")) return both;
  const clause = node.getChild("MatchingModifierClause");
  const many = clause?.getChild("GroupLeft") ?? clause?.getChild("GroupRight");
  if (clause != null && many != null) {
    const brought = many.nextSibling?.name === "GroupingLabels" ? groupingLabels(parsed, many) : [];
    return [...(many.name === "GroupLeft" ? left : right), ...brought];
  }
  const on = clause?.getChild("On");
  if (on != null) return groupingLabels(parsed, on);
  const ignoring = clause?.getChild("Ignoring");
  if (ignoring != null) return left.filter((label) => !groupingLabels(parsed, ignoring).includes(label));
  // A number on one side changes no labels; two sides are joined by all of theirs.
  return left.length === 0 ? right : right.length === 0 ? left : both;
}

function expressionsIn(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (
      (ARGUMENT_TYPES.test(child.name) && !/Duration/.test(child.name)) ||
      child.name === "NumberDurationLiteral"
    )
      found.push(child);
  return found;
}
