/**
 * All rules about dashboards: those of https://github.com/grafana/dashboard-linter under their own names, and ours.
 * Dashboards in, faults out.
 */
import type { DashboardFile } from "./dashboard-file.ts";
import type { DashboardRule } from "./dashboard-rule.ts";
import { FILE_RULES } from "./file-rules.ts";
import { LINK_RULES } from "./link-rules.ts";
import { PANEL_RULES } from "./panel-rules.ts";
import { PROMQL_RULES } from "./promql-rules.ts";
import { TABLE_RULES } from "./table-rules.ts";
import { VARIABLE_RULES } from "./variable-rules.ts";

export const DASHBOARD_RULES: readonly DashboardRule[] = [
  ...FILE_RULES,
  ...VARIABLE_RULES,
  ...PANEL_RULES,
  ...PROMQL_RULES,
  ...TABLE_RULES,
  ...LINK_RULES,
];

/** Faults of all dashboards against one rule, as `dashboard / panel / rule: value`. */
export function faultsOf({ name, findings }: DashboardRule, all: readonly DashboardFile[]): string[] {
  return all.flatMap((dashboard) =>
    findings(dashboard, all).map(({ place, value }) =>
      [dashboard.title, ...(place === undefined ? [] : [place]), `${name}: ${value}`].join(" / "),
    ),
  );
}
