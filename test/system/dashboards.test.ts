/**
 * Everything that the dashboards ask, asked of a real Prometheus that scrapes a real exporter with traffic of every
 * kind; and the rules that we ship, evaluated by it.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUDGET_FAMILIES } from "../../src/catalogue/budget-families.ts";
import { FAMILIES } from "../../src/catalogue/families.ts";
import type { FamilyDeclaration } from "../../src/catalogue/family.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";
import { interpolate } from "../grafana/interpolate.ts";
import { fromSeconds } from "../grafana/time-range.ts";
import { annotationFaults } from "./annotation-faults.ts";
import { dashboardQueries, type PanelQuery } from "./dashboard-queries.ts";
import { bucketQuantile, figuresOf } from "./expected-figures.ts";
import { type Circumstances, EXPECTED_PANELS } from "./expected-panels.ts";
import { pastBlocks } from "./past-blocks.ts";
import { eventually, freePort, isInstalled, ready, start } from "./programs.ts";
import { type PrometheusServer, type Row, startPrometheus } from "./prometheus-server.ts";
import {
  CONFIG,
  LABEL_SETS,
  priceFile,
  RATES,
  reloadAll,
  type ScriptedRequest,
  sendOddities,
  sendOpen,
  sendRequests,
  sendStarts,
} from "./scripted-traffic.ts";
import { allRules, everySecond, shippedRules } from "./shipped-rules.ts";

const installed = isInstalled("prometheus") && isInstalled("promtool");

/** Counters that nothing in the traffic makes grow, and why. */
const NEVER_COUNTED: Readonly<Record<string, string>> = {
  [SELF_FAMILIES.eventsIgnored.name]: "all events come in a dialect in which nothing is ignored",
  [SELF_FAMILIES.otlpPushes.name]: "nothing is pushed",
};

const STEP_SECONDS = 15;
const SHOWN_SECONDS = 600;
const ALL = ".+";
/** What began at midnight is asked late in the day, so that there is something to see. */
const LATE = 86_399;
/** A millisecond too many of some seconds is extrapolated. */
const TOLERANCE = 1e-3;

const DASHBOARDS = dashboardQueries();
const PANELS = DASHBOARDS.flatMap(({ panels }) => panels);
const VARIABLES = DASHBOARDS.flatMap(({ variables }) => variables);
const ANNOTATIONS = DASHBOARDS.flatMap(({ annotations }) => annotations);

/** Every variable of every dashboard: all of it. */
const EVERYTHING = Object.fromEntries(VARIABLES.map(({ name }) => [name.replace(/.* /, ""), ALL]));

/** One of each, with the name that has everything in it that a regular expression minds. */
const HOSTILE = LABEL_SETS.at(-1)!;
const CHOSEN = Object.fromEntries(
  Object.entries({ job: "llm-exporter", ...HOSTILE }).map(([name, value]) => [name, [value]]),
);

type Variables = Readonly<Record<string, string | readonly string[]>>;

const cleanups: (() => Promise<unknown> | unknown)[] = [];
/** Before and after everything had been scraped once. */
const sent: { readonly early: ScriptedRequest[]; readonly late: ScriptedRequest[] } = { early: [], late: [] };
let exporter: string;
let prometheus: PrometheusServer;
/** When the last scrape was, after everything had been sent. Queries are as of then: nothing changes under them. */
let now: number;
/** When there was a scrape between the two. */
let between: number;

describe.skipIf(!installed)("on a real Prometheus (needs prometheus, promtool)", () => {
  beforeAll(begin, 60_000);
  afterAll(async () => {
    for (const clean of cleanups.reverse()) await clean();
  });

  test("the traffic makes every counter grow, and every other family show", async () => {
    const families: FamilyDeclaration[] = [FAMILIES, BUDGET_FAMILIES, SELF_FAMILIES].flatMap((all) =>
      Object.values(all),
    );
    const missing: string[] = [];
    for (const { name, type } of families) {
      const shown = type === "histogram" ? `${name}_count` : name;
      const rows = await prometheus.query(`sum(${shown}) ${type === "gauge" ? "" : "> 0"}`, now);
      if (rows.length === 0) missing.push(name);
    }
    expect(missing.sort()).toEqual(Object.keys(NEVER_COUNTED).sort());
  });

  test(`all ${PANELS.length} queries of panels are answered with rows`, async () => {
    const empty: string[] = [];
    for (const query of PANELS) {
      const rows = await ask(query, { ...EVERYTHING });
      if (!rows.some(({ value }) => Number.isFinite(value))) empty.push(query.name);
    }
    expect(empty).toEqual([]);
  }, 60_000);

  test("and none fails for one model with a name that regular expressions mind; its requests are all there", async () => {
    for (const query of PANELS) await ask(query, { ...EVERYTHING, ...CHOSEN });
    const requests = PANELS.find(({ column, expr }) => column === "Requests" && expr.includes("$model"))!;
    const [row] = await ask(requests, { ...EVERYTHING, ...CHOSEN });
    expect(row?.value).toBeCloseTo(allOf({ provider: HOSTILE.provider }).requests, 6);
  }, 60_000);

  test("queries that show exemplars have some", async () => {
    const queries = PANELS.filter(({ exemplar }) => exemplar);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const found = await prometheus.exemplars(promqlOf(query, EVERYTHING), now);
      expect(found.length, query.name).toBeGreaterThan(0);
      expect(Object.keys(found[0]!.labels).sort()).toEqual(["span_id", "trace_id"]);
    }
  });

  test(`all ${VARIABLES.length} variables offer values, narrowed down by the ones before`, async () => {
    for (const { name, label, selector } of VARIABLES) {
      expect(await prometheus.labelValues(label, filled(selector, EVERYTHING)), name).not.toEqual([]);
      const narrowed = await prometheus.labelValues(label, filled(selector, { ...EVERYTHING, ...CHOSEN }));
      const chosen = CHOSEN[label];
      if (chosen !== undefined) expect(narrowed, name).toContain(chosen[0]);
    }
  });

  test(`all ${ANNOTATIONS.length} annotations are answered with rows`, async () => {
    const empty: string[] = [];
    for (const { name, expr } of ANNOTATIONS) {
      const series = await prometheus.queryRange(filled(expr, EVERYTHING), shownSteps());
      if (series.length === 0) empty.push(name);
    }
    expect(empty).toEqual([]);
  });

  test("the table of providers shows what was sent, and no more", async () => {
    const columns = ["Requests", "Cost", "Errors", "p95"];
    const [requests, cost, errors, p95] = await Promise.all(columns.map(byProvider));
    for (const provider of new Set(LABEL_SETS.map((labels) => labels.provider))) {
      const figures = allOf({ provider });
      expect(requests!.get(provider), provider).toBeCloseTo(figures.requests, 6);
      const { failed, successes, durationsSeconds } = figures;
      expect(errors!.get(provider), provider).toBeCloseTo(failed / (successes + failed), 6);
      const { buckets } = FAMILIES.duration;
      expect(p95!.get(provider), provider).toBeCloseTo(bucketQuantile(0.95, durationsSeconds, buckets), 6);
      if (provider in RATES) expect(cost!.get(provider)).toBeCloseTo(figures.usd, 9);
    }
  });

  test("figures of panels are those of the requests", async () => {
    const circumstances = await circumstancesNow();
    const wrong: string[] = [];
    for (const { query, chosen = { provider: "openai" }, row = {}, shows } of EXPECTED_PANELS) {
      const expected = shows(figuresOf(sent.late.filter(matching({ ...chosen, ...row }))), circumstances);
      const shown = await shownIn(query, chosen, row);
      const isRight = shown.length === 1 && Math.abs(shown[0]! - expected) <= TOLERANCE * Math.abs(expected);
      if (!isRight) wrong.push(`${query} ${JSON.stringify(row)}: expected ${expected}, got ${shown}`);
    }
    expect(wrong).toEqual([]);
  });

  test("every rule is evaluated without an error, recorded series have rows, and texts of alerts are whole", async () => {
    const rules = allRules();
    const states = await eventually("every rule to be evaluated", async () => {
      const found = await prometheus.rules();
      return found.length === rules.length && found.every(({ health }) => health !== "unknown")
        ? found
        : undefined;
    });
    expect(states.filter(({ health, lastError }) => health !== "ok" || lastError)).toEqual([]);
    const alerts = await prometheus.alerts();
    expect(alerts.map(({ labels }) => labels.alertname)).toEqual(
      expect.arrayContaining(["LLMWatchdog", "LLMDailySpendOverBudget", "LLMPricingMissing"]),
    );
    expect(alerts.flatMap(annotationFaults)).toEqual([]);
    const empty: string[] = [];
    for (const record of new Set(rules.flatMap(({ record }) => record ?? []))) {
      const rows = await prometheus.query(`count(${record} == ${record})`);
      if (rows.length === 0) empty.push(record);
    }
    expect(empty).toEqual([]);
  });
});

/** An exporter with its traffic, and a Prometheus with a past that has scraped all of it. */
async function begin(): Promise<void> {
  const atEnd = (clean: () => Promise<unknown> | unknown) => void cleanups.push(clean);
  const folder = mkdtempSync(join(tmpdir(), "dashboards-"));
  writeFileSync(join(folder, "llm-exporter.yml"), JSON.stringify(CONFIG));
  writeFileSync(join(folder, "prices.json"), priceFile("1"));
  const target = `127.0.0.1:${await freePort()}`;
  exporter = `http://${target}`;
  const args = [
    "src/main.ts",
    `--config.file=${join(folder, "llm-exporter.yml")}`,
    `--storage.path=${join(folder, "store")}`,
    `--web.listen-address=${target}`,
    "--log.level=error",
  ];
  start(process.execPath, args, atEnd);
  await ready(`${exporter}/readyz`);
  const storage = pastBlocks(target, LABEL_SETS, Date.now() / 1e3);
  prometheus = await startPrometheus({ target, storage, rules: shippedRules(everySecond), atEnd });

  await sendStarts(exporter);
  await scraped();
  sent.early.push(...(await sendRequests(exporter, { from: 0, until: 16 })));
  between = await scraped();
  sent.late.push(...(await sendRequests(exporter, { from: 16, until: 120 })));
  await sendOddities(exporter);
  await reloadAll(exporter, folder);
  await sendOpen(exporter);
  // The second scrape shows the first one's duration.
  await scraped();
  await scraped();
  now = await scraped();
}

/** Resolves with the time of a scrape of the exporter that began after this was called; Prometheus has scraped itself, too. */
function scraped(): Promise<number> {
  const since = Date.now() / 1e3;
  return eventually("a scrape", async () => {
    const rows = await prometheus.query("timestamp(up)");
    const at = new Map(rows.map(({ labels, value }) => [labels.job, value]));
    const done = ["llm-exporter", "prometheus"].every((job) => (at.get(job) ?? 0) > since);
    return done ? at.get("llm-exporter") : undefined;
  });
}

function filled(text: string, variables: Variables, range = "6h"): string {
  return interpolate(text, { range, rateInterval: "1m", interval: `${STEP_SECONDS}s`, variables });
}

function promqlOf({ expr, from }: PanelQuery, variables: Variables): string {
  return filled(expr, variables, `${LATE - fromSeconds(from, LATE)}s`);
}

async function ask(query: PanelQuery, variables: Variables): Promise<Row[]> {
  const promql = promqlOf(query, variables);
  if (query.instant) return prometheus.query(promql, now);
  const series = await prometheus.queryRange(promql, shownSteps());
  return series.flatMap(({ labels, points }) => points.map(({ value }) => ({ labels, value })));
}

function shownSteps() {
  return { from: now - SHOWN_SECONDS, until: now, step: STEP_SECONDS };
}

/** A column of the table of providers. */
async function byProvider(column: string): Promise<Map<string, number>> {
  const query = PANELS.find((panel) => panel.panel === "Providers" && panel.column === column)!;
  const rows = await ask(query, EVERYTHING);
  return new Map(rows.map(({ labels, value }) => [labels.provider!, value]));
}

/**
 * What a query shows of the late requests. Its window begins and ends with a scrape: nothing is extrapolated but the
 * millisecond by which it is longer, for Prometheus 3 leaves out what lies at the beginning.
 */
async function shownIn(
  name: string,
  chosen: Readonly<Record<string, string>>,
  row: Readonly<Record<string, string>>,
): Promise<number[]> {
  const query = PANELS.find((one) => one.name === name);
  if (query === undefined) throw new RangeError(`there is no query ${name}`);
  const window = `${Math.round((now - between) * 1e3) + 1}ms`;
  const filters = Object.fromEntries(Object.entries(chosen).map(([label, value]) => [label, [value]]));
  const lengths = { range: window, rateInterval: window, interval: "1s" };
  const promql = interpolate(query.expr, { ...lengths, variables: { ...EVERYTHING, ...filters } });
  const rows = await prometheus.query(promql, now);
  const isAsked = ({ labels }: Row) => Object.entries(row).every(([label, value]) => labels[label] === value);
  return rows.filter(isAsked).map(({ value }) => value);
}

async function circumstancesNow(): Promise<Circumstances> {
  const since = BUDGET_FAMILIES.since.name;
  const [began] = await prometheus.query(`${since}{budget="all"}`, now);
  const date = new Date(now * 1e3);
  return {
    seconds: now - between,
    now,
    since: began!.value,
    monthEnd: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) / 1e3,
    spentUsd: allOf({}).usd,
    chatUsd: allOf({ pool: "chat" }).usd,
  };
}

function allOf(labels: Readonly<Record<string, string>>) {
  return figuresOf([...sent.early, ...sent.late].filter(matching(labels)));
}

/** Whether something has these labels, as far as it has labels of these names. */
function matching(labels: Readonly<Record<string, string>>) {
  return (of: Readonly<Record<string, unknown>>) =>
    Object.entries(labels).every(([name, value]) => of[name] === undefined || of[name] === value);
}
