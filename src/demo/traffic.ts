/**
 * Believable traffic of a company that uses language models: what its applications would report, instant by instant.
 * Pure: everything is drawn from the seed, the clock is passed in, and how often it is asked changes nothing.
 */
import type { Batch, TimedEvent } from "./arrival.ts";
import { type DemoEvent, rfc3339 } from "./demo-event.ts";
import { EventQueue } from "./event-queue.ts";
import { type DemoPool, POOLS } from "./pools.ts";
import { exponentialWait, integerBetween, pickWeighted, type Random, seededRandom } from "./random.ts";
import { planRequest } from "./request.ts";
import { INTENSITY_MAX, momentAt, type PhaseName } from "./scenario.ts";

export type TrafficOptions = {
  readonly seed: number;
  /** Client requests a second, retries apart: in the calm, and in the mean of a cycle. */
  readonly rate: number;
  /** When the scenario begins, in milliseconds since the epoch. Ids differ from run to run by it. */
  readonly startMillis: number;
  /** Instead of the seeded one. */
  readonly random?: Random;
};

export type Traffic = {
  /** Events since the instant before, in the order of their time. Instants do not go back. */
  readonly due: (nowMillis: number) => TimedEvent[];
  /** The ends of all requests that were reported as started: their callers go away. Nothing comes after it. */
  readonly finish: (nowMillis: number) => TimedEvent[];
  readonly phaseAt: (nowMillis: number) => PhaseName;
};

/** After a longer gap the machine was asleep: nobody asked anything meanwhile. */
const GAP_MAX_MILLIS = 120_000;

export function createTraffic({
  seed,
  rate,
  startMillis,
  random = seededRandom(seed),
}: TrafficOptions): Traffic {
  const queue = new EventQueue();
  /** Starts of the requests in flight. */
  const open = new Map<string, DemoEvent>();
  const context = { random, momentAt: (atMillis: number) => momentAt(Math.max(0, atMillis - startMillis)) };
  const run = `demo-${startMillis.toString(36)}-${seed}`;
  const batches = batchesOf(random, run);
  const waitMillis = () => exponentialWait(random, (rate * INTENSITY_MAX) / 1e3);
  let nextArrivalMillis = startMillis + waitMillis();
  let lastMillis = startMillis;
  let arrivals = 0;

  /** Arrivals come at the highest intensity, and the present one says how many of them are real. */
  const arrive = (nowMillis: number): void => {
    if (nowMillis - lastMillis > GAP_MAX_MILLIS) nextArrivalMillis = Math.max(nextArrivalMillis, nowMillis);
    lastMillis = nowMillis;
    while (nextArrivalMillis <= nowMillis) {
      const atMillis = nextArrivalMillis;
      nextArrivalMillis += waitMillis();
      if (random() * INTENSITY_MAX >= context.momentAt(atMillis).phase.intensity) continue;
      const pool = pickWeighted(random, POOLS);
      arrivals += 1;
      const arrival = { id: `${run}-${arrivals}`, atMillis, pool, batch: batches.next(pool) };
      for (const timed of planRequest(context, arrival)) queue.add(timed);
    }
  };

  return {
    due(nowMillis) {
      arrive(nowMillis);
      const events: TimedEvent[] = [];
      for (let timed = queue.takeDue(nowMillis); timed !== undefined; timed = queue.takeDue(nowMillis)) {
        const { event } = timed;
        if (event.phase === "start") open.set(event.id, event);
        else if (event.phase === undefined) open.delete(event.id);
        events.push(timed);
      }
      return events;
    },
    finish(nowMillis) {
      const ends = Array.from(open.values(), (start) => ({
        atMillis: nowMillis,
        event: cancelledEnd(start, nowMillis),
        repeat: false,
      }));
      open.clear();
      queue.clear();
      nextArrivalMillis = Number.POSITIVE_INFINITY;
      return ends;
    },
    phaseAt: (nowMillis) => context.momentAt(nowMillis).phase.name,
  };
}

function cancelledEnd({ phase: _, ...start }: DemoEvent, nowMillis: number): DemoEvent {
  return {
    ...start,
    timestamp: rfc3339(nowMillis),
    start_time: start.timestamp,
    status: "cancelled",
    error_type: "cancelled",
    duration_ms: Math.max(0, nowMillis - Date.parse(start.timestamp)),
  };
}

/** Hands out the places in the batches of the pools that have them, one batch after the other. */
function batchesOf(random: Random, run: string): { next: (pool: DemoPool) => Batch | undefined } {
  const current = new Map<DemoPool, { batch: Batch; left: number }>();
  let opened = 0;
  return {
    next(pool) {
      if (pool.batch === undefined) return undefined;
      let place = current.get(pool);
      if (place === undefined || place.left === 0) {
        const size = integerBetween(random, pool.batch.sizeMin, pool.batch.sizeMax);
        opened += 1;
        place = { batch: { id: `${run}-batch-${opened}`, size }, left: size };
        current.set(pool, place);
      }
      place.left -= 1;
      return place.batch;
    },
  };
}
