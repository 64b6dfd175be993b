/** How often and in which ways the demo's requests fail, by what goes on at the time. */
import type { DemoModel } from "./models.ts";
import type { DemoPool } from "./pools.ts";
import type { Random } from "./random.ts";
import type { Moment } from "./scenario.ts";

export type Failure = {
  /** A word of the exporter's error vocabulary; a test holds it to that. */
  readonly type: string;
  /** The provider's answer; absent if none came. */
  readonly httpStatus?: number;
  readonly message: string;
  /** When it happens: refused at once, at the client's time-out, or part of the way through the answer. */
  readonly when: "at once" | "at time-out" | "on the way";
  /** Worth a second attempt. */
  readonly retryable: boolean;
};

/** Also what becomes of an answer that takes longer than the client waits. */
export const TIMEOUT = failure(
  "timeout",
  "at time-out",
  "no answer within the client's time-out",
  undefined,
  true,
);

const FAILURES = {
  rateLimit: failure("rate_limit", "at once", "tokens per minute exceeded", 429, true),
  overloaded: failure("overloaded", "at once", "overloaded, try again later", 529, true),
  serverError: failure("server_error", "at once", "internal server error", 500, true),
  network: failure("network", "at once", "connection reset by peer", undefined, true),
  contentFilter: failure("content_filter", "on the way", "stopped by the content filter", 200, false),
  contextLength: failure("context_length", "at once", "prompt is longer than the context window", 400, false),
  invalidRequest: failure("invalid_request", "at once", "messages: roles must alternate", 400, false),
  authentication: failure("authentication", "at once", "invalid API key", 401, false),
  brokenStream: failure("streaming", "on the way", "stream ended without a final chunk", 200, false),
  cancelled: failure("cancelled", "on the way", "the reader closed the page", undefined, false),
} as const;

function failure(
  type: string,
  when: Failure["when"],
  message: string,
  httpStatus: number | undefined,
  retryable: boolean,
): Failure {
  return { type, when, message, retryable, ...(httpStatus === undefined ? {} : { httpStatus }) };
}

export type Attempt = {
  readonly pool: DemoPool;
  readonly model: DemoModel;
  readonly stream: boolean;
  readonly moment: Moment;
};

/** The failure of an attempt; `undefined` if it succeeds. Draws one number. */
export function drawFailure(random: Random, attempt: Attempt): Failure | undefined {
  let left = random();
  for (const [failure, probability] of probabilities(attempt)) {
    left -= probability;
    if (left < 0) return failure;
  }
  return undefined;
}

/** The slow provider's errors come on top of everybody's, and those of the burst come on top of both. */
function probabilities({ pool, model, stream, moment }: Attempt): readonly (readonly [Failure, number])[] {
  const { phase, slowProvider } = moment;
  const hosted = model.provider !== "vllm";
  const slow = model.provider === slowProvider;
  const burst = phase.name === "burst";
  return [
    [FAILURES.rateLimit, (hosted ? 0.003 : 0) + (burst && hosted ? 0.14 : 0)],
    [
      FAILURES.overloaded,
      0.001 + (burst && !hosted ? 0.1 : 0) + (slow ? 0.08 : 0) * (phase.latency > 2 ? 1 : 0.2),
    ],
    [TIMEOUT, 0.0006 + (slow && phase.latency > 2 ? 0.1 : 0)],
    [FAILURES.serverError, 0.002],
    [FAILURES.network, 0.001],
    [FAILURES.contentFilter, pool.name.startsWith("chat-") ? 0.004 : 0.0005],
    [FAILURES.contextLength, pool.prompt.median > 4_000 ? 0.003 : 0.0002],
    [FAILURES.invalidRequest, 0.001],
    [FAILURES.authentication, 0.0001],
    [FAILURES.brokenStream, stream ? 0.002 : 0],
    [FAILURES.cancelled, stream ? 0.015 : 0],
  ];
}
