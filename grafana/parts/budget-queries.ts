/** PromQL over budgets. They know the filter for jobs only, and end at what is spent in the current period. */
import * as projection from "../../prometheus/projection.ts";
import { select, sumBy } from "../../prometheus/promql.ts";
import { BUDGET_FAMILIES } from "../../src/catalogue/budget-families.ts";
import { EXPORTER } from "./filters.ts";

const { limit, spent, periodEnd } = BUDGET_FAMILIES;

/** The budget that every exporter has without any configuration. */
export const WHOLE_MONTH = 'budget="all",period="month"';

/** What is spent when the period ends, if it goes on as since its beginning; labels are at most job, budget and period. */
export function projectedSpend(by: readonly string[], ...matchers: readonly string[]): string {
  return sumBy(by, projection.projectedSpend(EXPORTER, ...matchers));
}

/** What is spent in the current period. Exporters of a job are added up. */
export function budgetSpent(by: readonly string[], ...matchers: readonly string[]): string {
  return `${aggregated("sum", by)} (${select(spent, EXPORTER, ...matchers)})`;
}

/** The limit, which all exporters of a job should agree on. No row for budgets without one. */
export function budgetLimit(by: readonly string[], ...matchers: readonly string[]): string {
  return `${aggregated("max", by)} (${select(limit, EXPORTER, ...matchers)})`;
}

/** When the current period ends, in seconds since the epoch. */
export function budgetEnd(by: readonly string[]): string {
  return `${aggregated("max", by)} (${select(periodEnd, EXPORTER)})`;
}

/** Part of each limit that is left, below 0 when it is exceeded. No row for budgets without a limit. */
export function budgetLeft(...matchers: readonly string[]): string {
  const by = ["job", "budget", "period"];
  return `1 - ${budgetSpent(by, ...matchers)} / (${budgetLimit(by, ...matchers)} > 0)`;
}

function aggregated(operation: "sum" | "max", by: readonly string[]): string {
  return by.length === 0 ? operation : `${operation} by (${by.join(", ")})`;
}
