/** The rules for Prometheus: each loads, says what its name promises, fires when it should, and leads to its runbook. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { DASHBOARDS, runbookUrl } from "../../prometheus/links.ts";
import { BURN_WINDOWS, OBJECTIVES } from "../../prometheus/objectives.ts";
import { type AlertRule, durationSeconds, type RecordingRule } from "../../prometheus/rule.ts";
import { RULE_FILES, ruleFiles } from "../../prometheus/rule-files.ts";
import { isInstalled, ROOT } from "../system/programs.ts";
import { KNOWN, levelLabels } from "./known-metrics.ts";
import { rowLabels } from "./promql-labels.ts";
import { namesIn } from "./promql-names.ts";

type WrittenRule = {
  readonly alert?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
type WrittenFile = {
  readonly groups: readonly { readonly name: string; readonly rules: readonly WrittenRule[] }[];
};
type AlertTest = { readonly alertname: string; readonly exp_alerts: readonly object[] };
type TestFile = {
  readonly group_eval_order?: readonly string[];
  readonly tests: readonly { readonly alert_rule_test?: readonly AlertTest[] }[];
};

const promtoolIsThere = isInstalled("promtool");
const TESTS = "prometheus/tests";
const testFiles = readdirSync(join(ROOT, TESTS)).filter((name) => name.endsWith(".test.yml"));

const rules = RULE_FILES.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const alerts = rules.filter((rule): rule is AlertRule => "alert" in rule);
const records = rules.filter((rule): rule is RecordingRule => "record" in rule);
const alertNames = [...new Set(alerts.map(({ alert }) => alert))];
/** Of severity none is what always fires, to show that alerts arrive. */
const alwaysFiring = new Set(alerts.filter(({ severity }) => severity === "none").map(({ alert }) => alert));
const written = Array.from(ruleFiles().values(), (text) => parse(text) as WrittenFile);
const writtenAlerts = written.flatMap(({ groups }) =>
  groups.flatMap((group) => group.rules.filter(({ alert }) => alert !== undefined)),
);

/** Labels that an alert's templates may speak of. */
function labelsOf(rule: AlertRule): string[] {
  const bySelectors = namesIn(rule.expr).selectors.flatMap(({ matchers }) =>
    matchers.flatMap(({ label, op }) => (op === "=" ? [label] : [])),
  );
  const absent = rule.expr.startsWith("absent(") ? bySelectors : [];
  return [
    ...rowLabels(rule.expr, (metric) => KNOWN.get(metric)),
    ...absent,
    ...Object.keys(rule.labels ?? {}),
  ];
}

describe("promtool (needs promtool)", () => {
  it.skipIf(!promtoolIsThere)("accepts every rule file", () => {
    promtool(["check", "rules", ...Array.from(ruleFiles().keys(), (path) => join(ROOT, path))]);
  });

  it.skipIf(!promtoolIsThere).each(testFiles)("finds that %s holds", { timeout: 120_000 }, (name) => {
    promtool(["test", "rules", join(ROOT, TESTS, name)]);
  });
});

function promtool(args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8" });
  expect(status, `${stdout}${stderr}`).toBe(0);
}

describe("tests of rules", () => {
  const files = testFiles.map((name) => parse(readFileSync(join(ROOT, TESTS, name), "utf8")) as TestFile);
  const cases = files.flatMap(({ tests }) => tests.flatMap((test) => test.alert_rule_test ?? []));

  it.each(alertNames)("%s fires in one, and does not in another", (name) => {
    const expected = cases.filter(({ alertname }) => alertname === name).map(({ exp_alerts }) => exp_alerts);
    expect(expected.filter((firing) => firing.length > 0)).not.toEqual([]);
    if (!alwaysFiring.has(name)) expect(expected.filter((firing) => firing.length === 0)).not.toEqual([]);
  });

  it("speak of alerts and groups that there are", () => {
    for (const { alertname } of cases) expect(alertNames).toContain(alertname);
    const groups = RULE_FILES.flatMap((file) => file.groups.map(({ name }) => name));
    for (const { group_eval_order } of files)
      for (const name of group_eval_order ?? []) expect(groups).toContain(name);
  });
});

describe("every expression", () => {
  const expressions = rules.map((rule) => ["record" in rule ? rule.record : rule.alert, rule.expr] as const);

  it.each(expressions)("of %s asks for metrics and labels that there are", (_name, expr) => {
    const { selectors, groupings } = namesIn(expr);
    for (const { metric, matchers } of selectors) {
      expect(Array.from(KNOWN.keys())).toContain(metric);
      for (const { label } of matchers) expect(KNOWN.get(metric!), metric).toContain(label);
    }
    for (const { labels, selectors: grouped, made } of groupings) {
      const there = [...made, ...grouped.flatMap(({ metric }) => KNOWN.get(metric!) ?? [])];
      if (grouped.length > 0) expect(there).toEqual(expect.arrayContaining([...labels]));
    }
  });
});

describe("every recorded series", () => {
  it.each(records.map((rule) => [rule.record, rule] as const))(
    "%s has the labels of its level",
    (name, rule) => {
      expect(name).toMatch(/^[a-z_]+:[a-z_]+:[a-z0-9_]+$/);
      expect(rowLabels(rule.expr, (metric) => KNOWN.get(metric)).sort()).toEqual(levelLabels(name).sort());
      expect(rule.meaning).toMatch(/\.$/);
    },
  );

  it("is recorded once", () => {
    expect(new Set(records.map(({ record }) => record)).size).toBe(records.length);
  });
});

describe("every alert", () => {
  it("says what is wrong, and where to look, in whole", () => {
    for (const { alert, annotations } of writtenAlerts) {
      const { summary, description, runbook_url, dashboard_url } = annotations!;
      expect(alert).toMatch(/^LLM[A-Z][A-Za-z]+$/);
      expect(summary, alert).toMatch(/^.{10,120}\.$/);
      expect(description, alert).toMatch(/\.$/);
      expect(runbook_url).toBe(runbookUrl(alert!));
      expect(Object.values(DASHBOARDS)).toContain(/\/d\/([a-z-]+)(\?|$)/.exec(dashboard_url!)?.[1]);
    }
  });

  it("has a severity, and no value in its labels", () => {
    for (const { alert, labels } of writtenAlerts) {
      expect(["critical", "warning", "info", "none"], alert).toContain(labels!.severity);
      expect(JSON.stringify(labels), alert).not.toMatch(/\$value|\.Value/);
    }
  });

  it.each(alerts.map((rule) => [rule.alert, rule] as const))(
    "%s speaks of labels that it has",
    (_name, rule) => {
      const there = labelsOf(rule);
      const texts = [rule.summary, rule.description, ...Object.values(rule.labels ?? {})].join("\n");
      const spoken = Array.from(texts.matchAll(/\$labels\.(\w+)/g), ([, label]) => label!);
      expect(there).toEqual(expect.arrayContaining([...spoken, ...rule.dashboardLabels]));
    },
  );

  it("is known to the runbooks, and they know no others", () => {
    const runbooks = readFileSync(join(ROOT, "docs/runbooks.md"), "utf8");
    const sections = Array.from(runbooks.matchAll(/^### (\S+)$/gm), ([, name]) => name!);
    expect([...sections].sort()).toEqual([...alertNames].sort());
    for (const text of runbooks.split(/^### /m).slice(1)) {
      for (const part of ["**Meaning**", "**Look**", "**Do**"])
        expect(text, text.slice(0, 60)).toContain(part);
    }
  });
});

describe("burn rates", () => {
  it("can be reached, and are slower the longer they are watched", () => {
    for (const { factor, long, short } of BURN_WINDOWS) {
      expect(factor * (1 - Math.min(OBJECTIVES.success, OBJECTIVES.firstToken))).toBeLessThan(1);
      // https://sre.google/workbook/alerting-on-slos/: the short window is a twelfth of the long one.
      expect(durationSeconds(long) / durationSeconds(short)).toBe(12);
    }
    const longs = BURN_WINDOWS.map(({ long }) => durationSeconds(long));
    expect(longs).toEqual([...longs].sort((a, b) => a - b));
    const factors = BURN_WINDOWS.map(({ factor }) => factor);
    expect(factors).toEqual([...factors].sort((a, b) => b - a));
  });
});
