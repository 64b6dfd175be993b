/** Dashboards drawn without a Prometheus: answers are made up, of the form that each query asks for. */
import type { AnsweredPanel } from "../../scripts/pictures/ask-panels.ts";
import { drawDashboard } from "../../scripts/pictures/draw-dashboard.ts";
import type { DashboardFile, PanelFile } from "../grafana/dashboard-file.ts";
import type { Series } from "../system/prometheus-server.ts";

const UNTIL_SECONDS = Date.parse("2026-03-01T12:00:00Z") / 1e3;
const STEP_SECONDS = 600;

/** The picture, with this text as the value of every label. */
export function drawnWith(dashboard: DashboardFile, name: string): string {
  const panels = dashboard.panels.map((panel) => answered(panel, name));
  return drawDashboard({ dashboard, panels, choice: { model: name }, version: "2.42.0" });
}

function answered(panel: PanelFile, name: string): AnsweredPanel {
  const answers = (panel.targets ?? []).map((query) => ({
    query,
    series: seriesFor(query.expr, name, query.instant),
  }));
  const range = {
    fromSeconds: UNTIL_SECONDS - 6 * 3_600,
    untilSeconds: UNTIL_SECONDS,
    stepSeconds: STEP_SECONDS,
  };
  return { panel, ...range, answers };
}

function seriesFor(expr: string, name: string, instant = false): Series[] {
  const labels = Object.fromEntries(
    (/\bby \(([^)]*)\)/.exec(expr)?.[1] ?? "")
      .split(", ")
      .filter((label) => label !== "")
      .map((label) => [label, label === "le" ? "0.5" : name]),
  );
  const count = instant ? 1 : 30;
  const points = Array.from({ length: count }, (_, index) => ({
    atSeconds: UNTIL_SECONDS - (count - 1 - index) * STEP_SECONDS,
    value: index / 7,
  }));
  return [{ labels, points }];
}
