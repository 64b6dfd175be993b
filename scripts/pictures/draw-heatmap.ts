/** How many values fell into each bucket over time; the brighter, the more. */
import { scaleLinear } from "d3-scale";
import { interpolateOranges } from "d3-scale-chromatic";
import type { AnsweredPanel } from "./ask-panels.ts";
import { axisLabel, noValueText, plotWithin, type Scale, timeAxis } from "./draw-axes.ts";
import { formatUnit } from "./format-unit.ts";
import { type Box, element, group, rounded, type Svg } from "./svg.ts";

/** A path for each shade: thousands of rectangles would be thousands of elements. */
const SHADES = 24;
const LABEL_HEIGHT = 14;
const COUNT_MIN = 1e-9;

type HeatCell = { readonly atSeconds: number; readonly bucket: number; readonly count: number };

export function drawHeatmap(answered: AnsweredPanel, box: Box): Svg {
  const { panel, fromSeconds, untilSeconds } = answered;
  const plot = plotWithin(box);
  const x = scaleLinear([fromSeconds, untilSeconds], [plot.x, plot.x + plot.width]);
  const { bounds, cells } = heatCells(answered);
  const axis = timeAxis(x, plot);
  if (cells.length === 0)
    return group([...axis, noValueText(panel.fieldConfig?.defaults.noValue ?? "No data", plot)]);
  const rowHeight = plot.height / bounds.length;
  const labelEach = Math.ceil(LABEL_HEIGHT / rowHeight);
  const labels = bounds.flatMap((bound, index) => {
    const content = Number.isFinite(bound) ? formatUnit(bound, { unit: panel.options?.yAxis?.unit }) : "+Inf";
    return index % labelEach === 0
      ? [axisLabel(content, plot, plot.y + plot.height - (index + 0.5) * rowHeight)]
      : [];
  });
  return group([...axis, ...labels, ...shades(cells, answered, { plot, x, rowHeight })]);
}

type Layout = { readonly plot: Box; readonly x: Scale; readonly rowHeight: number };

/** A column holds what came in the step before its time. */
function shades(cells: readonly HeatCell[], answered: AnsweredPanel, { plot, x, rowHeight }: Layout): Svg[] {
  const { panel, fromSeconds, stepSeconds } = answered;
  const columnWidth = x(fromSeconds + stepSeconds) - x(fromSeconds);
  const most = Math.max(...cells.map(({ count }) => count));
  const exponent = panel.options?.color?.exponent ?? 0.5;
  const paths = new Map<number, string>();
  for (const { atSeconds, bucket, count } of cells) {
    const shade = Math.min(SHADES - 1, Math.floor((count / most) ** exponent * SHADES));
    const left = Math.max(plot.x, x(atSeconds) - columnWidth);
    const top = plot.y + plot.height - (bucket + 1) * rowHeight;
    const width = rounded(Math.max(0.5, x(atSeconds) - left - 0.6));
    const cell = `M${rounded(left)} ${rounded(top)}h${width}v${rounded(rowHeight - 1)}h-${width}z`;
    paths.set(shade, (paths.get(shade) ?? "") + cell);
  }
  return Array.from(paths, ([shade, d]) =>
    element("path", { d, fill: interpolateOranges(1 - (shade + 0.5) / SHADES) }),
  );
}

/** Cumulative counts become those of each bucket alone, as Grafana does it for this format. */
function heatCells({ answers }: AnsweredPanel): { bounds: number[]; cells: HeatCell[] } {
  const rows = answers
    .flatMap(({ series }) => series)
    .map(({ labels, points }) => ({ bound: Number(labels.le === "+Inf" ? "Infinity" : labels.le), points }))
    .sort((a, b) => a.bound - b.bound);
  const cells = rows.flatMap(({ points }, bucket) => {
    const below = new Map(rows[bucket - 1]?.points.map(({ atSeconds, value }) => [atSeconds, value]));
    return points.map(({ atSeconds, value }) => ({
      atSeconds,
      bucket,
      count: value - (below.get(atSeconds) ?? 0),
    }));
  });
  return { bounds: rows.map(({ bound }) => bound), cells: cells.filter(({ count }) => count > COUNT_MIN) };
}
