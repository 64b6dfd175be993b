/** A table: as many rows as have room, sorted as the panel says. */
import type { AnsweredPanel } from "./ask-panels.ts";
import { THEME, thresholdColor } from "./colors.ts";
import { noValueText } from "./draw-axes.ts";
import { formatUnit } from "./format-unit.ts";
import { type Box, element, group, type Svg, text, textWidth } from "./svg.ts";
import { type Cell, type TableColumn, tableRows } from "./table-rows.ts";

const ROW = 28;
const PADDING = 8;

export function drawTable(answered: AnsweredPanel, { x, y, width, height }: Box): Svg {
  const { columns, rows } = tableRows(answered);
  if (rows.length === 0) {
    return noValueText(answered.panel.fieldConfig?.defaults.noValue ?? "No data", { x, y, width, height });
  }
  const nowMillis = answered.untilSeconds * 1e3;
  const shown = rows
    .slice(0, Math.max(1, Math.floor(height / ROW) - 1))
    .map((row) => row.map((cell, index) => written(cell, columns[index]!, nowMillis)));
  const isText = columns.map((_, index) => rows.some((row) => typeof row[index] === "string"));
  const widths = fitted(
    columns.map(({ title }, index) =>
      Math.max(
        ...[title, ...shown.map((row) => row[index]!)].map((content) => textWidth(content) + 2 * PADDING),
      ),
    ),
    isText,
    width,
  );
  const lefts = widths.map((_, index) => x + sum(widths.slice(0, index)));
  const line = (contents: readonly string[], row: number, fill: (index: number) => string, weight?: number) =>
    contents.map((content, index) =>
      text(content, {
        x: isText[index] ? lefts[index]! + PADDING : lefts[index]! + widths[index]! - PADDING,
        y: y + ROW * row + 18,
        anchor: isText[index] ? "start" : "end",
        fill: fill(index),
        widthMax: widths[index]! - PADDING,
        ...(weight === undefined ? {} : { weight }),
      }),
    );
  const rules = shown.map((_, row) =>
    element("path", { d: `M${x} ${y + ROW * (row + 1)}h${width}`, stroke: THEME.grid }),
  );
  const header = line(
    columns.map(({ title }) => title),
    0,
    () => THEME.link,
    500,
  );
  const body = shown.flatMap((contents, row) =>
    line(contents, row + 1, (index) => color(rows[row]![index], columns[index]!)),
  );
  return group([...rules, ...header, ...body]);
}

function written(cell: Cell, { unit, decimals, noValue = "" }: TableColumn, nowMillis: number): string {
  if (cell === undefined) return noValue;
  return typeof cell === "string" ? cell : formatUnit(cell, { unit, decimals, nowMillis });
}

function color(cell: Cell, { colored, thresholds }: TableColumn): string {
  return colored && typeof cell === "number" ? thresholdColor(cell, thresholds?.steps ?? []) : THEME.text;
}

/** What is left over is shared out; what is missing is taken from names, for half a number is a wrong one. */
function fitted(needed: readonly number[], isText: readonly boolean[], width: number): number[] {
  const spare = width - sum(needed);
  const names = needed.filter((_, index) => isText[index]);
  return needed.map((each, index) => {
    if (spare >= 0) return each + (spare * each) / sum(needed);
    return isText[index] ? each + (spare * each) / sum(names) : each;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
