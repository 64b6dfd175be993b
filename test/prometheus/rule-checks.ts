/** What must be true of rules, their runbooks and their tests. Shipped rules in, faults out. */
import { dashboardUrl, runbookUrl } from "../../prometheus/links.ts";
import type { AlertRule, RecordingRule } from "../../prometheus/rule.ts";
import { levelLabels } from "../promql/known-metrics.ts";
import { rowLabels } from "../promql/labels.ts";
import { labelFaults, metricFaults, valueFaults } from "../promql/name-faults.ts";
import { type Promql, parsePromql } from "../promql/names.ts";
import {
  alertsOf,
  type RuleSet,
  recordsOf,
  runbookSections,
  type WrittenAlert,
  writtenAlerts,
} from "./rule-set.ts";

export type RuleCheck = {
  readonly name: string;
  readonly faults: (shipped: RuleSet) => readonly string[];
};

const SEVERITIES = ["critical", "warning", "info", "none"];
const RUNBOOKS = "docs/runbooks.md";
const RUNBOOK_PARTS = ["**Meaning**", "**Look**", "**Do**"];

export const RULE_CHECKS: readonly RuleCheck[] = [
  { name: "promql", faults: (shipped) => expressionsOf(shipped).flatMap(syntaxFaults) },
  promqlCheck("metric-exists", metricFaults),
  promqlCheck("label-exists", labelFaults),
  promqlCheck("label-value-exists", valueFaults),
  {
    name: "recorded-once",
    faults: (shipped) =>
      duplicates(recordsOf(shipped).map(({ record }) => record)).map((name) => `${name} is recorded twice`),
  },
  recordCheck("record-name", ({ record }) =>
    /^[a-z_]+:[a-z_]+:[a-z0-9_]+$/.test(record) ? [] : ["expected level:metric:operations"],
  ),
  recordCheck("record-level", ({ record, expr }) => {
    const { every, some } = rowLabels(parsePromql(expr));
    const promised = levelLabels(record);
    return [
      ...promised.filter((label) => !every.has(label)).map((label) => `not every row has ${label}`),
      ...[...(some ?? ["any label"])]
        .filter((label) => !promised.includes(label))
        .map((label) => `rows may have ${label}, of which its name says nothing`),
    ];
  }),
  recordCheck("record-meaning", ({ meaning }) =>
    meaning.endsWith(".") ? [] : [`no sentence: "${meaning}"`],
  ),
  alertCheck("alert-labels", (rule) => {
    const labels = [...rowLabels(parsePromql(rule.expr)).every, ...Object.keys(rule.labels ?? {})];
    const texts = [rule.summary, rule.description, ...Object.values(rule.labels ?? {})].join("\n");
    const spoken = Array.from(texts.matchAll(/\$labels\.(\w+)/g), ([, label]) => label!);
    return [...new Set([...spoken, ...rule.dashboardLabels])]
      .filter((label) => !labels.includes(label))
      .map((label) => `speaks of ${label}, which not every row has`);
  }),
  writtenCheck("alert-name", ({ alert }) =>
    /^LLM[A-Z][A-Za-z]+$/.test(alert) ? [] : ["expected LLMCamelCase"],
  ),
  writtenCheck("alert-texts", ({ annotations: { summary = "", description = "" } }) => [
    ...(/^.{10,120}\.$/.test(summary) ? [] : [`summary is no line of 10 to 120 letters: "${summary}"`]),
    ...(description.endsWith(".") ? [] : [`description is no sentence: "${description}"`]),
  ]),
  writtenCheck("alert-severity", ({ labels }) => [
    ...(SEVERITIES.includes(labels.severity ?? "") ? [] : [`severity ${labels.severity}`]),
    ...(/\$value|\.Value/.test(JSON.stringify(labels)) ? ["a value in its labels"] : []),
  ]),
  { name: "alert-links", faults: linkFaults },
  { name: "runbook-sections", faults: sectionFaults },
  {
    name: "runbook-promql",
    faults: (shipped) =>
      runbookExpressions(shipped).flatMap(({ name, expr }) => {
        const place = `${RUNBOOKS}, ${name}`;
        const unread = syntaxFaults({ name: place, expr });
        if (unread.length > 0) return unread;
        const promql = parsePromql(expr);
        const faults = [...metricFaults(promql), ...labelFaults(promql), ...valueFaults(promql)];
        return faults.map((fault) => `${place}: ${fault}`);
      }),
  },
  { name: "tests-of-alerts", faults: untestedFaults },
  { name: "tests-speak", faults: strayFaults },
];

type Expression = { readonly name: string; readonly expr: string };

function expressionsOf(shipped: RuleSet): Expression[] {
  return [
    ...recordsOf(shipped).map(({ record, expr }) => ({ name: record, expr })),
    ...alertsOf(shipped).map(({ alert, expr }) => ({ name: alert, expr })),
  ];
}

/** One on each line of a block. */
function runbookExpressions(shipped: RuleSet): Expression[] {
  return Array.from(runbookSections(shipped)).flatMap(([name, text]) =>
    Array.from(text.matchAll(/^```promql\n(.*?)^```$/gms), ([, block]) => block!.trim().split("\n"))
      .flat()
      .map((expr) => ({ name, expr })),
  );
}

function syntaxFaults({ name, expr }: Expression): string[] {
  try {
    parsePromql(expr);
    return [];
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
}

/** Of the expressions that can be read: that the others cannot is a check of its own. */
function promqlCheck(name: string, faults: (promql: Promql) => readonly string[]): RuleCheck {
  return {
    name,
    faults: (shipped) =>
      expressionsOf(shipped)
        .filter((one) => syntaxFaults(one).length === 0)
        .flatMap(({ name: of, expr }) => faults(parsePromql(expr)).map((fault) => `${of}: ${fault}`)),
  };
}

function recordCheck(name: string, faults: (rule: RecordingRule) => readonly string[]): RuleCheck {
  return {
    name,
    faults: (shipped) =>
      recordsOf(shipped).flatMap((rule) => faults(rule).map((fault) => `${rule.record}: ${fault}`)),
  };
}

function alertCheck(name: string, faults: (rule: AlertRule) => readonly string[]): RuleCheck {
  return {
    name,
    faults: (shipped) =>
      alertsOf(shipped).flatMap((rule) => faults(rule).map((fault) => `${rule.alert}: ${fault}`)),
  };
}

function writtenCheck(name: string, faults: (rule: WrittenAlert) => readonly string[]): RuleCheck {
  return {
    name,
    faults: (shipped) =>
      writtenAlerts(shipped).flatMap((rule) => faults(rule).map((fault) => `${rule.alert}: ${fault}`)),
  };
}

/** The addresses are of the operator's choice; files and prometheus/links.ts agree on them. */
function linkFaults(shipped: RuleSet): string[] {
  const alerts = alertsOf(shipped);
  return writtenAlerts(shipped).flatMap(({ alert, annotations: { runbook_url, dashboard_url } }, index) => {
    const { dashboard, dashboardLabels } = alerts[index]!;
    return [
      ...(runbook_url === runbookUrl(alert) ? [] : [`${alert}: its runbook is ${runbook_url}`]),
      ...(dashboard_url === dashboardUrl(dashboard, dashboardLabels)
        ? []
        : [`${alert}: its dashboard is ${dashboard_url}`]),
    ];
  });
}

function sectionFaults(shipped: RuleSet): string[] {
  const sections = runbookSections(shipped);
  const names = namesOf(shipped);
  return [
    ...names.filter((name) => !sections.has(name)).map((name) => `${name} has no section in ${RUNBOOKS}`),
    ...Array.from(sections).flatMap(([name, text]) => [
      ...(names.includes(name) ? [] : [`${RUNBOOKS}: there is no alert ${name}`]),
      ...RUNBOOK_PARTS.filter((part) => !text.includes(part)).map(
        (part) => `${RUNBOOKS}, ${name}: no ${part}`,
      ),
    ]),
  ];
}

function untestedFaults(shipped: RuleSet): string[] {
  const cases = Array.from(shipped.tests.values(), ({ tests }) => tests).flat();
  const expected = cases.flatMap(({ alert_rule_test = [] }) => alert_rule_test);
  // Of severity none is what always fires, to show that alerts arrive.
  const always = alertsOf(shipped).filter(({ severity }) => severity === "none");
  const isThere = (name: string, firing: boolean) =>
    expected.some(({ alertname, exp_alerts }) => alertname === name && exp_alerts.length > 0 === firing);
  return namesOf(shipped).flatMap((name) => [
    ...(isThere(name, true) ? [] : [`${name}: no case in prometheus/tests in which it fires`]),
    ...(isThere(name, false) || always.some(({ alert }) => alert === name)
      ? []
      : [`${name}: no case in prometheus/tests in which it does not fire`]),
  ]);
}

/** A case of an alert that there is not passes as one in which it does not fire. */
function strayFaults(shipped: RuleSet): string[] {
  const names = namesOf(shipped);
  const groups = shipped.groups.map(({ name }) => name);
  return Array.from(shipped.tests).flatMap(([file, { tests, group_eval_order = [] }]) => {
    const spoken = tests.flatMap(({ alert_rule_test = [] }) =>
      alert_rule_test.map(({ alertname }) => alertname),
    );
    return [
      ...[...new Set(spoken)]
        .filter((name) => !names.includes(name))
        .map((name) => `${file}: there is no alert ${name}`),
      ...group_eval_order
        .filter((name) => !groups.includes(name))
        .map((name) => `${file}: there is no group ${name}`),
    ];
  });
}

/** Of alerts; several rules may be of one name. */
function namesOf(shipped: RuleSet): string[] {
  return [...new Set(alertsOf(shipped).map(({ alert }) => alert))];
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
