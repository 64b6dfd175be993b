/** Everything that the dashboards ask Prometheus, as it stands in their files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type DashboardFile,
  organizedBy,
  type PanelFile,
  panelsOf,
  type VariableFile,
} from "../grafana/dashboard-file.ts";
import { labelValues, titleOf } from "../grafana/dashboard-rule.ts";
import { ROOT } from "./programs.ts";

export type PanelQuery = {
  /** Dashboard, panel, and what tells its queries apart. */
  readonly name: string;
  /** Uid of the dashboard. */
  readonly dashboard: string;
  readonly panel: string;
  /** Header of the column, in a table; otherwise the letter of the query. */
  readonly column: string;
  readonly expr: string;
  readonly instant: boolean;
  readonly exemplar: boolean;
  /** When the time range of the panel begins, such as `now-6h`. */
  readonly from: string;
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
      panels: panelsOf(dashboard, { rows: false }).flatMap((panel) => panelQueries(dashboard, panel)),
      variables: dashboard.templating.list
        .filter(({ type }) => type === "query")
        .map((variable) => variableQuery(dashboard, variable)),
      annotations: dashboard.annotations.list.flatMap(({ name, target }) =>
        target === undefined ? [] : [{ name: `${dashboard.uid} / annotation ${name}`, expr: target.expr }],
      ),
    }));
}

function panelQueries({ uid, time }: DashboardFile, panel: PanelFile): PanelQuery[] {
  const [{ renameByName = {} } = {}] = organizedBy(panel);
  return (panel.targets ?? []).map(({ refId, expr, instant = false, exemplar = false }) => {
    const column = renameByName[`Value #${refId}`] ?? refId;
    return {
      name: `${uid} / ${titleOf(panel)} (${panel.type}) / ${column}`,
      dashboard: uid,
      panel: titleOf(panel),
      column,
      expr,
      instant,
      exemplar,
      from: panel.timeFrom ?? time.from,
    };
  });
}

/** `label_values(selector, label)`, the only kind there is. */
function variableQuery({ uid }: DashboardFile, variable: VariableFile): VariableQuery {
  const asked = labelValues(variable);
  if (asked === undefined) throw new RangeError(`expected label_values(selector, label) of ${variable.name}`);
  return { name: `${uid} / variable ${variable.name}`, label: asked.label, selector: asked.series };
}
