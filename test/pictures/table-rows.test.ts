import { expect, test } from "vitest";
import type { AnsweredPanel } from "../../scripts/pictures/ask-panels.ts";
import { tableRows } from "../../scripts/pictures/table-rows.ts";

test("answers are merged by their labels, ordered and named as the panel says, the largest first", () => {
  const { columns, rows } = tableRows(
    panelWith({
      A: [row("openai", 5), row("anthropic", 7), row("vllm", undefined)],
      B: [row("openai", 0.1), row("vllm", 0.2)],
    }),
  );
  expect(columns.map(({ title }) => title)).toEqual(["Provider", "Cost", "Errors"]);
  expect(rows).toEqual([
    ["anthropic", 7, undefined],
    ["openai", 5, 0.1],
    ["vllm", undefined, 0.2],
  ]);
});

test("the only query of a table has no letter", () => {
  const { columns, rows } = tableRows(panelWith({ A: [row("openai", 5)] }));
  expect(columns.map(({ title }) => title)).toEqual(["Provider", "Cost"]);
  expect(rows).toEqual([["openai", 5]]);
});

test("a column has its own unit", () => {
  const { columns } = tableRows(panelWith({ A: [row("openai", 5)] }));
  expect(columns.map(({ unit }) => unit)).toEqual(["short", "currencyUSD"]);
});

type Row = { readonly provider: string; readonly value: number | undefined };

function row(provider: string, value: number | undefined): Row {
  return { provider, value };
}

function panelWith(answers: Readonly<Record<string, readonly Row[]>>): AnsweredPanel {
  return {
    panel: {
      id: 1,
      type: "table",
      title: "T",
      gridPos: { x: 0, y: 0, w: 24, h: 8 },
      options: { sortBy: [{ displayName: "Cost", desc: true }] },
      fieldConfig: {
        defaults: { unit: "short" },
        overrides: [
          { matcher: { id: "byName", options: "Cost" }, properties: [{ id: "unit", value: "currencyUSD" }] },
        ],
      },
      transformations: [
        {
          id: "organize",
          options: {
            indexByName: { provider: 0, Value: 1, "Value #A": 2, "Value #B": 3 },
            renameByName: { provider: "Provider", Value: "Cost", "Value #A": "Cost", "Value #B": "Errors" },
          },
        },
      ],
    },
    ...{ fromSeconds: 0, untilSeconds: 60, stepSeconds: 15 },
    answers: Object.entries(answers).map(([refId, rows]) => ({
      query: { refId, expr: "x" },
      series: rows.flatMap(({ provider, value }) =>
        value === undefined ? [] : [{ labels: { provider }, points: [{ atSeconds: 60, value }] }],
      ),
    })),
  };
}
