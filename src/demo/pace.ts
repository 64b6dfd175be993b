/** How long an attempt takes and how it ends, by model, prompt and what goes on at the time. */
import { type Failure, TIMEOUT } from "./failures.ts";
import type { DemoModel } from "./models.ts";
import type { DemoPool } from "./pools.ts";
import { logNormal, type Random } from "./random.ts";
import type { Moment } from "./scenario.ts";
import type { Tokens } from "./usage.ts";

/** When the first token and the last one would come, from the start of the attempt. */
export type Pace = { readonly firstTokenMillis: number; readonly wholeMillis: number };

export function drawPace(
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

/** How much of the answer there is after so long, from 0 to 1. */
export function doneBy({ firstTokenMillis, wholeMillis }: Pace, millis: number): number {
  const writingMillis = Math.max(1, wholeMillis - firstTokenMillis);
  return Math.min(1, Math.max(0, (millis - firstTokenMillis) / writingMillis));
}

/** How the attempt ends and after how long. An answer that takes longer than the client waits becomes a time-out. */
export function drawEnding(
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
