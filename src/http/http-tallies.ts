/** Counts of what happened at the HTTP edge; read by the exporter's own metrics. */
import type { ExpositionFormat } from "../exposition/negotiate.ts";
import { PROBLEMS, type ProblemCode } from "./problem.ts";

/** Why a connection was closed by the exporter. */
export const DROP_REASONS = ["limit", "timeout", "stalled", "header_overflow", "unreadable"] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export class HttpTallies {
  /** Answers by route and status code. */
  readonly answers = new Map<string, { readonly route: string; readonly code: number; count: number }>();
  readonly problems = zeros(Object.keys(PROBLEMS) as ProblemCode[]);
  /** Connections that were closed because of a limit, by reason. */
  readonly dropped = zeros(DROP_REASONS);
  /** By format; `otel` is the gen_ai view. */
  readonly scrapes: Record<ExpositionFormat | "otel", number> = { text: 0, openmetrics: 0, otel: 0 };

  /** `route` is a pattern of ours, never what a client sent. */
  answered(route: string, code: number): void {
    const key = route + code;
    const answer = this.answers.get(key);
    if (answer === undefined) this.answers.set(key, { route, code, count: 1 });
    else answer.count += 1;
  }

  problem(code: ProblemCode): void {
    this.problems.set(code, this.problems.get(code)! + 1);
  }

  connectionDropped(reason: DropReason): void {
    this.dropped.set(reason, this.dropped.get(reason)! + 1);
  }
}

/** Counts that begin at zero, so that their first step is seen. */
function zeros<Word extends string>(words: readonly Word[]): Map<Word, number> {
  return new Map(words.map((word) => [word, 0]));
}
