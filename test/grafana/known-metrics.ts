/** What is known of the metrics that an expression may name: their labels, and whether they are counters. */

import { FOREIGN } from "../../prometheus/foreign-metrics.ts";
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
import { ERROR_TYPES, STATUSES } from "../../src/event/outcome.ts";
import { COST_RESULTS } from "../../src/event/price.ts";

export type KnownMetric = {
  /** Those of the scrape included; `undefined` if there may be any. */
  readonly labels: ReadonlySet<string> | undefined;
  readonly counter: boolean;
  /** Whether it counts requests by provider, model and pool. */
  readonly ofRequests: boolean;
  /** A label to the only values that it has, of labels with a closed vocabulary. */
  readonly values: Readonly<Record<string, readonly string[]>>;
};

/** Prometheus gives them to whatever it scrapes. */
const SCRAPE_LABELS = ["job", "instance"];

const VALUES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  [FAMILIES.requests.name]: { status: STATUSES },
  [FAMILIES.errors.name]: { error_type: ERROR_TYPES },
  [FAMILIES.tokens.name]: { token_type: TOKEN_TYPES },
  [FAMILIES.costLookups.name]: { result: COST_RESULTS },
  [FAMILIES.responseCache.name]: { result: RESPONSE_CACHE_RESULTS },
  [FAMILIES.toolCalls.name]: { kind: TOOL_KINDS },
  [SELF_FAMILIES.storeCommits.name]: { result: ["success", "failure"] },
  [SELF_FAMILIES.storeCheckpoints.name]: { result: ["success", "failure"] },
  [SELF_FAMILIES.configReloads.name]: { result: ["success", "failure"] },
  [SELF_FAMILIES.priceReloads.name]: { result: ["success", "failure"] },
  [SELF_FAMILIES.events.name]: { result: ["accepted", "duplicate", "rejected"] },
};

const KNOWN: ReadonlyMap<string, KnownMetric> = new Map([
  ...Object.values<FamilyDeclaration>(FAMILIES).flatMap((family) => metricsOf(family, BASE_LABELS)),
  ...Object.values<FamilyDeclaration>(BUDGET_FAMILIES).flatMap((family) => metricsOf(family, [])),
  ...Object.values<FamilyDeclaration>(SELF_FAMILIES).flatMap((family) => metricsOf(family, [])),
  ...Object.values(FOREIGN).map((name): [string, KnownMetric] => [
    name,
    {
      labels: name.startsWith(FOREIGN.alerts) ? undefined : new Set(SCRAPE_LABELS),
      counter: name.endsWith("_total"),
      ofRequests: false,
      values: {},
    },
  ]),
]);

export function knownMetric(name: string): KnownMetric | undefined {
  return KNOWN.get(name);
}

function metricsOf(family: FamilyDeclaration, base: readonly string[]): [string, KnownMetric][] {
  const labels = [...SCRAPE_LABELS, ...base, ...family.labels];
  const metric = (suffix: string, further: readonly string[], counter: boolean): [string, KnownMetric] => [
    `${family.name}${suffix}`,
    {
      labels: new Set([...labels, ...further]),
      counter,
      ofRequests: base.length > 0,
      values: VALUES[family.name] ?? {},
    },
  ];
  if (family.type !== "histogram") return [metric("", [], family.type === "counter")];
  return [metric("_bucket", ["le"], true), metric("_sum", [], true), metric("_count", [], true)];
}
