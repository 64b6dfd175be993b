/**
 * LiteLLM's generic API callback: an array, an object, or a line of JSON for each request, a StandardLoggingPayload each.
 * https://docs.litellm.ai/docs/observability/generic_api https://docs.litellm.ai/docs/proxy/logging_spec
 * What it says of prompts and answers is never looked at.
 */
import type { Draft, Element } from "./dialect.ts";
import { foreignId } from "./foreign-id.ts";
import { parseForeignJson } from "./foreign-json.ts";
import { type BodyProblem, tooManyEvents } from "./json-body.ts";
import { isLegacy, legacyFields } from "./litellm-legacy.ts";
import { booleanOf, countOf, firstOf, type Members, membersOf, numberOf, textOf } from "./loose-values.ts";

/** The sender calls NDJSON `application/json` too, so the text says which it is. */
export function litellmElements(text: string, eventsMax: number): readonly Element[] | BodyProblem {
  const whole = parseForeignJson(text, eventsMax);
  if (!("code" in whole)) {
    const payloads = Array.isArray(whole.value) ? whole.value : [whole.value];
    return payloads.length > eventsMax
      ? tooManyEvents(String(payloads.length), eventsMax)
      : payloads.map(elementOf);
  }
  const { code, detail } = whole;
  if (code !== "malformed_json" || !/^\s*(?:\{|null)/.test(whole.text)) return { code, detail };
  const lines = whole.text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > eventsMax) return tooManyEvents(String(lines.length), eventsMax);
  if (lines.length < 2) return { code, detail };
  return lines.map((line): Element => {
    const parsed = parseForeignJson(line, 1);
    if (!("code" in parsed)) return elementOf(parsed.value);
    const issue = { code: parsed.code, path: "", message: parsed.detail };
    return { kind: "rejected", issue };
  });
}

/** Words that a payload has, one of them at least; it is null where LiteLLM could not build it. */
const WORDS = ["status", "call_type", "model", "litellm_call_id"] as const;

function elementOf(value: unknown): Element {
  const payload = membersOf(value);
  if (WORDS.every((word) => (payload[word] ?? undefined) === undefined))
    return { kind: "ignored", reason: "empty" };
  const draft = { ...namesOf(payload), ...(isLegacy(payload) ? legacyFields(payload) : fieldsOf(payload)) };
  return { kind: "event", draft };
}

function namesOf(payload: Members): Draft {
  return {
    id: idOf(payload),
    provider: providerOf(payload),
    model: textOf(payload.model),
    operation: operationOf(textOf(payload.call_type)),
  };
}

function fieldsOf(payload: Members): Draft {
  const metadata = membersOf(payload.metadata);
  const endSeconds = numberOf(payload.endTime);
  const sentSeconds = numberOf(payload.startTime);
  // Clocks that were put back leave the duration unknown.
  const startSeconds = endSeconds !== undefined && sentSeconds! > endSeconds ? undefined : sentSeconds;
  // Of failures only the parameters of the request tell.
  const stream =
    booleanOf(payload.stream) === true || booleanOf(membersOf(payload.model_parameters).stream) === true;
  const cacheHit = booleanOf(payload.cache_hit);
  const failed = payload.status === "failure";
  const modelGroup = textOf(payload.model_group);
  return {
    timestamp: endSeconds,
    start_time: startSeconds,
    duration_ms: millisBetween(startSeconds, endSeconds),
    time_to_first_token_ms: stream ? firstTokenMillis(payload, startSeconds, endSeconds) : undefined,
    pool: modelGroup,
    requested_model: modelGroup,
    stream,
    ...(failed ? failureOf(payload) : { status: "success" }),
    cache_hit: cacheHit,
    ...(cacheHit === true ? {} : usageOf(payload, metadata, failed)),
    cost_usd: costOf(payload, cacheHit === true),
    team: firstOf(textOf(metadata.user_api_key_team_alias), textOf(metadata.user_api_key_team_id)),
    user: textOf(metadata.user_api_key_user_id),
    end_user: firstOf(textOf(payload.end_user), textOf(metadata.user_api_key_end_user_id)),
    tags: tagsOf(metadata),
  };
}

/** One call has several attempts, and answers of streams that are tried again share an id. */
function idOf(payload: Members): string | undefined {
  const call = firstOf(textOf(payload.litellm_call_id), textOf(payload.id));
  if (call === undefined) return undefined;
  const start = firstOf<string | number>(numberOf(payload.startTime), textOf(payload.startTime));
  return foreignId("litellm", call, textOf(payload.trace_id), start, textOf(payload.status));
}

/** To the microsecond. */
function millisBetween(startSeconds?: number, endSeconds?: number): number | undefined {
  if (startSeconds === undefined || endSeconds === undefined) return undefined;
  return Math.round((endSeconds - startSeconds) * 1e6) / 1e3;
}

/** `response_time` is something else on streams; without a stream the completion starts when it ends. */
function firstTokenMillis(payload: Members, startSeconds?: number, endSeconds?: number): number | undefined {
  const firstSeconds = numberOf(payload.completionStartTime);
  if (firstSeconds === undefined || startSeconds === undefined || endSeconds === undefined) return undefined;
  if (firstSeconds < startSeconds || firstSeconds >= endSeconds) return undefined;
  return millisBetween(startSeconds, firstSeconds);
}

/** Names of models may keep the provider in front. */
function providerOf(payload: Members): string | undefined {
  const model = textOf(payload.model);
  const prefix = model?.includes("/") === true ? model.slice(0, model.indexOf("/")) : undefined;
  const ofError = textOf(membersOf(payload.error_information).llm_provider);
  return firstOf(textOf(payload.custom_llm_provider), prefix, ofError);
}

const OPERATIONS: Readonly<Record<string, string>> = {
  completion: "chat",
  acompletion: "chat",
  anthropic_messages: "chat",
  responses: "chat",
  aresponses: "chat",
  text_completion: "text_completion",
  atext_completion: "text_completion",
  embedding: "embeddings",
  aembedding: "embeddings",
};

/** Asynchronous calls have an `a` in front. */
function operationOf(callType: string | undefined): string | undefined {
  if (callType === undefined) return undefined;
  return OPERATIONS[callType] ?? callType.replace(/^a(?=image_|rerank|transcription|speech|moderation)/, "");
}

function failureOf(payload: Members): Draft {
  const { error_code, error_class } = membersOf(payload.error_information);
  const httpStatus = countOf(error_code);
  const isStatus = httpStatus !== undefined && httpStatus >= 100 && httpStatus <= 599;
  const className = textOf(error_class);
  const isCancelled = className === "CancelledError" || httpStatus === 499;
  return {
    status: isCancelled ? "cancelled" : "error",
    error_type: isCancelled ? "cancelled" : (className ?? (isStatus ? String(httpStatus) : "other")),
    http_status: isStatus && httpStatus >= 400 ? httpStatus : undefined,
  };
}

/** Zeros stand for what is not known. Of an answer from LiteLLM's cache they are those of the one that was kept: nobody asks. */
function usageOf(payload: Members, metadata: Members, failed: boolean): Draft {
  const input = countOf(payload.prompt_tokens);
  const output = countOf(payload.completion_tokens);
  const usage = membersOf(firstOf(metadata.usage_object, membersOf(payload.hidden_params).usage_object));
  if ((input ?? 0) === 0 && (output ?? 0) === 0 && (failed || Object.keys(usage).length === 0)) return {};
  const inputDetails = membersOf(usage.prompt_tokens_details);
  const outputDetails = membersOf(usage.completion_tokens_details);
  const cacheRead = firstOf(countOf(inputDetails.cached_tokens), countOf(usage.cache_read_input_tokens));
  const cacheWrite = firstOf(
    countOf(inputDetails.cache_creation_tokens),
    countOf(usage.cache_creation_input_tokens),
  );
  return {
    input_tokens: input,
    output_tokens: output,
    cache_read_tokens: cacheRead,
    cache_write_tokens: cacheWrite,
    reasoning_tokens: countOf(outputDetails.reasoning_tokens),
    // Said, not inferred: LiteLLM counts like OpenAI whoever served.
    input_includes_cache: cacheRead === undefined && cacheWrite === undefined ? undefined : true,
  };
}

/** Zero is what LiteLLM says when it does not know, unless its own cache answered or it tells the parts. */
function costOf(payload: Members, cacheHit: boolean): number | undefined {
  const cost = numberOf(payload.response_cost);
  if (cost === undefined || cost < 0) return undefined;
  const isTold = Object.keys(membersOf(payload.cost_breakdown)).length > 0;
  const isDoubted = Object.keys(membersOf(payload.response_cost_failure_debug_info)).length > 0;
  if (isDoubted) return undefined;
  return cost > 0 || cacheHit || (isTold && payload.status !== "failure") ? cost : undefined;
}

/** The name of the key, which is no secret; tags of requests hold lines of headers. */
function tagsOf(metadata: Members): Draft | undefined {
  const alias = textOf(metadata.user_api_key_alias);
  return alias === undefined ? undefined : { api_key_alias: alias.slice(0, 256) };
}
