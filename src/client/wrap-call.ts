/** Times calls and reports how they ended. What a call returns or throws goes through as it is. */
import { type CallParts, CallReport } from "./call-report.ts";
import { dataOf } from "./data-of.ts";
import { part } from "./findings.ts";
import type { EventFields } from "./llm-event.ts";
import { isEmitter, isStream, observeEmitter, observeStream } from "./observe-stream.ts";
import { MILLIS_MAX } from "./timer.ts";

/** Open calls that are remembered for the end; those beyond are reported by their own end only. */
const OPEN_MAX = 10_000;

export class CallWrapper {
  readonly #parts: CallParts;
  readonly #open = new Set<CallReport>();
  #onIdle: (() => void) | undefined;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  wrap<Result>(fields: EventFields, call: () => Result): Result {
    const report = new CallReport(fields, this.#parts, (ended) => this.#forget(ended));
    let result: Result;
    try {
      result = call();
    } catch (thrown) {
      report.endThrown(thrown);
      throw thrown;
    }
    if (this.#open.size < OPEN_MAX) this.#open.add(report);
    if (!isPromise(result)) {
      endWithValue(report, result);
      return result;
    }
    try {
      // The very promise: those of the SDKs have members of their own. This listener is the first, so a stream is listened
      // to before the application has it. A rejection is handled by it, as far as the runtime can tell: nobody can both
      // see one and leave it unhandled, and one that is thrown on from here would be unhandled where the application
      // handles its own.
      void result.then(
        (value) => endWithValue(report, value),
        (thrown) => report.endThrown(thrown),
      );
    } catch {
      // A proxy of a promise cannot be asked.
      report.endAs(undefined);
    }
    return result;
  }

  /** Resolves when no call is under way and no stream is open, after `timeoutMillis` at the latest; true if it came to that. */
  async idle(timeoutMillis: number): Promise<boolean> {
    if (this.#open.size === 0) return true;
    return new Promise((resolve) => {
      // It keeps the process alive: somebody waits.
      const deadline = setTimeout(() => resolve(false), Math.min(timeoutMillis, MILLIS_MAX));
      this.#onIdle = () => {
        clearTimeout(deadline);
        resolve(true);
      };
    });
  }

  /** For the end of the client: what is still open was left by the application, as far as anybody can tell. */
  endOpen(): void {
    for (const report of [...this.#open]) report.endLeft();
  }

  #forget(report: CallReport): void {
    if (this.#open.delete(report) && this.#open.size === 0) this.#onIdle?.();
  }
}

/** Not every object with a `then`: one that begins its work when it is asked would do it twice. */
function isPromise(value: unknown): value is Promise<unknown> {
  try {
    return value instanceof Promise || Object.prototype.toString.call(value) === "[object Promise]";
  } catch {
    // A proxy that does not say what it is.
    return false;
  }
}

/** Never throws. */
function endWithValue(report: CallReport, value: unknown): void {
  try {
    const answer = part(value);
    // Of `withResponse()`.
    const inner = part(dataOf(answer, "response")) === undefined ? undefined : part(dataOf(answer, "data"));
    const one = inner ?? answer;
    if (one === undefined) report.endAs(undefined);
    else if (isEmitter(one)) observeEmitter(one, report);
    else if (isStream(one)) {
      report.noteStream();
      if (isOpaque(one) || !observeStream(one, report)) report.endAs(undefined);
    } else if (isResponse(one)) report.endAs(failureOfResponse(one));
    else report.endWith(one);
  } catch {
    report.endAs(undefined);
  }
}

/** Streams of bytes, read by a reader or a pipe that cannot be listened to: such a call ends when it answers. */
function isOpaque(value: object): boolean {
  return "getReader" in value || "pipe" in value;
}

/** What `fetch` answers, whose accessors do nothing; its body is the application's. */
function isResponse(value: object): value is { readonly status: number } {
  return (
    Object.prototype.toString.call(value) === "[object Response]" ||
    (typeof dataOf(value, "status") === "number" && "headers" in value && "ok" in value)
  );
}

function failureOfResponse({ status }: { readonly status: number }): { http_status: number } | undefined {
  return status >= 400 && status <= 599 ? { http_status: status } : undefined;
}
