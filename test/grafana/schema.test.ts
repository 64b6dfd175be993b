import { defaultDashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { beforeAll, expect, test } from "vitest";
import { type DashboardFile, dashboardFilesAsWritten, type PanelFile } from "./dashboard-file.ts";
import { dashboardValidator, type SchemaFaults } from "./dashboard-schema.ts";

const dashboards = dashboardFilesAsWritten();
let faults: SchemaFaults;

beforeAll(() => {
  faults = dashboardValidator();
});

test.each(dashboards)("$title is what the types of Grafana's SDK allow", (dashboard) => {
  expect(faults(dashboard)).toEqual([]);
});

test("dashboards declare the version of the schema that the types are of", () => {
  const { schemaVersion } = defaultDashboard();
  expect(dashboards.map((dashboard) => dashboard.schemaVersion)).toEqual(dashboards.map(() => schemaVersion));
});

const first = (dashboard: DashboardFile, type: string): PanelFile =>
  dashboard.panels.find((panel) => panel.type === type)!;

test.each<{ name: string; spoil: (dashboard: DashboardFile) => void; fault: string }>([
  {
    name: "a misspelt option",
    spoil: (dashboard) => Object.assign(first(dashboard, "stat").options!, { colourMode: "value" }),
    fault: "/options: must NOT have additional properties (colourMode)",
  },
  {
    name: "an option that is missing",
    spoil: (dashboard) => delete first(dashboard, "stat").options!.reduceOptions,
    fault: "/options: must have required property 'reduceOptions'",
  },
  {
    name: "a choice that there is not",
    spoil: (dashboard) => Object.assign(first(dashboard, "stat").options!, { colorMode: "rainbow" }),
    fault: "/options/colorMode: must be equal to one of the allowed values (value, background",
  },
  {
    name: "a text where a number belongs",
    spoil: (dashboard) => Object.assign(first(dashboard, "timeseries").gridPos, { w: "12" }),
    fault: "/gridPos/w: must be number",
  },
  {
    name: "a field option of another kind of panel",
    spoil: (dashboard) =>
      Object.assign(first(dashboard, "timeseries").fieldConfig!.defaults, { custom: { align: "auto" } }),
    fault: "/fieldConfig/defaults/custom: must NOT have additional properties (align)",
  },
  {
    name: "a misspelt key of a query",
    spoil: (dashboard) => Object.assign(first(dashboard, "timeseries").targets![0]!, { legend: "{{a}}" }),
    fault: "/targets/0: must NOT have additional properties (legend)",
  },
  {
    name: "an override of what there is not",
    spoil: (dashboard) =>
      first(dashboard, "table").fieldConfig!.overrides.push({
        matcher: { id: "byName", options: "Cost" },
        properties: [{ id: "custom.cellOption", value: { type: "color-text" } }],
      }),
    fault: "override of Cost/custom: must NOT have additional properties (cellOption)",
  },
  {
    name: "an override's value",
    spoil: (dashboard) =>
      first(dashboard, "table").fieldConfig!.overrides.push({
        matcher: { id: "byName", options: "Cost" },
        properties: [{ id: "decimals", value: "2" }],
      }),
    fault: "override of Cost/decimals: must be number",
  },
  {
    name: "a transformation's option",
    spoil: (dashboard) =>
      Object.assign(first(dashboard, "table"), {
        transformations: [{ id: "organize", options: { renameByNames: {} } }],
      }),
    fault: "/transformations/0/options: must NOT have additional properties (renameByNames)",
  },
  {
    name: "a key of a variable",
    spoil: (dashboard) => Object.assign(dashboard.templating.list[0]!, { alValue: ".+" }),
    fault: "/templating/list/0: must NOT have additional properties (alValue)",
  },
  {
    name: "a key of an annotation's query",
    spoil: (dashboard) => Object.assign(dashboard.annotations.list[0]!.target!, { exprs: "up" }),
    fault: "/annotations/list/0/target: must NOT have additional properties (exprs)",
  },
  {
    name: "a key of the file",
    spoil: (dashboard) => Object.assign(dashboard, { __inputs: [] }),
    fault: ": must NOT have additional properties (__inputs)",
  },
  {
    name: "a kind of panel that has no types here",
    spoil: (dashboard) => Object.assign(first(dashboard, "stat"), { type: "graph" }),
    fault: 'type: no types for "graph"',
  },
])("the types forbid $name", ({ spoil, fault }) => {
  const dashboard = dashboardFilesAsWritten()[0]!;
  spoil(dashboard);
  expect(faults(dashboard).join("\n")).toContain(fault);
});
