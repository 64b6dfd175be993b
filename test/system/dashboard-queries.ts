/** Everything that the dashboards ask Prometheus, as it stands in their files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./programs.ts";

type Target = {
  readonly refId: string;
  readonly expr: string;
  readonly instant?: boolean;
  readonly exemplar?: boolean;
};
type Panel = {
  readonly title: string;
  readonly type: string;
  readonly timeFrom?: string;
  readonly targets?: readonly Target[];
  readonly panels?: readonly Panel[];
  readonly transformations?: readonly {
    readonly id: string;
    readonly options: { readonly renameByName?: Readonly<Record<string, string>> };
  }[];
};
type Variable = {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
};
type Annotation = { readonly name: string; readonly target: { readonly expr: string } };

type DashboardFile = {
  readonly uid: string;
  readonly time: { readonly from: string };
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly Annotation[] };
};

export type PanelQuery = {
  /** Dashboard, panel, and what tells its queries apart. */
  readonly name: string;
  readonly panel: string;
  /** Header of the column, in a table. */
  readonly column?: string;
  readonly expr: string;
  readonly instant: boolean;
  readonly exemplar: boolean;
  /** Time range of the panel, a PromQL duration. */
  readonly range: string;
};

export type VariableQuery = {
  readonly name: string;
  readonly label: string;
  readonly selector: string;
};

export type DashboardQueries = {
  readonly uid: string;
  readonly panels: readonly PanelQuery[];
  readonly variables: readonly VariableQuery[];
  readonly annotations: readonly { readonly name: string; readonly expr: string }[];
};

export function dashboardQueries(): DashboardQueries[] {
  const folder = join(ROOT, "grafana/dashboards");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as DashboardFile)
    .map((dashboard) => ({
      uid: dashboard.uid,
      panels: flat(dashboard.panels).flatMap((panel) => panelQueries(dashboard, panel)),
      variables: dashboard.templating.list
        .filter(({ type }) => type === "query")
        .map((variable) => variableQuery(dashboard, variable)),
      annotations: dashboard.annotations.list.map(({ name, target }) => ({
        name: `${dashboard.uid} / annotation ${name}`,
        expr: target.expr,
      })),
    }));
}

/** A row that is folded holds its panels. */
function flat(panels: readonly Panel[]): Panel[] {
  return panels.flatMap((panel) => [panel, ...flat(panel.panels ?? [])]);
}

function panelQueries({ uid, time }: DashboardFile, panel: Panel): PanelQuery[] {
  const renamed = panel.transformations?.find(({ id }) => id === "organize")?.options.renameByName ?? {};
  return (panel.targets ?? []).map(({ refId, expr, instant = false, exemplar = false }) => {
    const column = panel.type === "table" ? renamed[`Value #${refId}`] : undefined;
    return {
      name: `${uid} / ${panel.title} (${panel.type}) / ${column ?? refId}`,
      panel: panel.title,
      ...(column === undefined ? {} : { column }),
      expr,
      instant,
      exemplar,
      range: durationOf(panel.timeFrom ?? time.from),
    };
  });
}

/** `6h` of `now-6h` and of `6h`; `now/d`, since midnight, is taken for a day. Throws on what it does not know. */
function durationOf(from: string): string {
  const [, duration] = /^(?:now-)?(\d+[smhdw])(?:\/[dwM])?$/.exec(from) ?? [];
  if (duration !== undefined) return duration;
  const [, unit] = /^now\/([dwM])$/.exec(from) ?? [];
  if (unit === undefined) throw new RangeError(`expected a time range such as now-6h or now/d, got ${from}`);
  return unit === "M" ? "30d" : `1${unit}`;
}

/** `label_values(selector, label)`, the only kind there is. */
function variableQuery({ uid }: DashboardFile, { name, query }: Variable): VariableQuery {
  const text = typeof query === "string" ? query : query.query;
  const [, selector, label] = /^label_values\((.+), *(\w+)\)$/.exec(text) ?? [];
  if (selector === undefined || label === undefined)
    throw new RangeError(`expected label_values(selector, label), got ${text}`);
  return { name: `${uid} / variable ${name}`, label, selector };
}
