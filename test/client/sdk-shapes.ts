/** Objects of the forms that the OpenAI and Anthropic SDKs hand out, made from chunks that a test names. */

/** Of both SDKs: read through `iterator`, abandoned and broken off through `controller`. */
export class SdkStream<Item> implements AsyncIterable<Item> {
  readonly controller = new AbortController();
  readonly iterator: () => AsyncIterator<Item>;

  constructor(iterator: () => AsyncIterator<Item>) {
    this.iterator = iterator;
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return this.iterator();
  }

  tee(): [SdkStream<Item>, SdkStream<Item>] {
    const left: Promise<IteratorResult<Item>>[] = [];
    const right: Promise<IteratorResult<Item>>[] = [];
    const iterator = this.iterator();
    const half = (queue: Promise<IteratorResult<Item>>[]) =>
      new SdkStream<Item>(() => ({
        next: () => {
          if (queue.length === 0) {
            const step = iterator.next();
            left.push(step);
            right.push(step);
          }
          return queue.shift()!;
        },
      }));
    return [half(left), half(right)];
  }
}

/** Each chunk may be a value, something to do before the next one, or an error to throw. */
export type Script = readonly (object | (() => void) | Error)[];

export function sdkStream(script: Script): SdkStream<object> {
  const stream: SdkStream<object> = new SdkStream(async function* () {
    let isDone = false;
    try {
      for (const step of script) {
        // An aborted stream ends without an error.
        if (stream.controller.signal.aborted) return;
        if (step instanceof Error) throw step;
        if (typeof step === "function") step();
        else yield step;
      }
      isDone = true;
    } finally {
      if (!isDone) stream.controller.abort();
    }
  });
  return stream;
}

/** The promise of both SDKs: a Promise with members of its own. */
export class ApiPromise<Value> extends Promise<Value> {
  async withResponse(): Promise<{ data: Value; response: object }> {
    return { data: await this, response: { status: 200 } };
  }
}

export function apiPromise<Value>(value: Value): ApiPromise<Value> {
  return new ApiPromise((resolve) => resolve(value));
}

/** What both SDKs throw for an answer of 400 and above; their `name` says nothing. */
export class APIError extends Error {
  readonly status: number | undefined;
  readonly error: unknown;
  readonly code: string | undefined;

  constructor(
    status: number | undefined,
    message: string,
    { error, code }: { error?: unknown; code?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.error = error;
    this.code = code;
  }
}
export class APIUserAbortError extends APIError {}
export class APIConnectionError extends APIError {}
export class APIConnectionTimeoutError extends APIConnectionError {}

/** The helpers of `client.messages.stream()` and its like. */
export class SdkEmitter {
  aborted = false;
  errored = false;
  readonly #listeners = new Map<string, ((value: unknown) => void)[]>();

  on(name: string, listener: (value: unknown) => void): this {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return this;
  }

  emit(name: string, value?: unknown): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(value);
  }

  done(): Promise<void> {
    return Promise.resolve();
  }

  emitted(): Promise<void> {
    return Promise.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {}
}
