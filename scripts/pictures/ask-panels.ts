/** Asks Prometheus what Grafana would ask it for the panels of a dashboard. */
import type { DashboardFile, PanelFile, QueryFile } from "../../test/grafana/dashboard-file.ts";
import { interpolate } from "../../test/grafana/interpolate.ts";
import { fromSeconds as beginOf } from "../../test/grafana/time-range.ts";
import type { Series } from "../../test/system/prometheus-server.ts";
import type { Prometheus } from "./prometheus.ts";

/** Chosen values by the name of the variable; all of them unless chosen. */
export type Choice = Readonly<Record<string, string>>;

export type Answer = { readonly query: QueryFile; readonly series: readonly Series[] };

export type AnsweredPanel = {
  readonly panel: PanelFile;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly stepSeconds: number;
  readonly answers: readonly Answer[];
};

/** Columns of 60 pixels. A point for every pixel would make pictures of megabytes. */
const PIXELS_PER_COLUMN = 60;
const PIXELS_PER_POINT = 4;
/** Of prometheus.yml, and `timeInterval` of the data source. */
const SCRAPE_SECONDS = 15;
/** `allValue` of every variable. */
const ALL = ".+";
/** Steps that Grafana chooses from. */
const STEPS_SECONDS = [15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600];

export async function askPanels(
  dashboard: DashboardFile,
  prometheus: Prometheus,
  { nowMillis, choice }: { nowMillis: number; choice: Choice },
): Promise<AnsweredPanel[]> {
  const names = dashboard.templating.list.filter(({ type }) => type === "query").map(({ name }) => name);
  const variables = Object.fromEntries(
    names.map((name) => [name, choice[name] === undefined ? ALL : [choice[name]]]),
  );
  const answered: AnsweredPanel[] = [];
  for (const panel of dashboard.panels) {
    const untilSeconds = nowMillis / 1e3;
    const fromSeconds = beginOf(panel.timeFrom ?? dashboard.time.from, untilSeconds);
    const stepSeconds = stepFor(untilSeconds - fromSeconds, columnsOfGraph(panel));
    const values = {
      variables,
      range: `${untilSeconds - fromSeconds}s`,
      interval: `${stepSeconds}s`,
      rateInterval: `${Math.max(4 * SCRAPE_SECONDS, stepSeconds + SCRAPE_SECONDS)}s`,
    };
    const steps = {
      // As Grafana does it: at whole steps, so that points stay where they are when time goes on.
      from: Math.ceil(fromSeconds / stepSeconds) * stepSeconds,
      until: Math.floor(untilSeconds / stepSeconds) * stepSeconds,
      step: stepSeconds,
    };
    const answers: Answer[] = [];
    for (const query of panel.targets ?? []) {
      const promql = interpolate(query.expr, values);
      const series = query.instant
        ? (await prometheus.query(promql, untilSeconds)).map(({ labels, value }) => ({
            labels,
            points: [{ atSeconds: untilSeconds, value }],
          }))
        : await prometheus.queryRange(promql, steps);
      answers.push({ query, series });
    }
    answered.push({ panel, fromSeconds, untilSeconds, stepSeconds, answers });
  }
  return answered;
}

/** A legend at its right takes half of a panel. */
function columnsOfGraph({ gridPos, options }: PanelFile): number {
  return options?.legend?.displayMode === "table" ? gridPos.w / 2 : gridPos.w;
}

export function stepFor(rangeSeconds: number, columns: number): number {
  const exact = rangeSeconds / ((columns * PIXELS_PER_COLUMN) / PIXELS_PER_POINT);
  return STEPS_SECONDS.find((step) => step >= exact) ?? STEPS_SECONDS.at(-1)!;
}
