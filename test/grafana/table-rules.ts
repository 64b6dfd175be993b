/** Rules about tables: what their columns are called, before and after they are renamed. */
import { type DashboardFile, organizedBy, type PanelFile } from "./dashboard-file.ts";
import { type DashboardRule, labelsOf, panelRule } from "./dashboard-rule.ts";

export type Columns = {
  /** As the data source calls them; data links read them by these names too. */
  readonly fields: ReadonlySet<string>;
  /** As the table shows them. */
  readonly shown: readonly string[];
};

/** A single query's values have no letter. */
const ALONE = "Value";

export const TABLE_RULES: readonly DashboardRule[] = [
  tableRule("table-rows", (panel, dashboard) => {
    const rows = labelsOfQueries(panel, dashboard).map((labels) => [...(labels ?? ["?"])].sort().join(", "));
    const merged = (panel.transformations ?? []).some(({ id }) => id === "merge");
    return [
      ...[...new Set(rows)].slice(1).map((labels) => `rows by ${labels} beside rows by ${rows[0]}`),
      ...(rows.length > 1 && !merged ? ["several queries that are not merged"] : []),
    ];
  }),
  tableRule("table-columns", (panel, dashboard) => {
    const { fields, shown } = columnsOf(panel, dashboard);
    const renamed = organizedBy(panel).flatMap((options) => Object.values(options).flatMap(Object.keys));
    // Grafana's names for the values of one query and of several: a table may be ready for both.
    const names = new Set([ALONE, ...(panel.targets ?? []).map(({ refId }) => `${ALONE} #${refId}`)]);
    const named = (panel.fieldConfig?.overrides ?? []).flatMap(({ matcher: { id, options } }) =>
      id === "byName" && options !== undefined ? [options] : [],
    );
    const sorted = panel.options?.sortBy ?? [];
    return [
      ...renamed.filter((name) => !fields.has(name) && !names.has(name)).map((name) => `organizes ${name}`),
      ...named
        .filter((name) => !shown.includes(name) && !fields.has(name))
        .map((name) => `overrides ${name}`),
      ...sorted
        .filter(({ displayName }) => !shown.includes(displayName))
        .map(({ displayName }) => `sorts by ${displayName}`),
    ];
  }),
  tableRule("table-titles", (panel, dashboard) => {
    const { shown } = columnsOf(panel, dashboard);
    return [
      ...shown.filter((name) => name.startsWith(ALONE)).map((name) => `${name} has no title`),
      ...shown
        .filter((name, index) => shown.indexOf(name) !== index)
        .map((name) => `two columns are ${name}`),
    ];
  }),
];

function tableRule(name: string, values: (panel: PanelFile, dashboard: DashboardFile) => string[]) {
  return panelRule(name, (panel, dashboard) => (panel.type === "table" ? values(panel, dashboard) : []));
}

export function columnsOf(panel: PanelFile, dashboard: DashboardFile): Columns {
  const targets = panel.targets ?? [];
  const labels = labelsOfQueries(panel, dashboard).flatMap((of) => [...(of ?? [])]);
  const values = targets.map(({ refId }) => (targets.length === 1 ? ALONE : `${ALONE} #${refId}`));
  const fields = new Set(["Time", ...labels, ...values]);
  const shown = organizedBy(panel).reduce(
    (names, { excludeByName = {}, renameByName = {} }) =>
      names.filter((name) => excludeByName[name] !== true).map((name) => renameByName[name] ?? name),
    [...fields],
  );
  return { fields, shown };
}

function labelsOfQueries({ targets = [] }: PanelFile, dashboard: DashboardFile) {
  return targets.map(({ expr }) => labelsOf(dashboard, expr).some);
}
