/** What does it cost, who drives it, is it more than it was, will budgets hold, and can the figures be trusted? */
import { ratio } from "../prometheus/promql.ts";
import { FAMILIES } from "../src/catalogue/families.ts";
import { budgetPanels, EXACT, GUESS } from "./parts/budget-panels.ts";
import { budgetSpent, projectedSpend, WHOLE_MONTH } from "./parts/budget-queries.ts";
import { LEGENDS, MODEL, POOL, PROVIDER, rowLinks, seriesLinks } from "./parts/cost-links.ts";
import { dashboard } from "./parts/dashboard.ts";
import { stat, table, timeSeries, UNITS } from "./parts/panels.ts";
import {
  amount,
  cacheHitRatio,
  costPerRequest,
  costPerThousandTokens,
  perHour,
  perSecond,
  RANGE,
  RATE,
  shareOfSpend,
  spend,
  unpricedRatio,
  usageMissingRatio,
} from "./parts/request-queries.ts";
import { spendStat, unpricedStat } from "./parts/request-stats.ts";
import { less, spendChanges } from "./parts/spend-changes.ts";

const now = [
  stat({
    title: "Spend today",
    description:
      "Known cost since midnight of your day, as Prometheus estimates the growth of counters; of the range itself if that is an absolute one, as after zooming in. All filters apply. No value: no requests.",
    unit: UNITS.usd,
    width: 4,
    height: 4,
    timeFrom: "now/d",
    expr: spend([]),
  }),
  stat({
    title: "Spend this month",
    description: `Known cost in the current calendar month, in the time zone of the exporter. ${EXACT} No value: no exporter answers.`,
    unit: UNITS.usd,
    width: 4,
    height: 4,
    expr: budgetSpent([], WHOLE_MONTH),
  }),
  stat({
    title: "Month, projected",
    description: `Known cost at the end of this month if it goes on as since its beginning, or since the exporter began to count. ${GUESS} Of all requests: only the filter for jobs applies. No value: no exporter answers.`,
    unit: UNITS.usd,
    width: 4,
    height: 4,
    expr: projectedSpend([], WHOLE_MONTH),
  }),
  spendStat(4),
  stat({
    title: "USD per hour",
    description: "The spend of the chosen range, spread over its hours. No value: no requests.",
    unit: UNITS.usdPerHour,
    width: 4,
    height: 4,
    expr: perHour([], FAMILIES.cost, RANGE),
  }),
  unpricedStat(4),
];

/** Who the money went to. */
function spendTable(what: "provider" | "model" | "pool", by: readonly string[]) {
  return table({
    title: `Spend by ${what}`,
    description: `Known cost over the chosen range, and its part of what the filters leave. A click leads one step down. Of a ${what} without prices the cost is 0: see Unpriced.`,
    width: 8,
    height: 9,
    by,
    sortBy: "Spend",
    labelLinks: Object.fromEntries(by.map((label) => [label, rowLinks[label as typeof what]])),
    columns: [
      { title: "Spend", unit: UNITS.usd, expr: spend(by) },
      { title: "Share", unit: UNITS.ratio, decimals: 1, expr: shareOfSpend(by) },
    ],
  });
}

/** What it costs at each moment. */
function pace(what: "provider" | "model" | "pool", by: readonly string[], width: 12 | 24) {
  return timeSeries({
    title: `USD per hour by ${what}`,
    description:
      "Known cost at the pace of each moment, one on top of the other. A gap: Prometheus saw nothing.",
    unit: UNITS.usdPerHour,
    width,
    height: 9,
    stacked: true,
    legendTable: true,
    links: seriesLinks[what],
    queries: [{ expr: perHour(by, FAMILIES.cost), legend: LEGENDS[what] }],
  });
}

const efficiency = [
  table({
    title: "Cost of a request and of 1,000 tokens",
    description:
      "Over the chosen range, tokens of all types together. Requests that failed or have no price count with nothing. Empty cells: no requests, or no tokens were reported.",
    width: 12,
    height: 9,
    by: MODEL,
    sortBy: "Per request",
    labelLinks: { provider: rowLinks.provider, model: rowLinks.model },
    columns: [
      { title: "Per request", unit: UNITS.usd, expr: costPerRequest(MODEL, RANGE) },
      { title: "Per 1,000 tokens", unit: UNITS.usd, expr: costPerThousandTokens(MODEL, RANGE) },
      {
        title: "Tokens a request",
        unit: UNITS.count,
        expr: ratio(amount(MODEL, FAMILIES.tokens), amount(MODEL, FAMILIES.requests)),
      },
    ],
  }),
  timeSeries({
    title: "Cost per request by model",
    description:
      "It jumps when prompts grow, a cache stops to help, or a model is exchanged. A gap: no requests.",
    unit: UNITS.usd,
    width: 12,
    height: 9,
    legendTable: true,
    links: seriesLinks.model,
    queries: [{ expr: costPerRequest(MODEL, RATE), legend: LEGENDS.model }],
  }),
];

const caching = [
  timeSeries({
    title: "Prompt cache: USD per hour saved and paid",
    description:
      "What reading from the providers' prompt caches saves against the rate of uncached input, and what writing to them costs on top. 0: no cached tokens, or no rate for them.",
    unit: UNITS.usdPerHour,
    width: 12,
    height: 9,
    queries: [
      { expr: perHour([], FAMILIES.cacheSavings), legend: "saved" },
      { expr: perHour([], FAMILIES.cacheSurcharge), legend: "surcharge" },
    ],
  }),
  table({
    title: "Prompt cache by model",
    description:
      "Over the chosen range. Net is saved less surcharge: below zero, the cache costs more than it saves. Hits are tokens read from it, of all that were sent.",
    width: 12,
    height: 9,
    by: MODEL,
    sortBy: "Net",
    labelLinks: { provider: rowLinks.provider, model: rowLinks.model },
    columns: [
      { title: "Saved", unit: UNITS.usd, expr: amount(MODEL, FAMILIES.cacheSavings) },
      { title: "Surcharge", unit: UNITS.usd, expr: amount(MODEL, FAMILIES.cacheSurcharge) },
      {
        title: "Net",
        unit: UNITS.usd,
        steps: [
          { value: -1e12, color: "red" },
          { value: 0, color: "green" },
        ],
        expr: less(amount(MODEL, FAMILIES.cacheSavings), amount(MODEL, FAMILIES.cacheSurcharge)),
      },
      { title: "Hits", unit: UNITS.ratio, decimals: 1, expr: cacheHitRatio(MODEL, RANGE) },
    ],
  }),
];

const trust = [
  table({
    title: "Models without a full price",
    description:
      "Models of which some tokens had no price in the chosen range, and the part of their requests that is concerned: their spend is too low. Empty: everything has a price.",
    width: 10,
    height: 9,
    noValue: "none",
    by: MODEL,
    sortBy: "Tokens",
    labelLinks: { provider: rowLinks.provider, model: rowLinks.model },
    columns: [
      { title: "Tokens", unit: UNITS.count, expr: `${amount(MODEL, FAMILIES.unpricedTokens)} > 0` },
      {
        title: "Of requests",
        unit: UNITS.ratio,
        decimals: 1,
        expr: `${unpricedRatio(MODEL, RANGE)} and ${amount(MODEL, FAMILIES.unpricedTokens)} > 0`,
      },
    ],
  }),
  timeSeries({
    title: "Requests without usage",
    description:
      "Part of the successful requests for which no token count was reported: they cost nothing here, and are in no figure on prices. Streams often need a word to report their usage. A gap: no requests.",
    unit: UNITS.ratio,
    width: 14,
    height: 9,
    legendTable: true,
    links: seriesLinks.model,
    queries: [{ expr: usageMissingRatio(MODEL, RATE), legend: LEGENDS.model }],
  }),
  timeSeries({
    title: "How costs were found",
    description:
      "Part of the requests with usage or a reported cost. Priced: by the book; reported: by the sender; partial: some tokens have no rate; unpriced: nothing is known.",
    unit: UNITS.ratio,
    width: 12,
    height: 9,
    max: 1,
    stacked: true,
    queries: [
      {
        expr: `${perSecond(["result"], FAMILIES.costLookups)} / on () group_left () (${perSecond([], FAMILIES.costLookups)} > 0)`,
        legend: "{{result}}",
      },
    ],
  }),
  timeSeries({
    title: "Reported against book cost",
    description:
      "What senders report, of what the price book says of the same requests. Far from 100 %: a discount, a sender that is wrong, or a book that is. A gap: no sender reports a cost.",
    unit: UNITS.ratio,
    width: 12,
    height: 9,
    noValue: "no cost is reported",
    links: seriesLinks.model,
    queries: [
      {
        expr: ratio(
          perSecond(MODEL, FAMILIES.comparedReportedCost),
          perSecond(MODEL, FAMILIES.comparedBookCost),
        ),
        legend: LEGENDS.model,
      },
    ],
  }),
];

export function cost() {
  return dashboard({
    key: "cost",
    title: "LLM / Cost and budgets",
    description:
      "What does it cost, who drives it, is it more than it was, will the budgets hold, and can the figures be trusted?",
    from: "now-24h",
    // Its windows are long, and money is no matter of seconds.
    refresh: "15m",
    rows: [
      { title: "Now", panels: now },
      { title: "Budgets", panels: budgetPanels },
      {
        title: "Where it goes",
        panels: [spendTable("provider", PROVIDER), spendTable("model", MODEL), spendTable("pool", POOL)],
      },
      {
        title: "USD per hour",
        panels: [pace("provider", PROVIDER, 12), pace("pool", POOL, 12), pace("model", MODEL, 24)],
      },
      { title: "Changes", panels: spendChanges },
      { title: "What a request costs", panels: efficiency },
      { title: "Prompt cache", panels: caching },
      { title: "Can the figures be trusted?", panels: trust },
    ],
  });
}
