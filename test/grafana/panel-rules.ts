/** Rules about panels and the settings of their queries. */
import * as units from "@grafana/grafana-foundation-sdk/units";
import { rowLabels } from "../promql/labels.ts";
import { type Override, type PanelFile, panelsOf, type QueryFile } from "./dashboard-file.ts";
import {
  type DashboardRule,
  labelsOf,
  type ParsedQuery,
  panelRule,
  parsedQueries,
  queriesOf,
  rule,
  titleOf,
} from "./dashboard-rule.ts";

const DATASOURCE = "${datasource}";
const UNITS: ReadonlySet<string> = new Set(Object.values(units).filter((unit) => typeof unit === "string"));
const RATIO = "percentunit";
/** Panels that show one point in time, and those that show how it came to be. */
const INSTANT = ["stat", "table", "bargauge", "gauge"];
const RANGE = ["timeseries", "heatmap"];
/** Panels that name their series. */
const WITH_LEGEND = ["timeseries", "stat", "bargauge", "gauge"];

export const PANEL_RULES: readonly DashboardRule[] = [
  rule("panel-datasource-rule", (dashboard) => [
    ...panelsOf(dashboard, { rows: false })
      .filter(({ datasource }) => datasource?.uid !== DATASOURCE)
      .map((panel) => ({ place: titleOf(panel), value: `${panel.datasource?.uid}` })),
    ...queriesOf(dashboard)
      .filter(({ of, query }) => of !== "variable" && query.datasource?.uid !== DATASOURCE)
      .map(({ place, query }) => ({ place: `${place} ${query.refId}`, value: `${query.datasource?.uid}` })),
    ...[...dashboard.annotations.list, ...dashboard.templating.list.filter(({ type }) => type === "query")]
      .filter(({ datasource }) => datasource?.uid !== DATASOURCE)
      .map(({ name, datasource }) => ({ place: name, value: `${datasource?.uid}` })),
  ]),
  panelRule("panel-title-description-rule", ({ title = "", description = "" }) => [
    ...(title === "" ? ["no title"] : []),
    ...(description === "" ? ["no description"] : []),
    ...(description === "" || description.endsWith(".")
      ? []
      : [`does not end with a period: ${description}`]),
  ]),
  panelRule("panel-units-rule", (panel) => [
    ...(panel.fieldConfig?.defaults.unit === undefined ? ["no unit"] : []),
    ...unitsOf(panel)
      .filter((unit) => !UNITS.has(unit))
      .map((unit) => `no unit of Grafana: ${unit}`),
  ]),
  panelRule("panel-no-targets-rule", ({ targets = [] }) => (targets.length === 0 ? ["no query"] : [])),
  panelRule("ratio-no-value", (panel) =>
    unitsOf(panel).includes(RATIO) && (panel.fieldConfig?.defaults.noValue ?? "") === ""
      ? ["no noValue"]
      : [],
  ),
  panelRule("ref-ids", ({ targets = [] }) =>
    targets
      .map(({ refId }) => refId)
      .filter((refId, index, all) => refId === "" || all.indexOf(refId) !== index)
      .map((refId) => `"${refId}" is empty or not unique`),
  ),
  panelRule("thresholds-ascend", ({ fieldConfig }) => {
    const steps = fieldConfig?.defaults.thresholds?.steps ?? [];
    const values = steps.map(({ value }) => value ?? Number.NEGATIVE_INFINITY);
    const ascending = values.every((value, index) => index === 0 || values[index - 1]! < value);
    const based = steps.length === 0 || steps[0]!.value === null;
    return ascending && based ? [] : [JSON.stringify(steps.map(({ value }) => value))];
  }),
  panelRule("query-mode", ({ type, targets = [] }) => [
    ...targets.flatMap((query) => [
      ...(INSTANT.includes(type) && !isInstant(query)
        ? [`${query.refId} of a ${type} is no instant query`]
        : []),
      ...(RANGE.includes(type) && !isRange(query) ? [`${query.refId} of a ${type} is no range query`] : []),
    ]),
    ...(INSTANT.includes(type) || RANGE.includes(type) ? [] : [`no rule for ${type}`]),
  ]),
  panelRule("table-format", ({ type, targets = [] }) =>
    targets
      .filter(({ format }) => (type === "table") !== (format === "table"))
      .map(({ refId, format }) => `${refId} of a ${type} has format ${format}`),
  ),
  panelRule("heatmap-buckets", ({ type, targets = [], options = {} }, dashboard) => {
    if (type !== "heatmap") return [];
    return [
      ...(options.calculate === false ? [] : ["calculate is not false"]),
      ...targets.flatMap(({ refId, format, expr }) => [
        ...(format === "heatmap" ? [] : [`${refId} has format ${format}`]),
        ...(sorted(labelsOf(dashboard, expr).some) === "le" ? [] : [`${refId} is not by le: ${expr}`]),
      ]),
    ];
  }),
  rule("exemplars", (dashboard) =>
    queriesOf(dashboard)
      .filter(({ query }) => query.exemplar === true && !(isRange(query) && query.expr.includes("_bucket{")))
      .map(({ place, query }) => ({
        place: `${place} ${query.refId}`,
        value: "exemplars without a range of buckets",
      })),
  ),
  // Series of one name cannot be told apart, and a label that is not there is shown as it is written.
  panelRule("legend", (panel, dashboard) => {
    const { type, targets = [], options = {} } = panel;
    if (!WITH_LEGEND.includes(type)) return [];
    const legends = targets.map(({ legendFormat }) => legendFormat);
    const { showLegend } = options.legend ?? {};
    return [
      ...parsedQueries(dashboard)
        .filter((one) => one.panel === panel)
        .flatMap((one) => legendFaults(one, targets.length).map((fault) => `${one.query.refId} ${fault}`)),
      ...(type === "timeseries" && showLegend !== true ? ["is not shown"] : []),
      ...legends
        .filter((legend, index) => legends.indexOf(legend) !== index)
        .map((legend) => `"${legend}" is of two queries`),
    ];
  }),
];

function legendFaults({ query, promql }: ParsedQuery, queries: number): string[] {
  const { legendFormat: legend = "" } = query;
  const { some: labels } = rowLabels(promql);
  const several = queries > 1 || labels?.size !== 0;
  if (several && (legend === "" || legend === "__auto")) return ["has none"];
  const shown = Array.from(legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g), ([, label]) => label!);
  return [
    ...shown.filter((label) => labels?.has(label) === false).map((label) => `has no label ${label}`),
    ...[...(labels ?? [])]
      .filter((label) => !shown.includes(label) && !isFixed(label, query, labels!))
      .map((label) => `does not show ${label}`),
  ];
}

/** Of all its fields. */
function unitsOf({ fieldConfig }: PanelFile): string[] {
  const properties = (fieldConfig?.overrides ?? []).flatMap((override: Override) => override.properties);
  const overridden = properties.filter(({ id }) => id === "unit").map(({ value }) => String(value));
  const { unit } = fieldConfig?.defaults ?? {};
  return unit === undefined ? overridden : [unit, ...overridden];
}

export function isInstant({ instant, range }: QueryFile): boolean {
  return instant === true && range !== true;
}

export function isRange({ instant, range }: QueryFile): boolean {
  return range === true && instant !== true;
}

/** A label of which the expression takes one value; and the job beside the instance, which says enough. */
function isFixed(label: string, { expr }: QueryFile, labels: ReadonlySet<string>): boolean {
  return new RegExp(`\\b${label}="[^"$]*"`).test(expr) || (label === "job" && labels.has("instance"));
}

function sorted(labels: ReadonlySet<string> | undefined): string {
  return [...(labels ?? [])].sort().join(",");
}
