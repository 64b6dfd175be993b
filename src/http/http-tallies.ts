/** Counts of what happened at the HTTP edge; read by the exporter's own metrics. */
import type { ExpositionFormat } from "../exposition/negotiate.ts";
import type { ProblemCode } from "./problem.ts";

export class HttpTallies {
  /** Answers by route and status code. */
  readonly answers = new Map<string, { readonly route: string; readonly code: number; count: number }>();
  readonly problems = new Map<ProblemCode, number>();
  /** Connections that were closed because of a limit, by reason. */
  readonly dropped = new Map<string, number>();
  readonly scrapes: Record<ExpositionFormat, number> = { text: 0, openmetrics: 0 };

  /** `route` is a pattern of ours, never what a client sent. */
  answered(route: string, code: number): void {
    const key = route + code;
    const answer = this.answers.get(key);
    if (answer === undefined) this.answers.set(key, { route, code, count: 1 });
    else answer.count += 1;
  }

  problem(code: ProblemCode): void {
    this.problems.set(code, (this.problems.get(code) ?? 0) + 1);
  }

  connectionDropped(reason: string): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }
}
