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
  return projectionOf({
    spent: select(spent, ...matchers),
    since: select(since, ...matchers),
    periodEnd: select(periodEnd, ...matchers),
  });
}

type BudgetSeries = { readonly spent: string; readonly since: string; readonly periodEnd: string };

/** The same, of series by instance under names of their own. */
export function projectionOf({ spent, since, periodEnd }: BudgetSeries): string {
  const together = `sum ${BY} (${spent})`;
  return `${together} + ${together} / (time() - min ${BY} (${since}) > 0) * (max ${BY} (${periodEnd}) - time() > 0)`;
}
