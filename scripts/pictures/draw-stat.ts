/** One large number. */
import type { AnsweredPanel } from "./ask-panels.ts";
import { THEME, thresholdColor } from "./colors.ts";
import { formatUnit } from "./format-unit.ts";
import { type Box, group, type Svg, text, textWidth } from "./svg.ts";

const SIZE_MAX = 34;

export function drawStat({ panel, answers, untilSeconds }: AnsweredPanel, { x, y, width, height }: Box): Svg {
  const { unit, decimals, noValue = "No data", thresholds } = panel.fieldConfig?.defaults ?? {};
  const rows = answers.flatMap(({ series }) => series);
  const shown = rows.length === 0 ? [undefined] : rows.map(({ points }) => points.at(-1)!.value);
  const each = width / shown.length;
  const values = shown.map((value, index) => {
    const format = { unit, decimals, nowMillis: untilSeconds * 1e3 };
    const written = value === undefined ? noValue : formatUnit(value, format);
    const colored = panel.options?.colorMode !== "none" && value !== undefined;
    return text(written, {
      x: x + each * (index + 0.5),
      y: y + height / 2 + 8,
      size: Math.min(SIZE_MAX, (each - 12) / (textWidth(written, 1) * 1.06)),
      anchor: "middle",
      weight: 500,
      fill: colored ? thresholdColor(value, thresholds?.steps ?? []) : THEME.text,
    });
  });
  return group(values);
}
