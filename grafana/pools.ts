/** Which pools are there, who serves them, how often do they move on, and is a member of them worse than the rest? */
import { FAMILIES } from "../src/catalogue/families.ts";
import type { FamilyDeclaration } from "../src/catalogue/family.ts";
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
  amount,
  errorRatio,
  perHour,
  perSecond,
  quantile,
  RANGE,
  RATE,
  requestsPerSecond,
  retryRatio,
  rotationRatio,
  shareOfSpend,
  type Window,
} from "./parts/request-queries.ts";
import { errorRatioStat, requestsStat, spendStat } from "./parts/request-stats.ts";
import { ERROR_STEPS } from "./parts/steps.ts";

const POOL = ["pool"] as const;
const MEMBER = ["pool", "provider", "model"] as const;
const POOL_LEGEND = "{{pool}}";
const MEMBER_LEGEND = "{{pool}} · {{provider}} {{model}}";

const poolOfRow = [
  requestsBehind("Requests of ${__data.fields.pool}", "column", POOL),
  drillDown("Only ${__data.fields.pool}", "pools", "column", POOL),
];
const poolOfSeries = [
  drillDown("Only ${__field.labels.pool}", "pools", "series", POOL),
  requestsBehind("Requests of ${__field.labels.pool}", "series", POOL),
];
const memberOfRow = [drillDown("${__data.fields.model} in ${__data.fields.pool}", "model", "column", MEMBER)];
const memberOfSeries = [
  drillDown("${__field.labels.model} in ${__field.labels.pool}", "model", "series", MEMBER),
  requestsBehind("Requests behind it", "series", MEMBER),
];

/** Part of all requests that the filters leave. */
function shareOfRequests(by: readonly string[], window: Window): string {
  return `${requestsPerSecond(by, window)} / on () group_left () (${requestsPerSecond([], window)} > 0)`;
}

/** Part that each member has of its pool's requests or cost, over the range. */
function shareOfPool(family: FamilyDeclaration): string {
  return `${amount(MEMBER, family)} / on (pool) group_left () (${amount(POOL, family)} > 0)`;
}

/** What applications asked for: attempts less the second and later ones. */
function clientRequests(by: readonly string[]): string {
  const attempts = requestsPerSecond(by);
  return `${attempts} - (${perSecond(by, FAMILIES.retries)} or 0 * ${attempts})`;
}

const now = [
  requestsStat(4),
  spendStat(4),
  errorRatioStat(4),
  stat({
    title: "Rotation ratio",
    description:
      "Part of the requests of the range for which a pool had moved on to another model or provider. No value: no requests.",
    unit: UNITS.ratio,
    decimals: 2,
    width: 4,
    height: 4,
    expr: rotationRatio([], RANGE),
  }),
  stat({
    title: "Retry ratio",
    description:
      "Part of the requests of the range that were a second or later attempt at the same client request. No value: no requests.",
    unit: UNITS.ratio,
    decimals: 2,
    width: 4,
    height: 4,
    expr: retryRatio([], RANGE),
  }),
  stat({
    title: "Number of pools",
    description: "Pools that the filters leave, with at least one request since the exporter began to count.",
    unit: UNITS.count,
    decimals: 0,
    width: 4,
    height: 4,
    expr: `count(${requestsPerSecond(POOL, RANGE)})`,
  }),
];

const poolTable = table({
  title: "Pools",
  description:
    "Over the chosen range. Shares are of what the filters leave. A click on a pool leads to its requests, or narrows this page down to it.",
  width: 24,
  height: 8,
  by: POOL,
  sortBy: "Requests",
  labelLinks: { pool: poolOfRow },
  columns: [
    requestsColumn(POOL),
    {
      title: "Share of requests",
      unit: UNITS.ratio,
      decimals: 1,
      expr: shareOfRequests(POOL, RANGE),
    },
    costColumn(POOL),
    { title: "Share of cost", unit: UNITS.ratio, decimals: 1, expr: shareOfSpend(POOL) },
    costPerRequestColumn(POOL),
    errorsColumn(POOL),
    { title: "Rotations", unit: UNITS.ratio, decimals: 2, expr: rotationRatio(POOL, RANGE) },
    { title: "Retries", unit: UNITS.ratio, decimals: 2, expr: retryRatio(POOL, RANGE) },
    { title: "p95", unit: UNITS.seconds, expr: quantile(0.95, POOL, FAMILIES.duration, RANGE) },
    firstTokenColumn(POOL),
  ],
});

const memberTable = table({
  title: "Members",
  description:
    "Over the chosen range; shares are of the pool, as far as the filters leave it. Rotations: for this part of a member's requests the pool had moved on, as a rule to this member. A click on a provider or model leads to that model in this pool. An empty cell: nothing of the kind was measured.",
  width: 24,
  height: 11,
  by: MEMBER,
  sortBy: "Requests",
  labelLinks: { pool: poolOfRow, provider: memberOfRow, model: memberOfRow },
  columns: [
    requestsColumn(MEMBER),
    { title: "Share", unit: UNITS.ratio, decimals: 1, expr: shareOfPool(FAMILIES.requests) },
    errorsColumn(MEMBER),
    { title: "Rotations", unit: UNITS.ratio, decimals: 2, expr: rotationRatio(MEMBER, RANGE) },
    { title: "p95", unit: UNITS.seconds, expr: quantile(0.95, MEMBER, FAMILIES.duration, RANGE) },
    firstTokenColumn(MEMBER),
    costColumn(MEMBER),
    { title: "Share of cost", unit: UNITS.ratio, decimals: 1, expr: shareOfPool(FAMILIES.cost) },
    costPerRequestColumn(MEMBER),
  ],
});

const rotation = [
  timeSeries({
    title: "Rotations by pool",
    description: "Requests a second for which a pool had moved on to another model or provider.",
    unit: UNITS.requestsPerSecond,
    width: 12,
    height: 8,
    links: poolOfSeries,
    queries: [{ expr: perSecond(POOL, FAMILIES.rotations), legend: POOL_LEGEND }],
  }),
  timeSeries({
    title: "Rotation ratio by pool",
    description: "The same as a part of each pool's requests. A gap: no requests.",
    unit: UNITS.ratio,
    width: 12,
    height: 8,
    links: poolOfSeries,
    queries: [{ expr: rotationRatio(POOL, RATE), legend: POOL_LEGEND }],
  }),
];

const comparison = [
  timeSeries({
    title: "Share of traffic by member",
    description:
      "Each member's part of all requests that the filters leave: with one pool chosen, of the pool's. A gap: no requests.",
    unit: UNITS.ratio,
    max: 1,
    width: 24,
    height: 10,
    stacked: true,
    legendTable: true,
    links: memberOfSeries,
    queries: [{ expr: shareOfRequests(MEMBER, RATE), legend: MEMBER_LEGEND }],
  }),
  timeSeries({
    title: "Error ratio by member",
    description:
      "Failed part of each member's requests, client faults apart, against the objective. A gap: no requests.",
    unit: UNITS.ratio,
    width: 24,
    height: 10,
    steps: ERROR_STEPS,
    legendTable: true,
    links: memberOfSeries,
    queries: [{ expr: errorRatio(MEMBER, RATE), legend: MEMBER_LEGEND }],
  }),
  timeSeries({
    title: "p95 duration by member",
    description:
      "Within which 95 % of each member's requests end. Points are single requests, where their senders give trace ids.",
    unit: UNITS.seconds,
    width: 24,
    height: 10,
    legendTable: true,
    links: memberOfSeries,
    queries: [
      { expr: quantile(0.95, MEMBER, FAMILIES.duration, RATE), legend: MEMBER_LEGEND, exemplars: true },
    ],
  }),
  timeSeries({
    title: "USD per hour by member",
    description: "Known cost, at the pace of each moment.",
    unit: UNITS.usdPerHour,
    width: 24,
    height: 10,
    stacked: true,
    legendTable: true,
    links: memberOfSeries,
    queries: [{ expr: perHour(MEMBER, FAMILIES.cost), legend: MEMBER_LEGEND }],
  }),
];

const attempts = [
  timeSeries({
    title: "Client requests and attempts",
    description:
      "What applications asked for, and how often models were called for it: the distance is retries. Without attempt numbers in events the lines are one.",
    unit: UNITS.requestsPerSecond,
    width: 12,
    height: 8,
    queries: [
      { expr: requestsPerSecond([]), legend: "attempts" },
      { expr: clientRequests([]), legend: "client requests" },
    ],
  }),
  timeSeries({
    title: "Retry ratio by pool",
    description: "Part of each pool's requests that were a second or later attempt. A gap: no requests.",
    unit: UNITS.ratio,
    width: 12,
    height: 8,
    links: poolOfSeries,
    queries: [{ expr: retryRatio(POOL, RATE), legend: POOL_LEGEND }],
  }),
];

const batches = [
  timeSeries({
    title: "Batches",
    description:
      "New batches a second, by pool. A batch counts once for each provider and model that it touches. Nothing: no event names a batch.",
    unit: UNITS.perSecond,
    width: 12,
    height: 7,
    noValue: "no batches",
    links: poolOfSeries,
    queries: [{ expr: perSecond(POOL, FAMILIES.batches), legend: POOL_LEGEND }],
  }),
  timeSeries({
    title: "Batched requests",
    description: "Requests a second that were part of a batch, by pool. Nothing: no event names a batch.",
    unit: UNITS.requestsPerSecond,
    width: 12,
    height: 7,
    noValue: "no batches",
    links: poolOfSeries,
    queries: [{ expr: perSecond(POOL, FAMILIES.batchedRequests), legend: POOL_LEGEND }],
  }),
];

export function pools() {
  return dashboard({
    key: "pools",
    title: "LLM / Pools",
    description:
      "Who serves each pool, how often does it move on or try again, and is one of its members worse than the rest?",
    rows: [
      { title: "Chosen range", panels: now },
      { title: "Pools and their members", panels: [poolTable, memberTable] },
      { title: "Rotation", panels: rotation },
      { title: "Members compared", panels: comparison },
      { title: "Attempts", panels: attempts },
      { title: "Batches", panels: batches },
    ],
  });
}
