/** The rules for Prometheus: each says what its name promises, is tested, and leads to its runbook. */
import { expect, test } from "vitest";
import { dashboardUrl, runbookUrl } from "../../prometheus/links.ts";
import { BURN_WINDOWS, OBJECTIVES } from "../../prometheus/objectives.ts";
import { type AlertRule, durationSeconds, type RecordingRule, ruleFile } from "../../prometheus/rule.ts";
import { RULE_CHECKS } from "./rule-checks.ts";
import { type RuleSet, shippedRuleSet, type TestFile } from "./rule-set.ts";

const shipped = shippedRuleSet();

test.each(RULE_CHECKS)("rules keep to $name", ({ faults }) => {
  expect(faults(shipped)).toEqual([]);
});

test("burn rates can be reached, and are slower the longer they are watched", () => {
  for (const { factor, long, short } of BURN_WINDOWS) {
    expect(factor * (1 - Math.min(OBJECTIVES.success, OBJECTIVES.firstToken))).toBeLessThan(1);
    // https://sre.google/workbook/alerting-on-slos/: the short window is a twelfth of the long one.
    expect(durationSeconds(long) / durationSeconds(short)).toBe(12);
  }
  const longs = BURN_WINDOWS.map(({ long }) => durationSeconds(long));
  expect(longs).toEqual(longs.toSorted((a, b) => a - b));
  const factors = BURN_WINDOWS.map(({ factor }) => factor);
  expect(factors).toEqual(factors.toSorted((a, b) => b - a));
});

const RECORD: RecordingRule = {
  record: "job_pool:llm_retries:rate5m",
  expr: "sum by (job, pool) (rate(llm_retries_total[5m]))",
  meaning: "Retries a second.",
};
const ALERT: AlertRule = {
  alert: "LLMSample",
  expr: 'absent(llm_requests_total{job="a"}) or sum by (job) (rate(llm_requests_total{status="error"}[5m])) > 0',
  severity: "warning",
  summary: "Requests to {{ $labels.job }} fail.",
  description: "All of them do.",
  dashboard: "overview",
  dashboardLabels: ["job"],
};
const RUNBOOK = [
  "### LLMSample",
  "**Meaning** It fails.",
  "**Look**\n\n```promql\nsum by (pool) (rate(llm_requests_total[5m]))\nup\n```",
  "**Do** something.",
].join("\n\n");
const TESTED = [
  { alertname: "LLMSample", exp_alerts: [{}] },
  { alertname: "LLMSample", exp_alerts: [] },
];

type Parts = {
  readonly record?: Partial<RecordingRule>;
  readonly alert?: Partial<AlertRule>;
  readonly runbooks?: string;
  readonly tests?: TestFile;
};

/** Rules that keep to every check, but for these parts. */
function sampleRules({ record, alert, runbooks = RUNBOOK, tests = testsOf(TESTED) }: Parts = {}): RuleSet {
  const rules = [
    { ...RECORD, ...record },
    { ...ALERT, ...alert },
  ];
  const groups = [{ name: "sample", about: "A sample.", rules }];
  return {
    groups,
    texts: [ruleFile("A sample.", groups)],
    runbooks,
    tests: new Map([["a.test.yml", tests]]),
  };
}

function testsOf(cases: typeof TESTED, group = "sample"): TestFile {
  return { group_eval_order: [group], tests: [{ alert_rule_test: cases }] };
}

const SPOILT: readonly { readonly check: string; readonly spoilt: RuleSet; readonly fault: string }[] = [
  {
    check: "promql",
    spoilt: sampleRules({ alert: { expr: "sum((up)" } }),
    fault: 'LLMSample: no PromQL at "" in: sum((up)',
  },
  {
    check: "metric-exists",
    spoilt: sampleRules({ record: { expr: "sum by (job, pool) (rate(llm_retry_total[5m]))" } }),
    fault: "job_pool:llm_retries:rate5m: there is no metric llm_retry_total",
  },
  {
    check: "label-exists",
    spoilt: sampleRules({ record: { expr: "sum by (job, team) (rate(llm_retries_total[5m]))" } }),
    fault: "job_pool:llm_retries:rate5m: by (team): there is no such label",
  },
  {
    check: "label-value-exists",
    spoilt: sampleRules({ alert: { expr: 'llm_exporter_store_commits_total{result="failed"}' } }),
    fault: 'LLMSample: llm_exporter_store_commits_total has no result "failed"',
  },
  {
    check: "record-name",
    spoilt: sampleRules({ record: { record: "job_pool:llm_retries" } }),
    fault: "job_pool:llm_retries: expected level:metric:operations",
  },
  {
    check: "record-level",
    spoilt: sampleRules({ record: { record: "job_model:llm_retries:rate5m" } }),
    fault:
      "job_model:llm_retries:rate5m: not every row has model\njob_model:llm_retries:rate5m: rows may have pool, of which its name says nothing",
  },
  {
    check: "record-meaning",
    spoilt: sampleRules({ record: { meaning: "Retries" } }),
    fault: 'job_pool:llm_retries:rate5m: no sentence: "Retries"',
  },
  {
    check: "alert-labels",
    spoilt: sampleRules({ alert: { description: "{{ $labels.pool }} fails." } }),
    fault: "LLMSample: speaks of pool, which not every row has",
  },
  {
    check: "alert-labels",
    spoilt: sampleRules({ alert: { expr: "absent(llm_requests_total)" } }),
    fault: "LLMSample: speaks of job, which not every row has",
  },
  {
    check: "alert-name",
    spoilt: sampleRules({ alert: { alert: "llm_sample" } }),
    fault: "llm_sample: expected LLMCamelCase",
  },
  {
    check: "alert-texts",
    spoilt: sampleRules({ alert: { summary: "Bad.", description: "It fails" } }),
    fault:
      'LLMSample: summary is no line of 10 to 120 letters: "Bad."\nLLMSample: description is no sentence: "It fails"',
  },
  {
    check: "alert-severity",
    spoilt: sampleRules({ alert: { labels: { severity: "page", spent: "{{ $value }}" } } }),
    fault: "LLMSample: severity page\nLLMSample: a value in its labels",
  },
  {
    check: "alert-links",
    spoilt: withText(runbookUrl("LLMSample"), runbookUrl("LLMSimple")),
    fault: `LLMSample: its runbook is ${runbookUrl("LLMSimple")}`,
  },
  {
    check: "alert-links",
    spoilt: withText(dashboardUrl("overview", ["job"]), dashboardUrl("model", [])),
    fault: `LLMSample: its dashboard is ${dashboardUrl("model", [])}`,
  },
  {
    check: "runbook-sections",
    spoilt: sampleRules({ runbooks: RUNBOOK.replace("LLMSample", "LLMSimple") }),
    fault: "LLMSample has no section in docs/runbooks.md\ndocs/runbooks.md: there is no alert LLMSimple",
  },
  {
    check: "runbook-sections",
    spoilt: sampleRules({ runbooks: RUNBOOK.replace("**Do**", "Do") }),
    fault: "docs/runbooks.md, LLMSample: no **Do**",
  },
  {
    check: "runbook-promql",
    spoilt: sampleRules({ runbooks: RUNBOOK.replace("llm_requests_total", "llm_request_total") }),
    fault: "docs/runbooks.md, LLMSample: there is no metric llm_request_total",
  },
  {
    check: "runbook-promql",
    spoilt: sampleRules({ runbooks: RUNBOOK.replace("\nup", "\nup(") }),
    fault: "docs/runbooks.md, LLMSample: no PromQL at",
  },
  {
    check: "tests-of-alerts",
    spoilt: sampleRules({ tests: testsOf(TESTED.slice(1)) }),
    fault: "LLMSample: no case in prometheus/tests in which it fires",
  },
  {
    check: "tests-of-alerts",
    spoilt: sampleRules({ tests: testsOf(TESTED.slice(0, 1)) }),
    fault: "LLMSample: no case in prometheus/tests in which it does not fire",
  },
  {
    check: "tests-speak",
    spoilt: sampleRules({ tests: testsOf([...TESTED, { alertname: "LLMGone", exp_alerts: [] }], "gone") }),
    fault: "a.test.yml: there is no alert LLMGone\na.test.yml: there is no group gone",
  },
  { check: "recorded-once", spoilt: recordedTwice(), fault: "job_pool:llm_retries:rate5m is recorded twice" },
];

test("the sample keeps to every check", () => {
  expect(RULE_CHECKS.flatMap(({ faults }) => faults(sampleRules()))).toEqual([]);
});

test.each(SPOILT)("$check finds $fault", ({ check, spoilt, fault }) => {
  const { faults } = RULE_CHECKS.find(({ name }) => name === check)!;
  expect(faults(spoilt).join("\n")).toContain(fault);
});

test("every check was seen to find something", () => {
  const shown = new Set(SPOILT.map(({ check }) => check));
  expect(RULE_CHECKS.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
});

function withText(from: string, to: string): RuleSet {
  const sample = sampleRules();
  return { ...sample, texts: sample.texts.map((text) => text.replace(from, to)) };
}

function recordedTwice(): RuleSet {
  const sample = sampleRules();
  return { ...sample, groups: [...sample.groups, ...sample.groups] };
}
