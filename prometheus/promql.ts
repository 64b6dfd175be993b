/**
 * Small pieces of PromQL over the catalogue's families, so that no expression spells a metric's name. Used by the
 * rules here and by the dashboards.
 */
import type { FamilyDeclaration } from "../src/catalogue/family.ts";

/** `name{matcher,matcher}`; a matcher is written as in PromQL, such as `status="error"`. */
export function select(family: FamilyDeclaration | string, ...matchers: readonly string[]): string {
  const name = typeof family === "string" ? family : family.name;
  const written = matchers.filter((matcher) => matcher !== "").join(",");
  return written === "" ? name : `${name}{${written}}`;
}

/** The cumulative buckets of a histogram; the label `le` is theirs. */
export function buckets(family: FamilyDeclaration, ...matchers: readonly string[]): string {
  return select(`${family.name}_bucket`, ...matchers);
}

/** How many values a histogram has. */
export function countOf(family: FamilyDeclaration, ...matchers: readonly string[]): string {
  return select(`${family.name}_count`, ...matchers);
}

/** The sum of the values of a histogram. */
export function sumOf(family: FamilyDeclaration, ...matchers: readonly string[]): string {
  return select(`${family.name}_sum`, ...matchers);
}

export function rate(selector: string, window: string): string {
  return `rate(${selector}[${window}])`;
}

export function increase(selector: string, window: string): string {
  return `increase(${selector}[${window}])`;
}

/** `sum by (labels) (expression)`; without labels a single sum. */
export function sumBy(labels: readonly string[], expression: string): string {
  return labels.length === 0 ? `sum(${expression})` : `sum by (${labels.join(", ")}) (${expression})`;
}

/**
 * A part of a whole of the same labels. A part without a series is nothing, and a whole of nothing has no ratio: no
 * row instead of a division by zero.
 */
export function ratio(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / (${whole} > 0)`;
}

/** The quantile (0 to 1) of a histogram by `labels`; `counts` is a rate or an increase of its buckets. */
export function quantile(q: number, labels: readonly string[], counts: string): string {
  return `histogram_quantile(${q}, ${sumBy([...labels, "le"], counts)})`;
}
