/** What a client is made with, and what holds for what is left out or cannot be. */
import type { BackOff } from "./back-off.ts";
import { type ClientProblem, guarded, type OnError, warnOnce } from "./client-problem.ts";
import type { Destination } from "./post-events.ts";
import { MILLIS_MAX } from "./timer.ts";

export type ClientOptions = {
  /** Of the exporter: `http://127.0.0.1:9464`. */
  readonly url: string | URL;
  /** Its `auth.ingest_token`. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Events that wait at most, 10,000 by default; further ones are dropped and counted. */
  readonly maxQueue?: number | undefined;
  /** And their bytes, 16 MiB by default. */
  readonly maxQueueBytes?: number | undefined;
  /** Events in one body, 500 by default. When so many wait they are sent at once. */
  readonly maxBatch?: number | undefined;
  /** How long an event waits for others at most, 1,000 ms by default. */
  readonly flushIntervalMillis?: number | undefined;
  /** Until an answer has come, 10,000 ms by default. */
  readonly timeoutMillis?: number | undefined;
  /** Wait between attempts: at random up to `baseMillis` (500), doubled with each failure up to `maxMillis` (30,000). */
  readonly retry?: Partial<BackOff> | undefined;
  /** Told of every problem; by default each kind is written to the console once. */
  readonly onError?: OnError | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** The clock, in milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1, 1 excluded. */
  readonly random?: (() => number) | undefined;
};

export type Settings = {
  /** `undefined` without a URL that can be sent to. */
  readonly destination: Destination | undefined;
  readonly maxQueue: number;
  readonly maxQueueBytes: number;
  readonly maxBatch: number;
  readonly flushIntervalMillis: number;
  readonly retry: BackOff;
  readonly onError: OnError;
  readonly nowMillis: () => number;
  /** For durations: it may begin anywhere, but never goes back. */
  readonly elapsedMillis: () => number;
  readonly random: () => number;
};

const EVENTS_PATH = "v1/events";
const COUNT_MAX = 1e9;

/** Never throws: what is not as it must be is told to `onError`, and its default holds. */
export function readOptions(given: ClientOptions): Settings {
  const options = typeof given === "object" && given !== null ? given : ({} as Partial<ClientOptions>);
  const onError = guarded(typeof options.onError === "function" ? options.onError : warnOnce());
  const wrong = (message: string): void =>
    onError({ code: "bad_option", message, events: 0 } satisfies ClientProblem);
  const number = (name: string, value: unknown, fallback: number, min: number, max: number): number => {
    if (value === undefined || value === null) return fallback;
    if (typeof value === "number" && value >= min && value <= max) return Math.floor(value);
    wrong(`${name}: expected a number from ${min} to ${max}, got ${String(value)}`);
    return fallback;
  };
  const { now, random = Math.random, retry } = options;
  const nowMillis = now ?? Date.now;
  const { performance } = globalThis as { performance?: { now(): number } };
  const url = eventsUrl(options.url);
  if (url === undefined)
    wrong("url: expected http://HOST:PORT or https://HOST:PORT of an exporter; events are dropped");
  const maxQueue = number("maxQueue", options.maxQueue, 10_000, 1, COUNT_MAX);
  const timeoutMillis = number("timeoutMillis", options.timeoutMillis, 10_000, 1, MILLIS_MAX);
  const maxMillis = number("retry.maxMillis", retry?.maxMillis, 30_000, 1, MILLIS_MAX);
  return {
    destination:
      url === undefined
        ? undefined
        : {
            url,
            headers: {
              ...options.headers,
              "content-type": "application/x-ndjson",
              ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
            },
            timeoutMillis,
            // Looked up at each call: the application may put its own in place of it, and it must be called as a global.
            fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
            nowMillis,
          },
    maxQueue,
    maxQueueBytes: number("maxQueueBytes", options.maxQueueBytes, 16 * 1024 * 1024, 1, COUNT_MAX),
    maxBatch: Math.min(number("maxBatch", options.maxBatch, 500, 1, COUNT_MAX), maxQueue),
    flushIntervalMillis: number("flushIntervalMillis", options.flushIntervalMillis, 1_000, 0, MILLIS_MAX),
    retry: { baseMillis: number("retry.baseMillis", retry?.baseMillis, 500, 1, MILLIS_MAX), maxMillis },
    onError,
    nowMillis,
    elapsedMillis: now ?? (performance === undefined ? Date.now : () => performance.now()),
    random,
  };
}

/** `undefined` for what is no address of a server. A path is kept: the exporter may stand behind a prefix. */
function eventsUrl(url: unknown): string | undefined {
  try {
    const { protocol, origin, pathname } = new URL(String(url));
    if (protocol !== "http:" && protocol !== "https:") return undefined;
    return `${origin}${pathname.replace(/\/?$/, "/")}${EVENTS_PATH}`;
  } catch {
    return undefined;
  }
}
