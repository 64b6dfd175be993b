/**
 * Alerts on money: budgets, spend and cost per request out of the ordinary, and figures that cannot be trusted. Budgets
 * are read from the exporter's own exact sums, so they count what was spent before Prometheus watched.
 */

import { SELF_FAMILIES } from "../src/catalogue/self-families.ts";
import { COUNT, percent, USD } from "./alert-text.ts";
import { COST_THRESHOLDS, PUBLISHED_BOOKS } from "./objectives.ts";
import { select, sumBy } from "./promql.ts";
import { RECORDED } from "./recording-rules.ts";
import {
  type AlertRule,
  amountOver,
  durationSeconds,
  LEVELS,
  type RuleGroup,
  type Severity,
} from "./rule.ts";

const { anomaly, costPerRequest, cacheSavings, reported, projection, usageMissing, priceBookDays } =
  COST_THRESHOLDS;

const BUDGET = ["job", "budget", "period"] as const;

type Period = "hour" | "day" | "week" | "month";

/** Several exporters of a job each have a part of what was spent, those that are away too, and have the same limit. */
function spentIn(period: Period): string {
  return sumBy(BUDGET, select(RECORDED.budget.spent, `period="${period}"`));
}

function limitOf(period: Period): string {
  return select(RECORDED.budgetLimit, `period="${period}"`);
}

const missing = amountOver(RECORDED.usageMissing, "1h");
const successful = amountOver(select(RECORDED.requestsOfModelByStatus, 'status="success"'), "1h");

/** The limit of the alert's budget, in its text; the value is what was spent. */
const LIMIT =
  `{{ with printf "${RECORDED.budgetLimit}{job=%q,budget=%q,period=%q}" $labels.job $labels.budget $labels.period | query }}` +
  'USD {{ . | first | value | printf "%.2f" }}{{ end }}';

function overBudget(alert: string, period: Period, severity: Severity): AlertRule {
  return {
    alert,
    // Exact, so there is nothing to wait for. The sum is zero again with the next period, which ends the alert; that an
    // exporter goes away does not.
    expr: `${spentIn(period)} > ${limitOf(period)}`,
    severity,
    summary: `Budget {{ $labels.budget }} is spent for this ${period}.`,
    description: `${USD} spent in this calendar ${period}, at the least; the limit is ${LIMIT}.`,
    dashboard: "cost",
    dashboardLabels: ["job"],
  };
}

const budgets: RuleGroup = {
  name: "llm-budget-alerts",
  about: "budgets with a limit, in the exporter's configuration; without one these are silent.",
  rules: [
    overBudget("LLMHourlySpendOverBudget", "hour", "warning"),
    overBudget("LLMDailySpendOverBudget", "day", "critical"),
    overBudget("LLMWeeklySpendOverBudget", "week", "critical"),
    overBudget("LLMMonthBudgetExhausted", "month", "critical"),
    {
      alert: "LLMMonthProjectedOverBudget",
      // Of a budget that is watched since the middle of a month the tenth is one of what is left of it.
      expr: [
        `${select(RECORDED.budgetProjected, 'period="month"')} > ${limitOf("month")}`,
        `and time() - ${watchedSince("month")} > ${projection.afterPart} * (max by (${BUDGET.join(", ")}) (${select(RECORDED.budget.periodEnd, 'period="month"')}) - ${watchedSince("month")})`,
        `unless ${spentIn("month")} > ${limitOf("month")}`,
      ].join("\n"),
      for: "1h",
      severity: "warning",
      summary: "Budget {{ $labels.budget }} will not last until the end of the month.",
      description: `${USD} at the end of the month, if spending goes on as it did in this month; the limit is ${LIMIT}.`,
      dashboard: "cost",
      dashboardLabels: ["job"],
    },
  ],
};

function watchedSince(period: Period): string {
  return `min by (${BUDGET.join(", ")}) (${select(RECORDED.budget.since, `period="${period}"`)})`;
}

/**
 * Hourly sums of the day that ended an hour ago, one for each hour: 24 values in place of 1,440. Their sum is that of the
 * day; two such sums have the same hours in them.
 */
function overDayBefore(aggregation: "sum" | "avg" | "count", hourly: string): string {
  return `${aggregation}_over_time(${hourly}[1d:1h] offset 1h)`;
}

const hourlySpend = RECORDED.costOver1h.provider;
const hourlyCost = RECORDED.costOver1h.model;
const hourlySavings = RECORDED.cacheSavingsOver1h;
const costPerRequestBefore = `${overDayBefore("sum", hourlyCost)} / (${overDayBefore("sum", RECORDED.requestsOver1h)} >= ${costPerRequest.requestsBefore})`;

/** What a model would cost without its prompt cache, and which part of that the cache saved in the day before. */
const grossCost = `(${hourlyCost} + ${hourlySavings})`;
const savedPartBefore = `(${overDayBefore("sum", hourlySavings)} / (${overDayBefore("sum", hourlyCost)} + ${overDayBefore("sum", hourlySavings)} > 0))`;

const spend: RuleGroup = {
  name: "llm-spend-alerts",
  about: "spend, cost per request and savings, each against its own past.",
  rules: [
    {
      alert: "LLMSpendAnomaly",
      // Last week excuses what comes every week. Who was not there yet last week has no excuse.
      expr: [
        `${hourlySpend} > ${anomaly.factor} * ${overDayBefore("avg", hourlySpend)}`,
        `and ${overDayBefore("count", hourlySpend)} >= ${anomaly.hoursBefore}`,
        `and ${hourlySpend} > ${anomaly.usdAnHour}`,
        `unless ${hourlySpend} <= ${anomaly.factor} * (${hourlySpend} offset 1w)`,
      ].join("\n"),
      for: "15m",
      severity: "warning",
      summary: "Spend on {{ $labels.provider }} is out of the ordinary.",
      description: `${USD} in the last hour: more than ${anomaly.factor} times the mean hour of the day before and the same hour last week.`,
      dashboard: "cost",
      dashboardLabels: ["job", "provider"],
    },
    {
      alert: "LLMCostPerRequestJump",
      expr: [
        `${RECORDED.costPerRequest} > ${costPerRequest.factor} * (${costPerRequestBefore})`,
        `and ${RECORDED.requestsOver1h} >= ${costPerRequest.requestsAnHour}`,
        `and ${hourlyCost} > ${costPerRequest.usdAnHour}`,
      ].join("\n"),
      for: "30m",
      severity: "warning",
      summary:
        "A request to {{ $labels.model }} of {{ $labels.provider }} costs far more than the day before.",
      description: `USD {{ $value | printf "%.4f" }} for a request over the last hour: more than ${costPerRequest.factor} times the mean of the day before.`,
      dashboard: "model",
      dashboardLabels: ["job", "provider", "model"],
    },
    {
      alert: "LLMCacheSavingsCollapsed",
      expr: [
        `${savedPartBefore} * ${grossCost} - ${hourlySavings} > ${cacheSavings.usdLostAnHour}`,
        `and ${hourlySavings} < ${cacheSavings.partOfBefore} * ${savedPartBefore} * ${grossCost}`,
        `and ${savedPartBefore} > ${cacheSavings.savedPartBefore}`,
        `and ${RECORDED.requestsOver1h} >= ${cacheSavings.requestsAnHour}`,
      ].join("\n"),
      for: "15m",
      severity: "warning",
      summary: "The prompt cache of {{ $labels.model }} of {{ $labels.provider }} has stopped saving.",
      description: `${USD} lost in the last hour: the cache saves less than ${percent(cacheSavings.partOfBefore)} of the part of the cost that it saved the day before.`,
      dashboard: "model",
      dashboardLabels: ["job", "provider", "model"],
    },
  ],
};

const reportedCost = amountOver(RECORDED.comparedReportedCost, "1h");
const bookCost = amountOver(RECORDED.comparedBookCost, "1h");
const bookTimestamp = select(SELF_FAMILIES.priceBookTimestamp, `source=~"${PUBLISHED_BOOKS}"`);

const prices: RuleGroup = {
  name: "llm-price-alerts",
  about: "whether the costs that are shown can be trusted.",
  rules: [
    {
      alert: "LLMPricingMissing",
      // Five evaluations see one request, each a fifth of it: the third of them fires, and can say "1".
      expr: `${amountOver(RECORDED.incompleteLookups, "1h")} > 0.5`,
      severity: "warning",
      summary: "{{ $labels.model }} of {{ $labels.provider }} has no price, or none for all of its tokens.",
      description:
        '{{ $value | printf "%.0f" }} requests of the last hour are {{ $labels.result }}: their cost is missing in every sum, in whole or in part.',
      dashboard: "cost",
      dashboardLabels: ["job", "provider", "model"],
    },
    {
      alert: "LLMUsageMissing",
      expr: [
        `${missing} > on (${LEVELS.model.join(", ")}) ${usageMissing.part} * ${successful}`,
        `and ${missing} >= ${usageMissing.requestsAnHour}`,
      ].join("\n"),
      for: "5m",
      severity: "warning",
      summary:
        "{{ $labels.model }} of {{ $labels.provider }} answers without saying how many tokens it took.",
      description: `${COUNT} successful requests of the last hour, more than ${percent(usageMissing.part)} of them, came without a count of tokens: they are in no sum of tokens and, unless a cost was reported, in none of cost.`,
      dashboard: "model",
      dashboardLabels: ["job", "provider", "model"],
    },
    {
      alert: "LLMPriceBookStale",
      // The oldest, where exporters of a job have different ones.
      expr: `time() - min by (job, source) (${bookTimestamp}) > ${durationSeconds(`${priceBookDays}d`)}`,
      for: "1h",
      severity: "warning",
      summary: "The price book {{ $labels.source }} has not been renewed for a long time.",
      description: `Published {{ $value | humanizeDuration }} ago; more than ${priceBookDays} days are too long for prices that others publish.`,
      dashboard: "exporter",
      dashboardLabels: ["job"],
    },
    {
      alert: "LLMPriceReloadFailed",
      expr: `${select(SELF_FAMILIES.priceReloadSuccessful)} == 0`,
      for: "5m",
      severity: "warning",
      summary: "Exporter {{ $labels.instance }} cannot load its price files.",
      description: "The price files failed to load 5 minutes ago or longer; the books before are in force.",
      dashboard: "exporter",
      dashboardLabels: ["job"],
    },
    {
      alert: "LLMReportedCostFarFromBook",
      expr: [
        `${reportedCost} - ${bookCost}`,
        `and abs(${reportedCost} - ${bookCost}) > ${reported.part} * ${bookCost}`,
        `and abs(${reportedCost} - ${bookCost}) > ${reported.usdAnHour}`,
      ].join("\n"),
      for: "15m",
      severity: "warning",
      summary:
        "Costs that senders report for {{ $labels.model }} of {{ $labels.provider }} are far from the price book.",
      description: `Reported less book over the last hour, for the same requests{{ with $labels.pool }} of pool {{ . }}{{ end }}: USD {{ $value | printf "%+.2f" }}, more than ${percent(reported.part)} of what the book says.`,
      dashboard: "cost",
      dashboardLabels: ["job", "provider", "model", "pool"],
    },
  ],
};

export const COST_GROUPS: readonly RuleGroup[] = [budgets, spend, prices];
