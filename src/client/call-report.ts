/** One call to a model: when it began, what its answer says, and the event that it becomes, once. */
import type { SpanIds } from "./active-span.ts";
import { failureFields } from "./failure-fields.ts";
import { type FailureFields, type Findings, noFindings, type Part } from "./findings.ts";
import type { EventFields, LlmEvent } from "./llm-event.ts";
import { readAnswer } from "./read-answer.ts";
import { readChunk } from "./read-chunk.ts";
import { servedModel } from "./served-model.ts";

export type CallParts = {
  readonly track: (event: LlmEvent) => unknown;
  readonly activeSpan: () => SpanIds | undefined;
  readonly elapsedMillis: () => number;
};

/** No method throws: what cannot be read is left out. */
export class CallReport {
  readonly #fields: EventFields;
  readonly #parts: CallParts;
  readonly #span: SpanIds | undefined;
  readonly #beganMillis: number;
  readonly #findings: Findings = noFindings();
  readonly #onEnd: (report: CallReport) => void;
  #firstTokenMillis: number | undefined;
  #isStream = false;
  #hasEnded = false;

  /** The call begins now. */
  constructor(fields: EventFields, parts: CallParts, onEnd: (report: CallReport) => void) {
    this.#fields = definedOf(fields);
    this.#parts = parts;
    this.#onEnd = onEnd;
    this.#span = parts.activeSpan();
    this.#beganMillis = parts.elapsedMillis();
  }

  noteStream(): void {
    this.#isStream = true;
  }

  noteChunk(chunk: unknown): void {
    if (this.#hasEnded) return;
    let hasContent = true;
    try {
      hasContent = readChunk(this.#findings, chunk);
    } catch {
      // A chunk whose getters throw is still one that came.
    }
    if (hasContent) this.#firstTokenMillis ??= this.#sinceBegan();
  }

  /** A whole answer came. */
  endWith(answer: Part): void {
    try {
      readAnswer(this.#findings, answer);
    } catch {
      // What was read before it threw holds.
    }
    this.#end(this.#findings.failure);
  }

  /** The stream is over: read to its end, or, if `wasAborted`, ended by the application. */
  endStream(wasAborted: boolean): void {
    const { isFinished, isRecognised, failure } = this.#findings;
    if (failure !== undefined || isFinished) this.#end(failure);
    else if (wasAborted) this.#end({ status: "cancelled" });
    else this.#end(isRecognised ? { status: "error", error_type: "streaming" } : undefined);
  }

  /** The application left the stream before its end. */
  endLeft(): void {
    this.endStream(true);
  }

  /** The stream broke; nobody says by what. */
  endBroken(): void {
    const hasBegun = this.#firstTokenMillis !== undefined;
    this.endAs({ status: "error", ...(hasBegun ? { error_type: "streaming" } : {}) });
  }

  endThrown(thrown: unknown): void {
    this.#end(this.#findings.failure ?? failureFields(thrown, this.#firstTokenMillis !== undefined));
  }

  /** All that is known of the end. */
  endAs(failure: FailureFields | undefined): void {
    this.#end(this.#findings.failure ?? failure);
  }

  #end(failure: FailureFields | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd(this);
    this.#parts.track(this.#event(failure));
  }

  #event(failure: FailureFields | undefined): LlmEvent {
    const { serviceTier, operation, usage, toolCalls } = this.#findings;
    const asked = this.#fields.model;
    const model = servedModel(asked, this.#findings.model);
    const ttft = this.#isStream ? this.#firstTokenMillis : undefined;
    return {
      ...(operation === undefined ? {} : { operation }),
      ...(serviceTier === undefined ? {} : { service_tier: serviceTier }),
      ...(model === undefined || asked === undefined || model === asked ? {} : { requested_model: asked }),
      ...(this.#fields.trace_id || this.#fields.span_id ? {} : this.#span),
      ...this.#fields,
      ...(model === undefined ? {} : { model }),
      ...usage,
      ...(toolCalls.size === 0 ? {} : { tool_call_count: toolCalls.size }),
      ...(failure ?? { status: "success" }),
      stream: this.#isStream,
      duration_ms: this.#sinceBegan(),
      ...(ttft === undefined ? {} : { time_to_first_token_ms: ttft }),
    };
  }

  #sinceBegan(): number {
    const millis = this.#parts.elapsedMillis() - this.#beganMillis;
    // Clocks of this kind are no finer than a microsecond.
    return Math.max(0, Math.round(millis * 1e3) / 1e3);
  }
}

/** A copy of what is there: `undefined` must not hide what the answer says. Nothing if a getter throws. */
function definedOf(fields: EventFields): EventFields {
  try {
    const entries = Object.entries(fields ?? {});
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
  } catch {
    return {};
  }
}
