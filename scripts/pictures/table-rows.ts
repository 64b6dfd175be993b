/** What Grafana's transformations `merge` and `organize` make of the answers of a table: columns and rows. */

import { type FieldConfig, organizedBy } from "../../test/grafana/dashboard-file.ts";
import type { AnsweredPanel } from "./ask-panels.ts";

export type Cell = string | number | undefined;
export type TableColumn = FieldConfig & { readonly title: string; readonly colored: boolean };
export type TableRows = {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
};

export function tableRows({ panel, answers }: AnsweredPanel): TableRows {
  const merged = new Map<string, Record<string, Cell>>();
  for (const { query, series } of answers) {
    for (const { labels, points } of series) {
      const key = JSON.stringify(Object.entries(labels).sort());
      const row = merged.get(key) ?? { ...labels };
      row[answers.length === 1 ? "Value" : `Value #${query.refId}`] = points.at(-1)!.value;
      merged.set(key, row);
    }
  }
  const [{ indexByName = {}, renameByName = {}, excludeByName = {} } = {}] = organizedBy(panel);
  const present = new Set(Array.from(merged.values()).flatMap((row) => Object.keys(row)));
  const fields = Array.from(present)
    .filter((field) => excludeByName[field] !== true)
    .sort((a, b) => (indexByName[a] ?? Infinity) - (indexByName[b] ?? Infinity));
  const columns = fields.map((field) => column(panel, renameByName[field] ?? field));
  const rows = Array.from(merged.values(), (row) => fields.map((field) => row[field]));
  const [sortBy] = panel.options?.sortBy ?? [];
  const sorted = columns.findIndex(({ title }) => title === sortBy?.displayName);
  if (sorted >= 0) rows.sort((a, b) => compare(a[sorted], b[sorted]) * (sortBy?.desc ? -1 : 1));
  return { columns, rows };
}

function column({ fieldConfig }: AnsweredPanel["panel"], title: string): TableColumn {
  const properties = (fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => matcher.id === "byName" && matcher.options === title)
    .flatMap(({ properties }) => properties);
  const given = Object.fromEntries(properties.map(({ id, value }) => [id, value]));
  return { ...fieldConfig?.defaults, ...given, title, colored: given["custom.cellOptions"] !== undefined };
}

/** What is not there comes last, the largest first. */
function compare(a: Cell, b: Cell): number {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b);
  return Number(a ?? Number.NEGATIVE_INFINITY) - Number(b ?? Number.NEGATIVE_INFINITY);
}
