/**
 * Sends requests to an exporter that runs beside the application, as events with ids: what is sent again because an
 * answer was lost counts once. They wait in a buffer of limited size until the exporter has them.
 */
import { shown } from "../event/issue.ts";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { Connector, ObservedRequest } from "./connector.ts";

export type HttpConnectorOptions = {
  /** Of the exporter: `http://127.0.0.1:9464`. */
  readonly url: string | URL;
  /** Its `auth.ingest_token`. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Until an answer has come, 10,000 ms by default. */
  readonly timeoutMillis?: number | undefined;
  /** Requests that wait at most, 10,000 by default; further ones are dropped and counted. */
  readonly bufferMax?: number | undefined;
  /** Requests in one body, 1,000 by default. When so many wait they are sent without waiting for a flush. */
  readonly batchMax?: number | undefined;
};

const EVENTS_PATH = "v1/events";
const TIMEOUT_MILLIS = 10_000;
const BUFFER_MAX = 10_000;
const BATCH_MAX = 1_000;

/** What an exporter answers; of a problem only the detail. */
type Answer = {
  readonly accepted?: number;
  readonly rejected?: number;
  readonly errors?: readonly { readonly message?: string }[];
  readonly detail?: string;
};

export class HttpConnector implements Connector {
  /** Requests for which there was no room, or which the exporter refused for what they are. */
  dropped = 0;

  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMillis: number;
  readonly #bufferMax: number;
  #batchMax: number;
  #waiting: ObservedRequest[] = [];
  /** Of the first one that waits. The others follow, so that each keeps its number while it waits. */
  #firstNumber = 0;
  readonly #session = crypto.randomUUID();
  #sending: Promise<void> | undefined;
  /** The exporter was away: only a flush tries again. */
  #isAway = false;

  /** Throws a TypeError for a URL that is none, a RangeError for a number that is not as it must be. */
  constructor(options: HttpConnectorOptions) {
    const { url, token, headers, timeoutMillis = TIMEOUT_MILLIS } = options;
    const { bufferMax = BUFFER_MAX, batchMax = BATCH_MAX } = options;
    const { origin, pathname } = new URL(url);
    this.#url = `${origin}${pathname.replace(/\/?$/, "/")}${EVENTS_PATH}`;
    this.#headers = {
      ...headers,
      "content-type": "application/x-ndjson",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    this.#timeoutMillis = positive("timeoutMillis", timeoutMillis);
    this.#bufferMax = positive("bufferMax", bufferMax);
    this.#batchMax = Math.min(positive("batchMax", batchMax), bufferMax);
  }

  observe(request: ObservedRequest): void {
    if (this.#waiting.length >= this.#bufferMax) {
      this.dropped += 1;
      return;
    }
    this.#waiting.push(request);
    if (this.#waiting.length < this.#batchMax || this.#isAway || this.#sending !== undefined) return;
    // What fails here is sent again by the next flush, which says so if it fails as well.
    this.#send().catch(() => undefined);
  }

  /** Sends all that wait now. Rejects when the exporter did not take them; what it may yet take goes on waiting. */
  async flush(): Promise<void> {
    await this.#sending?.catch(() => undefined);
    await this.#send();
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    const end = this.#firstNumber + this.#waiting.length;
    const refusals: string[] = [];
    // Until it has answered for all of them.
    this.#isAway = true;
    while (this.#firstNumber < end) {
      const count = Math.min(this.#batchMax, end - this.#firstNumber);
      const refusal = await this.#sendFirst(count);
      if (refusal !== undefined) refusals.push(refusal);
    }
    this.#isAway = false;
    if (refusals.length > 0) throw new Error(`${this.#url}: ${refusals.join("; ")}`);
  }

  /** Sends the first ones that wait; what the exporter refused of them, if it did. Throws if it may yet take them. */
  async #sendFirst(count: number): Promise<string | undefined> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: this.#headers,
      body: this.#lines(count),
      redirect: "error",
      signal: AbortSignal.timeout(this.#timeoutMillis),
    }).catch((error: unknown) => {
      throw new Error(`${this.#url}: ${count} requests not sent: ${reasonOf(error)}`, { cause: error });
    });
    const answer = await answerOf(response);
    if (response.status === 413 && count > 1) {
      this.#batchMax = Math.ceil(count / 2);
      return undefined;
    }
    // 422: none of them is an event that it takes. The others are events for it to keep, now or later.
    const isTaken = response.ok ? answer.accepted !== undefined : [413, 422].includes(response.status);
    if (!isTaken) {
      const answered = `${response.status} ${answer.detail ?? ""}`.trimEnd();
      throw new Error(`${this.#url}: ${count} requests not taken: ${answered}`);
    }
    this.#waiting.splice(0, count);
    this.#firstNumber += count;
    const refused = response.status === 413 ? count : (answer.rejected ?? 0);
    this.dropped += refused;
    return refused === 0
      ? undefined
      : `${refused} requests refused: ${answer.errors?.[0]?.message ?? answer.detail}`;
  }

  #lines(count: number): string {
    let lines = "";
    for (let index = 0; index < count; index++) {
      const { timestampMicros, fields } = this.#waiting[index]!;
      const id = `${this.#session}-${this.#firstNumber + index}`;
      lines += `${JSON.stringify({ id, timestamp: rfc3339OfMicros(timestampMicros), ...fields })}\n`;
    }
    return lines;
  }
}

function positive(path: string, number: number): number {
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`${path}: expected integer from 1 on, got ${shown(number)}`);
}

async function answerOf(response: Response): Promise<Answer> {
  const answer: unknown = await response.json().catch(() => undefined);
  return typeof answer === "object" && answer !== null ? answer : {};
}

/** `fetch` says what happened in the cause of its error. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  // Of several addresses that were tried there is a code and no message.
  return cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name);
}
