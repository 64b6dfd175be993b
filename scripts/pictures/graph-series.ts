/** Answers as the lines of a graph: named, coloured, stacked if the panel says so, with gaps where points are missing. */

import type { Point, Series } from "../../test/system/prometheus-server.ts";
import type { AnsweredPanel } from "./ask-panels.ts";
import { seriesColor } from "./colors.ts";
import type { LegendEntry } from "./draw-legend.ts";

export type GraphSeries = LegendEntry & {
  /** Points without a gap between them; those of a stack stand on the ones below. */
  readonly runs: readonly (readonly Point[])[];
};

const GAP_STEPS = 1.5;

export function graphSeries({ answers, stepSeconds }: AnsweredPanel, isStacked: boolean): GraphSeries[] {
  const ground = new Map<number, number>();
  const all = answers.flatMap(({ query, series }) => series.map((one) => ({ query, one })));
  return all.map(({ query, one }, index) => {
    const points = one.points.filter(({ value }) => Number.isFinite(value));
    return {
      name: legendName(query.legendFormat ?? "", one),
      color: seriesColor(index),
      mean: points.reduce((sum, { value }) => sum + value, 0) / points.length,
      last: points.at(-1)?.value,
      runs: runsOf(isStacked ? stacked(points, ground) : points, stepSeconds),
    };
  });
}

/** `{{label}}` becomes the label's value. Without a format, all labels. */
export function legendName(format: string, { labels }: Pick<Series, "labels">): string {
  const name = format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? "").trim();
  if (name !== "") return name;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return pairs.length === 0 ? "Value" : `{${pairs.join(", ")}}`;
}

/** Raises the ground for whoever comes next. */
function stacked(points: readonly Point[], ground: Map<number, number>): Point[] {
  return points.map(({ atSeconds, value }) => {
    const top = (ground.get(atSeconds) ?? 0) + value;
    ground.set(atSeconds, top);
    return { atSeconds, value: top };
  });
}

function runsOf(points: readonly Point[], stepSeconds: number): Point[][] {
  const runs: Point[][] = [];
  points.forEach((point, index) => {
    const before = points[index - 1];
    if (before === undefined || point.atSeconds - before.atSeconds > stepSeconds * GAP_STEPS) runs.push([]);
    runs.at(-1)!.push(point);
  });
  return runs;
}
