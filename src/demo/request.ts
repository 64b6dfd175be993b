/**
 * One request of a pretended application, with its retries: everything that happens to it is drawn when it arrives.
 * Yields the events that its sender would report, each with its instant.
 */
import type { Arrival, RequestContext, Sender, TimedEvent } from "./arrival.ts";
import { playAttempt, type Try } from "./attempt.ts";
import { type DemoEvent, rfc3339, roundedMillis } from "./demo-event.ts";
import type { DemoModel } from "./models.ts";
import { chance, hexDigits, integerBetween, logNormal, pick, pickWeighted } from "./random.ts";

const ATTEMPTS_MAX = 3;
const RETRIED = 0.75;
const ROTATED = 0.5;
const TRACED = 0.7;
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
    const next = pickWeighted(random, pool.routes).model;
    rotation = next === model ? undefined : failure.type;
    model = next;
  }
  return events;
}

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
