/**
 * Token usage of one request, in disjoint parts. Senders count in two conventions, one with cached tokens inside
 * the input count and one with them beside it; here there is only one.
 */
import { conventionBy, type Inference } from "./cache-convention.ts";
import { type Issue, issueAt } from "./issue.ts";

/** All parts are integers >= 0 and disjoint: a plain sum is the true total. */
export type TokenUsage = {
  readonly input: number;
  readonly cacheRead: number;
  /** All cache writes, those with a lifetime of one hour included. */
  readonly cacheWrite: number;
  /** The part of `cacheWrite` with a lifetime of one hour. */
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly reasoning: number;
};

/** Counts as a sender reports them; `undefined` means not reported. */
export type ReportedUsage = {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly cacheWrite1h: number | undefined;
  readonly reasoning: number | undefined;
  readonly inputIncludesCache: boolean | undefined;
};

/**
 * How to read the input count of a usage with cached tokens that does not say whether it includes them; `undefined` if
 * there is nothing to infer. Where no rule knows the provider, more cached tokens than input prove that they are beside it.
 */
export function inferredConvention(
  reported: ReportedUsage,
  provider: string,
  model: string,
): Inference | undefined {
  const cached = cachedTokens(reported);
  if (cached === 0 || reported.inputIncludesCache !== undefined) return undefined;
  const inference = conventionBy(provider, model);
  const disproved = inference.basis === "default" && cached > (reported.input ?? 0);
  return disproved ? { convention: "beside", basis: "counts" } : inference;
}

function cachedTokens({ cacheRead, cacheWrite, cacheWrite1h }: ReportedUsage): number {
  return (cacheRead ?? 0) + (cacheWrite ?? cacheWrite1h ?? 0);
}

/** Disjoint parts of a reported usage, or what contradicts itself in it. `inferred` is asked where the usage does not say. */
export function disjointUsage(reported: ReportedUsage, inferred: Inference | undefined): TokenUsage | Issue {
  const input = reported.input ?? 0;
  const output = reported.output ?? 0;
  const reasoning = reported.reasoning ?? 0;
  const cacheRead = reported.cacheRead ?? 0;
  const cacheWrite1h = reported.cacheWrite1h ?? 0;
  const cacheWrite = reported.cacheWrite ?? cacheWrite1h;
  const cached = cacheRead + cacheWrite;
  if (cacheWrite1h > cacheWrite) {
    return conflict("cache_write_1h_tokens", `at most cache_creation_tokens (${cacheWrite})`, cacheWrite1h);
  }
  if (reported.output !== undefined && reasoning > output) {
    return conflict("reasoning_tokens", `at most output_tokens (${output}), which include them`, reasoning);
  }
  const inside = reported.inputIncludesCache ?? inferred?.convention === "inside";
  const claimed = reported.inputIncludesCache === true;
  if (inside && cached > input && (claimed || reported.input !== undefined)) {
    const why = claimed
      ? "that input_includes_cache claims to be inside"
      : "that this provider counts inside; if they are beside, send input_includes_cache: false";
    return conflict("input_tokens", `at least the cached tokens (${cached}) ${why}`, input);
  }
  return {
    // Cached tokens of an input that is not reported say nothing about the rest of it.
    input: inside ? Math.max(0, input - cached) : input,
    cacheRead,
    cacheWrite,
    cacheWrite1h,
    output: reported.output === undefined ? 0 : output - reasoning,
    reasoning,
  };
}

function conflict(path: string, expected: string, got: number): Issue {
  return issueAt(path, "conflict", `expected ${expected}, got ${got}`);
}

/** All tokens of a usage. */
export function totalTokens(usage: TokenUsage): number {
  return usage.input + usage.cacheRead + usage.cacheWrite + usage.output + usage.reasoning;
}
