/** The axes of a graph, with a faint line through it at each mark. */
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { THEME } from "./colors.ts";
import { formatTime, formatUnit } from "./format-unit.ts";
import { type Box, element, rounded, type Svg, text } from "./svg.ts";
import { ticksOf } from "./time-ticks.ts";

export type Scale = ScaleLinear<number, number>;

const LEFT = 62;
const RIGHT = 8;
const TOP = 6;
const BOTTOM = 22;
const PIXELS_PER_TICK = 32;
const NICE_TICKS = 4;
const SECONDS_PER_MINUTE = 60;

/** What the axes leave of a box. */
export function plotWithin({ x, y, width, height }: Box): Box {
  return { x: x + LEFT, y: y + TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
}

/** The domain is in seconds since the epoch. */
export function timeAxis(x: Scale, plot: Box): Svg[] {
  const [from, until] = x.domain() as [number, number];
  return ticksOf(from, until, plot.width).flatMap((atSeconds) => [
    element("path", {
      d: `M${rounded(x(atSeconds))} ${rounded(plot.y)}v${rounded(plot.height)}`,
      stroke: THEME.grid,
    }),
    text(formatTime(atSeconds, until - from), {
      ...{ x: x(atSeconds), y: plot.y + plot.height + 16, size: 11, fill: THEME.faint, anchor: "middle" },
    }),
  ]);
}

/** `isRounded`: up and down to whole marks. */
export function valueScale(domain: readonly [number, number], plot: Box, isRounded: boolean): Scale {
  const scale = scaleLinear(domain, [plot.y + plot.height, plot.y]);
  return isRounded ? scale.nice(NICE_TICKS) : scale;
}

export function valueAxis(y: Scale, plot: Box, unit: string | undefined): Svg[] {
  const size = markSize(unit, Math.max(...y.domain()));
  const count = Math.max(2, Math.min(5, plot.height / PIXELS_PER_TICK));
  const marks = y
    .copy()
    .domain(y.domain().map((value) => value / size))
    .ticks(count);
  return marks.flatMap((mark) => {
    const value = mark * size;
    return [
      element("path", {
        d: `M${rounded(plot.x)} ${rounded(y(value))}h${rounded(plot.width)}`,
        stroke: THEME.grid,
      }),
      axisLabel(withoutZeros(formatUnit(Number(value.toPrecision(10)), { unit })), plot, y(value)),
    ];
  });
}

/** Minutes and mebibytes are marked where they are whole. */
function markSize(unit: string | undefined, most: number): number {
  if (unit === "bytes") return 1_024 ** Math.max(0, Math.floor(Math.log(most) / Math.log(1_024)));
  return unit === "s" && most >= 2 * SECONDS_PER_MINUTE ? SECONDS_PER_MINUTE : 1;
}

/** At the left of the graph. */
export function axisLabel(content: string, plot: Box, y: number): Svg {
  return text(content, { x: plot.x - 6, y: y + 4, size: 11, fill: THEME.faint, anchor: "end" });
}

/** In the middle of a graph that has nothing to show. */
export function noValueText(content: string, plot: Box): Svg {
  const middle = { x: plot.x + plot.width / 2, y: plot.y + plot.height / 2 };
  return text(content, { ...middle, anchor: "middle", fill: THEME.faint });
}

/** They say nothing on an axis. */
function withoutZeros(label: string): string {
  return label.replace(/\.(\d*?)0+(?=\D|$)/, (_, kept: string) => (kept === "" ? "" : `.${kept}`));
}
