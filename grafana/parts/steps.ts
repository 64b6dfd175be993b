/** From where on values are coloured, after the objectives of the alerts. */
import { BURN_WINDOWS, OBJECTIVES } from "../../prometheus/objectives.ts";
import type { Step } from "./panels.ts";

const errorBudget = rounded(1 - OBJECTIVES.success);
const [fastest] = BURN_WINDOWS;

/** More errors than the objective allows, and so many that its budget of a month is gone in two days. */
export const ERROR_STEPS: readonly Step[] = [
  { value: errorBudget, color: "orange" },
  { value: rounded(errorBudget * fastest.factor), color: "red" },
];

/** For the first token's p95, if the objective is about 95 %. */
export const FIRST_TOKEN_STEPS: readonly Step[] = [{ value: OBJECTIVES.firstTokenSeconds, color: "orange" }];

/** Of requests without a full price. */
export const UNPRICED_STEPS: readonly Step[] = [
  { value: 0.001, color: "yellow" },
  { value: 0.05, color: "orange" },
];

/** Of a limit. */
export const FILLING_STEPS: readonly Step[] = [
  { value: 0.8, color: "orange" },
  { value: 1, color: "red" },
];

function rounded(ratio: number): number {
  return Number(ratio.toPrecision(6));
}
