/** The shape of a rule about dashboards, and the expressions of a dashboard as rules look at them. */
import { type RowLabels, rowLabels } from "../promql/labels.ts";
import { type Promql, parsePromql } from "../promql/names.ts";
import {
  type DashboardFile,
  type PanelFile,
  panelsOf,
  type QueryFile,
  type VariableFile,
} from "./dashboard-file.ts";
import { interpolate } from "./interpolate.ts";

/** `place`: the panel, variable or annotation; none for the dashboard as a whole. */
export type Finding = { readonly place?: string; readonly value: string };

export type DashboardRule = {
  readonly name: string;
  /** What is wrong; `all` are the dashboards that this one may lead to. */
  readonly findings: (dashboard: DashboardFile, all: readonly DashboardFile[]) => Finding[];
};

/** Stand for what Grafana puts in; they occur nowhere else, so that they are recognised in the parsed text. */
export const INTERVALS = { range: "21601s", rateInterval: "241s", interval: "61s" } as const;

export type DashboardQuery = {
  readonly of: "panel" | "annotation" | "variable";
  /** Its title or name. */
  readonly place: string;
  readonly query: QueryFile;
  /** `undefined` for annotations and variables. */
  readonly panel: PanelFile | undefined;
};

export type ParsedQuery = DashboardQuery & { readonly promql: Promql };

export function queriesOf(dashboard: DashboardFile): DashboardQuery[] {
  const queries = panelsOf(dashboard, { rows: false }).flatMap((panel) =>
    (panel.targets ?? []).map((query) => ({ of: "panel" as const, place: titleOf(panel), query, panel })),
  );
  const annotations = dashboard.annotations.list.flatMap(({ name, expr, target }) => {
    const query = target ?? (expr === undefined ? undefined : { refId: "", expr });
    const place = `annotation ${name}`;
    return query === undefined ? [] : [{ of: "annotation" as const, place, query, panel: undefined }];
  });
  const variables = dashboard.templating.list.flatMap((variable) => {
    const query = { refId: "", expr: labelValues(variable)?.series ?? "" };
    const place = `variable ${variable.name}`;
    return query.expr === "" ? [] : [{ of: "variable" as const, place, query, panel: undefined }];
  });
  return [...queries, ...annotations, ...variables];
}

/** What a variable asks for; `undefined` if it is not `label_values(series, label)`. */
export function labelValues({ query }: VariableFile): { series: string; label: string } | undefined {
  const text = typeof query === "string" ? query : query?.query;
  const [, series, label] = /^label_values\((.+), *(\w+)\)$/.exec(text ?? "") ?? [];
  return series === undefined || label === undefined ? undefined : { series, label };
}

/** Variables stay as they are within strings. Throws for what is no PromQL, and for a variable that there is not. */
export function parsedIn(dashboard: DashboardFile, expr: string): Promql {
  const variables = Object.fromEntries(dashboard.templating.list.map(({ name }) => [name, `$${name}`]));
  return parsePromql(interpolate(expr, { ...INTERVALS, variables }));
}

/** The queries that can be parsed; that the others cannot is a rule of its own. */
export function parsedQueries(dashboard: DashboardFile): ParsedQuery[] {
  return queriesOf(dashboard).flatMap((one) => {
    try {
      return [{ ...one, promql: parsedIn(dashboard, one.query.expr) }];
    } catch {
      return [];
    }
  });
}

/** Labels of the result; of what cannot be parsed they are unknown. */
export function labelsOf(dashboard: DashboardFile, expr: string): RowLabels {
  try {
    return rowLabels(parsedIn(dashboard, expr));
  } catch {
    return { every: new Set(), some: undefined };
  }
}

export function titleOf({ title, type, id }: PanelFile): string {
  return title === undefined || title === "" ? `${type} ${id}` : title;
}

/** A rule about panels one by one; rows are none. */
export function panelRule(name: string, values: (panel: PanelFile, dashboard: DashboardFile) => string[]) {
  return rule(name, (dashboard) =>
    panelsOf(dashboard, { rows: false }).flatMap((panel) =>
      values(panel, dashboard).map((value) => ({ place: titleOf(panel), value })),
    ),
  );
}

/** A rule about expressions one by one, those of annotations and variables included. */
export function queryRule(name: string, values: (query: ParsedQuery, dashboard: DashboardFile) => string[]) {
  return rule(name, (dashboard) =>
    parsedQueries(dashboard).flatMap((one) =>
      values(one, dashboard).map((value) => ({ place: `${one.place} ${one.query.refId}`.trim(), value })),
    ),
  );
}

export function rule(name: string, findings: DashboardRule["findings"]): DashboardRule {
  return { name, findings };
}
