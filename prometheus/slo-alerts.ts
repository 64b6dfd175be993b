/**
 * Alerts on the two objectives: how fast their error budgets burn, by provider. A pair of windows each: the long one
 * says that it matters, the short one that it goes on. https://sre.google/workbook/alerting-on-slos/
 */
import { percent } from "./alert-text.ts";
import { BURN_WINDOWS, OBJECTIVES, VOLUME_FLOOR } from "./objectives.ts";
import { badRatio, INDICATORS, type IndicatorKey } from "./recording-rules.ts";
import { type AlertRule, amountOver, type RuleGroup } from "./rule.ts";

type Objective = {
  readonly alert: string;
  readonly indicator: IndicatorKey;
  /** Part that is good. */
  readonly objective: number;
  /** What burns, for the summary. */
  readonly budget: string;
  /** What the value is a part of, with what makes it bad. */
  readonly bad: string;
};

const OBJECTIVE_ALERTS: readonly Objective[] = [
  {
    alert: "LLMErrorBudgetBurn",
    indicator: "errors",
    objective: OBJECTIVES.success,
    budget: "error budget",
    bad: "of the requests failed, client faults apart",
  },
  {
    alert: "LLMFirstTokenBudgetBurn",
    indicator: "firstToken",
    objective: OBJECTIVES.firstToken,
    budget: "budget of slow first tokens",
    bad: `of the first tokens took longer than ${OBJECTIVES.firstTokenSeconds}s`,
  },
];

function burning({ alert, indicator, objective, budget, bad }: Objective): AlertRule[] {
  // 1 - 0.99 is 0.010000000000000009.
  const allowed = Number((1 - objective).toFixed(9));
  return BURN_WINDOWS.map(({ factor, long, short, for: wait, severity }) => ({
    alert,
    expr: [
      `${badRatio(indicator, long)} > ${factor} * ${allowed}`,
      `and ${badRatio(indicator, short)} > ${factor} * ${allowed}`,
      `and ${amountOver(INDICATORS[indicator].all, long)} >= ${VOLUME_FLOOR}`,
    ].join("\n"),
    for: wait,
    severity,
    labels: { long, short },
    summary: `{{ $labels.provider }} burns its ${budget} ${factor === 1 ? "faster than it lasts" : `${factor} times too fast`}.`,
    description:
      `{{ $value | humanizePercentage }} ${bad}, over ${long}. The objective allows ${percent(allowed)}; ` +
      `this fires above ${percent(factor * allowed)} over both ${long} and ${short}.`,
    dashboard: "provider",
    dashboardLabels: ["job", "provider"],
  }));
}

export const SLO_GROUPS: readonly RuleGroup[] = [
  {
    name: "llm-slo-alerts",
    about: "error budgets that burn too fast, by provider, over four pairs of windows.",
    rules: OBJECTIVE_ALERTS.flatMap(burning),
  },
];
