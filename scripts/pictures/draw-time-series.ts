/** Lines or stacked areas over time, with the thresholds as dashed lines and a legend. */
import { scaleLinear } from "d3-scale";
import type { FieldConfig } from "../../test/grafana/dashboard-file.ts";
import type { AnsweredPanel } from "./ask-panels.ts";
import { mixed, namedColor, THEME } from "./colors.ts";
import { noValueText, plotWithin, type Scale, timeAxis, valueAxis, valueScale } from "./draw-axes.ts";
import { drawLegend, legendBox } from "./draw-legend.ts";
import { type GraphSeries, graphSeries } from "./graph-series.ts";
import { type Box, element, group, pathThrough, rounded, type Svg } from "./svg.ts";

/** Pixels. */
const OUTSIDE = 4;
/** Room above the highest value. */
const HEADROOM = 1.06;

export function drawTimeSeries(answered: AnsweredPanel, box: Box): Svg {
  const { panel, fromSeconds, untilSeconds } = answered;
  const config = panel.fieldConfig?.defaults ?? {};
  const isStacked = config.custom?.stacking?.mode === "normal";
  const series = graphSeries(answered, isStacked);
  const { graph, legend } = legendBox(box, panel.options?.legend?.displayMode ?? "list", series);
  const plot = plotWithin(graph);
  const x = scaleLinear([fromSeconds, untilSeconds], [plot.x, plot.x + plot.width]);
  const y = valueScale(rangeOf(series, config), plot, config.max === undefined);
  const axes = [...timeAxis(x, plot), ...valueAxis(y, plot, config.unit)];
  if (series.length === 0) return group([...axes, noValueText(config.noValue ?? "No data", plot)]);
  const clip = `clip-${Math.round(box.x)}-${Math.round(box.y)}`;
  const fill = (config.custom?.fillOpacity ?? 0) / 100;
  const draw = (one: GraphSeries) => (isStacked ? area(one, { x, y, fill }) : line(one, { x, y }));
  return group([
    element("clipPath", { id: clip }, [element("rect", { ...plot, y: plot.y - 1, height: plot.height + 2 })]),
    ...axes,
    // From the highest area of a stack down: each hides what the ones above it have below their own part.
    group([...series.toReversed().map(draw), ...thresholdLines(config, y, plot)], {
      "clip-path": `url(#${clip})`,
    }),
    drawLegend(series, legend, config),
  ]);
}

type Scales = { readonly x: Scale; readonly y: Scale };

function line(one: GraphSeries, scales: Scales): Svg {
  return element("path", { ...pen(one.color), d: pathThrough(placesOf(one, scales)), fill: "none" });
}

/** `fill` is the opacity of the area, from 0 to 1. */
function area(one: GraphSeries, { x, y, fill }: Scales & { readonly fill: number }): Svg {
  const runs = placesOf(one, { x, y });
  const color = mixed(one.color, THEME.panel, fill);
  const isWhole = runs.length === 1;
  // Of an area without gaps, the sides and the ground lie where the picture is cut off: one path is enough.
  const outside = isWhole ? OUTSIDE : 0;
  const below = y.range()[0]! + outside;
  const outlines = runs.map((run) => {
    const [first, last] = [run[0]!, run.at(-1)!];
    const [left, right] = [first.x - outside, last.x + outside];
    return [
      { x: left, y: below },
      { ...first, x: left },
      ...run,
      { ...last, x: right },
      { x: right, y: below },
    ];
  });
  if (isWhole) return element("path", { ...pen(one.color), d: pathThrough(outlines), fill: color });
  return group([element("path", { d: pathThrough(outlines), fill: color }), line(one, { x, y })]);
}

function pen(color: string) {
  return { stroke: color, "stroke-width": 1.2, "stroke-linecap": "round" } as const;
}

function placesOf({ runs }: GraphSeries, { x, y }: Scales) {
  const places = runs.map((run) => run.map(({ atSeconds, value }) => ({ x: x(atSeconds), y: y(value) })));
  // A lone point is a dot.
  return places.map((run) => (run.length === 1 ? [run[0]!, { ...run[0]!, x: run[0]!.x + 0.5 }] : run));
}

function rangeOf(series: readonly GraphSeries[], { min, max }: FieldConfig): [number, number] {
  const values = series.flatMap(({ runs }) => runs.flat().map(({ value }) => value));
  const least = min ?? Math.min(0, ...values);
  const most = max ?? Math.max(...values, least) * HEADROOM;
  return [least, most > least ? most : least + 1];
}

function thresholdLines({ custom, thresholds }: FieldConfig, y: Scale, plot: Box): Svg[] {
  if (custom?.thresholdsStyle?.mode !== "dashed") return [];
  const lines = (thresholds?.steps ?? []).filter(({ value }) => value !== null);
  return lines.map(({ value, color }) => {
    const d = `M${rounded(plot.x)} ${rounded(y(value!))}h${rounded(plot.width)}`;
    return element("path", { d, stroke: namedColor(color), "stroke-dasharray": "8 6" });
  });
}
