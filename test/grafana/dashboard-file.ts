/** A dashboard as it is in its file, as far as the tests look at it; and the small dashboards that show that a test can fail. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { allDashboards } from "../../grafana/dashboards.ts";

export type QueryFile = {
  refId: string;
  expr: string;
  datasource?: { type?: string; uid?: string };
  legendFormat?: string;
  format?: string;
  instant?: boolean;
  range?: boolean;
  exemplar?: boolean;
  hide?: boolean;
  interval?: string;
};

export type LinkFile = {
  title: string;
  type: string;
  url?: string;
  includeVars?: boolean;
  keepTime?: boolean;
  tags?: string[];
};

export type Override = {
  matcher: { id: string; options?: string };
  properties: { id: string; value?: unknown }[];
};

export type PanelFile = {
  id: number;
  type: string;
  title?: string;
  description?: string;
  datasource?: { type?: string; uid?: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: QueryFile[];
  timeFrom?: string;
  interval?: string;
  links?: LinkFile[];
  options?: Record<string, unknown>;
  transformations?: { id: string; options: Record<string, unknown> }[];
  fieldConfig?: {
    defaults: {
      unit?: string;
      noValue?: string;
      links?: LinkFile[];
      thresholds?: { steps: { value: number | null }[] };
    };
    overrides: Override[];
  };
  /** Of a row that is closed. */
  panels?: PanelFile[];
};

export type VariableFile = {
  name: string;
  type: string;
  query?: string | { query?: string };
  datasource?: { type?: string; uid?: string };
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string;
  refresh?: number;
  label?: string;
};

export type AnnotationFile = {
  name: string;
  datasource?: { type?: string; uid?: string };
  expr?: string;
  target?: QueryFile;
  titleFormat?: string;
  textFormat?: string;
};

export type DashboardFile = {
  id: number | null;
  uid: string;
  title: string;
  description?: string;
  editable: boolean;
  schemaVersion: number;
  tags?: string[];
  links?: LinkFile[];
  templating: { list: VariableFile[] };
  annotations: { list: AnnotationFile[] };
  panels: PanelFile[];
};

/** What `npm run gen` writes. */
export function dashboardFilesAsWritten(): DashboardFile[] {
  return allDashboards().map(asWritten);
}

export function asWritten(dashboard: Dashboard): DashboardFile {
  return JSON.parse(JSON.stringify(dashboard));
}

/** Panels, those of closed rows included; the rows themselves if they are asked for. */
export function panelsOf(dashboard: DashboardFile, { rows }: { rows: boolean }): PanelFile[] {
  const all = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return rows ? all : all.filter(({ type }) => type !== "row");
}
