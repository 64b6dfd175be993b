/** How far budgets are spent, and where they will end. */
import { ratio } from "../../prometheus/promql.ts";
import { budgetEnd, budgetLimit, budgetSpent, projectedSpend } from "./budget-queries.ts";
import { table, timeSeries, UNITS } from "./panels.ts";
import { FILLING_STEPS } from "./steps.ts";

const BUDGET = ["job", "budget", "period"] as const;

/** For descriptions: how far filters reach, and how much a projection is worth. */
export const EXACT =
  "Exact, from the exporters that answer now, and of all requests: only the filter for jobs applies.";
export const GUESS = "Soon after a period, or an exporter, has begun it is a guess.";

export const budgetPanels = [
  table({
    title: "Budgets",
    description: `Each in its current period. ${EXACT} Exporters of a job are added up. Projected: if it goes on as since the period began, or since the exporter knows of it. ${GUESS} Empty cells: the budget has no limit.`,
    width: 24,
    height: 7,
    by: BUDGET,
    sortBy: "Projected, of limit",
    columns: [
      { title: "Spent", unit: UNITS.usd, expr: budgetSpent(BUDGET) },
      { title: "Limit", unit: UNITS.usd, expr: budgetLimit(BUDGET) },
      {
        title: "Left",
        unit: UNITS.usd,
        steps: [
          { value: -1e12, color: "red" },
          { value: 0, color: "green" },
        ],
        expr: `${budgetLimit(BUDGET)} - ${budgetSpent(BUDGET)}`,
      },
      {
        title: "Spent, of limit",
        unit: UNITS.ratio,
        decimals: 1,
        steps: FILLING_STEPS,
        expr: ratio(budgetSpent(BUDGET), budgetLimit(BUDGET)),
      },
      { title: "Projected", unit: UNITS.usd, expr: projectedSpend(BUDGET) },
      {
        title: "Projected, of limit",
        unit: UNITS.ratio,
        decimals: 1,
        steps: FILLING_STEPS,
        expr: ratio(projectedSpend(BUDGET), budgetLimit(BUDGET)),
      },
      { title: "Period ends", unit: UNITS.time, expr: `1000 * ${budgetEnd(BUDGET)}` },
    ],
  }),
  timeSeries({
    title: "Part of each limit that is spent",
    description: `Part of each limit that is spent; it falls to 0 when a period begins. ${EXACT}`,
    unit: UNITS.ratio,
    width: 12,
    height: 8,
    steps: FILLING_STEPS,
    noValue: "no budget has a limit",
    queries: [
      { expr: ratio(budgetSpent(BUDGET), budgetLimit(BUDGET)), legend: "{{budget}} by {{period}} {{job}}" },
    ],
  }),
  timeSeries({
    title: "Part of each limit that is projected",
    description: `What each budget will have spent when its period ends, as a part of its limit. ${GUESS} ${EXACT}`,
    unit: UNITS.ratio,
    width: 12,
    height: 8,
    steps: FILLING_STEPS,
    noValue: "no budget has a limit",
    queries: [
      {
        expr: ratio(projectedSpend(BUDGET), budgetLimit(BUDGET)),
        legend: "{{budget}} by {{period}} {{job}}",
      },
    ],
  }),
];
