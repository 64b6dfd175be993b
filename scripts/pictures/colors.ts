/** Colours of Grafana's dark theme. */
import type { Threshold } from "../../test/grafana/dashboard-file.ts";

export const THEME = {
  page: "#111217",
  panel: "#181b1f",
  border: "#2c2e33",
  grid: "#2a2d33",
  text: "#ccccdc",
  faint: "#8e8e9c",
  link: "#6e9fff",
} as const;

/** Series take them in turn. */
const PALETTE = [
  ..."#73BF69 #F2CC0C #8AB8FF #FF780A #F2495C #5794F2 #B877D9 #705DA0 #37872D #FADE2A".split(" "),
  ..."#447EBC #C15C17 #890F02 #3F6833 #6D1F62 #967302 #B7DBAB #F4D598 #70DBED #F9BA8F".split(" "),
  ..."#F29191 #82B5D8 #E5A8E2 #AEA2E0 #629E51 #E5AC0E".split(" "),
];

const NAMED: Readonly<Record<string, string>> = {
  green: "#73BF69",
  yellow: "#FADE2A",
  orange: "#FF9830",
  red: "#F2495C",
  blue: "#5794F2",
  purple: "#B877D9",
  text: THEME.text,
};

export function seriesColor(index: number): string {
  return PALETTE[index % PALETTE.length]!;
}

export function namedColor(name: string): string {
  return NAMED[name] ?? name;
}

/** A colour of some opacity (0 to 1) over a background, as one that hides what is behind it. Both as `#rrggbb`. */
export function mixed(color: string, background: string, opacity: number): string {
  const part = (from: string, at: number) => Number.parseInt(from.slice(at, at + 2), 16);
  const parts = [1, 3, 5].map((at) => {
    const value = part(color, at) * opacity + part(background, at) * (1 - opacity);
    return Math.round(value).toString(16).padStart(2, "0");
  });
  return `#${parts.join("")}`;
}

/** The colour of the last step that the value has reached. */
export function thresholdColor(value: number, steps: readonly Threshold[]): string {
  const reached = steps.filter((step) => step.value === null || value >= step.value);
  return namedColor(reached.at(-1)?.color ?? "text");
}
