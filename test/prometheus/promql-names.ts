/**
 * What a PromQL expression names: metrics with their matchers, and the labels by which it groups and joins. Reads
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

export type Grouping = {
  readonly keyword: "by" | "without" | "on" | "ignoring" | "group_left" | "group_right";
  readonly labels: readonly string[];
  /** What it groups; of a join both sides. */
  readonly selectors: readonly Selector[];
  /** Labels that functions within make: label_replace, label_join, count_values. */
  readonly made: readonly string[];
};

export type PromqlNames = {
  readonly selectors: readonly Selector[];
  readonly groupings: readonly Grouping[];
};

/** An expression that was parsed; positions of nodes are positions in `text`. */
export type Promql = { readonly text: string; readonly top: SyntaxNode };

const KEYWORDS: Readonly<Record<string, Grouping["keyword"]>> = {
  By: "by",
  Without: "without",
  On: "on",
  Ignoring: "ignoring",
  GroupLeft: "group_left",
  GroupRight: "group_right",
};

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

/** Throws a SyntaxError if it is no PromQL. */
export function namesIn(expression: string): PromqlNames {
  const parsed = parsePromql(expression);
  const groupings = descendants(parsed.top).flatMap((node): Grouping[] => {
    const keyword = KEYWORDS[node.name];
    if (keyword === undefined) return [];
    const within = node.parent!.parent!;
    const labels = node.nextSibling?.name === "GroupingLabels" ? groupingLabels(parsed, node) : [];
    return [{ keyword, labels, selectors: selectorsBelow(parsed, within), made: madeBelow(parsed, within) }];
  });
  return { selectors: selectorsBelow(parsed, parsed.top), groupings };
}

/** The labels in brackets after a word such as `by`. */
export function groupingLabels({ text }: Promql, word: SyntaxNode): string[] {
  return word.nextSibling!.getChildren("LabelName").map(({ from, to }) => text.slice(from, to));
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

/** The label that a call of label_replace, label_join or count_values makes; `undefined` for other nodes. */
export function madeLabel({ text }: Promql, node: SyntaxNode): string | undefined {
  const word = node.firstChild?.firstChild?.name;
  if (word === undefined || !["LabelReplace", "LabelJoin", "CountValues"].includes(word)) return undefined;
  const { from, to } = node.getChild("FunctionCallBody")!.getChild("StringLiteral")!;
  return unquoted(text.slice(from, to));
}

function selectorsBelow(parsed: Promql, node: SyntaxNode): Selector[] {
  return descendants(node)
    .filter(({ name }) => name === "VectorSelector")
    .map((selector) => selectorAt(parsed, selector));
}

function madeBelow(parsed: Promql, node: SyntaxNode): string[] {
  return descendants(node).flatMap((call) => madeLabel(parsed, call) ?? []);
}

function descendants(node: SyntaxNode): SyntaxNode[] {
  const below: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    below.push(child, ...descendants(child));
  return below;
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
