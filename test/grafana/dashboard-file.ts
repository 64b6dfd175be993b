/** A dashboard as it is in its file, as far as the tests and the pictures look at it. */
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

export type Threshold = { value: number | null; color: string };

export type FieldConfig = {
  unit?: string;
  decimals?: number;
  min?: number;
  max?: number;
  noValue?: string;
  links?: LinkFile[];
  thresholds?: { steps: Threshold[] };
  custom?: {
    fillOpacity?: number;
    thresholdsStyle?: { mode: string };
    stacking?: { mode: string };
  };
};

/** Options of the transformation `organize`, by name of the field. */
export type Organize = {
  excludeByName?: Record<string, boolean>;
  indexByName?: Record<string, number>;
  renameByName?: Record<string, string>;
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
  options?: {
    calculate?: boolean;
    color?: { exponent?: number };
    colorMode?: string;
    reduceOptions?: object;
    legend?: { displayMode?: string; showLegend?: boolean };
    sortBy?: { displayName: string; desc?: boolean }[];
    yAxis?: { unit?: string };
  };
  transformations?: { id: string; options: Organize }[];
  fieldConfig?: { defaults: FieldConfig; overrides: Override[] };
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
  time: { from: string; to: string };
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

/** Options of the transformations that name, order and leave out the columns of a table. */
export function organizedBy({ transformations = [] }: PanelFile): Organize[] {
  return transformations.filter(({ id }) => id === "organize").map(({ options }) => options);
}
