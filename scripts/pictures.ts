/** `npm run pictures`: draws each dashboard with what a real Prometheus answers over simulated weeks. Takes some minutes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DashboardFile, dashboardFilesAsWritten } from "../test/grafana/dashboard-file.ts";
import { askPanels, type Choice } from "./pictures/ask-panels.ts";
import { drawDashboard } from "./pictures/draw-dashboard.ts";
import { evaluateRules, ruleExpressions } from "./pictures/evaluate-rules.ts";
import { createBlocks, type Prometheus, startPrometheus } from "./pictures/prometheus.ts";
import { simulateHistory } from "./pictures/simulate-history.ts";
import { NOW_MILLIS } from "./pictures/story.ts";

/** What somebody has chosen who came down from one dashboard to the next. */
const CHOICES: Readonly<Record<string, Choice>> = {
  "llm-provider": { provider: "anthropic" },
  "llm-model": { provider: "anthropic", model: "claude-sonnet-4-5-20250929" },
};

const pictures = join(import.meta.dirname, "../docs/pictures");
const folder = mkdtempSync(join(tmpdir(), "pictures-"));
const dashboards = dashboardFilesAsWritten();

try {
  const storage = join(folder, "tsdb");
  const isWanted = isAskedFor([...queriesOf(dashboards), ...ruleExpressions()]);
  const scrapes = await timed("history", () => simulateHistory(folder, isWanted));
  await timed("blocks", () => createBlocks(scrapes, storage));
  await timed("rules", () => evaluateRules(folder, storage));
  const prometheus = await startPrometheus(folder, storage);
  try {
    mkdirSync(pictures, { recursive: true });
    for (const dashboard of dashboards) await timed(dashboard.uid, () => draw(dashboard, prometheus));
  } finally {
    await prometheus.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function draw(dashboard: DashboardFile, prometheus: Prometheus): Promise<void> {
  const choice = CHOICES[dashboard.uid] ?? {};
  const panels = await askPanels(dashboard, prometheus, { nowMillis: NOW_MILLIS, choice });
  const picture = drawDashboard({ dashboard, panels, choice, version: await prometheus.version() });
  writeFileSync(join(pictures, `${dashboard.uid}.svg`), picture);
}

/** Metrics that nobody names are left out. */
function isAskedFor(expressions: readonly string[]): (metric: string) => boolean {
  const words = new Set(expressions.flatMap((expr) => expr.match(/[a-zA-Z_:][\w:]*/g) ?? []));
  return (metric) => words.has(metric);
}

function queriesOf(all: readonly DashboardFile[]): string[] {
  return all.flatMap(({ panels }) => panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)));
}

async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const begunMillis = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - begunMillis) / 1e3).toFixed(1)} s`);
  return result;
}
