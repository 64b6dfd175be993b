/**
 * Listens to a stream that the application reads, without reading it: each chunk is seen when the application takes it,
 * and the stream stays the object that the SDK made, with all its members.
 */
import type { CallReport } from "./call-report.ts";
import { type Part, part } from "./findings.ts";

type Iterating = { [Symbol.asyncIterator]: () => AsyncIterator<unknown> };
/** What the streams of the OpenAI and Anthropic SDKs have beside: `tee()` reads through `iterator`. */
type SdkStream = Iterating & { iterator?: () => AsyncIterator<unknown> };
type Step = IteratorResult<unknown>;

export function isStream(value: object): value is Iterating {
  return typeof (value as Partial<Iterating>)[Symbol.asyncIterator] === "function";
}

/** The call ends when the stream does. False if the object cannot be listened to. */
export function observeStream(stream: SdkStream, report: CallReport): boolean {
  const heard = new WeakSet<object>();
  const wasAborted = () => part(part(part(stream)?.controller)?.signal)?.aborted === true;
  const hear = (iterator: AsyncIterator<unknown>) => {
    if (heard.has(iterator)) return iterator;
    heard.add(iterator);
    observeIterator(iterator, report, wasAborted);
    return iterator;
  };
  try {
    // An async generator is its own iterator, and may be read without being asked for one.
    if (typeof (stream as unknown as Part).next === "function")
      hear(stream as unknown as AsyncIterator<unknown>);
    const { iterator } = stream;
    if (Object.hasOwn(stream, "iterator") && typeof iterator === "function")
      replace(stream, "iterator", () => hear(iterator.call(stream)));
    const iterate = stream[Symbol.asyncIterator];
    replace(stream, Symbol.asyncIterator, () => hear(iterate.call(stream)));
    return true;
  } catch {
    // Frozen.
    return false;
  }
}

/** Puts ears before `next`, `return` and `throw`. What they return, promise for promise, is left as it is. */
function observeIterator(
  iterator: AsyncIterator<unknown>,
  report: CallReport,
  wasAborted: () => boolean,
): void {
  const { next, return: leave, throw: fail } = iterator;
  const listen = (call: () => Promise<Step>): Promise<Step> => {
    let step: Promise<Step>;
    try {
      step = call();
    } catch (thrown) {
      report.endThrown(thrown);
      throw thrown;
    }
    // Before the application hears of it; and its rejection is still the application's to handle.
    void Promise.resolve(step).then(
      (result) => {
        if (result?.done) report.endStream(wasAborted());
        else report.noteChunk(result?.value);
      },
      (thrown) => report.endThrown(thrown),
    );
    return step;
  };
  replace(iterator, "next", (...args: [] | [unknown]) => listen(() => next.apply(iterator, args)));
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
}

/** Throws a TypeError for an object that cannot be changed. */
function replace(object: object, name: PropertyKey, value: unknown): void {
  const enumerable = Object.getOwnPropertyDescriptor(object, name)?.enumerable ?? false;
  Object.defineProperty(object, name, { value, enumerable, configurable: true, writable: true });
}

/** The helpers of both SDKs (`client.messages.stream()` and its like) read by themselves and tell listeners. */
type Emitter = {
  readonly on: (event: string, listener: (value: unknown) => void) => unknown;
  readonly done: () => Promise<void>;
  readonly aborted?: boolean;
  readonly errored?: boolean;
};

export function isEmitter(value: object): value is Emitter {
  const { on, done, emitted } = value as Partial<Record<string, unknown>>;
  return typeof on === "function" && typeof done === "function" && typeof emitted === "function";
}

/** Only events that carry chunks, and the end: a listener for errors would make an error that nobody handles silent. */
export function observeEmitter(emitter: Emitter, report: CallReport): void {
  report.noteStream();
  for (const name of ["chunk", "streamEvent", "event"]) emitter.on(name, (chunk) => report.noteChunk(chunk));
  emitter.on("end", () => {
    if (emitter.errored === true && emitter.aborted !== true) report.endBroken();
    else report.endStream(emitter.aborted === true);
  });
}
