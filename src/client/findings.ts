/** What is known so far of a call from its answer, or from the chunks of it: names, counts and how it ended. No text. */

/** Token counts as an event has them. */
export type UsageFields = {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cache_read_tokens?: number;
  readonly cache_creation_tokens?: number;
  readonly cache_write_1h_tokens?: number;
  readonly reasoning_tokens?: number;
  readonly input_includes_cache?: boolean;
};

export type FailureFields = {
  readonly status?: "error" | "cancelled";
  readonly error_type?: string;
  readonly http_status?: number;
};

export type Findings = {
  model: string | undefined;
  serviceTier: string | undefined;
  operation: string | undefined;
  usage: UsageFields;
  /** By what tells them apart: a stream names one many times. */
  readonly toolCalls: Set<string>;
  /** The chunks are of a kind that says when it is over. */
  isRecognised: boolean;
  /** The answer is whole: what else comes is usage. */
  isFinished: boolean;
  failure: FailureFields | undefined;
};

export function noFindings(): Findings {
  return {
    model: undefined,
    serviceTier: undefined,
    operation: undefined,
    usage: {},
    toolCalls: new Set(),
    isRecognised: false,
    isFinished: false,
    failure: undefined,
  };
}

/** An object of an answer; what it holds is read by `dataOf`, never straight. */
export type Part = object;

/** `undefined` for what is no object. */
export function part(value: unknown): Part | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

export function parts(value: unknown): readonly Part[] {
  return Array.isArray(value) ? value.filter((one) => part(one) !== undefined) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

/** What provider and SDK call a failure, put together for `error_type`. */
export const CONTENT_FILTERED: FailureFields = { error_type: "content_filter" };
