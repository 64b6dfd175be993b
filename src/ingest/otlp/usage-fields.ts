/** Counts of tokens as fields of an event that agree with each other, whatever was told. */
import { NUMBER_BOUNDS } from "../../event/field-bounds.ts";
import type { Draft } from "../dialect.ts";

export type ToldUsage = {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly reasoning: number | undefined;
  /** `undefined`: the provider decides. */
  readonly inputIncludesCache: boolean | undefined;
};

/** None of a failure that used nothing: zeros are what producers say who do not know. */
export function usageFields(told: ToldUsage, failed: boolean): Draft {
  const { cacheRead, cacheWrite, reasoning } = told;
  const input = bounded(told.input);
  const output = bounded(told.output);
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  if (failed && (input ?? 0) + (output ?? 0) + cached === 0) return {};
  // Less than a part of it cannot be the whole: then the part is beside it.
  const isBeside = output !== undefined && (reasoning ?? 0) > output;
  return {
    input_tokens: input,
    output_tokens: isBeside ? bounded(output + reasoning!) : output,
    cache_read_tokens: cacheRead,
    cache_creation_tokens: cacheWrite,
    reasoning_tokens: reasoning,
    input_includes_cache: includesCache(input, cached, told.inputIncludesCache),
  };
}

/** Sums of two counts may be beyond what an event may have. */
function bounded(count: number | undefined): number | undefined {
  return count !== undefined && count <= NUMBER_BOUNDS.count.max ? count : undefined;
}

/** Counts that leave no choice win over what producers of a kind do. */
function includesCache(
  input: number | undefined,
  cached: number,
  told: boolean | undefined,
): boolean | undefined {
  if (cached === 0 || input === undefined) return undefined;
  return cached > input ? false : told;
}
