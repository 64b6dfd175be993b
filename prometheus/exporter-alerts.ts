/**
 * Alerts on the exporter: whether it is there, takes what it is sent, keeps it, and stays within its limits and those of
 * Prometheus. Each names the instance, for that is what somebody has to look at; what senders do wrong names the job.
 */

import { SELF_FAMILIES } from "../src/catalogue/self-families.ts";
import { COUNT, PERCENTAGE, percent } from "./alert-text.ts";
import { FOREIGN } from "./foreign-metrics.ts";
import { EXPORTER_THRESHOLDS, JOBS, SCRAPE } from "./objectives.ts";
import { buckets, increase, quantile, rate, select, sumBy } from "./promql.ts";
import { type AlertRule, durationSeconds, type RuleGroup } from "./rule.ts";

const AT_MOST = EXPORTER_THRESHOLDS;
const INSTANCE = ["job", "instance"] as const;
const OF_JOBS = `job=~"${JOBS}"`;
const ON_EXPORTER = { dashboard: "exporter", dashboardLabels: ["job"] } as const;

/** Codes of docs/errors.md: refused because of how the exporter is. Senders keep their events and send them again. */
export const REFUSED_FOR_NOW = ["overloaded", "queue_full", "store_away", "store_failed", "store_full"];

/** Refused, and no event is lost by it: reads, commands, and a body that its sender did not finish. */
export const WITHOUT_EVENTS = [
  "bad_parameter",
  "answer_too_large",
  "incomplete_body",
  "price_not_found",
  "scope_not_found",
  "not_found",
  "method_not_allowed",
  "reload_failed",
  "flush_failed",
  "too_many_scrapes",
  "too_many_streams",
];

const refusedForNow = select(SELF_FAMILIES.requestsRejected, `reason=~"${REFUSED_FOR_NOW.join("|")}"`);

/** Because of what was sent: none of it is counted, and to send it again changes nothing. What is new is one of these. */
const refusedForGood = select(
  SELF_FAMILIES.requestsRejected,
  `reason!~"${[...REFUSED_FOR_NOW, ...WITHOUT_EVENTS].join("|")}"`,
);

const presence: RuleGroup = {
  name: "llm-exporter-presence",
  about: "whether the exporter is there, and whether alerts reach anybody.",
  rules: [
    {
      alert: "LLMExporterDown",
      expr: `${select(FOREIGN.up, OF_JOBS)} == 0`,
      for: "2m",
      severity: "critical",
      summary: "Exporter {{ $labels.instance }} cannot be scraped.",
      description:
        "Every scrape failed for 2 minutes or longer: its metrics are missing, and it may take no events.",
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterAbsent",
      expr: `absent(${select(FOREIGN.up, OF_JOBS)})`,
      for: "5m",
      severity: "critical",
      summary: "Prometheus knows of no exporter.",
      // A pattern names no job.
      description: `No job named ${JOBS} has had a target for 5 minutes or longer: nothing is watched.`,
      dashboard: "exporter",
      dashboardLabels: [],
    },
    {
      alert: "LLMExporterRestarting",
      expr: `changes(${select(SELF_FAMILIES.startTime)}[1h]) >= ${AT_MOST.restartsAnHour}`,
      severity: "warning",
      summary: "Exporter {{ $labels.instance }} restarts again and again.",
      description: `${COUNT} restarts in the last hour; ${AT_MOST.restartsAnHour} are no deployment any more.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMWatchdog",
      expr: "vector(1)",
      severity: "none",
      summary: "Alerts are evaluated and sent.",
      description: "Always firing. When it no longer arrives, no other alert does.",
      dashboard: "exporter",
      dashboardLabels: [],
    },
  ],
};

const intake: RuleGroup = {
  name: "llm-exporter-intake",
  about: "what the exporter does not take, or loses sight of.",
  rules: [
    {
      alert: "LLMExporterEventsRejected",
      expr: `${sumBy(["job", "reason"], increase(select(SELF_FAMILIES.eventsRejected), "30m"))} >= ${AT_MOST.rejectedInHalfAnHour}`,
      severity: "warning",
      summary: "Events are rejected: {{ $labels.reason }}.",
      description: `${COUNT} events in the last 30 minutes, ${AT_MOST.rejectedInHalfAnHour} or more; they are lost and in no sum.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterRequestsRejected",
      expr: `${sumBy(["job", "reason"], increase(refusedForGood, "30m"))} >= ${AT_MOST.rejectedInHalfAnHour}`,
      severity: "warning",
      summary: "Requests to the exporter are refused: {{ $labels.reason }}.",
      description: `${COUNT} HTTP requests in the last 30 minutes, ${AT_MOST.rejectedInHalfAnHour} or more; if they held events, these are lost.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterShedding",
      expr: [
        goingOn([...INSTANCE, "reason"], refusedForNow),
        `unless on (${INSTANCE.join(", ")}, reason)`,
        `  ${sumBy([...INSTANCE, "reason"], increase(refusedForNow, "15m"))}`,
        `  < on (${INSTANCE.join(", ")}) group_left () ${AT_MOST.sheddingPart} * ${sumBy(INSTANCE, increase(select(SELF_FAMILIES.httpRequests), "15m"))}`,
      ].join("\n"),
      for: "5m",
      severity: "critical",
      summary: "Exporter {{ $labels.instance }} turns senders away: {{ $labels.reason }}.",
      description: `${COUNT} requests refused in the last 5 minutes, and for longer than that. Senders keep their events and try again, for as long as they have room.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterActiveRequestsDropped",
      expr: `${sumBy([...INSTANCE, "reason"], increase(select(SELF_FAMILIES.activeRequestsDropped), "1h"))} >= ${AT_MOST.abandonedAnHour}`,
      severity: "warning",
      summary: "Exporter {{ $labels.instance }} gave up requests that never ended: {{ $labels.reason }}.",
      description: `${COUNT} started requests in the last hour, ${AT_MOST.abandonedAnHour} or more; without an end they are in no count and no cost.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterConnectionsNearLimit",
      expr: nearLimit(
        SELF_FAMILIES.httpConnections.name,
        SELF_FAMILIES.httpConnectionsLimit.name,
        AT_MOST.connectionsPart,
      ),
      for: "10m",
      severity: "warning",
      summary: "Exporter {{ $labels.instance }} has hardly a connection left.",
      description: `${PERCENTAGE} of the connections are open, for 10 minutes or longer; above ${percent(AT_MOST.connectionsPart)} a burst has no room.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterEventLoopLagging",
      expr: `${select(FOREIGN.eventLoopLag, OF_JOBS)} > ${AT_MOST.loopLagSeconds}`,
      for: "10m",
      severity: "warning",
      summary: "Exporter {{ $labels.instance }} has more to do than it can.",
      description: `Its event loop is {{ $value | humanizeDuration }} late (p99), for 10 minutes or longer; more than ${AT_MOST.loopLagSeconds * 1e3} ms delay every answer.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterStatisticsFlushFailing",
      expr: [
        `increase(${select(SELF_FAMILIES.statisticsFlushes, 'result="failure"')}[30m]) > 0`,
        `unless on (job, instance) increase(${select(SELF_FAMILIES.statisticsFlushes, 'result="success"')}[30m]) > 0`,
      ].join("\n"),
      for: "15m",
      severity: "warning",
      summary: "Exporter {{ $labels.instance }} cannot send its statistics.",
      description: `${COUNT} attempts failed in the last 30 minutes, and none succeeded.`,
      ...ON_EXPORTER,
    },
  ],
};

const free = select(SELF_FAMILIES.storeFree);
const size = select(SELF_FAMILIES.storeSize);
/** Bytes by which the store may still grow before it drops its oldest events. */
const growth = `(${select(SELF_FAMILIES.storeSizeLimit)} - ${size})`;

const store: RuleGroup = {
  name: "llm-exporter-store",
  about: "whether what is taken is kept.",
  rules: [
    {
      alert: "LLMExporterStoreSlow",
      expr: `${quantile(0.99, INSTANCE, rate(buckets(SELF_FAMILIES.storeCommitDuration), "5m"))} > ${AT_MOST.commitSeconds}`,
      for: "10m",
      severity: "warning",
      summary: "The store of exporter {{ $labels.instance }} is slow.",
      description: `A commit takes {{ $value | humanizeDuration }} (p99 over 5 minutes), for 10 minutes or longer; senders wait for each, and ${AT_MOST.commitSeconds} s are too much.`,
      ...ON_EXPORTER,
    },
    failing("commits", SELF_FAMILIES.storeCommits.name, "Senders were told to send their events again."),
    failing(
      "checkpoints",
      SELF_FAMILIES.storeCheckpoints.name,
      "Events are safe, but sums over time fall behind, and a start takes longer.",
    ),
    {
      alert: "LLMExporterStoreFilling",
      // The store stops growing at its limit. What others write beside it does not.
      expr: [
        `predict_linear(${free}[6h], ${durationSeconds("1d")}) < 0`,
        // An hour says nothing of a day.
        `and ${free} offset 3h`,
        `and ${free} + ${durationSeconds("1d")} * (deriv(${free}[6h]) + deriv(${size}[6h])) < ${growth}`,
      ].join("\n"),
      for: "30m",
      severity: "warning",
      summary: "The disk of exporter {{ $labels.instance }} will be full within a day.",
      description:
        "Going on as in the last 6 hours, {{ $value | humanize1024 }}B will be left in 24 hours, though the store keeps to its own limit.",
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterStoreFilling",
      expr: `${free} < ${AT_MOST.storeFreeBytes}`,
      for: "5m",
      severity: "critical",
      summary: "The disk of exporter {{ $labels.instance }} is full.",
      description: `{{ $value | humanize1024 }}B are left, less than ${AT_MOST.storeFreeBytes / 1024 ** 2} MiB; without room the exporter takes no events.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterStoreLost",
      // It stays so until the next start, which may be months away; after a day everybody knows.
      expr: [
        `${select(SELF_FAMILIES.storeLost)} == 1`,
        `and on (job, instance) time() - ${select(SELF_FAMILIES.startTime)} < ${durationSeconds("1d")}`,
      ].join("\n"),
      severity: "critical",
      summary: "The store of exporter {{ $labels.instance }} was damaged and is a new one.",
      description:
        "It was found damaged at the last start, less than a day ago, and moved aside: counters, budgets and history begin at zero.",
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterQueueFilling",
      expr: nearLimit(SELF_FAMILIES.storeQueue.name, SELF_FAMILIES.storeQueueLimit.name, AT_MOST.queuePart),
      for: "5m",
      severity: "warning",
      summary: "Events pile up before the store of exporter {{ $labels.instance }}.",
      description: `${PERCENTAGE} of the queue is taken, for 5 minutes or longer, above ${percent(AT_MOST.queuePart)}; when it is full, senders are turned away.`,
      ...ON_EXPORTER,
    },
  ],
};

/**
 * How many there were in five minutes, if they go on: one alone leaves the window before it fires, and what comes again
 * has to come more than twice.
 */
function goingOn(labels: readonly string[], failures: string): string {
  return [
    `${sumBy(labels, increase(failures, "5m"))} > 0`,
    `and ${sumBy(labels, increase(failures, "15m"))} >= ${AT_MOST.failuresInAQuarter}`,
  ].join("\n");
}

/** `what`: of which kind of transactions. */
function failing(what: string, metric: string, consequence: string): AlertRule {
  return {
    alert: "LLMExporterStoreFailing",
    expr: goingOn(INSTANCE, select(metric, 'result="failure"')),
    for: "5m",
    severity: what === "commits" ? "critical" : "warning",
    labels: { transactions: what },
    summary: `The store of exporter {{ $labels.instance }} fails its ${what}.`,
    description: `${COUNT} ${what} failed in the last 5 minutes, and for longer than that. ${consequence}`,
    ...ON_EXPORTER,
  };
}

const limits: RuleGroup = {
  name: "llm-exporter-limits",
  about: "label sets, the configuration, and the limits of Prometheus.",
  rules: [
    {
      alert: "LLMExporterCardinalityHigh",
      expr: nearLimit(SELF_FAMILIES.series.name, SELF_FAMILIES.seriesLimit.name, AT_MOST.seriesPart),
      for: "15m",
      severity: "warning",
      summary: "Exporter {{ $labels.instance }} has hardly a label set left.",
      description: `${PERCENTAGE} of limits.series are in use, above ${percent(AT_MOST.seriesPart)}; beyond it new ones are counted as "other".`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterCardinalityOverflow",
      expr: `${sumBy([...INSTANCE, "label"], increase(select(SELF_FAMILIES.seriesOverflow), "15m"))} > 0`,
      for: "5m",
      severity: "warning",
      summary: 'Exporter {{ $labels.instance }} counts events as "other": {{ $labels.label }}.',
      description: `${COUNT} events in the last 15 minutes lost their {{ $labels.label }} because its limit is reached. Sums stay exact.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterConfigReloadFailed",
      expr: `${select(SELF_FAMILIES.configReloadSuccessful)} == 0`,
      for: "5m",
      severity: "warning",
      summary: "Exporter {{ $labels.instance }} refused its configuration.",
      description: "The last reload failed 5 minutes ago or longer; the configuration before is in force.",
      ...ON_EXPORTER,
    },
    exceeded("samples", FOREIGN.exceededSampleLimit),
    exceeded("bytes", FOREIGN.exceededBodySizeLimit),
    exceeded("labels", FOREIGN.exceededLabelLimits),
    {
      alert: "LLMExporterScrapeLimited",
      expr: `${select(FOREIGN.scrapeSamples, OF_JOBS)} / ${SCRAPE.sampleLimit} > ${AT_MOST.samplesPart}`,
      for: "5m",
      severity: "warning",
      labels: { limit: "samples" },
      summary: "Scrapes of exporter {{ $labels.instance }} are near the limit of Prometheus.",
      description: `${PERCENTAGE} of the sample_limit of ${SCRAPE.sampleLimit}, above ${percent(AT_MOST.samplesPart)}; a scrape beyond it is lost as a whole.`,
      ...ON_EXPORTER,
    },
    {
      alert: "LLMExporterScrapeSlow",
      expr: `${select(FOREIGN.scrapeDuration, OF_JOBS)} > ${AT_MOST.scrapePart * SCRAPE.timeoutSeconds}`,
      for: "10m",
      severity: "warning",
      summary: "Scrapes of exporter {{ $labels.instance }} are near their time-out.",
      description: `A scrape takes {{ $value | humanizeDuration }}, for 10 minutes or longer; more than ${AT_MOST.scrapePart * SCRAPE.timeoutSeconds} s of ${SCRAPE.timeoutSeconds} s. One that times out is lost.`,
      ...ON_EXPORTER,
    },
  ],
};

/**
 * A Prometheus that scrapes itself says that it gave up scrapes, not whose: its job and instance are its own, and a
 * exporter must have failed all its scrapes as well.
 */
function exceeded(limit: string, metric: string): AlertRule {
  return {
    alert: "LLMExporterScrapeLimited",
    expr: [
      `${increase(select(metric), "10m")} > 0`,
      `and on () max_over_time(${select(FOREIGN.up, OF_JOBS)}[5m]) == 0`,
    ].join("\n"),
    for: "2m",
    severity: "critical",
    labels: { limit },
    summary: `Prometheus {{ $labels.instance }} drops scrapes: too many ${limit}.`,
    description: `${COUNT} scrapes in the last 10 minutes went beyond a limit of ${limit} in prometheus.yml and were lost as a whole.`,
    dashboard: "exporter",
    dashboardLabels: [],
  };
}

/** Which part of a limit is in use, if it is more than `part`. */
function nearLimit(used: string, limit: string, part: number): string {
  return `${used} / (${limit} > 0) > ${part}`;
}

export const EXPORTER_GROUPS: readonly RuleGroup[] = [presence, intake, store, limits];
