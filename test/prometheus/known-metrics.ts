/** Every series that rules and dashboards may ask for, with the labels it has. */

import { FOREIGN } from "../../prometheus/foreign-metrics.ts";
import { RECORDING_GROUPS } from "../../prometheus/recording-rules.ts";
import { BUDGET_FAMILIES } from "../../src/catalogue/budget-families.ts";
import { BASE_LABELS, FAMILIES } from "../../src/catalogue/families.ts";
import type { FamilyDeclaration } from "../../src/catalogue/family.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";

/** Labels that Prometheus adds to whatever it scrapes. */
const TARGET = ["job", "instance"];
/** Labels of alerts that rules and dashboards ask for. */
const ALERT = ["alertname", "alertstate", "severity", "provider", "model", "pool"];
/** Words of two that a recorded series has in its level. */
const LEVEL_LABELS = /error_type|token_type|[a-z]+/g;

function written(family: FamilyDeclaration, labels: readonly string[]): [string, readonly string[]][] {
  const all = [...TARGET, ...labels, ...family.labels];
  if (family.type !== "histogram") return [[family.name, all]];
  return [
    [`${family.name}_bucket`, [...all, "le"]],
    [`${family.name}_sum`, all],
    [`${family.name}_count`, all],
  ];
}

/** The labels that the name of a recorded series promises: `job_provider_error_type` has three. */
export function levelLabels(record: string): string[] {
  return record.slice(0, record.indexOf(":")).match(LEVEL_LABELS) ?? [];
}

/** Series that the exporter and Prometheus show, to their labels. */
export const SCRAPED: ReadonlyMap<string, readonly string[]> = new Map([
  ...Object.values(FAMILIES).flatMap((family) => written(family, BASE_LABELS)),
  ...[...Object.values(BUDGET_FAMILIES), ...Object.values(SELF_FAMILIES)].flatMap((family) =>
    written(family, []),
  ),
  ...Object.values(FOREIGN).map((name): [string, readonly string[]] => [
    name,
    name === FOREIGN.alerts ? [...TARGET, ...ALERT] : TARGET,
  ]),
]);

/** Those, and what the recording rules make of them. */
export const KNOWN: ReadonlyMap<string, readonly string[]> = new Map([
  ...SCRAPED,
  ...RECORDING_GROUPS.flatMap(({ rules }) =>
    rules.flatMap((rule): [string, readonly string[]][] =>
      "record" in rule ? [[rule.record, levelLabels(rule.record)]] : [],
    ),
  ),
]);
