/** Hands events to the accept path, for every route that takes some. */
import type { AcceptPath, Dialect } from "../ingest/accept-path.ts";
import type { Answer } from "../ingest/answer.ts";
import type { ReadBody } from "../ingest/dialect.ts";
import type { ParsedBody } from "../ingest/events-dialect.ts";
import { QueueFullError } from "../ingest/group-commit.ts";
import { HttpProblem, type ProblemCode } from "./problem.ts";
import { RETRY_AFTER_SECONDS, storeProblem } from "./store-problem.ts";

/** Why events that can be read are not taken now. */
export const ACCEPT_PROBLEMS = [
  "queue_full",
  "store_away",
  "store_failed",
  "store_full",
] as const satisfies readonly ProblemCode[];

/** What became of the events, once they are kept. Throws an HttpProblem (429, 503, 507) if they cannot be. */
export async function acceptEvents(
  acceptPath: AcceptPath,
  dialect: Dialect,
  { events, rejections, ignored }: ParsedBody & Partial<ReadBody>,
  receivedAtMicros: number,
): Promise<Answer> {
  try {
    const answer = await acceptPath.accept(dialect, events, rejections, receivedAtMicros);
    if (ignored !== undefined) acceptPath.noteIgnored(dialect, ignored);
    return answer;
  } catch (error) {
    if (error instanceof QueueFullError) {
      throw new HttpProblem("queue_full", error.message, { "retry-after": RETRY_AFTER_SECONDS });
    }
    throw storeProblem(error);
  }
}
