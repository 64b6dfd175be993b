/** What dashboards say of budgets that two exporters of one job share, in the eyes of promtool. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import {
  budgetEnd,
  budgetLeft,
  budgetLimit,
  budgetSpent,
  projectedSpend,
  WHOLE_MONTH,
} from "../../grafana/parts/budget-queries.ts";
import { BUDGET_FAMILIES } from "../../src/catalogue/budget-families.ts";
import { isInstalled } from "../system/programs.ts";
import { interpolate } from "./interpolate.ts";

const { limit, spent, since, periodEnd } = BUDGET_FAMILIES;
const BY = ["job", "budget", "period"];
const ROW = '{job="a", budget="all", period="month"}';
/** Begins with the epoch; it is asked in the middle. */
const PERIOD_SECONDS = 7_200;

/** The second exporter has come half an hour ago. */
const EXPORTERS = [
  { instance: "first", spentUsd: 3, sinceSeconds: 0 },
  { instance: "second", spentUsd: 6, sinceSeconds: 1_800 },
];

const SHOWN: readonly {
  readonly name: string;
  readonly expr: string;
  readonly value: number;
  readonly row?: string;
}[] = [
  { name: "spent", expr: budgetSpent(BY), value: 9 },
  { name: "limit", expr: budgetLimit(BY), value: 100 },
  { name: "end", expr: budgetEnd(BY), value: PERIOD_SECONDS },
  { name: "left", expr: budgetLeft(WHOLE_MONTH), value: 0.91 },
  { name: "projected", expr: projectedSpend(BY), value: 18 },
  { name: "projected of all jobs", expr: projectedSpend([], WHOLE_MONTH), value: 18, row: "{}" },
  { name: "spent of all jobs", expr: budgetSpent([], WHOLE_MONTH), value: 9, row: "{}" },
];

test.skipIf(!isInstalled("promtool"))("budgets of two exporters are one budget (needs promtool)", () => {
  const values = (exporter: (typeof EXPORTERS)[number]) =>
    [
      [limit, 100],
      [spent, exporter.spentUsd],
      [since, exporter.sinceSeconds],
      [periodEnd, PERIOD_SECONDS],
    ] as const;
  const series = EXPORTERS.flatMap((exporter) =>
    values(exporter).map(([{ name }, value]) => ({
      series: `${name}{job="a",instance="${exporter.instance}",${WHOLE_MONTH}}`,
      values: `${value}x60`,
    })),
  );
  const cases = SHOWN.map(({ expr, value, row = ROW }) => ({
    expr: interpolate(expr, { range: "1h", rateInterval: "1m", interval: "15s", variables: { job: ".+" } }),
    eval_time: `${PERIOD_SECONDS / 2}s`,
    exp_samples: [{ labels: row, value }],
  }));
  const file = join(mkdtempSync(join(tmpdir(), "budgets-")), "test.yml");
  const tests = [{ interval: "1m", input_series: series, promql_expr_test: cases }];
  writeFileSync(file, stringify({ tests }, { lineWidth: 0 }));
  const { stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  expect(`${stdout}${stderr}`).toContain("SUCCESS");
});
