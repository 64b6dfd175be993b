/** A small dashboard that keeps to every rule; each rule is shown on a spoilt copy of it. */
import type { DashboardFile, PanelFile, VariableFile } from "./dashboard-file.ts";

const DATASOURCE = { type: "prometheus", uid: "${datasource}" };
const ALL = 'job=~"$job",pool=~"$pool",provider=~"$provider",model=~"$model"';
const KEPT = "${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${pool:queryparam}";
const DRILL_DOWN = `/d/llm-sample?${KEPT}&var-provider=`;
const REST = "&${model:queryparam}&${exporter_url:queryparam}";

export function sampleDashboard(): DashboardFile {
  return {
    id: null,
    uid: "llm-sample",
    title: "Sample",
    description: "What does it look like?",
    editable: false,
    schemaVersion: 42,
    tags: ["sample"],
    time: { from: "now-6h", to: "now" },
    links: [{ title: "Dashboards", type: "dashboards", includeVars: true, keepTime: true, tags: ["sample"] }],
    templating: { list: variables() },
    annotations: {
      list: [
        {
          name: "Starts",
          titleFormat: "Started",
          textFormat: "{{instance}}",
          datasource: DATASOURCE,
          target: {
            refId: "S",
            datasource: DATASOURCE,
            expr: 'llm_exporter_start_time_seconds{job=~"$job"} * 1000',
            range: true,
          },
        },
      ],
    },
    panels: [row(), statPanel(), timeSeriesPanel(), tablePanel(), heatmapPanel()],
  };
}

function variables(): VariableFile[] {
  const filter = (name: string, query: string): VariableFile => ({
    name,
    type: "query",
    label: name,
    query: { query },
    datasource: DATASOURCE,
    multi: true,
    includeAll: true,
    allValue: ".+",
    refresh: 2,
  });
  return [
    { name: "datasource", type: "datasource", label: "Data source", query: "prometheus" },
    filter("job", "label_values(llm_exporter_build_info, job)"),
    filter("pool", 'label_values(llm_requests_total{job=~"$job"}, pool)'),
    filter("provider", 'label_values(llm_requests_total{job=~"$job",pool=~"$pool"}, provider)'),
    filter(
      "model",
      'label_values(llm_requests_total{job=~"$job",pool=~"$pool",provider=~"$provider"}, model)',
    ),
    { name: "exporter_url", type: "textbox", query: "http://127.0.0.1:9464" },
  ];
}

function row(): PanelFile {
  return { id: 1, type: "row", title: "Row", gridPos: { x: 0, y: 0, w: 24, h: 1 }, panels: [] };
}

function statPanel(): PanelFile {
  const failed = `sum(increase(llm_requests_total{${ALL},status="error"}[$__range]))`;
  const all = `sum(increase(llm_requests_total{${ALL}}[$__range]))`;
  return {
    id: 2,
    type: "stat",
    title: "Errors",
    description: "Part of the requests that failed.",
    datasource: DATASOURCE,
    gridPos: { x: 0, y: 1, w: 12, h: 4 },
    fieldConfig: {
      defaults: {
        unit: "percentunit",
        noValue: "–",
        thresholds: {
          steps: ["green", "orange", "red"].map((color, index) => ({
            value: [null, 0.01, 0.05][index]!,
            color,
          })),
        },
      },
      overrides: [],
    },
    targets: [{ refId: "A", datasource: DATASOURCE, expr: `${failed} / (${all} > 0)`, instant: true }],
  };
}

function timeSeriesPanel(): PanelFile {
  const counts = `sum by (provider, le) (rate(llm_request_duration_seconds_bucket{${ALL}}[$__rate_interval]))`;
  const field = "${__field.labels.provider:percentencode}";
  return {
    id: 3,
    type: "timeseries",
    title: "Duration",
    description: "Within which 95 % end.",
    datasource: DATASOURCE,
    gridPos: { x: 12, y: 1, w: 12, h: 4 },
    options: { legend: { showLegend: true } },
    fieldConfig: {
      defaults: {
        unit: "s",
        links: [
          { title: "Of ${__field.labels.provider}", type: "link", url: `${DRILL_DOWN}${field}${REST}` },
          {
            title: "Requests",
            type: "link",
            url: `\${exporter_url}/v1/requests?provider=${field}&from=\${__from:date:iso}`,
          },
        ],
      },
      overrides: [],
    },
    targets: [
      {
        refId: "A",
        datasource: DATASOURCE,
        expr: `histogram_quantile(0.95, ${counts})`,
        legendFormat: "{{provider}}",
        range: true,
        exemplar: true,
      },
    ],
  };
}

function tablePanel(): PanelFile {
  const by = (metric: string): string => `sum by (provider) (increase(${metric}{${ALL}}[$__range]))`;
  const query = { datasource: DATASOURCE, instant: true, format: "table" };
  const field = "${__data.fields.provider:percentencode}";
  return {
    id: 4,
    type: "table",
    title: "Providers",
    description: "Over the range.",
    datasource: DATASOURCE,
    gridPos: { x: 0, y: 5, w: 12, h: 8 },
    options: { sortBy: [{ displayName: "Cost" }] },
    transformations: [
      { id: "merge", options: {} },
      {
        id: "organize",
        options: {
          excludeByName: { Time: true },
          renameByName: { provider: "Provider", "Value #A": "Cost", "Value #B": "Requests" },
        },
      },
    ],
    fieldConfig: {
      defaults: { unit: "short" },
      overrides: [
        {
          matcher: { id: "byName", options: "Provider" },
          properties: [
            { id: "links", value: [{ title: "Down", type: "link", url: `${DRILL_DOWN}${field}${REST}` }] },
          ],
        },
      ],
    },
    targets: [
      { refId: "A", expr: by("llm_cost_usd_total"), ...query },
      { refId: "B", expr: by("llm_requests_total"), ...query },
    ],
  };
}

function heatmapPanel(): PanelFile {
  return {
    id: 5,
    type: "heatmap",
    title: "Durations",
    description: "How many took so long.",
    datasource: DATASOURCE,
    gridPos: { x: 12, y: 5, w: 12, h: 8 },
    options: { calculate: false },
    fieldConfig: { defaults: { unit: "short" }, overrides: [] },
    targets: [
      {
        refId: "A",
        datasource: DATASOURCE,
        expr: `sum by (le) (increase(llm_request_duration_seconds_bucket{${ALL}}[$__rate_interval]))`,
        format: "heatmap",
        range: true,
        exemplar: true,
      },
    ],
  };
}
