/** One attempt at a request: what is asked, how it ends, and the events that its sender reports of it. */
import type { Arrival, RequestContext, Sender, TimedEvent } from "./arrival.ts";
import { type DemoEvent, rfc3339, roundedMillis } from "./demo-event.ts";
import { drawFailure, type Failure } from "./failures.ts";
import type { DemoModel } from "./models.ts";
import { doneBy, drawEnding, drawPace } from "./pace.ts";
import type { DemoPool } from "./pools.ts";
import { chance, hexDigits, integerBetween, type Random } from "./random.ts";
import { drawTokens, promptTokens, reportedUsage, type Tokens } from "./usage.ts";

/** A request that takes longer is reported when it starts, too. */
const LONG_MILLIS = 2_000;
const REPEATED = 0.006;
/** How many answers that were whole come without usage: a proxy that dropped the last chunk. */
const USAGE_LOST = 0.004;

export type Try = {
  readonly attempt: number;
  readonly atMillis: number;
  readonly model: DemoModel;
  /** The model of the first attempt. */
  readonly first: DemoModel;
  /** Why the pool moved here from the attempt before. */
  readonly rotation: string | undefined;
  readonly cacheHit: boolean | undefined;
};

/** Plays it through. `timeline` has what is reported of it: a start and an update if it takes long, and the end. */
export function playAttempt(
  context: RequestContext,
  arrival: Arrival,
  sender: Sender,
  tried: Try,
): { failure: Failure | undefined; endMillis: number; timeline: TimedEvent[] } {
  const { random, momentAt } = context;
  const { pool, batch } = arrival;
  const { atMillis, model, attempt } = tried;
  const moment = momentAt(atMillis);
  const stream = !model.embeddings && chance(random, pool.streamed);
  const tokens = drawTokens(random, pool, model);
  const drawn = drawFailure(random, { pool, model, stream, moment });
  const pace = drawPace(random, { pool, model, tokens, moment });
  const { failure, durationMillis } = drawEnding(random, pool, pace, drawn);
  const endMillis = atMillis + durationMillis;
  const id = attempt === 1 ? arrival.id : `${arrival.id}-${attempt}`;
  const opening = {
    id,
    timestamp: rfc3339(atMillis),
    provider: model.provider,
    model: model.model,
    pool: pool.name,
    requested_model: model === tried.first ? undefined : tried.first.model,
    operation: model.embeddings ? "embeddings" : undefined,
    stream,
    ...sender,
    span_id: sender.trace_id === undefined ? undefined : hexDigits(random, 16),
    ...drawShape(random, pool, tokens),
    batch_id: batch?.id,
    batch_size: batch?.size,
    rotation: tried.rotation,
    attempt: attempt === 1 ? undefined : attempt,
    // Only the first attempt has looked into the response cache.
    cache_hit: attempt === 1 ? tried.cacheHit : undefined,
  } satisfies DemoEvent;

  const firstTokenMillis =
    stream && pace.firstTokenMillis < durationMillis ? pace.firstTokenMillis : undefined;
  const counted = failure === undefined ? !chance(random, USAGE_LOST) : countsUsage(random, failure);
  const end: DemoEvent = {
    ...opening,
    timestamp: rfc3339(endMillis),
    start_time: opening.timestamp,
    status: failure === undefined ? "success" : failure.type === "cancelled" ? "cancelled" : "error",
    error_type: failure?.type,
    error: failure === undefined ? undefined : { message: failure.message },
    http_status: failure === undefined ? 200 : failure.httpStatus,
    duration_ms: roundedMillis(durationMillis),
    time_to_first_token_ms: firstTokenMillis === undefined ? undefined : roundedMillis(firstTokenMillis),
    ...(counted
      ? reportedUsage(tokens, model, failure === undefined ? 1 : doneBy(pace, durationMillis))
      : {}),
    ...drawAnswerShape(random, pool, failure === undefined ? tokens.answer : 0),
  };
  const timeline: TimedEvent[] = [];
  if (durationMillis > LONG_MILLIS) {
    timeline.push({ atMillis, event: { ...opening, phase: "start" }, repeat: false });
    const halfMillis = durationMillis / 2;
    if (firstTokenMillis !== undefined && firstTokenMillis < halfMillis) {
      const { cost_usd: _, ...soFar } = reportedUsage(tokens, model, doneBy(pace, halfMillis));
      const event: DemoEvent = {
        ...opening,
        phase: "update",
        timestamp: rfc3339(atMillis + halfMillis),
        time_to_first_token_ms: end.time_to_first_token_ms,
        ...soFar,
      };
      timeline.push({ atMillis: atMillis + halfMillis, event, repeat: false });
    }
  }
  timeline.push({ atMillis: endMillis, event: end, repeat: false });
  if (chance(random, REPEATED)) {
    timeline.push({ atMillis: endMillis + integerBetween(random, 300, 4_000), event: end, repeat: true });
  }
  return { failure, endMillis, timeline };
}

/** Providers report usage with what they refuse to finish; of a cancelled stream every other sender knows it. */
function countsUsage(random: Random, { type }: Failure): boolean {
  const known = chance(random, 0.5);
  return type === "content_filter" || (type === "cancelled" && known);
}

/** Messages, tools and bytes of the prompt. */
function drawShape(random: Random, pool: DemoPool, tokens: Tokens) {
  const messages = integerBetween(random, 1, Math.ceil(pool.messagesMax * random()) || 1);
  const offersTools = chance(random, pool.tools);
  const uses = integerBetween(random, 0, Math.floor(messages / 2));
  return {
    message_count: messages,
    tool_use_count: offersTools ? uses : undefined,
    tool_result_count: offersTools ? uses : undefined,
    request_size: Math.ceil(promptTokens(tokens) * 4.3) + 240 + messages * 35,
  };
}

/** Tool calls and bytes of the answer. */
function drawAnswerShape(random: Random, pool: DemoPool, answerTokens: number) {
  const calls = integerBetween(random, 0, 3);
  const answered = answerTokens > 0;
  return {
    tool_call_count: answered && pool.tools > 0.5 ? calls : undefined,
    response_size: answered ? Math.ceil(answerTokens * 4.6) + 420 : 190,
  };
}
