/**
 * Recorded series: what dashboards of your own and the alerts ask again and again. Only the first group reads the
 * exporter's series, over five minutes; longer windows are sums over its rows, which is what keeps three days of ten
 * thousand label sets affordable. Budgets alone are read as they stand, by instance.
 */
import { BUDGET_FAMILIES } from "../src/catalogue/budget-families.ts";
import { DERIVED } from "../src/catalogue/derived-metrics.ts";
import { FAMILIES } from "../src/catalogue/families.ts";
import type { FamilyDeclaration } from "../src/catalogue/family.ts";
import { FOREIGN } from "./foreign-metrics.ts";
import { BURN_WINDOWS, CLIENT_FAULTS, OBJECTIVES } from "./objectives.ts";
import { projectionOf } from "./projection.ts";
import { buckets, countOf, rate, select, sumBy } from "./promql.ts";
import { amountOver, durationSeconds, LEVELS, type RecordingRule, type RuleGroup, recorded } from "./rule.ts";

const CLIENT_FAULT = CLIENT_FAULTS.join("|");
const WINDOW = "5m";
const QUANTILES = [
  ["p50", 0.5],
  ["p95", 0.95],
  ["p99", 0.99],
] as const;

/** Names of recorded series that alerts read. */
export const RECORDED = {
  requests: {
    exporter: recorded(["job", "instance", "provider"], FAMILIES.requests, "rate5m"),
    job: recorded(LEVELS.job, FAMILIES.requests, "rate5m"),
    provider: recorded(LEVELS.provider, FAMILIES.requests, "rate5m"),
    model: recorded(LEVELS.model, FAMILIES.requests, "rate5m"),
    pool: recorded(LEVELS.pool, FAMILIES.requests, "rate5m"),
    labelSet: recorded(LEVELS.labelSet, FAMILIES.requests, "rate5m"),
  },
  /** By provider and how they ended. */
  requestsByStatus: recorded([...LEVELS.provider, "status"], FAMILIES.requests, "rate5m"),
  /** By model and how they ended. */
  requestsOfModelByStatus: recorded([...LEVELS.model, "status"], FAMILIES.requests, "rate5m"),
  /** By model: successful, and without a count of tokens. */
  usageMissing: recorded(LEVELS.model, FAMILIES.usageMissing, "rate5m"),
  /** By provider and type of error. */
  errors: recorded([...LEVELS.provider, "error_type"], FAMILIES.errors, "rate5m"),
  /** By label set and type of error. */
  errorsOfLabelSet: recorded([...LEVELS.labelSet, "error_type"], FAMILIES.errors, "rate5m"),
  rotations: recorded(LEVELS.pool, FAMILIES.rotations, "rate5m"),
  cost: {
    job: recorded(LEVELS.job, FAMILIES.cost, "rate5m"),
    provider: recorded(LEVELS.provider, FAMILIES.cost, "rate5m"),
    model: recorded(LEVELS.model, FAMILIES.cost, "rate5m"),
    labelSet: recorded(LEVELS.labelSet, FAMILIES.cost, "rate5m"),
  },
  costOver1h: {
    job: recorded(LEVELS.job, FAMILIES.cost, "increase1h"),
    provider: recorded(LEVELS.provider, FAMILIES.cost, "increase1h"),
    model: recorded(LEVELS.model, FAMILIES.cost, "increase1h"),
  },
  costOver1d: {
    job: recorded(LEVELS.job, FAMILIES.cost, "increase1d"),
    provider: recorded(LEVELS.provider, FAMILIES.cost, "increase1d"),
  },
  requestsOver1h: recorded(LEVELS.model, FAMILIES.requests, "increase1h"),
  costPerRequest: recorded(LEVELS.model, DERIVED.costPerRequest, "ratio_increase1h"),
  firstTokens: recorded(LEVELS.model, `${FAMILIES.timeToFirstToken.name}_count`, "rate5m"),
  firstTokenP95: recorded(LEVELS.model, FAMILIES.timeToFirstToken, "p95_rate5m"),
  cacheSavings: recorded(LEVELS.model, FAMILIES.cacheSavings, "rate5m"),
  cacheSavingsOver1h: recorded(LEVELS.model, FAMILIES.cacheSavings, "increase1h"),
  /** By model and result, of `partial` and `unpriced` alone. */
  incompleteLookups: recorded([...LEVELS.model, "result"], FAMILIES.costLookups, "rate5m"),
  comparedReportedCost: recorded(LEVELS.labelSet, FAMILIES.comparedReportedCost, "rate5m"),
  comparedBookCost: recorded(LEVELS.labelSet, FAMILIES.comparedBookCost, "rate5m"),
  /** By exporter, budget and period: what it shows, and until the period ends what it last showed. */
  budget: {
    periodEnd: lastOfBudget(BUDGET_FAMILIES.periodEnd),
    limit: lastOfBudget(BUDGET_FAMILIES.limit),
    spent: lastOfBudget(BUDGET_FAMILIES.spent),
    since: lastOfBudget(BUDGET_FAMILIES.since),
  },
  /** What each budget allows by the exporters that are there, or, if none of them has it, that were. */
  budgetLimit: recorded(["job", "budget", "period"], BUDGET_FAMILIES.limit, "last"),
  /** What each budget will have spent when its period ends, if it goes on as since its start. */
  budgetProjected: recorded(["job", "budget", "period"], DERIVED.budgetProjected, "sum"),
} as const;

function lastOfBudget(family: FamilyDeclaration): string {
  return recorded(LEVELS.budget, family, "last");
}

/** The service-level indicators: what counts against an objective, and what it counts of. */
export const INDICATORS = {
  errors: {
    bad: recorded(LEVELS.provider, DERIVED.sloFailedRequests, "rate5m"),
    all: recorded(LEVELS.provider, DERIVED.sloRequests, "rate5m"),
    ratioName: DERIVED.sloFailedRatio,
  },
  firstToken: {
    bad: recorded(LEVELS.provider, DERIVED.sloSlowFirstTokens, "rate5m"),
    all: recorded(LEVELS.provider, DERIVED.sloFirstTokens, "rate5m"),
    ratioName: DERIVED.sloSlowRatio,
  },
} as const;
export type IndicatorKey = keyof typeof INDICATORS;

/** The recorded part of the requests that an indicator finds bad, over a window. */
export function badRatio(indicator: IndicatorKey, window: string): string {
  return recorded(LEVELS.provider, INDICATORS[indicator].ratioName, `ratio_rate${window}`);
}

/**
 * A rate for counters of which the first step matters. One that was not there a window ago has come from nothing, if
 * its exporter was watched by then: otherwise it is Prometheus that is new.
 */
function rateFromBirth(selector: string): string {
  const born = `(${selector} unless ${selector} offset ${WINDOW} and on (job, instance) (${FOREIGN.up} offset ${WINDOW} == 1))`;
  return `${born} / ${durationSeconds(WINDOW)} or ${rate(selector, WINDOW)}`;
}

function rule(record: string, expr: string, meaning: string): RecordingRule {
  return { record, expr, meaning };
}

const perLabelSet: RuleGroup = {
  name: "llm-traffic",
  about: "rates by label set, the instances of the exporter added up; all the rest is sums of these.",
  rules: [
    rule(
      RECORDED.requests.labelSet,
      sumBy(LEVELS.labelSet, rate(select(FAMILIES.requests), WINDOW)),
      "Requests a second.",
    ),
    rule(
      RECORDED.requests.exporter,
      sumBy(["job", "instance", "provider"], rate(select(FAMILIES.requests), WINDOW)),
      "Requests a second of each exporter.",
    ),
    rule(
      RECORDED.requestsOfModelByStatus,
      sumBy([...LEVELS.model, "status"], rate(select(FAMILIES.requests), WINDOW)),
      "Requests a second, by how they ended.",
    ),
    rule(
      RECORDED.requestsByStatus,
      sumBy([...LEVELS.provider, "status"], RECORDED.requestsOfModelByStatus),
      "Requests a second, by how they ended.",
    ),
    rule(
      RECORDED.usageMissing,
      sumBy(LEVELS.model, rate(select(FAMILIES.usageMissing), WINDOW)),
      "Successful requests a second for which nobody reported a count of tokens.",
    ),
    rule(
      RECORDED.errorsOfLabelSet,
      sumBy([...LEVELS.labelSet, "error_type"], rate(select(FAMILIES.errors), WINDOW)),
      "Failed and cancelled requests a second, by kind.",
    ),
    rule(
      recorded([...LEVELS.model, "token_type"], FAMILIES.tokens, "rate5m"),
      sumBy([...LEVELS.model, "token_type"], rate(select(FAMILIES.tokens), WINDOW)),
      "Tokens a second, by disjoint type.",
    ),
    rule(
      RECORDED.cost.labelSet,
      sumBy(LEVELS.labelSet, rate(select(FAMILIES.cost), WINDOW)),
      "US dollars a second.",
    ),
    rule(
      RECORDED.cacheSavings,
      sumBy(LEVELS.model, rate(select(FAMILIES.cacheSavings), WINDOW)),
      "US dollars a second that the prompt cache saves.",
    ),
    rule(
      RECORDED.incompleteLookups,
      sumBy(
        [...LEVELS.model, "result"],
        rateFromBirth(select(FAMILIES.costLookups, 'result=~"partial|unpriced"')),
      ),
      "Requests a second whose cost is not known, or only in part; the first ones of a new label set among them.",
    ),
    rule(
      RECORDED.comparedReportedCost,
      sumBy(LEVELS.labelSet, rate(select(FAMILIES.comparedReportedCost), WINDOW)),
      "US dollars a second that senders report for requests that the price book prices as well.",
    ),
    rule(
      RECORDED.comparedBookCost,
      sumBy(LEVELS.labelSet, rate(select(FAMILIES.comparedBookCost), WINDOW)),
      "US dollars a second for the same requests by the price book.",
    ),
    rule(
      RECORDED.rotations,
      sumBy(LEVELS.pool, rate(select(FAMILIES.rotations), WINDOW)),
      "Requests a second for which the pool moved on.",
    ),
    ...(["model", "provider", "pool", "job"] as const).map((level) =>
      rule(RECORDED.requests[level], sumBy(LEVELS[level], RECORDED.requests.labelSet), "Requests a second."),
    ),
    ...(["model", "provider", "job"] as const).map((level) =>
      rule(RECORDED.cost[level], sumBy(LEVELS[level], RECORDED.cost.labelSet), "US dollars a second."),
    ),
    rule(
      RECORDED.errors,
      sumBy([...LEVELS.provider, "error_type"], RECORDED.errorsOfLabelSet),
      "Failed and cancelled requests a second, by kind.",
    ),
  ],
};

const latency: RuleGroup = {
  name: "llm-latency",
  about: "quantiles of merged histograms; they cannot be averaged or added up any further.",
  rules: [
    ...quantilesOf(FAMILIES.duration, "requests end"),
    ...quantilesOf(FAMILIES.timeToFirstToken, "first tokens come"),
    rule(
      RECORDED.firstTokens,
      sumBy(LEVELS.model, rate(countOf(FAMILIES.timeToFirstToken), WINDOW)),
      "First tokens a second.",
    ),
  ],
};

/** The merged buckets first, once for all quantiles. */
function quantilesOf(family: FamilyDeclaration, ended: string): RecordingRule[] {
  const merged = recorded([...LEVELS.model, "le"], buckets(family), "rate5m");
  return [
    rule(
      merged,
      sumBy([...LEVELS.model, "le"], rate(buckets(family), WINDOW)),
      `How many ${ended} a second within \`le\` seconds.`,
    ),
    ...QUANTILES.map(([name, q]) =>
      rule(
        recorded(LEVELS.model, family, `${name}_rate5m`),
        // Of nothing there is no quantile. It would be NaN, and so would be every mean over a time with a pause in it.
        `histogram_quantile(${q}, ${merged}) >= 0`,
        `Seconds within which ${q * 100} % of the ${ended}.`,
      ),
    ),
  ];
}

/** The short and the long windows of the burn rates, each once, the shortest first. Alerts on providers read the first. */
const RATIO_WINDOWS: readonly string[] = Array.from(
  new Set([WINDOW, ...BURN_WINDOWS.flatMap(({ long, short }) => [long, short])]),
).sort((one, other) => durationSeconds(one) - durationSeconds(other));

const indicators: RuleGroup = {
  name: "llm-slo",
  about:
    "service-level indicators by provider: what is bad, of what, and the ratio of both over each window.",
  rules: [
    rule(
      INDICATORS.errors.bad,
      `sum by (job, provider) (${select(RECORDED.errors, `error_type!~"${CLIENT_FAULT}"`)}) or 0 * ${RECORDED.requests.provider}`,
      "Failed requests a second, client faults apart.",
    ),
    // Client faults are neither: of a thousand refused prompts no provider is to blame, and they hide no failures. What
    // is left is added up and not subtracted: rates of young series are extrapolated, and a difference of two that are
    // nearly the same would be as good as any number.
    rule(
      INDICATORS.errors.all,
      `${sumBy(LEVELS.provider, select(RECORDED.requestsByStatus, 'status="success"'))} + ${INDICATORS.errors.bad}`,
      "Requests a second, client faults apart.",
    ),
    rule(
      INDICATORS.firstToken.all,
      sumBy(LEVELS.provider, rate(countOf(FAMILIES.timeToFirstToken), WINDOW)),
      "First tokens a second.",
    ),
    rule(
      INDICATORS.firstToken.bad,
      `${INDICATORS.firstToken.all} - ${sumBy(LEVELS.provider, rate(buckets(FAMILIES.timeToFirstToken, `le="${OBJECTIVES.firstTokenSeconds}"`), WINDOW))}`,
      `First tokens a second that took more than ${OBJECTIVES.firstTokenSeconds} s.`,
    ),
    ...(Object.keys(INDICATORS) as IndicatorKey[]).flatMap((key) =>
      RATIO_WINDOWS.map((window) =>
        rule(
          badRatio(key, window),
          window === WINDOW
            ? `${INDICATORS[key].bad} / (${INDICATORS[key].all} > 0)`
            : `${amountOver(INDICATORS[key].bad, window)} / (${amountOver(INDICATORS[key].all, window)} > 0)`,
          `The bad part over ${window}.`,
        ),
      ),
    ),
  ],
};

/**
 * What an exporter shows of a budget and, while it is away, what it showed last: its own row of a minute ago. What it
 * has spent does not come back because it went, be it for a minute or for good. One that is scraped and shows nothing has
 * no such budget any more. When Prometheus itself was away for longer than it looks back for a row, 5 minutes, what
 * exporters that are away had spent is forgotten, until they come back.
 */
function carried(family: FamilyDeclaration): string {
  const own = lastOfBudget(family);
  const by = LEVELS.budget.join(", ");
  // The end is recorded first: what has none any more is of a period that is over.
  const lasts =
    family === BUDGET_FAMILIES.periodEnd
      ? `${own} > time()`
      : `${own} and on (${by}) ${RECORDED.budget.periodEnd}`;
  return `max by (${by}) (${family.name}) or (${lasts} unless on (job, instance) ${FOREIGN.up} == 1)`;
}

const budgets: RuleGroup = {
  name: "llm-budgets",
  about:
    "budgets of each exporter, kept until the period ends, and what all of them will have spent by then.",
  rules: [
    rule(
      RECORDED.budget.periodEnd,
      carried(BUDGET_FAMILIES.periodEnd),
      "When the period ends, also of an exporter that is away.",
    ),
    rule(
      RECORDED.budget.limit,
      carried(BUDGET_FAMILIES.limit),
      "US dollars that the budget allows, also of an exporter that is away, until the period ends.",
    ),
    rule(
      RECORDED.budget.spent,
      carried(BUDGET_FAMILIES.spent),
      "US dollars that were spent, also of an exporter that is away, until the period ends.",
    ),
    rule(
      RECORDED.budget.since,
      carried(BUDGET_FAMILIES.since),
      "Since when that is complete, also of an exporter that is away, until the period ends.",
    ),
    rule(
      RECORDED.budgetLimit,
      `max by (job, budget, period) (${BUDGET_FAMILIES.limit.name}) or max by (job, budget, period) (${RECORDED.budget.limit})`,
      "US dollars that each budget allows by the exporters that are there or, if none of them has it, that were.",
    ),
    rule(
      RECORDED.budgetProjected,
      projectionOf(RECORDED.budget),
      "US dollars that each budget will have spent when its period ends, if it goes on as it did since it began.",
    ),
  ],
};

const cost: RuleGroup = {
  name: "llm-cost",
  about: "US dollars over an hour and a day, and for a request.",
  rules: [
    ...(["model", "provider", "job"] as const).map((level) =>
      rule(
        RECORDED.costOver1h[level],
        amountOver(RECORDED.cost[level], "1h"),
        "US dollars over the last hour.",
      ),
    ),
    ...(["provider", "job"] as const).map((level) =>
      rule(
        RECORDED.costOver1d[level],
        amountOver(RECORDED.cost[level], "1d"),
        "US dollars over the last 24 hours.",
      ),
    ),
    rule(RECORDED.requestsOver1h, amountOver(RECORDED.requests.model, "1h"), "Requests over the last hour."),
    rule(
      RECORDED.cacheSavingsOver1h,
      amountOver(RECORDED.cacheSavings, "1h"),
      "US dollars that the prompt cache saved over the last hour.",
    ),
    rule(
      RECORDED.costPerRequest,
      `${RECORDED.costOver1h.model} / (${RECORDED.requestsOver1h} > 0)`,
      "US dollars for a request, over the last hour.",
    ),
  ],
};

export const RECORDING_GROUPS: readonly RuleGroup[] = [perLabelSet, latency, indicators, cost, budgets];
