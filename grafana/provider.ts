/** Is it us or the provider, since when, and which of its models? */
import { FAMILIES } from "../src/catalogue/families.ts";
import { dashboard } from "./parts/dashboard.ts";
import { drillDown, requestsBehind } from "./parts/links.ts";
import { stat, table, timeSeries, UNITS } from "./parts/panels.ts";
import {
  costColumn,
  costPerRequestColumn,
  errorsColumn,
  firstTokenColumn,
  requestsColumn,
} from "./parts/request-columns.ts";
import {
  CLIENT_FAULT,
  errorRatio,
  level,
  millis,
  PROVIDER_FAULT,
  partOfRequests,
  perHour,
  perSecond,
  quantile,
  RANGE,
  RATE,
  RATE_LIMITED,
  requestsPerSecond,
  retryRatio,
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

/** A row of the table: two providers may serve a model of the same name. */
const ROW = ["provider", "model"] as const;
/** A series of a graph, of the providers that are chosen. */
const BY = ["model"] as const;
const LEGEND = "{{model}}";
const ofSeries = [drillDown("Model ${__field.labels.model}", "model", "series", BY)];
const MODELS = "Models of several chosen providers that have the same name are added up.";

const now = [
  spendStat(3),
  requestsStat(3),
  errorRatioStat(3),
  clientFaultStat(3),
  stat({
    title: "Rate limited",
    description:
      "Part of the requests that were turned away: too many, no quota left, or no capacity at the provider. They are in the error ratio.",
    unit: UNITS.ratio,
    decimals: 2,
    width: 3,
    height: 4,
    steps: ERROR_STEPS,
    expr: partOfRequests([], RANGE, RATE_LIMITED),
  }),
  durationStat(3, 0.95),
  firstTokenStat(3),
  unpricedStat(3),
];

const models = table({
  title: "Models",
  description:
    "Over the chosen range. A click on a model leads to its dashboard; one on requests, errors or p95 to the single requests at the exporter: the latest, the failed, those at least so slow. Errors are without client faults; an empty cell means that nothing of the kind was measured.",
  width: 24,
  height: 10,
  by: ROW,
  sortBy: "Cost",
  labelLinks: {
    model: [drillDown("Model ${__data.fields.model}", "model", "column", ROW)],
  },
  columns: [
    costColumn(ROW),
    requestsColumn(ROW, [requestsBehind("Requests of ${__data.fields.model}", "column", ROW)]),
    errorsColumn(ROW, [
      requestsBehind("Failed requests of ${__data.fields.model}, client faults among them", "column", ROW, {
        status: "error",
      }),
    ]),
    {
      title: "Rate limited",
      unit: UNITS.ratio,
      decimals: 2,
      expr: partOfRequests(ROW, RANGE, RATE_LIMITED),
    },
    { title: "p50", unit: UNITS.millis, expr: millis(quantile(0.5, ROW, FAMILIES.duration, RANGE)) },
    {
      title: "p95",
      unit: UNITS.millis,
      expr: millis(quantile(0.95, ROW, FAMILIES.duration, RANGE)),
      links: [
        requestsBehind("Requests of ${__data.fields.model} at least so slow", "column", ROW, {
          min_duration_ms: "${__value.raw}",
        }),
      ],
    },
    firstTokenColumn(ROW),
    costPerRequestColumn(ROW),
  ],
});

const errors = [
  timeSeries({
    title: "Us or the provider",
    description:
      "Parts of the requests. Ours: invalid, too long for the context, filtered for their content, or cancelled. Not ours: all other failures; those of keys and permissions are among them, and stand out by type on the right. Dashed: the objective for the latter, and where a month's error budget is gone in two days.",
    unit: UNITS.ratio,
    width: 12,
    height: 8,
    steps: ERROR_STEPS,
    queries: [
      { expr: partOfRequests([], RATE, PROVIDER_FAULT), legend: "not ours" },
      { expr: partOfRequests([], RATE, CLIENT_FAULT), legend: "ours" },
    ],
  }),
  timeSeries({
    title: "Errors by type",
    description:
      "Failed and cancelled requests a second, on top of each other. Types without any are left out; nothing at all: no errors.",
    unit: UNITS.requestsPerSecond,
    width: 12,
    height: 8,
    stacked: true,
    noValue: "no errors",
    queries: [{ expr: perSecond(["error_type"], FAMILIES.errors), legend: "{{error_type}}" }],
  }),
  timeSeries({
    title: "Error ratio by model",
    description: `Failed part of the requests, client faults apart. One model or all of them? ${MODELS}`,
    unit: UNITS.ratio,
    width: 12,
    height: 8,
    legendTable: true,
    links: ofSeries,
    queries: [{ expr: errorRatio(BY, RATE), legend: LEGEND }],
  }),
  timeSeries({
    title: "Rate limited by model",
    description:
      "Part of the requests that were turned away: too many, no quota left, or no capacity at the provider. A limit that is near shows as peaks at busy times, an exhausted quota as a plateau.",
    unit: UNITS.ratio,
    width: 12,
    height: 8,
    legendTable: true,
    links: ofSeries,
    queries: [{ expr: partOfRequests(BY, RATE, RATE_LIMITED), legend: LEGEND }],
  }),
];

const latency = [
  timeSeries({
    title: "Duration",
    description:
      "Within which half, 95 % and 99 % of the requests ended, whatever their status. Points are single requests with a trace. If p50 stays while p99 rises, a part of the requests is hit: look at the models.",
    unit: UNITS.seconds,
    width: 12,
    height: 8,
    queries: [
      { expr: quantile(0.99, [], FAMILIES.duration, RATE), legend: "p99", exemplars: true },
      { expr: quantile(0.95, [], FAMILIES.duration, RATE), legend: "p95" },
      { expr: quantile(0.5, [], FAMILIES.duration, RATE), legend: "p50" },
    ],
  }),
  timeSeries({
    title: "Time to first token",
    description:
      "Of streaming requests. Dashed: the objective for p95. The provider's queues show here first: longer answers do not.",
    unit: UNITS.seconds,
    width: 12,
    height: 8,
    steps: FIRST_TOKEN_STEPS,
    queries: [
      { expr: quantile(0.99, [], FAMILIES.timeToFirstToken, RATE), legend: "p99", exemplars: true },
      { expr: quantile(0.95, [], FAMILIES.timeToFirstToken, RATE), legend: "p95" },
      { expr: quantile(0.5, [], FAMILIES.timeToFirstToken, RATE), legend: "p50" },
    ],
  }),
  timeSeries({
    title: "p95 duration by model",
    description: `Within which 95 % of the requests ended. A gap: nothing was measured. ${MODELS}`,
    unit: UNITS.seconds,
    width: 12,
    height: 8,
    legendTable: true,
    links: ofSeries,
    queries: [{ expr: quantile(0.95, BY, FAMILIES.duration, RATE), legend: LEGEND }],
  }),
  timeSeries({
    title: "p95 first token by model",
    description: `Within which 95 % of the streaming requests had their first token. A gap: none were streamed or measured. ${MODELS}`,
    unit: UNITS.seconds,
    width: 12,
    height: 8,
    legendTable: true,
    links: ofSeries,
    queries: [{ expr: quantile(0.95, BY, FAMILIES.timeToFirstToken, RATE), legend: LEGEND }],
  }),
];

const costAndLoad = [
  timeSeries({
    title: "Cost per hour",
    description: `Known cost at the pace of each moment, the models on top of each other. ${MODELS}`,
    unit: UNITS.usdPerHour,
    width: 12,
    height: 8,
    stacked: true,
    legendTable: true,
    links: ofSeries,
    queries: [{ expr: perHour(BY, FAMILIES.cost), legend: LEGEND }],
  }),
  timeSeries({
    title: "Requests",
    description: `Requests that end, a second, whatever their status, the models on top of each other. ${MODELS}`,
    unit: UNITS.requestsPerSecond,
    width: 12,
    height: 8,
    stacked: true,
    legendTable: true,
    links: ofSeries,
    queries: [{ expr: requestsPerSecond(BY), legend: LEGEND }],
  }),
  timeSeries({
    title: "In flight",
    description:
      "Requests that were started and have not ended, as of each scrape. Rising while requests a second do not: the provider holds them up. Zero throughout: nobody reports starts.",
    unit: UNITS.count,
    width: 12,
    height: 8,
    legendTable: true,
    links: ofSeries,
    queries: [{ expr: level(BY, FAMILIES.inFlight), legend: LEGEND }],
  }),
  timeSeries({
    title: "Retries",
    description:
      "Second and later attempts, as a part of all requests. Retries cost time and, with partial answers, money; more of them than of errors means that a retry fails as well.",
    unit: UNITS.ratio,
    width: 12,
    height: 8,
    legendTable: true,
    links: ofSeries,
    queries: [{ expr: retryRatio(BY, RATE), legend: LEGEND }],
  }),
];

export function provider() {
  return dashboard({
    key: "provider",
    title: "LLM / Provider",
    description: "Is it us or the provider, since when, and which of its models? Choose a provider above.",
    rows: [
      { title: "Now", panels: now },
      { title: "Models", panels: [models] },
      { title: "Errors", panels: errors },
      { title: "Latency", panels: latency },
      { title: "Cost and load", panels: costAndLoad },
    ],
  });
}
