/** Rules about a dashboard as a whole. */

import type { DashboardFile } from "./dashboard-file.ts";
import { panelsOf } from "./dashboard-file.ts";
import { type DashboardRule, type Finding, rule, titleOf } from "./dashboard-rule.ts";

const COLUMNS = 24;
const UID = /^[a-zA-Z0-9_-]{8,40}$/;
/** What Grafana writes into a dashboard that is exported for sharing; such a file cannot be provisioned. */
const SHARED = ["__inputs", "__requires", "__elements"];
/** Variables that Grafana itself has. */
const BUILT_IN = /^__(all|data|field|series|value|from|to|url_time_range|range|rate_interval|interval)/;

export const FILE_RULES: readonly DashboardRule[] = [
  rule("uneditable-dashboard", ({ editable }) => (editable ? [{ value: "editable is true" }] : [])),
  rule("no-inputs", (dashboard) => [
    ...SHARED.filter((key) => key in dashboard).map((value) => ({ value })),
    ...all(JSON.stringify(dashboard), /\$\{DS_\w+\}/g).map(([value]) => ({ value })),
  ]),
  rule("id-null", ({ id }) => (id === null ? [] : [{ value: `id ${id}` }])),
  rule("uid", ({ uid }, dashboards) => [
    ...(UID.test(uid) ? [] : [{ value: `${uid}: expected 8 to 40 letters, digits, - or _` }]),
    ...(dashboards.filter((other) => other.uid === uid).length > 1
      ? [{ value: `${uid} is not unique` }]
      : []),
  ]),
  rule("dashboard-description", ({ title, description = "" }) => [
    ...(title === "" ? [{ value: "no title" }] : []),
    ...(/[.?]$/.test(description) ? [] : [{ value: `no sentence: "${description}"` }]),
  ]),
  rule("panel-ids", (dashboard) =>
    duplicates(panelsOf(dashboard, { rows: true }).map(({ id }) => id)).map((id) => ({
      value: `id ${id} is not unique`,
    })),
  ),
  rule("grid", (dashboard) => [
    ...misplaced(dashboard.panels),
    ...dashboard.panels.flatMap(({ panels = [] }) => misplaced(panels)),
  ]),
  rule("variable-exists", (dashboard) => {
    const names = new Set(dashboard.templating.list.map(({ name }) => name));
    const used = all(JSON.stringify(dashboard), /\$\{(\w+)|\$([a-zA-Z_]\w*)/g).map(
      ([, braced, plain]) => (braced ?? plain)!,
    );
    return [...new Set(used)]
      .filter((name) => !names.has(name) && !BUILT_IN.test(name))
      .map((value) => ({ value }));
  }),
];

function misplaced(panels: DashboardFile["panels"]): Finding[] {
  return panels.flatMap((panel, index) => {
    const { x, y, w, h } = panel.gridPos;
    const beyond = x < 0 || y < 0 || w < 1 || h < 1 || x + w > COLUMNS;
    const overlapped = panels
      .slice(0, index)
      .filter(
        ({ gridPos: other }) =>
          x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h,
      );
    return [
      ...(beyond ? [{ place: titleOf(panel), value: `x ${x}, width ${w} of ${COLUMNS} columns` }] : []),
      ...overlapped.map((other) => ({ place: titleOf(panel), value: `overlaps ${titleOf(other)}` })),
    ];
  });
}

function duplicates<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function all(text: string, pattern: RegExp): RegExpExecArray[] {
  return Array.from(text.matchAll(pattern));
}
