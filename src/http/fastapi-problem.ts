/**
 * Problems as servers built on FastAPI tell them, for the clients of such: a parameter that is not as it must be is 422 with
 * a list of faults, anything else a text. https://fastapi.tiangolo.com/tutorial/handling-errors/
 */
import { BadParameter } from "./parameters.ts";
import type { HttpProblem } from "./problem.ts";
import type { DialectProblem } from "./route.ts";

export function fastApiProblem(problem: HttpProblem): DialectProblem {
  return problem instanceof BadParameter
    ? answer(422, [{ loc: ["query", problem.parameter], msg: problem.detail, type: "value_error" }])
    : answer(problem.status, problem.detail);
}

function answer(status: number, detail: unknown): DialectProblem {
  return { status, type: "application/json", body: JSON.stringify({ detail }) };
}
