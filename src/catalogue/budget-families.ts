/**
 * Metric families of cost budgets. They are gauges: what is spent starts from zero with each period of a
 * calendar, which is no counter's reset. `labels` names all labels; the base labels and the operator's own
 * are not among them.
 */
import type { FamilyDeclaration } from "./family.ts";

const LABELS = ["budget", "period"] as const;

export const BUDGET_FAMILIES = {
  limit: {
    name: "llm_budget_limit_usd",
    type: "gauge",
    unit: "usd",
    labels: LABELS,
    help: "Most US dollars that the budget allows in one period. Absent for a budget without a limit.",
  },
  spent: {
    name: "llm_budget_spent_usd",
    type: "gauge",
    unit: "usd",
    labels: LABELS,
    help: "Known cost in US dollars, exact, of the requests under the budget in its current period.",
  },
  since: {
    name: "llm_budget_since_timestamp_seconds",
    type: "gauge",
    unit: "seconds",
    labels: LABELS,
    help: "Since when the spent sum is complete, in seconds since the epoch, the period's start at the earliest.",
  },
  periodEnd: {
    name: "llm_budget_period_end_timestamp_seconds",
    type: "gauge",
    unit: "seconds",
    labels: LABELS,
    help: "When the current period ends and the spent sum starts from zero, in seconds since the epoch.",
  },
} as const satisfies Record<string, FamilyDeclaration>;
