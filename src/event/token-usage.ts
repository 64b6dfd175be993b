/**
 * Token usage of one request, in disjoint parts. Senders count in two conventions, one with cached tokens inside
 * the input count and one with them beside it; here there is only one.
 */
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

/** Providers whose APIs report input tokens without the cached ones (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching). */
const CACHE_BESIDE_INPUT: ReadonlySet<string> = new Set([
  "anthropic",
  "aws.bedrock",
  "aws_bedrock",
  "bedrock",
]);

/** Whether a provider's input count includes cached tokens, when the event does not say. Spelling is forgiven. */
export function inputIncludesCacheBy(provider: string): boolean {
  return !CACHE_BESIDE_INPUT.has(provider.toLowerCase().replace(/[^a-z0-9]/g, ""));
}

/**
 * Disjoint parts of a reported usage, or what contradicts itself in it.
 * Where the convention had to be inferred and the inferred one is impossible (more cached than input), the other
 * one holds: the counts prove it.
 */
export function disjointUsage(reported: ReportedUsage, provider: string): TokenUsage | Issue {
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
  if (reported.inputIncludesCache === true && cached > input) {
    return conflict(
      "input_tokens",
      `at least the cached tokens (${cached}) that input_includes_cache claims`,
      input,
    );
  }
  const inside = reported.inputIncludesCache ?? (cached <= input && inputIncludesCacheBy(provider));
  return {
    input: inside ? input - cached : input,
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
