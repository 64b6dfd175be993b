import { expect, test } from "vitest";
import { askPanels, stepFor } from "../../scripts/pictures/ask-panels.ts";
import type { Prometheus } from "../../scripts/pictures/prometheus.ts";
import type { DashboardFile, PanelFile } from "../grafana/dashboard-file.ts";
import { sampleDashboard } from "../grafana/sample-dashboard.ts";

const NOW_MILLIS = Date.parse("2026-03-01T12:00:00Z");

test("a query is asked over the dashboard's range, with its variables at all values", async () => {
  const asked = await askedBy(
    panel({ targets: [{ refId: "A", expr: 'rate(a{model=~"$model"}[$__rate_interval])' }] }),
  );
  expect(asked).toEqual([["range", 'rate(a{model=~".+"}[135s])', NOW_MILLIS / 1e3 - 6 * 3_600]]);
});

test("a range of its own goes before that of the dashboard", async () => {
  const targets = [{ refId: "A", expr: "increase(a[$__range])", instant: true }];
  expect(await askedBy(panel({ targets, timeFrom: "now/d" }))).toEqual([
    ["instant", "increase(a[43200s])", NOW_MILLIS / 1e3],
  ]);
});

test("a chosen value is matched as it is written", async () => {
  const targets = [{ refId: "A", expr: '{model=~"$model"}', instant: true }];
  const [[, promql] = []] = await askedBy(panel({ targets }), { model: "a.b (c)" });
  expect(promql).toBe('{model=~"a\\\\.b \\\\(c\\\\)"}');
});

test("a variable without a value is an error", async () => {
  const asking = askedBy(panel({ targets: [{ refId: "A", expr: "a[$__unheard]" }] }));
  await expect(asking).rejects.toThrow("$__unheard: a variable without a value");
});

test.each([
  [6 * 3_600, 24, 60],
  [6 * 3_600, 12, 120],
  [24 * 3_600, 12, 600],
  [60, 24, 15],
])("over %d s on %d columns there is a point for each %d s", (rangeSeconds, columns, stepSeconds) => {
  expect(stepFor(rangeSeconds, columns)).toBe(stepSeconds);
});

function panel(rest: Partial<PanelFile>): PanelFile {
  return { id: 1, type: "timeseries", title: "T", gridPos: { x: 0, y: 0, w: 12, h: 8 }, ...rest };
}

type Asked = [kind: string, promql: string, atSeconds: number];

async function askedBy(only: PanelFile, choice: Record<string, string> = {}): Promise<Asked[]> {
  const asked: Asked[] = [];
  const prometheus: Prometheus = {
    version: async () => "2.42.0",
    queryRange: async (promql, { from }) => {
      asked.push(["range", promql, from]);
      return [];
    },
    query: async (promql, atSeconds) => {
      asked.push(["instant", promql, atSeconds!]);
      return [];
    },
    close: async () => undefined,
  };
  const dashboard: DashboardFile = {
    ...sampleDashboard(),
    templating: { list: [{ name: "model", type: "query" }] },
    panels: [only],
  };
  await askPanels(dashboard, prometheus, { nowMillis: NOW_MILLIS, choice });
  return asked;
}
