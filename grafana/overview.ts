/** What does it cost, is it failing, is it slow, and which provider is behind it? */
import { FOREIGN } from "../prometheus/foreign-metrics.ts";
import { select } from "../prometheus/promql.ts";
import { FAMILIES } from "../src/catalogue/families.ts";
import { budgetLeft, projectedSpend, WHOLE_MONTH } from "./parts/budget-queries.ts";
import { dashboard } from "./parts/dashboard.ts";
import { EXPORTER } from "./parts/filters.ts";
import { drillDown } from "./parts/links.ts";
import { stat, table, timeSeries, UNITS } from "./parts/panels.ts";
import {
  costColumn,
  errorsColumn,
  firstTokenColumn,
  requestsColumn,
  tokenColumns,
} from "./parts/request-columns.ts";
import {
  cacheHitRatio,
  errorRatio,
  perHour,
  perSecond,
  quantile,
  RANGE,
  RATE,
  requestsPerSecond,
  shareOfSpend,
  spend,
} from "./parts/request-queries.ts";
import {
  clientFaultStat,
  durationStat,
  errorRatioStat,
  firstTokenStat,
  requestsStat,
  spendStat,
  unpricedStat,
} from "./parts/request-stats.ts";
import { ERROR_STEPS, FIRST_TOKEN_STEPS } from "./parts/steps.ts";

const BY = ["provider"] as const;
const LEGEND = "{{provider}}";
const ofSeries = [drillDown("Models of ${__field.labels.provider}", "provider", "series", BY)];
const toBudgets = [drillDown("Cost and budgets", "cost", "series", [])];

const FIRING = select(
  FOREIGN.alerts,
  'alertname=~"LLM.+"',
  'alertstate="firing"',
  'severity!="none"',
  EXPORTER,
);
/** Prometheus keeps beside each alert, without its state, since when it has been active, in seconds. */
const ACTIVE_SINCE = select(FOREIGN.alertsForState, 'alertname=~"LLM.+"', EXPORTER);
const ALERT_LABELS = ["alertname", "severity", "provider", "model", "pool", "budget"] as const;

const now = [
  stat({
    title: "Spend today",
    description:
      "Known cost since midnight of your day, as Prometheus estimates the growth of counters; of the range itself if that is an absolute one, as after zooming in.",
    unit: UNITS.usd,
    width: 4,
    height: 4,
    timeFrom: "now/d",
    expr: spend([]),
    links: toBudgets,
  }),
  stat({
    title: "Month, projected",
    description:
      "Known cost at the end of this month if it goes on as since its beginning, or since the exporter began to count. Of all requests: the filters for pools, providers and models do not apply. Early in a month, or soon after a first start, it is a guess.",
    unit: UNITS.usd,
    width: 4,
    height: 4,
    expr: projectedSpend([], WHOLE_MONTH),
    links: toBudgets,
  }),
  stat({
    title: "Budget left",
    description:
      "Of the budget that has the least left of its limit in its current period; below zero it is exceeded. The filters for pools, providers and models do not apply.",
    unit: UNITS.ratio,
    decimals: 1,
    width: 4,
    height: 4,
    noValue: "no limit set",
    colored: true,
    // Little is bad here: the first step is below whatever is left.
    steps: [
      { value: -1e9, color: "red" },
      { value: 0.1, color: "orange" },
      { value: 0.25, color: "green" },
    ],
    expr: `min(${budgetLeft()})`,
    links: toBudgets,
  }),
  spendStat(4),
  requestsStat(4),
  unpricedStat(4),
  errorRatioStat(4),
  clientFaultStat(4),
  durationStat(4, 0.95),
  firstTokenStat(4),
  stat({
    title: "Prompt cache hits",
    description:
      "Part of the tokens sent that were read from the providers' prompt caches. No value: no tokens were reported.",
    unit: UNITS.ratio,
    decimals: 1,
    width: 4,
    height: 4,
    expr: cacheHitRatio([], RANGE),
  }),
  stat({
    title: "Alerts firing",
    description:
      "Alerts of these jobs that Prometheus holds to be firing now; the table below names them. No value also if it loads no rules of ours.",
    unit: UNITS.count,
    decimals: 0,
    width: 4,
    height: 4,
    noValue: "none firing",
    steps: [{ value: 1, color: "red" }],
    expr: `count(${FIRING})`,
  }),
];

const providers = table({
  title: "Providers",
  description:
    "Over the chosen range. A click on a provider leads to its models. Errors are without client faults; an empty cell means that nothing of the kind was measured.",
  width: 24,
  height: 11,
  by: BY,
  sortBy: "Cost",
  labelLinks: { provider: [drillDown("Models of ${__data.fields.provider}", "provider", "column", BY)] },
  columns: [
    costColumn(BY),
    { title: "Share", unit: UNITS.ratio, decimals: 1, expr: shareOfSpend(BY) },
    requestsColumn(BY),
    errorsColumn(BY),
    { title: "p50", unit: UNITS.seconds, expr: quantile(0.5, BY, FAMILIES.duration, RANGE) },
    { title: "p95", unit: UNITS.seconds, expr: quantile(0.95, BY, FAMILIES.duration, RANGE) },
    firstTokenColumn(BY),
    ...tokenColumns(BY),
  ],
});

const costAndTraffic = [
  timeSeries({
    title: "Cost per hour",
    description: "Known cost at the pace of each moment, the providers on top of each other.",
    unit: UNITS.usdPerHour,
    width: 12,
    height: 11,
    stacked: true,
    links: ofSeries,
    queries: [{ expr: perHour(BY, FAMILIES.cost), legend: LEGEND }],
  }),
  timeSeries({
    title: "Requests",
    description: "Requests that end, a second, whatever their status. A line that ends: nothing is scraped.",
    unit: UNITS.requestsPerSecond,
    width: 12,
    height: 8,
    links: ofSeries,
    queries: [{ expr: requestsPerSecond(BY), legend: LEGEND }],
  }),
];

const errorsAndLatency = [
  timeSeries({
    title: "Error ratio",
    description:
      "Failed part of the requests, client faults apart. One provider that rises is its trouble, all together are likely ours. Dashed: the objective, and where a month's error budget is gone in two days. A gap: no requests.",
    unit: UNITS.ratio,
    width: 8,
    height: 8,
    steps: ERROR_STEPS,
    links: ofSeries,
    queries: [{ expr: errorRatio(BY, RATE), legend: LEGEND }],
  }),
  timeSeries({
    title: "p95 duration",
    description:
      "Within which 95 % of the requests ended, whatever their status. Points are single requests with a trace. A gap: nothing was measured.",
    unit: UNITS.seconds,
    width: 8,
    height: 8,
    links: ofSeries,
    queries: [{ expr: quantile(0.95, BY, FAMILIES.duration, RATE), legend: LEGEND, exemplars: true }],
  }),
  timeSeries({
    title: "p95 first token",
    description:
      "Within which 95 % of the streaming requests had their first token. Dashed: the objective. A gap: none were streamed or measured.",
    unit: UNITS.seconds,
    width: 8,
    height: 8,
    steps: FIRST_TOKEN_STEPS,
    links: ofSeries,
    queries: [{ expr: quantile(0.95, BY, FAMILIES.timeToFirstToken, RATE), legend: LEGEND, exemplars: true }],
  }),
];

const tokensAndAlerts = [
  timeSeries({
    title: "Tokens",
    description:
      "Tokens a second by type. The types are disjoint: input is without what the cache held, output without reasoning.",
    unit: UNITS.perSecond,
    width: 12,
    height: 8,
    stacked: true,
    queries: [{ expr: perSecond(["token_type"], FAMILIES.tokens), legend: "{{token_type}}" }],
  }),
  table({
    title: "Firing alerts",
    description:
      "As of now, and since when each has been active. The filters for pools, providers and models do not apply. None also if Prometheus loads no rules of ours.",
    width: 12,
    height: 11,
    by: ALERT_LABELS,
    sortBy: "Active",
    columns: [
      {
        title: "Active",
        unit: UNITS.time,
        expr: `max by (${ALERT_LABELS.join(", ")}) (${ACTIVE_SINCE} * 1000 and ignoring (alertstate) ${FIRING})`,
      },
    ],
  }),
];

export function overview() {
  return dashboard({
    key: "overview",
    title: "LLM / Overview",
    description:
      "What do language models cost, do they fail, are they slow, and which provider is behind it?",
    rows: [
      { title: "Now", panels: now },
      { title: "Providers", panels: [providers] },
      { title: "Cost and traffic", panels: costAndTraffic },
      { title: "Errors and latency", panels: errorsAndLatency },
      { title: "Tokens and alerts", panels: tokensAndAlerts },
    ],
  });
}
