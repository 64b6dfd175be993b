/** Token counts of answers, in the words of the providers, as fields of an event. */
import { dataOf } from "./data-of.ts";
import { count, type Part, part, type UsageFields } from "./findings.ts";

/**
 * OpenAI's form, of chat completions and embeddings (`prompt_tokens`) or of responses (`input_tokens`): what was cached
 * is inside the input. https://platform.openai.com/docs/api-reference/chat/object
 */
export function openAiUsage(usage: Part): UsageFields {
  const input = count(dataOf(usage, "prompt_tokens")) ?? count(dataOf(usage, "input_tokens"));
  const inputDetails =
    part(dataOf(usage, "prompt_tokens_details")) ?? part(dataOf(usage, "input_tokens_details"));
  const outputDetails =
    part(dataOf(usage, "completion_tokens_details")) ?? part(dataOf(usage, "output_tokens_details"));
  const cached = count(dataOf(inputDetails, "cached_tokens"));
  const reasoning = count(dataOf(outputDetails, "reasoning_tokens"));
  let output = count(dataOf(usage, "completion_tokens")) ?? count(dataOf(usage, "output_tokens"));
  // Some servers of this form leave reasoning out of the output; the total tells which.
  const total = count(dataOf(usage, "total_tokens"));
  if (output !== undefined && reasoning && total === (input ?? 0) + output + reasoning) output += reasoning;
  return {
    ...present("input_tokens", input),
    ...present("output_tokens", output),
    ...present("cache_read_tokens", cached),
    ...present(
      "reasoning_tokens",
      reasoning === undefined || reasoning > (output ?? 0) ? undefined : reasoning,
    ),
    // A server of this form that counts beside the input contradicts itself otherwise.
    ...(cached ? { input_includes_cache: cached <= (input ?? 0) } : {}),
  };
}

/**
 * Anthropic's form: what was cached is beside the input.
 * https://docs.claude.com/en/api/messages#response-usage
 */
export function anthropicUsage(usage: Part): UsageFields {
  const read = count(dataOf(usage, "cache_read_input_tokens"));
  const written1h = count(dataOf(dataOf(usage, "cache_creation"), "ephemeral_1h_input_tokens"));
  const written = count(dataOf(usage, "cache_creation_input_tokens")) ?? written1h;
  return {
    ...present("input_tokens", count(dataOf(usage, "input_tokens"))),
    ...present("output_tokens", count(dataOf(usage, "output_tokens"))),
    ...present("cache_read_tokens", read),
    ...present("cache_creation_tokens", written),
    ...present("cache_write_1h_tokens", written1h),
    ...(read || written ? { input_includes_cache: false } : {}),
  };
}

/** Of an answer that does not say whose form it has. */
export function usageOfEither(usage: Part): UsageFields {
  const isAnthropic = "cache_read_input_tokens" in usage || "cache_creation_input_tokens" in usage;
  return isAnthropic && !("prompt_tokens" in usage) ? anthropicUsage(usage) : openAiUsage(usage);
}

function present<Name extends keyof UsageFields>(
  name: Name,
  value: number | undefined,
): { readonly [Key in Name]?: number } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: number };
}
