/** One picture of a whole dashboard: its title, what is chosen, its panels where they are on the grid, and how it came about. */

import type { DashboardFile } from "../../test/grafana/dashboard-file.ts";
import { titleOf } from "../../test/grafana/dashboard-rule.ts";
import type { AnsweredPanel, Choice } from "./ask-panels.ts";
import { THEME } from "./colors.ts";
import { drawHeatmap } from "./draw-heatmap.ts";
import { drawStat } from "./draw-stat.ts";
import { drawTable } from "./draw-table.ts";
import { drawTimeSeries } from "./draw-time-series.ts";
import { formatTime } from "./format-unit.ts";
import { type Box, content, element, group, type Svg, text, textWidth } from "./svg.ts";

const COLUMN = 60;
const ROW = 30;
const WIDTH = 24 * COLUMN;
const MARGIN = 8;
const HEADER = 84;
const FOOTER = 34;
const TITLE = 30;
const FONT = "Inter, 'Helvetica Neue', Arial, sans-serif";

const DRAW: Readonly<Record<string, (answered: AnsweredPanel, box: Box) => Svg>> = {
  stat: drawStat,
  table: drawTable,
  timeseries: drawTimeSeries,
  heatmap: drawHeatmap,
};

export type Picture = {
  readonly dashboard: DashboardFile;
  readonly panels: readonly AnsweredPanel[];
  readonly choice: Choice;
  /** Of Prometheus, such as `2.42.0`. */
  readonly version: string;
};

/** The text of an SVG file. */
export function drawDashboard({ dashboard, panels, choice, version }: Picture): string {
  const rows = Math.max(...panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h));
  const width = WIDTH + 2 * MARGIN;
  const height = HEADER + rows * ROW + FOOTER;
  const footer = `Drawn by \`npm run pictures\` from what Prometheus ${version} answered to the panels' own queries over simulated traffic; Grafana itself looks a little different.`;
  const picture = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      "font-family": FONT,
    },
    [
      element("title", {}, [content(`The dashboard ${dashboard.title}`)]),
      element("rect", { width, height, fill: THEME.page }),
      ...header(dashboard, choice, panels),
      ...panels.map(drawPanel),
      text(footer, { x: MARGIN + 4, y: height - 12, size: 12, fill: THEME.faint }),
    ],
  );
  return `${picture.svg}\n`;
}

function header(
  { title, time, templating }: DashboardFile,
  choice: Choice,
  panels: readonly AnsweredPanel[],
): Svg[] {
  const { untilSeconds } = panels[0]!;
  const range = `${time.from.replace(/^now-(\d+)h$/, "Last $1 hours")} to ${formatTime(untilSeconds, 0)} UTC`;
  const filters: Svg[] = [];
  let left = MARGIN + 4;
  for (const { name, label = name } of templating.list.filter(({ type }) => type === "query")) {
    const value = choice[name] ?? "All";
    filters.push(
      text(label, { x: left, y: 66, fill: THEME.link }),
      text(value, { x: left + textWidth(label) + 10, y: 66 }),
    );
    left += textWidth(label) + textWidth(value) + 40;
  }
  return [
    text(title, { x: MARGIN + 4, y: 34, size: 20, weight: 500 }),
    text(range, { x: WIDTH + MARGIN - 4, y: 34, size: 13, anchor: "end", fill: THEME.faint }),
    ...filters,
  ];
}

function drawPanel(answered: AnsweredPanel): Svg {
  const { panel } = answered;
  const box = {
    x: MARGIN + panel.gridPos.x * COLUMN,
    y: HEADER + panel.gridPos.y * ROW,
    width: panel.gridPos.w * COLUMN - 8,
    height: panel.gridPos.h * ROW - 8,
  };
  if (panel.type === "row") {
    return text(`⌄ ${titleOf(panel)}`, { x: box.x + 4, y: box.y + 20, size: 15, weight: 500 });
  }
  const draw = DRAW[panel.type];
  if (draw === undefined) throw new RangeError(`expected a panel that the pictures know, got ${panel.type}`);
  const inner = { x: box.x + 8, y: box.y + TITLE, width: box.width - 16, height: box.height - TITLE - 6 };
  return group([
    element("rect", { ...box, rx: 3, fill: THEME.panel, stroke: THEME.border }),
    text(titleOf(panel), { x: box.x + 10, y: box.y + 20, size: 13, weight: 500, widthMax: box.width - 16 }),
    ...(panel.timeFrom === undefined
      ? []
      : [
          text(panel.timeFrom, {
            x: box.x + box.width - 8,
            y: box.y + 20,
            size: 10,
            anchor: "end",
            fill: THEME.faint,
          }),
        ]),
    draw(answered, inner),
  ]);
}
