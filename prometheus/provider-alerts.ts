/**
 * Alerts on those who serve: providers, their models, and the pools that choose among them. What burns slowly is left to
 * the objectives (slo-alerts.ts); these say what is wrong.
 */

import { FAMILIES } from "../src/catalogue/families.ts";
import type { ErrorType } from "../src/event/outcome.ts";
import { PERCENTAGE, percent } from "./alert-text.ts";
import { FOREIGN } from "./foreign-metrics.ts";
import { CLIENT_FAULTS, PROVIDER_THRESHOLDS } from "./objectives.ts";
import { increase, select, sumBy } from "./promql.ts";
import { badRatio, INDICATORS, RECORDED } from "./recording-rules.ts";
import { type AlertRule, amountOver, durationSeconds, LEVELS, type RuleGroup } from "./rule.ts";

const {
  requestsInFiveMinutes,
  downPart,
  failingPart,
  clientFaultsPart,
  refused,
  firstToken,
  requestsInHourLastWeek,
  rotatedPart,
} = PROVIDER_THRESHOLDS;

const MODEL = "{{ $labels.model }} of {{ $labels.provider }}";

/** A recorded rate over five minutes has enough behind it. */
function enough(recordedRate: string): string {
  return `${recordedRate} * ${durationSeconds("5m")} >= ${requestsInFiveMinutes}`;
}

function ofTypes(errorTypes: readonly ErrorType[]): string {
  return `error_type=~"${errorTypes.join("|")}"`;
}

type Failing = {
  readonly alert: string;
  readonly errorTypes: readonly ErrorType[];
  readonly part: number;
  readonly wait: string;
  readonly summary: string;
  /** What happened to the part of the requests. */
  readonly happened: string;
};

/** So much of a model's requests ends in one way. */
function modelFailing({ alert, errorTypes, part, wait, summary, happened }: Failing): AlertRule {
  const failed = sumBy(LEVELS.model, select(RECORDED.errorsOfLabelSet, ofTypes(errorTypes)));
  return {
    alert,
    expr: [
      `${failed} / (${RECORDED.requests.model} > 0) > ${part}`,
      `and ${enough(RECORDED.requests.model)}`,
    ].join("\n"),
    for: wait,
    severity: "warning",
    summary,
    description: `${PERCENTAGE} of the requests over 5m ${happened}; more than ${percent(part)} for ${wait}.`,
    dashboard: "model",
    dashboardLabels: ["job", "provider", "model"],
  };
}

/**
 * By how much a counter has grown, to the unit, its first step included: what was not there a window ago has come from
 * nothing, if its exporter was watched by then, and what is less than it was has begun anew. Of an exporter that
 * is not watched for so long yet, what five minutes show.
 */
function grownBy(selector: string, window: string): string {
  return [
    `(${selector} - ${selector} offset ${window} >= 0)`,
    `or (${selector} and on (job, instance) (${FOREIGN.up} offset ${window} == 1))`,
    `or ${increase(selector, "5m")}`,
  ].join("\n  ");
}

type Refusing = {
  readonly alert: string;
  readonly errorTypes: readonly ErrorType[];
  readonly summary: string;
  readonly happened: string;
};

/** A provider takes nothing more from us. One that has never failed so before may do it with its first request. */
function providerRefusing({ alert, errorTypes, summary, happened }: Refusing): AlertRule {
  const failures = grownBy(select(FAMILIES.errors, ofTypes(errorTypes)), "15m");
  const recentFailures = sumBy(LEVELS.provider, select(RECORDED.errors, ofTypes(errorTypes)));
  return {
    alert,
    expr: [
      // The same quarter of an hour on both sides: where traffic ends, they end together.
      `sum by (${LEVELS.provider.join(", ")}) (\n  ${failures}\n)`,
      `  >= ${refused.part} * ${amountOver(RECORDED.requests.provider, "15m")} >= ${refused.requests}`,
      // It is over, as far as requests show it that came since.
      `unless ${recentFailures} < ${refused.part} * ${RECORDED.requests.provider}`,
    ].join("\n"),
    for: "1m",
    // Between two requests of a provider with little traffic nothing is known.
    keepFiringFor: "10m",
    severity: "critical",
    summary,
    description: `{{ $value | printf "%.0f" }} requests ${happened} in 15m; ${refused.requests} are too many, if they are ${percent(refused.part)} of the requests.`,
    dashboard: "provider",
    dashboardLabels: ["job", "provider"],
  };
}

const down: RuleGroup = {
  name: "llm-provider-alerts",
  about: "providers that fail, and in which way.",
  rules: [
    {
      alert: "LLMProviderDown",
      expr: [`${badRatio("errors", "5m")} > ${downPart}`, `and ${enough(INDICATORS.errors.all)}`].join("\n"),
      for: "2m",
      // Gateways stop to ask who fails: that they do not ask is no sign that it would answer.
      keepFiringFor: "5m",
      severity: "critical",
      summary: "{{ $labels.provider }} is down.",
      description: `${PERCENTAGE} of the requests over 5m failed, client faults apart; more than ${percent(downPart)} for 2m.`,
      dashboard: "provider",
      dashboardLabels: ["job", "provider"],
    },
    providerRefusing({
      alert: "LLMProviderAuthenticationFailing",
      errorTypes: ["authentication", "permission"],
      summary: "{{ $labels.provider }} refuses our credentials.",
      happened: "were refused for authentication or permission",
    }),
    providerRefusing({
      alert: "LLMProviderQuotaExhausted",
      errorTypes: ["quota"],
      summary: "Our quota or credit with {{ $labels.provider }} is used up.",
      happened: "were refused for a quota or for credit",
    }),
    modelFailing({
      alert: "LLMProviderRateLimited",
      errorTypes: ["rate_limit"],
      part: failingPart,
      wait: "10m",
      summary: `${MODEL} is rate limited.`,
      happened: "were refused by a rate limit",
    }),
    modelFailing({
      alert: "LLMProviderOverloaded",
      errorTypes: ["overloaded"],
      part: failingPart,
      wait: "10m",
      summary: `${MODEL} is overloaded.`,
      happened: "were turned away by an overloaded provider",
    }),
    modelFailing({
      alert: "LLMProviderTimingOut",
      errorTypes: ["timeout", "network"],
      part: failingPart,
      wait: "10m",
      summary: `${MODEL} does not answer in time.`,
      happened: "timed out or lost their connection",
    }),
    modelFailing({
      alert: "LLMModelNotFound",
      errorTypes: ["not_found"],
      part: failingPart,
      wait: "5m",
      summary: `${MODEL} is not there.`,
      happened: "asked for a model that the provider does not know",
    }),
    modelFailing({
      alert: "LLMClientFaultsHigh",
      errorTypes: CLIENT_FAULTS.filter((fault) => fault !== "cancelled"),
      part: clientFaultsPart,
      wait: "15m",
      summary: `Most requests to ${MODEL} are faulty.`,
      happened: "were refused for what the caller sent",
    }),
  ],
};

/** The two hours around this time yesterday. */
const p95Yesterday = `${RECORDED.firstTokenP95}[2h] offset 23h`;
/** The hour around this time last week. */
const HOUR_LAST_WEEK = "[1h] offset 6d23h30m";
/** An exporter that was down in the last quarter of an hour: what it heard last week it cannot hear now. */
const wasDown = `min_over_time(${FOREIGN.up}[15m]) == 0`;

const past: RuleGroup = {
  name: "llm-provider-past-alerts",
  about: "models and providers, each against its own past.",
  rules: [
    {
      alert: "LLMFirstTokenRegression",
      expr: [
        `${RECORDED.firstTokenP95} > ${firstToken.factor} * avg_over_time(${p95Yesterday})`,
        `and ${RECORDED.firstTokenP95} > ${firstToken.seconds}`,
        `and ${enough(RECORDED.firstTokens)}`,
        `and count_over_time(${p95Yesterday}) >= ${firstToken.minutesYesterday}`,
      ].join("\n"),
      for: "15m",
      severity: "warning",
      summary: `First tokens of ${MODEL} come much later than yesterday.`,
      description: `95% of the first tokens over 5m came within {{ $value | humanizeDuration }}: more than ${firstToken.factor} times the mean of the two hours around this time yesterday, and more than ${firstToken.seconds}s, for 15m.`,
      dashboard: "model",
      dashboardLabels: ["job", "provider", "model"],
    },
    {
      alert: "LLMTrafficStopped",
      expr: [
        `${durationSeconds("1h")} * sum by (${LEVELS.provider.join(", ")}) (`,
        `  avg_over_time(${RECORDED.requests.exporter}${HOUR_LAST_WEEK}) unless on (job, instance) ${wasDown}`,
        `) >= ${requestsInHourLastWeek}`,
        // Where there was a pause, as at the end of a working day, there may be one now.
        `and min_over_time(${RECORDED.requests.provider}${HOUR_LAST_WEEK}) > 0`,
        // A series that is gone has no sum either.
        `unless sum_over_time(${RECORDED.requests.provider}[15m]) > 0`,
        // Somebody was there all the time to hear it.
        `and on (job) max by (job) (min_over_time(${FOREIGN.up}[15m])) == 1`,
      ].join("\n"),
      for: "5m",
      severity: "warning",
      summary: "There are no requests to {{ $labels.provider }} any more.",
      description: `None for 15m; in the hour around this time last week the exporters that are up had about {{ $value | printf "%.0f" }} without a pause, and ${requestsInHourLastWeek} are enough to ask why.`,
      dashboard: "provider",
      dashboardLabels: ["job", "provider"],
    },
  ],
};

const pools: RuleGroup = {
  name: "llm-pool-alerts",
  about: "pools that cannot keep to whom they prefer.",
  rules: [
    {
      alert: "LLMPoolRotating",
      expr: [
        `${select(RECORDED.rotations, 'pool!=""')} / (${RECORDED.requests.pool} > 0) > ${rotatedPart}`,
        `and ${enough(RECORDED.requests.pool)}`,
      ].join("\n"),
      for: "10m",
      severity: "warning",
      summary: "Pool {{ $labels.pool }} keeps moving to other members.",
      description: `${PERCENTAGE} of the requests over 5m moved to another model or provider; more than ${percent(rotatedPart)} for 10m.`,
      dashboard: "pools",
      dashboardLabels: ["job", "pool"],
    },
  ],
};

export const PROVIDER_GROUPS: readonly RuleGroup[] = [down, past, pools];
