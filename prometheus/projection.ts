/** What budgets will have spent when their periods end: one formula for the rules, the alerts and the dashboards. */
import { BUDGET_FAMILIES } from "../src/catalogue/budget-families.ts";
import { select } from "./promql.ts";

const BY = "by (job, budget, period)";

/**
 * What was spent, and for the rest of the period as much a second as so far; by job, budget and period. Of the exporters
 * of a job together, since the first of them watches: of one that has just come a minute says nothing about a month.
 */
export function projectedSpend(...matchers: readonly string[]): string {
  const { spent, since, periodEnd } = BUDGET_FAMILIES;
  const of = (aggregation: "sum" | "min" | "max", family: typeof spent | typeof since | typeof periodEnd) =>
    `${aggregation} ${BY} (${select(family, ...matchers)})`;
  const together = of("sum", spent);
  return `${together} + ${together} / (time() - ${of("min", since)} > 0) * (${of("max", periodEnd)} - time() > 0)`;
}
