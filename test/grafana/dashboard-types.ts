/**
 * What Grafana's own types allow in a dashboard file, kind of panel by kind of panel: the SDK leaves open what a panel's
 * options are. A JSON schema is made of the exported types; nothing here runs.
 */
import type * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import type * as sdk from "@grafana/grafana-foundation-sdk/dashboard";
import type * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as table from "@grafana/grafana-foundation-sdk/table";
import type * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

/** A method marks the queries of a data source; it is not in the file. */
type Query = Omit<prometheus.Dataquery, "_implementsDataqueryVariant">;

/** Panels are validated each as what it is. */
interface Dashboard extends Omit<sdk.Dashboard, "panels" | "annotations" | "snapshot"> {
  panels: object[];
  annotations: { list: (Omit<sdk.AnnotationQuery, "target"> & { target: Query })[] };
}

/** The SDK has no types for them; these are the ones that are in use. */
interface Transformations {
  merge: { id: "merge"; options: Record<string, never> };
  organize: {
    id: "organize";
    options: {
      excludeByName?: Record<string, boolean>;
      includeByName?: Record<string, boolean>;
      indexByName?: Record<string, number>;
      renameByName?: Record<string, string>;
    };
  };
}

interface Panel<Type extends string, Options, Custom>
  extends Omit<sdk.Panel, "type" | "options" | "fieldConfig" | "targets" | "transformations"> {
  type: Type;
  options: Options;
  targets: Query[];
  transformations?: Transformations[keyof Transformations][];
  fieldConfig: Omit<sdk.FieldConfigSource, "defaults"> & {
    defaults: Omit<sdk.FieldConfig, "custom"> & { custom?: Custom };
  };
}

interface Panels {
  /** Of a row that is closed its panels are validated like the others. */
  row: Omit<sdk.RowPanel, "panels"> & { panels: object[] };
  stat: Panel<"stat", stat.Options, never>;
  timeseries: Panel<"timeseries", timeseries.Options, timeseries.FieldConfig>;
  /** Overrides set single options of a cell, whose type has two that are always given. */
  table: Panel<"table", table.Options, Partial<table.FieldConfig>>;
  heatmap: Panel<"heatmap", heatmap.Options, heatmap.FieldConfig>;
  bargauge: Panel<"bargauge", bargauge.Options, never>;
}

export interface DashboardTypes {
  dashboard: Dashboard;
  panels: Panels;
}
