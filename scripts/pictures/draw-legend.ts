/** The legend of a graph: a list below it, or a table of means and last values at its right. */

import type { FieldConfig } from "../../test/grafana/dashboard-file.ts";
import { THEME } from "./colors.ts";
import { formatUnit } from "./format-unit.ts";
import { type Box, element, group, type Svg, text, textWidth } from "./svg.ts";

export type LegendEntry = {
  readonly name: string;
  readonly color: string;
  readonly mean: number;
  readonly last: number | undefined;
};

export type Legend = { readonly mode: string; readonly box: Box };

const LINE = 19;
const SIZE = 11;
const LIST_LINES_MAX = 2;
const NUMBER_WIDTH = 78;
const MARK_WIDTH = 22;
const ENTRY_WIDTH_MAX = 330;

/** Shares the room of a panel between graph and legend. */
export function legendBox(
  box: Box,
  mode: string,
  entries: readonly LegendEntry[],
): { graph: Box; legend: Legend } {
  if (mode === "table") {
    const name = Math.max(60, ...entries.map((entry) => textWidth(entry.name, SIZE)));
    const width = Math.min(box.width * 0.52, MARK_WIDTH + name + 2 * NUMBER_WIDTH + 8);
    const legend = { ...box, x: box.x + box.width - width, width };
    return { graph: { ...box, width: box.width - width - 6 }, legend: { mode, box: legend } };
  }
  const lines = Math.min(LIST_LINES_MAX, rowsOf(entries, box.width).length);
  const height = lines * LINE + 4;
  return {
    graph: { ...box, height: box.height - height },
    legend: { mode, box: { ...box, y: box.y + box.height - height, height } },
  };
}

export function drawLegend(entries: readonly LegendEntry[], { mode, box }: Legend, config: FieldConfig): Svg {
  return mode === "table" ? asTable(entries, box, config) : asList(entries, box);
}

function asList(entries: readonly LegendEntry[], { x, y, width }: Box): Svg {
  const lines = rowsOf(entries, width).slice(0, LIST_LINES_MAX);
  return group(
    lines.flatMap((line, row) => {
      let left = x + 8;
      return line.flatMap((entry) => {
        const at = left;
        left += entryWidth(entry);
        return [
          mark(at, y + row * LINE + 12, entry.color),
          name(entry, at, y + row * LINE + 16, ENTRY_WIDTH_MAX),
        ];
      });
    }),
  );
}

function asTable(
  entries: readonly LegendEntry[],
  { x, y, width, height }: Box,
  { unit, decimals }: FieldConfig,
): Svg {
  const right = x + width - 6;
  const number = (content: string, column: number, at: number, fill: string) =>
    text(content, { x: right - column * NUMBER_WIDTH, y: at, size: SIZE, anchor: "end", fill });
  const shown = entries.slice(0, Math.floor((height - LINE) / LINE));
  const header = [number("Mean", 1, y + 14, THEME.link), number("Last *", 0, y + 14, THEME.link)];
  const rows = shown.flatMap((entry, index) => {
    const at = y + LINE * (index + 1) + 14;
    const value = (of: number | undefined) => (of === undefined ? "" : formatUnit(of, { unit, decimals }));
    return [
      mark(x, at - 4, entry.color),
      name(entry, x, at, width - MARK_WIDTH - 2 * NUMBER_WIDTH + 10),
      number(value(entry.mean), 1, at, THEME.text),
      number(value(entry.last), 0, at, THEME.text),
    ];
  });
  return group([...header, ...rows]);
}

function mark(x: number, y: number, color: string): Svg {
  return element("rect", { x, y: y - 2, width: 14, height: 4, rx: 2, fill: color });
}

function name(entry: LegendEntry, x: number, y: number, widthMax: number): Svg {
  return text(entry.name, { x: x + MARK_WIDTH - 4, y, size: SIZE, widthMax });
}

function rowsOf(entries: readonly LegendEntry[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [[]];
  let used = 0;
  for (const entry of entries) {
    if (used + entryWidth(entry) > width - 16 && rows.at(-1)!.length > 0) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)!.push(entry);
    used += entryWidth(entry);
  }
  return rows;
}

function entryWidth(entry: LegendEntry): number {
  return MARK_WIDTH + Math.min(ENTRY_WIDTH_MAX, textWidth(entry.name, SIZE)) + 10;
}
