/** What is behind this p99, is prompt caching paying, and what does a request cost? */
import { FAMILIES } from "../src/catalogue/families.ts";
import { dashboard } from "./parts/dashboard.ts";
import { drillDown, requestsBehind } from "./parts/links.ts";
import { heatmap, stat, table, timeSeries, UNITS } from "./parts/panels.ts";
import {
  costColumn,
  errorsColumn,
  firstTokenColumn,
  requestsColumn,
  tokenColumns,
} from "./parts/request-columns.ts";
import {
  amount,
  cacheHitRatio,
  cacheNetSavings,
  costPerRequest,
  costPerThousandTokens,
  countsByBucket,
  type Histogram,
  millis,
  perHour,
  perSecond,
  quantile,
  RANGE,
  RATE,
  responseCacheHitRatio,
  unpricedRatio,
} from "./parts/request-queries.ts";
import {
  durationStat,
  errorRatioStat,
  firstTokenStat,
  requestsStat,
  spendStat,
  unpricedStat,
} from "./parts/request-stats.ts";
import { FIRST_TOKEN_STEPS, UNPRICED_STEPS } from "./parts/steps.ts";

/** A row of the table: all that a request is known by, so that a link leads to the very requests. */
const ROW = ["provider", "model", "pool"] as const;
const BY = ["pool"] as const;
const LEGEND = "{{pool}}";
const ofSeries = [drillDown("Pool ${__field.labels.pool}", "pools", "series", BY)];
const OF_ROW = "${__data.fields.model} in ${__data.fields.pool}";

const now = [
  spendStat(3),
  stat({
    title: "Cost per request",
    description:
      "Known cost over the chosen range, by the number of requests: failed ones and those without a price cost nothing and lower it.",
    unit: UNITS.usd,
    width: 3,
    height: 4,
    expr: costPerRequest([], RANGE),
  }),
  requestsStat(3),
  errorRatioStat(3),
  durationStat(3, 0.99),
  firstTokenStat(3),
  stat({
    title: "Saved by cache",
    description:
      "What reading from the prompt cache saved over the chosen range, less what writing to it cost on top. Red: it costs more than it saves.",
    unit: UNITS.usd,
    width: 3,
    height: 4,
    steps: [
      { value: -1e9, color: "red" },
      { value: 0, color: "green" },
    ],
    expr: `${amount([], FAMILIES.cacheSavings)} - ${amount([], FAMILIES.cacheSurcharge)}`,
  }),
  unpricedStat(3),
];

const HEATMAP =
  "How many requests fell between which bounds: darker are more. Points are single requests with a trace; a second band above the others is a part of the requests that goes another way.";

const distributions = [
  heatmap({
    title: "Duration",
    description: `${HEATMAP} Whatever their status.`,
    unit: UNITS.seconds,
    width: 8,
    height: 9,
    counts: countsByBucket(FAMILIES.duration),
  }),
  heatmap({
    title: "Time to first token",
    description: `${HEATMAP} Streaming requests only. Empty: none were streamed, or their senders do not measure it.`,
    unit: UNITS.seconds,
    width: 8,
    height: 9,
    counts: countsByBucket(FAMILIES.timeToFirstToken),
  }),
  heatmap({
    title: "Time per output token",
    description: `${HEATMAP} Successful streaming requests only, the mean of each. Empty: none, or nothing was measured.`,
    unit: UNITS.seconds,
    width: 8,
    height: 9,
    counts: countsByBucket(FAMILIES.timePerOutputToken),
  }),
];

const quantiles = [
  timeSeries({
    title: "Duration quantiles",
    description:
      "Within which half, 95 % and 99 % of the requests ended. If it rises and the first token does not, the answers are longer or come slower: see time per output token, and tokens.",
    unit: UNITS.seconds,
    width: 8,
    height: 8,
    queries: quantilesOf(FAMILIES.duration),
  }),
  timeSeries({
    title: "First token quantiles",
    description:
      "Of streaming requests. Dashed: the objective for p95. If it rises, requests wait at the provider, or prompts are longer or no longer cached.",
    unit: UNITS.seconds,
    width: 8,
    height: 8,
    steps: FIRST_TOKEN_STEPS,
    queries: quantilesOf(FAMILIES.timeToFirstToken),
  }),
  timeSeries({
    title: "Time per output token quantiles",
    description:
      "Of successful streaming requests, the mean of each. If it rises, the provider writes slower, however long the answers are.",
    unit: UNITS.seconds,
    width: 8,
    height: 8,
    queries: quantilesOf(FAMILIES.timePerOutputToken),
  }),
];

const pools = table({
  title: "Pools",
  description:
    "Over the chosen range. A click on a pool leads to its dashboard; one on requests, errors, p95 or p99 to the single requests at the exporter: the latest, the failed, those at least so slow. Errors are without client faults; an empty cell means that nothing of the kind was measured.",
  width: 24,
  height: 8,
  by: ROW,
  sortBy: "Cost",
  labelLinks: { pool: [drillDown("Pool ${__data.fields.pool}", "pools", "column", BY)] },
  columns: [
    costColumn(ROW),
    requestsColumn(ROW, [requestsBehind(`Requests of ${OF_ROW}`, "column", ROW)]),
    errorsColumn(ROW, [
      requestsBehind(`Failed requests of ${OF_ROW}, client faults among them`, "column", ROW, {
        status: "error",
      }),
    ]),
    ...([0.95, 0.99] as const).map((q) => ({
      title: `p${q * 100}`,
      unit: UNITS.millis,
      expr: millis(quantile(q, ROW, FAMILIES.duration, RANGE)),
      links: [
        requestsBehind(`Requests of ${OF_ROW} at least so slow`, "column", ROW, {
          min_duration_ms: "${__value.raw}",
        }),
      ],
    })),
    firstTokenColumn(ROW),
    ...tokenColumns(ROW),
  ],
});

const tokensAndCache = [
  timeSeries({
    title: "Tokens by type",
    description:
      "Tokens a second, on top of each other. The types are disjoint: input is without what the prompt cache held, output without reasoning.",
    unit: UNITS.perSecond,
    width: 8,
    height: 8,
    stacked: true,
    queries: [{ expr: perSecond(["token_type"], FAMILIES.tokens), legend: "{{token_type}}" }],
  }),
  timeSeries({
    title: "Prompt cache hits",
    description:
      "Part of the tokens sent that were read from the prompt cache. A sudden fall: the beginning of the prompts has changed, or entries expire between requests. A gap: no tokens were reported.",
    unit: UNITS.ratio,
    width: 8,
    height: 8,
    max: 1,
    links: ofSeries,
    queries: [{ expr: cacheHitRatio(BY, RATE), legend: LEGEND }],
  }),
  timeSeries({
    title: "Prompt cache, USD per hour",
    description:
      "What reading from the cache saves, what writing to it costs on top of plain input, and what remains. Below zero: what is written is hardly read, caching does not pay. Only requests whose price is known count.",
    unit: UNITS.usdPerHour,
    width: 8,
    height: 8,
    signed: true,
    queries: [
      { expr: cacheNetSavings([]), legend: "net" },
      { expr: perHour([], FAMILIES.cacheSavings), legend: "saved by reads" },
      { expr: `-1 * ${perHour([], FAMILIES.cacheSurcharge)}`, legend: "surcharge of writes" },
    ],
  }),
];

const cost = [
  timeSeries({
    title: "Cost per request",
    description:
      "Known cost by the number of requests: failed ones and those without a price cost nothing and lower it. A step: another model behind the name, longer prompts or answers, a cache that no longer hits, or other prices.",
    unit: UNITS.usd,
    width: 8,
    height: 8,
    links: ofSeries,
    queries: [{ expr: costPerRequest(BY, RATE), legend: LEGEND }],
  }),
  timeSeries({
    title: "Cost per 1,000 tokens",
    description:
      "Known cost of 1,000 tokens of whatever type: how dear the mix is, whatever the size of the requests.",
    unit: UNITS.usd,
    width: 8,
    height: 8,
    links: ofSeries,
    queries: [{ expr: costPerThousandTokens(BY, RATE), legend: LEGEND }],
  }),
  timeSeries({
    title: "Output tokens",
    description: "Tokens written a second, reasoning included, of all requests together.",
    unit: UNITS.perSecond,
    width: 8,
    height: 8,
    links: ofSeries,
    queries: [{ expr: perSecond(BY, FAMILIES.tokens, ['token_type=~"output|reasoning"']), legend: LEGEND }],
  }),
];

const further = [
  timeSeries({
    title: "Errors by type",
    description:
      "Failed and cancelled requests a second, on top of each other. Types without any are left out; nothing at all: no errors.",
    unit: UNITS.requestsPerSecond,
    width: 6,
    height: 8,
    stacked: true,
    noValue: "no errors",
    queries: [{ expr: perSecond(["error_type"], FAMILIES.errors), legend: "{{error_type}}" }],
  }),
  timeSeries({
    title: "Unpriced",
    description:
      "Part of the requests with usage of which some tokens or all have no price: so far cost is too low. The exporter lists their models at /v1/unpriced.",
    unit: UNITS.ratio,
    width: 6,
    height: 8,
    steps: UNPRICED_STEPS,
    links: ofSeries,
    queries: [{ expr: unpricedRatio(BY, RATE), legend: LEGEND }],
  }),
  timeSeries({
    title: "Response cache hits",
    description:
      "Part of the look-ups that the application's own response cache answered; those requests cost nothing. Nothing: no application reports one.",
    unit: UNITS.ratio,
    width: 6,
    height: 8,
    max: 1,
    noValue: "no response cache",
    links: ofSeries,
    queries: [{ expr: responseCacheHitRatio(BY, RATE), legend: LEGEND }],
  }),
  timeSeries({
    title: "Tool calls",
    description:
      "Tool blocks a second: uses and results in requests, calls made by the model. Uses and results that rise without calls: conversations get longer. Nothing: no tools, or they are not reported.",
    unit: UNITS.perSecond,
    width: 6,
    height: 8,
    noValue: "no tools",
    queries: [{ expr: perSecond(["kind"], FAMILIES.toolCalls), legend: "{{kind}}" }],
  }),
];

function quantilesOf(family: Histogram) {
  return [
    { expr: quantile(0.99, [], family, RATE), legend: "p99", exemplars: true },
    { expr: quantile(0.95, [], family, RATE), legend: "p95" },
    { expr: quantile(0.5, [], family, RATE), legend: "p50" },
  ];
}

export function model() {
  return dashboard({
    key: "model",
    title: "LLM / Model",
    description:
      "What is behind this p99, is prompt caching paying, and what does a request cost? Choose a model above.",
    rows: [
      { title: "Now", panels: now },
      { title: "Distributions", panels: distributions },
      { title: "Quantiles", panels: quantiles },
      { title: "Pools, and the requests behind", panels: [pools] },
      { title: "Tokens and prompt cache", panels: tokensAndCache },
      { title: "Cost and output", panels: cost },
      { title: "Errors and further", panels: further },
    ],
  });
}
