/**
 * The client: reports requests to an exporter from inside an application, in any runtime that has `fetch`. It waits
 * for nothing, throws nothing into the application, and drops nothing without counting it.
 */
import { activeSpan } from "./active-span.ts";
import { type ClientOptions, readOptions } from "./client-options.ts";
import { Delivery } from "./delivery.ts";
import { eventLine } from "./event-line.ts";
import type { EventFields, LlmEvent } from "./llm-event.ts";
import { newId } from "./new-id.ts";
import { OutgoingQueue } from "./outgoing-queue.ts";
import { type ClientStats, Tally } from "./tally.ts";
import { CallWrapper } from "./wrap-call.ts";

export type LlmClient = {
  /**
   * Takes an event; it is sent later. Without an id it gets one, without a time that of the call, without a trace that
   * of the active span. Answers with the id, or `undefined` if the event was dropped.
   */
  readonly track: (event: LlmEvent) => string | undefined;
  /**
   * Makes the call, and reports it when it has ended: a promise when it settles, a stream when it was read or left.
   * Returns or throws just what `call` does. `fields` say what the answer does not; what it says of the model holds.
   */
  readonly wrap: <Result>(fields: EventFields, call: () => Result) => Result;
  /**
   * Resolves when all that was tracked before has been delivered or given up, at the latest after `timeoutMillis`
   * (30,000): with how many of them still wait. They go on waiting.
   */
  readonly flush: (timeoutMillis?: number) => Promise<{ readonly left: number }>;
  /**
   * Reports calls whose streams are still open as cancelled, sends what waits for at most `timeoutMillis` (5,000), and
   * ends. `left` is how many events were given up; they are counted as dropped, though the last ones may have arrived.
   */
  readonly close: (timeoutMillis?: number) => Promise<{ readonly left: number }>;
  readonly dropped: number;
  readonly stats: ClientStats;
};

/** Never throws; a problem with an option is told to `onError`. Starts no timer and no request before the first event. */
export function createClient(options: ClientOptions): LlmClient {
  const settings = readOptions(options);
  const { destination, onError, nowMillis, random } = settings;
  const tally = new Tally();
  const queue = new OutgoingQueue({ eventsMax: settings.maxQueue, bytesMax: settings.maxQueueBytes });
  const delivery = destination === undefined ? undefined : new Delivery(settings, destination, queue, tally);
  const lineParts = { nowMillis, newId: () => newId(random), activeSpan };
  let closing: Promise<{ left: number }> | undefined;
  let isClosed = false;
  let isFull = false;

  const track = (event: LlmEvent): string | undefined => {
    tally.tracked += 1;
    if (isClosed || delivery === undefined) {
      tally.drop(delivery === undefined ? "bad_url" : "closed");
      return undefined;
    }
    const line = eventLine(event, lineParts);
    if (typeof line === "string") {
      tally.drop(line);
      onError({ code: "bad_event", message: `an event was dropped: ${line}`, events: 1 });
      return undefined;
    }
    if (!queue.add(line)) {
      tally.drop("queue_full");
      if (!isFull) {
        const message = `events are dropped: ${queue.length} wait for the exporter (${queue.bytes} bytes)`;
        onError({ code: "queue_full", message, events: 1 });
      }
      isFull = true;
      return undefined;
    }
    isFull = false;
    delivery.noteAdded();
    return line.id;
  };

  const calls = new CallWrapper({ track, activeSpan, elapsedMillis: settings.elapsedMillis });

  const flush = async (timeoutMillis = 30_000): Promise<{ left: number }> => {
    try {
      return { left: (await delivery?.flush(timeoutMillis)) ?? 0 };
    } catch {
      // A runtime that gives no timer here and now.
      return { left: queue.length };
    }
  };

  const end = async (timeoutMillis: number): Promise<{ left: number }> => {
    calls.endOpen();
    isClosed = true;
    await flush(timeoutMillis);
    delivery?.stop();
    const left = queue.length;
    tally.drop("closed", left);
    queue.remove(left);
    return { left };
  };

  return {
    track,
    wrap: (fields, call) => calls.wrap(fields, call),
    flush,
    close: (timeoutMillis = 5_000) => {
      closing ??= end(timeoutMillis);
      return closing;
    },
    get dropped() {
      return tally.dropped;
    },
    get stats() {
      return tally.stats(queue.length);
    },
  };
}
