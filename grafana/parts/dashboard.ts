/** A dashboard from rows of panels: filters, annotations and links are the same on each. */
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DASHBOARDS, type DashboardKey } from "../../prometheus/links.ts";
import { annotations } from "./annotations.ts";
import { filterVariables } from "./filters.ts";
import { dashboardsLink, TAG } from "./links.ts";

export type Row = { readonly title: string; readonly panels: readonly Builder<Panel>[] };

export type DashboardOptions = {
  readonly key: DashboardKey;
  readonly title: string;
  /** The question that it answers. */
  readonly description: string;
  readonly rows: readonly Row[];
  /** Range that it opens with, up to now; `now-6h` unless said. */
  readonly from?: string;
  /** How often it asks again; a minute unless said. */
  readonly refresh?: string;
};

export function dashboard(options: DashboardOptions): Dashboard {
  const { key, title, description, rows, from = "now-6h", refresh = "1m" } = options;
  const builder = new DashboardBuilder(title)
    .id(null)
    .uid(DASHBOARDS[key])
    .description(description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh(refresh)
    .time({ from, to: "now" })
    .variables(filterVariables())
    .annotations(annotations())
    .links([dashboardsLink()]);
  for (const { title: rowTitle, panels } of rows) {
    builder.withRow(new RowBuilder(rowTitle));
    for (const panel of panels) builder.withPanel(panel);
  }
  const built = builder.build();
  built.panels?.forEach((panel, index) => {
    panel.id = index + 1;
  });
  // The SDK puts both into a menu; operators see what fired, and where to go, without opening one.
  for (const shown of [...(built.annotations?.list ?? []), ...(built.links ?? [])]) delete shown.placement;
  return built;
}
