/** Asks Prometheus what Grafana would ask it for the panels of a dashboard. */
import { type DashboardFile, fromMillis, type PanelFile, type QueryFile } from "./panel-file.ts";
import type { Prometheus, Series } from "./prometheus.ts";

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
/** Steps that Grafana chooses from. */
const STEPS_SECONDS = [15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600];

export async function askPanels(
  dashboard: DashboardFile,
  prometheus: Prometheus,
  { nowMillis, choice }: { nowMillis: number; choice: Choice },
): Promise<AnsweredPanel[]> {
  const names = dashboard.templating.list.filter(({ type }) => type === "query").map(({ name }) => name);
  const variables = Object.fromEntries(names.map((name) => [name, chosen(choice[name])]));
  const answered: AnsweredPanel[] = [];
  for (const panel of dashboard.panels) {
    const fromSeconds = fromMillis(panel.timeFrom ?? dashboard.time.from, nowMillis) / 1e3;
    const untilSeconds = nowMillis / 1e3;
    const stepSeconds = stepFor(untilSeconds - fromSeconds, columnsOfGraph(panel));
    const values = {
      ...variables,
      __range: `${untilSeconds - fromSeconds}s`,
      __interval: `${stepSeconds}s`,
      __rate_interval: `${Math.max(4 * SCRAPE_SECONDS, stepSeconds + SCRAPE_SECONDS)}s`,
    };
    const steps = {
      // As Grafana does it: at whole steps, so that points stay where they are when time goes on.
      fromSeconds: Math.ceil(fromSeconds / stepSeconds) * stepSeconds,
      untilSeconds: Math.floor(untilSeconds / stepSeconds) * stepSeconds,
      stepSeconds,
    };
    const answers: Answer[] = [];
    for (const query of panel.targets ?? []) {
      const promql = interpolate(query.expr, values);
      const series = query.instant
        ? await prometheus.instant(promql, untilSeconds)
        : await prometheus.range(promql, steps);
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

/** `$name` and `${name}` become values. Throws a RangeError for a name without one. */
export function interpolate(expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replace(/\$\{(\w+)\}|\$(\w+)/g, (written, braced?: string, bare?: string) => {
    const value = values[braced ?? bare!];
    if (value === undefined) throw new RangeError(`${written}: a variable without a value, in ${expr}`);
    return value;
  });
}

/** A regular expression within a string of PromQL. */
function chosen(value: string | undefined): string {
  return value === undefined ? ".+" : value.replace(/[\\^$*+?.()|[\]{}]/g, "\\\\$&");
}
