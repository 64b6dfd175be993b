/**
 * One request of a pretended application, with its retries: everything that happens to it is drawn when it arrives.
 * Yields the events that its sender would report, each with its instant.
 */
import { type DemoEvent, rfc3339, roundedMillis } from "./demo-event.ts";
import { drawFailure, type Failure, TIMEOUT } from "./failures.ts";
import type { DemoModel } from "./models.ts";
import type { DemoPool } from "./pools.ts";
import { chance, hexDigits, integerBetween, logNormal, pick, pickWeighted, type Random } from "./random.ts";
import type { Moment } from "./scenario.ts";
import { drawTokens, promptTokens, reportedUsage, type Tokens } from "./usage.ts";

export type TimedEvent = {
  readonly atMillis: number;
  readonly event: DemoEvent;
  /** The same event was delivered before: a sender that did not get the answer. */
  readonly repeat: boolean;
};

export type Batch = { readonly id: string; readonly size: number };

export type Arrival = {
  /** Unique among the requests of all runs. */
  readonly id: string;
  readonly atMillis: number;
  readonly pool: DemoPool;
  /** The batch that it is part of, in a pool that batches. */
  readonly batch: Batch | undefined;
};

export type RequestContext = {
  readonly random: Random;
  /** What goes on at an instant. */
  readonly momentAt: (atMillis: number) => Moment;
};

/** A request that takes longer is reported when it starts, too. */
const LONG_MILLIS = 2_000;
const ATTEMPTS_MAX = 3;
const RETRIED = 0.75;
const ROTATED = 0.5;
const TRACED = 0.7;
const REPEATED = 0.006;
/** How many answers that were whole come without usage: a proxy that dropped the last chunk. */
const USAGE_LOST = 0.004;
const USERS = 400;
const REGIONS = ["eu-central", "us-east", "ap-south"] as const;

export function planRequest(context: RequestContext, arrival: Arrival): TimedEvent[] {
  const { random } = context;
  const { pool } = arrival;
  const sender: Sender = {
    team: pick(random, pool.teams),
    user: `user-${integerBetween(random, 1, USERS)}`,
    tags: { env: "prod", region: pick(random, REGIONS) },
    trace_id: chance(random, TRACED) ? hexDigits(random, 32) : undefined,
  };
  const cacheHit = pool.responseCacheHits === undefined ? undefined : chance(random, pool.responseCacheHits);
  const first = pickWeighted(random, pool.routes).model;
  if (cacheHit) return [fromResponseCache(context, arrival, sender, first)];

  const events: TimedEvent[] = [];
  let model = first;
  let atMillis = arrival.atMillis;
  let rotation: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const tried: Try = { attempt, atMillis, model, first, rotation, cacheHit };
    const { failure, endMillis, timeline } = playAttempt(context, arrival, sender, tried);
    events.push(...timeline);
    if (!failure?.retryable || !chance(random, RETRIED)) break;
    atMillis = endMillis + logNormal(random, { median: 600 * attempt, sigma: 0.5 });
    rotation = undefined;
    if (!chance(random, ROTATED)) continue;
    model = pickWeighted(random, pool.routes).model;
    rotation = model === first ? undefined : failure.type;
  }
  return events;
}

type Sender = Pick<DemoEvent, "team" | "user" | "tags" | "trace_id">;

type Try = {
  readonly attempt: number;
  readonly atMillis: number;
  readonly model: DemoModel;
  /** The model of the first attempt. */
  readonly first: DemoModel;
  /** Why the pool moved here from the attempt before. */
  readonly rotation: string | undefined;
  readonly cacheHit: boolean | undefined;
};

/** Answered by the application itself: quick, without usage and without cost. */
function fromResponseCache(
  { random }: RequestContext,
  { id, atMillis, pool }: Arrival,
  sender: Sender,
  { provider, model }: DemoModel,
): TimedEvent {
  const durationMillis = logNormal(random, { median: 6, sigma: 0.5 });
  const endMillis = atMillis + durationMillis;
  const event: DemoEvent = {
    id,
    timestamp: rfc3339(endMillis),
    start_time: rfc3339(atMillis),
    provider,
    model,
    pool: pool.name,
    status: "success",
    stream: false,
    duration_ms: roundedMillis(durationMillis),
    ...sender,
    span_id: sender.trace_id === undefined ? undefined : hexDigits(random, 16),
    cache_hit: true,
  };
  return { atMillis: endMillis, event, repeat: false };
}

function playAttempt(
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
  const { failure, durationMillis } = ending(random, pool, pace, drawn);
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
  /** How much of the answer there was at an instant of the request. */
  const doneAt = (millis: number) =>
    Math.min(
      1,
      Math.max(0, (millis - pace.firstTokenMillis) / Math.max(1, pace.wholeMillis - pace.firstTokenMillis)),
    );
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
    ...(counted ? reportedUsage(tokens, model, failure === undefined ? 1 : doneAt(durationMillis)) : {}),
    ...drawAnswerShape(random, pool, failure === undefined ? tokens.answer : 0),
  };
  const timeline: TimedEvent[] = [];
  if (durationMillis > LONG_MILLIS) {
    timeline.push({ atMillis, event: { ...opening, phase: "start" }, repeat: false });
    const halfMillis = durationMillis / 2;
    if (firstTokenMillis !== undefined && firstTokenMillis < halfMillis) {
      const { cost_usd: _, ...soFar } = reportedUsage(tokens, model, doneAt(halfMillis));
      const timestamp = rfc3339(atMillis + halfMillis);
      const time_to_first_token_ms = end.time_to_first_token_ms;
      const event: DemoEvent = { ...opening, phase: "update", timestamp, time_to_first_token_ms, ...soFar };
      timeline.push({ atMillis: atMillis + halfMillis, event, repeat: false });
    }
  }
  timeline.push({ atMillis: endMillis, event: end, repeat: false });
  if (chance(random, REPEATED)) {
    timeline.push({ atMillis: endMillis + integerBetween(random, 300, 4_000), event: end, repeat: true });
  }
  return { failure, endMillis, timeline };
}

/** When the first token and the last one would come, from the start of the attempt. */
type Pace = { readonly firstTokenMillis: number; readonly wholeMillis: number };

function drawPace(
  random: Random,
  { pool, model, tokens, moment }: { pool: DemoPool; model: DemoModel; tokens: Tokens; moment: Moment },
): Pace {
  const latency = model.provider === moment.slowProvider ? moment.phase.latency : 1;
  const wait = pool.batch?.wait ?? 1;
  // Reading a prompt takes time: about double the wait at 40,000 tokens that are not cached.
  const reading = 1 + (tokens.fresh + tokens.cacheWrite) / 40_000;
  const firstTokenMillis =
    logNormal(random, { median: model.firstTokenMillis, sigma: 0.4 }) * reading * wait * latency;
  const tokenMillis = logNormal(random, { median: model.tokenMillis, sigma: 0.3 }) * latency;
  return {
    firstTokenMillis,
    wholeMillis: firstTokenMillis + (tokens.answer + tokens.reasoning) * tokenMillis,
  };
}

/** How the attempt ends and after how long. An answer that takes longer than the client waits becomes a time-out. */
function ending(
  random: Random,
  { timeoutMillis }: DemoPool,
  { firstTokenMillis, wholeMillis }: Pace,
  drawn: Failure | undefined,
): { failure: Failure | undefined; durationMillis: number } {
  const refusedMillis = logNormal(random, { median: 160, sigma: 0.6 });
  const onTheWayMillis = firstTokenMillis + random() * (wholeMillis - firstTokenMillis);
  if (drawn?.when === "at once") return { failure: drawn, durationMillis: refusedMillis };
  const durationMillis = drawn?.when === "on the way" ? onTheWayMillis : wholeMillis;
  if (drawn?.when !== "at time-out" && durationMillis <= timeoutMillis)
    return { failure: drawn, durationMillis };
  return { failure: TIMEOUT, durationMillis: timeoutMillis };
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
