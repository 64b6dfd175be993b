/** What is known of every series that rules and dashboards may ask for: labels, type, and values of closed vocabularies. */
import { FOREIGN } from "../../prometheus/foreign-metrics.ts";
import { RECORDING_GROUPS } from "../../prometheus/recording-rules.ts";
import { BUDGET_FAMILIES } from "../../src/catalogue/budget-families.ts";
import {
  BASE_LABELS,
  FAMILIES,
  RESPONSE_CACHE_RESULTS,
  TOKEN_TYPES,
  TOOL_KINDS,
} from "../../src/catalogue/families.ts";
import type { FamilyDeclaration } from "../../src/catalogue/family.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";
import { INFERENCE_BASES } from "../../src/event/cache-convention.ts";
import { ISSUE_CODES } from "../../src/event/issue.ts";
import { ERROR_TYPES, STATUSES } from "../../src/event/outcome.ts";
import { COST_RESULTS } from "../../src/event/price.ts";
import { FORMATS } from "../../src/exposition/negotiate.ts";
import { DROP_REASONS } from "../../src/http/http-tallies.ts";
import { PROBLEMS } from "../../src/http/problem.ts";
import { DIALECTS } from "../../src/ingest/accept-path.ts";
import { IGNORED_REASONS } from "../../src/ingest/dialect.ts";
import { PERIODS } from "../../src/pricing/calendar.ts";

/** A label to the only values that it has. */
type Values = Readonly<Record<string, readonly string[]>>;

export type KnownMetric = {
  /** Every series has them; those of the scrape are among them. */
  readonly labels: ReadonlySet<string>;
  /** Whether there may be others. */
  readonly open: boolean;
  readonly counter: boolean;
  /** Whether it counts requests by provider, model and pool. */
  readonly ofRequests: boolean;
  /** Of labels with a closed vocabulary. */
  readonly values: Values;
};

/** Prometheus gives them to whatever it scrapes. */
const SCRAPE_LABELS = ["job", "instance"];
/** Words of two that a recorded series has in its level. */
const LEVEL_LABELS = /error_type|token_type|[a-z]+/g;

/** Labels that mean the same wherever they are. */
const EVERYWHERE: Values = {
  error_type: ERROR_TYPES,
  token_type: TOKEN_TYPES,
  status: STATUSES,
  period: PERIODS,
};
const OUTCOMES = { result: ["success", "failure"] };
const KINDS_OF_IDS = { kind: ["event", "batch"] };

const VALUES: Readonly<Record<string, Values>> = {
  [FAMILIES.requests.name]: { stream: ["true", "false"] },
  [FAMILIES.costLookups.name]: { result: COST_RESULTS },
  [FAMILIES.responseCache.name]: { result: RESPONSE_CACHE_RESULTS },
  [FAMILIES.toolCalls.name]: { kind: TOOL_KINDS },
  [SELF_FAMILIES.events.name]: { dialect: DIALECTS, result: ["accepted", "duplicate", "rejected"] },
  [SELF_FAMILIES.eventsRejected.name]: { reason: Object.keys(ISSUE_CODES) },
  [SELF_FAMILIES.eventsIgnored.name]: { dialect: DIALECTS, reason: Object.keys(IGNORED_REASONS) },
  [SELF_FAMILIES.requestsRejected.name]: { reason: Object.keys(PROBLEMS) },
  [SELF_FAMILIES.httpConnectionsDropped.name]: { reason: DROP_REASONS },
  [SELF_FAMILIES.conventionsInferred.name]: { basis: INFERENCE_BASES },
  [SELF_FAMILIES.activeRequestsDropped.name]: { reason: ["expired", "evicted"] },
  [SELF_FAMILIES.dedupeIds.name]: KINDS_OF_IDS,
  [SELF_FAMILIES.dedupeEvictions.name]: KINDS_OF_IDS,
  [SELF_FAMILIES.scrapes.name]: { format: [...FORMATS, "otel"] },
  [SELF_FAMILIES.configReloads.name]: OUTCOMES,
  [SELF_FAMILIES.priceReloads.name]: OUTCOMES,
  [SELF_FAMILIES.storeCommits.name]: OUTCOMES,
  [SELF_FAMILIES.storeCheckpoints.name]: OUTCOMES,
  [SELF_FAMILIES.statisticsFlushes.name]: OUTCOMES,
  [SELF_FAMILIES.otlpPushes.name]: OUTCOMES,
};

/** By name, those that the exporter itself shows. */
export const SHOWN_METRICS: ReadonlyMap<string, KnownMetric> = new Map([
  ...Object.values<FamilyDeclaration>(FAMILIES).flatMap((family) => metricsOf(family, BASE_LABELS)),
  ...Object.values<FamilyDeclaration>({ ...BUDGET_FAMILIES, ...SELF_FAMILIES }).flatMap((family) =>
    metricsOf(family, []),
  ),
]);

const KNOWN: ReadonlyMap<string, KnownMetric> = new Map([
  ...SHOWN_METRICS,
  ...Object.values(FOREIGN).map(foreign),
  ...RECORDING_GROUPS.flatMap(({ rules }) =>
    rules.flatMap((rule) => ("record" in rule ? [recorded(rule.record)] : [])),
  ),
]);

export function knownMetric(name: string): KnownMetric | undefined {
  return KNOWN.get(name);
}

/** The labels that the name of a recorded series promises: `job_provider_error_type` has three. */
export function levelLabels(record: string): string[] {
  return record.slice(0, record.indexOf(":")).match(LEVEL_LABELS) ?? [];
}

function metricsOf(family: FamilyDeclaration, base: readonly string[]): [string, KnownMetric][] {
  const metric = (suffix: string, further: Values, counter: boolean): [string, KnownMetric] => {
    const labels = [...SCRAPE_LABELS, ...base, ...family.labels, ...Object.keys(further)];
    const values = { ...valuesOf(labels), ...VALUES[family.name], ...further };
    const ofRequests = base.length > 0;
    return [`${family.name}${suffix}`, { labels: new Set(labels), open: false, counter, ofRequests, values }];
  };
  if (family.type !== "histogram") return [metric("", {}, family.type === "counter")];
  // Prometheus 3 writes whole bounds as `1.0`.
  const bounds = family.buckets!.flatMap((bound) =>
    Number.isInteger(bound) ? [`${bound}`, `${bound}.0`] : [`${bound}`],
  );
  return [
    metric("_bucket", { le: [...bounds, "+Inf"] }, true),
    metric("_sum", {}, true),
    metric("_count", {}, true),
  ];
}

function foreign(name: string): [string, KnownMetric] {
  const isAlert = name.startsWith(FOREIGN.alerts);
  const labels = isAlert ? ["alertname"] : SCRAPE_LABELS;
  const values: Values = isAlert ? { alertstate: ["pending", "firing"] } : {};
  return [
    name,
    { labels: new Set(labels), open: isAlert, counter: name.endsWith("_total"), ofRequests: false, values },
  ];
}

function recorded(name: string): [string, KnownMetric] {
  const labels = levelLabels(name);
  return [
    name,
    { labels: new Set(labels), open: false, counter: false, ofRequests: false, values: valuesOf(labels) },
  ];
}

function valuesOf(labels: readonly string[]): Values {
  return Object.fromEntries(Object.entries(EVERYWHERE).filter(([label]) => labels.includes(label)));
}
