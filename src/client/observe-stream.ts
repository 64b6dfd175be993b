/**
 * Listens to a stream that the application reads, without reading it: each chunk is seen when the application takes it,
 * and the stream stays the object that the SDK made, with all its members.
 */
import type { CallReport } from "./call-report.ts";
import { dataOf } from "./data-of.ts";

type Iterating = { [Symbol.asyncIterator]: () => AsyncIterator<unknown> };
/** What the streams of the OpenAI and Anthropic SDKs have beside: `tee()` reads through `iterator`. */
type SdkStream = Iterating & { iterator?: () => AsyncIterator<unknown>; controller?: AbortController };
type Step = IteratorResult<unknown>;

export function isStream(value: object): value is Iterating {
  return typeof dataOf(value, Symbol.asyncIterator) === "function";
}

/** The call ends when the stream does. False if the object cannot be listened to. */
export function observeStream(stream: SdkStream, report: CallReport): boolean {
  const heard = new WeakSet<object>();
  const hear = (iterator: AsyncIterator<unknown>) => {
    try {
      if (heard.has(iterator)) return iterator;
      heard.add(iterator);
      if (!observeIterator(iterator, report, () => wasAborted(stream))) report.endAs(undefined);
    } catch {
      // The application is inside of its loop: what is wrong with the iterator it will hear from the iterator.
      report.endAs(undefined);
    }
    return iterator;
  };
  // An async generator is its own iterator, and may be read without being asked for one.
  if (typeof dataOf(stream, "next") === "function") hear(stream as unknown as AsyncIterator<unknown>);
  if (Object.hasOwn(stream, "iterator") && typeof dataOf(stream, "iterator") === "function") {
    const iterator = stream.iterator!;
    replace(stream, "iterator", () => hear(iterator.call(stream)));
  }
  const iterate = stream[Symbol.asyncIterator];
  return replace(stream, Symbol.asyncIterator, () => hear(iterate.call(stream)));
}

/** The signal's own accessors do nothing. */
function wasAborted(stream: SdkStream): boolean {
  try {
    return (dataOf(stream, "controller") as AbortController | undefined)?.signal?.aborted === true;
  } catch {
    return false;
  }
}

/**
 * Puts ears before `next`, `return` and `throw`. What they return, promise for promise, is left as it is. False if
 * `next` cannot be replaced; without the others a stream that is left says nothing until the client closes.
 */
function observeIterator(
  iterator: AsyncIterator<unknown>,
  report: CallReport,
  wasAborted: () => boolean,
): boolean {
  const { next, return: leave, throw: fail } = iterator;
  const listen = (call: () => Promise<Step>): Promise<Step> => {
    let step: Promise<Step>;
    try {
      step = call();
    } catch (thrown) {
      report.endThrown(thrown);
      throw thrown;
    }
    // Before the application hears of it. A rejection is handled by this, as far as the runtime can tell: nobody can both
    // see one and leave it unhandled. A loop that reads the stream throws it all the same.
    void Promise.resolve(step).then(
      (result) => {
        if (result?.done) report.endStream(wasAborted());
        else report.noteChunk(result?.value);
      },
      (thrown) => report.endThrown(thrown),
    );
    return step;
  };
  const isHeard = replace(iterator, "next", (...args: [] | [unknown]) =>
    listen(() => next.apply(iterator, args)),
  );
  if (!isHeard) return false;
  // Without one of its own, a loop that is left would say nothing.
  replace(iterator, "return", (value?: unknown) => {
    report.endLeft();
    return leave === undefined ? Promise.resolve({ done: true, value }) : leave.call(iterator, value);
  });
  if (fail !== undefined) {
    replace(iterator, "throw", (thrown?: unknown) => {
      report.endThrown(thrown);
      return fail.call(iterator, thrown);
    });
  }
  return true;
}

/** False for an object that cannot be changed. */
function replace(object: object, name: PropertyKey, value: unknown): boolean {
  try {
    const enumerable = Object.getOwnPropertyDescriptor(object, name)?.enumerable ?? false;
    return Reflect.defineProperty(object, name, { value, enumerable, configurable: true, writable: true });
  } catch {
    return false;
  }
}

/** The helpers of both SDKs (`client.messages.stream()` and its like) read by themselves and tell listeners. */
type Emitter = {
  readonly on: (event: string, listener: (value: unknown) => void) => unknown;
  readonly done: () => Promise<void>;
  readonly ended?: boolean;
  readonly aborted?: boolean;
  readonly errored?: boolean;
};

export function isEmitter(value: object): value is Emitter {
  return ["on", "done", "emitted"].every((name) => typeof dataOf(value, name) === "function");
}

/** Only events that carry chunks, and the end: a listener for errors would make an error that nobody handles silent. */
export function observeEmitter(emitter: Emitter, report: CallReport): void {
  report.noteStream();
  const end = () => {
    if (emitter.errored === true && emitter.aborted !== true) report.endBroken();
    else report.endStream(emitter.aborted === true);
  };
  // One that is over tells nobody any more; the SDKs' own accessors only say so.
  if (emitter.ended === true) {
    end();
    return;
  }
  for (const name of ["chunk", "streamEvent", "event"]) emitter.on(name, (chunk) => report.noteChunk(chunk));
  emitter.on("end", end);
}
