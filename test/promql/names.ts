/**
 * PromQL that was parsed, and what can be read from a node of it: selectors, arguments, labels in brackets. Reads
 * expressions of dashboards too: a variable of Grafana outside a string stands for a number or a duration.
 */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

export type Matcher = { readonly label: string; readonly op: string; readonly value: string };

export type Selector = {
  /** As written, with `_bucket`, `_sum` or `_count`. `undefined` if it is chosen by labels alone. */
  readonly metric: string | undefined;
  readonly matchers: readonly Matcher[];
};

/** An expression that was parsed; positions of nodes are positions in `text`. */
export type Promql = { readonly text: string; readonly top: SyntaxNode };

/** Throws a SyntaxError that says where. */
export function parsePromql(expression: string): Promql {
  const text = withoutVariables(expression);
  const tree = parser.parse(text);
  tree.iterate({
    enter(node) {
      if (node.type.isError)
        throw new SyntaxError(`no PromQL at "${text.slice(node.from, node.from + 20)}" in: ${text}`);
    },
  });
  return { text, top: tree.topNode };
}

/** All nodes of these names, at any depth. */
export function nodesIn({ top }: Promql, ...names: readonly string[]): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  top.cursor().iterate((node) => {
    if (names.includes(node.name)) found.push(node.node);
  });
  return found;
}

export function selectorsIn(promql: Promql): Selector[] {
  return nodesIn(promql, "VectorSelector").map((node) => selectorAt(promql, node));
}

/** Of a node named VectorSelector. */
export function selectorAt({ text }: Promql, node: SyntaxNode): Selector {
  const written = (at: SyntaxNode): string => text.slice(at.from, at.to);
  const all = (node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []).map((matcher) => ({
    label: written(matcher.getChild("LabelName")!),
    op: written(matcher.getChild("MatchOp")!),
    value: unquoted(written(matcher.getChild("StringLiteral")!)),
  }));
  const name = all.find(({ label, op }) => label === "__name__" && op === "=")?.value;
  const identifier = node.getChild("Identifier");
  return {
    metric: identifier === null ? name : written(identifier),
    matchers: all.filter(({ label }) => label !== "__name__"),
  };
}

/** The labels in brackets after a word such as `by`; none without brackets. */
export function groupingLabels({ text }: Promql, word: SyntaxNode): string[] {
  const brackets = word.nextSibling;
  if (brackets?.name !== "GroupingLabels") return [];
  return brackets.getChildren("LabelName").map(({ from, to }) => text.slice(from, to));
}

/** The label that a call of label_replace, label_join or count_values makes; `undefined` for other nodes. */
export function madeLabel({ text }: Promql, node: SyntaxNode): string | undefined {
  if (!["LabelReplace", "LabelJoin", "CountValues"].includes(functionOf(node) ?? "")) return undefined;
  const { from, to } = node.getChild("FunctionCallBody")!.getChild("StringLiteral")!;
  return unquoted(text.slice(from, to));
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

function unquoted(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** Variables outside strings become a duration, which is a number as well. */
function withoutVariables(expression: string): string {
  return expression.replace(/"(?:[^"\\]|\\.)*"|\$\{[^}]*\}|\$\w+/g, (found) =>
    found.startsWith('"') ? found : "5m",
  );
}
