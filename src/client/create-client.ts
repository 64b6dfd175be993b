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

/** What `close()` keeps for its last flush, however long calls are under way. */
const FLUSH_MILLIS = 1_000;

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
   * Waits for calls that are under way and streams that are open, sends what waits, and ends, all within `timeoutMillis`
   * (5,000). Calls that are open when their part of that time is over are reported as cancelled. `left` is how many
   * events were given up; they are counted as dropped, though the last ones may have arrived.
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
  /** `close()` was called; and after that, what was under way has ended or been given up. */
  let isClosing = false;
  let isClosed = false;
  let isFull = false;

  const report = (event: LlmEvent): string | undefined => {
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
    if (line.leftOut.length > 0)
      onError({
        code: "bad_event",
        message: `left out, not of their kind: ${line.leftOut.join(", ")}`,
        events: 0,
      });
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

  const track = (event: LlmEvent): string | undefined => {
    if (!isClosing || delivery === undefined) return report(event);
    tally.tracked += 1;
    tally.drop("closed");
    return undefined;
  };

  const calls = new CallWrapper({ track: report, activeSpan, elapsedMillis: settings.elapsedMillis });

  const flush = async (timeoutMillis = 30_000): Promise<{ left: number }> => {
    try {
      return { left: (await delivery?.flush(timeoutMillis)) ?? 0 };
    } catch {
      // A runtime that gives no timer here and now.
      return { left: queue.length };
    }
  };

  /** Resolves with what is left of the time for the last flush: half of it or a second at least, whichever is less. */
  const waitForCalls = async (timeoutMillis: number): Promise<number> => {
    const beganMillis = settings.elapsedMillis();
    const waitMillis = Math.max(timeoutMillis / 2, timeoutMillis - FLUSH_MILLIS);
    try {
      if (!(await calls.idle(waitMillis))) return timeoutMillis - waitMillis;
    } catch {
      // A runtime that gives no timer here and now.
    }
    return timeoutMillis - Math.max(0, settings.elapsedMillis() - beganMillis);
  };

  const end = async (timeoutMillis: number): Promise<{ left: number }> => {
    isClosing = true;
    const leftMillis = await waitForCalls(timeoutMillis);
    calls.endOpen();
    isClosed = true;
    await flush(leftMillis);
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
