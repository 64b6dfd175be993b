/** How many models an answer that lists them all may have. */
import { HttpProblem } from "./problem.ts";

/** Models, or pairs of provider and model. */
export const MODELS_MAX = 50_000;

export function tooManyModels(): HttpProblem {
  return new HttpProblem(
    "answer_too_large",
    `expected at most ${MODELS_MAX} models, got more; ask /v1/totals, with a filter or fewer dimensions in by`,
  );
}
