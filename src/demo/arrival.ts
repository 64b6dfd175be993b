/** What the planning of requests hands around: an arrival, its surroundings, and the events that come of it. */
import type { DemoEvent } from "./demo-event.ts";
import type { DemoPool } from "./pools.ts";
import type { Random } from "./random.ts";
import type { Moment } from "./scenario.ts";

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

/** Who asks, and under which trace: the same in all attempts. */
export type Sender = Pick<DemoEvent, "team" | "user" | "tags" | "trace_id">;
