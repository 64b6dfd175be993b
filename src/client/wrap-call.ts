/** Times calls and reports how they ended. What a call returns or throws goes through as it is. */
import { type CallParts, CallReport } from "./call-report.ts";
import { part } from "./findings.ts";
import type { EventFields } from "./llm-event.ts";
import { isEmitter, isStream, observeEmitter, observeStream } from "./observe-stream.ts";

/** Open streams that are remembered for the end; those beyond are reported by their own end only. */
const OPEN_MAX = 10_000;

export class CallWrapper {
  readonly #parts: CallParts;
  readonly #open = new Set<CallReport>();

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  wrap<Result>(fields: EventFields, call: () => Result): Result {
    const report = new CallReport(fields, this.#parts, (ended) => this.#open.delete(ended));
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
    // The very promise: those of the SDKs have members of their own. This listener is the first, so a stream is listened
    // to before the application has it.
    void result.then(
      (value) => endWithValue(report, value),
      (thrown) => report.endThrown(thrown),
    );
    return result;
  }

  /** For the end of the client: what is still open was left by the application, as far as anybody can tell. */
  endOpen(): void {
    for (const report of [...this.#open]) report.endLeft();
  }
}

/** Not every object with a `then`: one that begins its work when it is asked would do it twice. */
function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise || Object.prototype.toString.call(value) === "[object Promise]";
}

/** Never throws. */
function endWithValue(report: CallReport, value: unknown): void {
  try {
    const answer = part(value);
    // Of `withResponse()`.
    const inner = answer !== undefined && part(answer.response) !== undefined ? part(answer.data) : undefined;
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

/** What `fetch` answers; its body is the application's. */
function isResponse(value: object): value is { readonly status: number } {
  return "status" in value && typeof value.status === "number" && "headers" in value && "ok" in value;
}

function failureOfResponse({ status }: { readonly status: number }): { http_status: number } | undefined {
  return status >= 400 && status <= 599 ? { http_status: status } : undefined;
}
