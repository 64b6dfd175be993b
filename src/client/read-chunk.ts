/** Reads streamed answers of the OpenAI and Anthropic APIs, chunk by chunk. */
import { dataOf } from "./data-of.ts";
import { CONTENT_FILTERED, type Findings, type Part, part, parts, text } from "./findings.ts";
import { noteBlock, noteItem, noteNames, noteStop, readMessage, readResponse } from "./read-answer.ts";
import { anthropicUsage, usageOfEither } from "./usage-fields.ts";

/** Adds what the chunk says. True if it carries a part of the answer, as opposed to news about it. */
export function readChunk(into: Findings, chunk: unknown): boolean {
  const one = part(chunk);
  if (one === undefined) return true;
  const type = text(dataOf(one, "type"));
  const choices = dataOf(one, "choices");
  if (Array.isArray(choices)) return readCompletionChunk(into, one, choices);
  if (type?.startsWith("response.")) return readResponseEvent(into, one, type);
  return type === undefined || readMessageEvent(into, one, type);
}

/** https://platform.openai.com/docs/api-reference/chat-streaming */
function readCompletionChunk(into: Findings, chunk: Part, choices: readonly unknown[]): boolean {
  into.isRecognised = true;
  noteNames(into, chunk);
  const usage = part(dataOf(chunk, "usage"));
  if (usage !== undefined) {
    into.usage = { ...into.usage, ...usageOfEither(usage) };
    // The very last chunk, also of servers that give no reason for the end.
    if (choices.length === 0) into.isFinished = true;
  }
  let hasContent = false;
  for (const [place, choice] of parts(choices).entries()) {
    const delta = part(dataOf(choice, "delta")) ?? {};
    for (const [at, call] of parts(dataOf(delta, "tool_calls")).entries())
      into.toolCalls.add(`${dataOf(choice, "index") ?? place}.${dataOf(call, "index") ?? at}`);
    // The first one only names the role.
    hasContent ||= Object.keys(delta).some((name) => name !== "role" && isSome(dataOf(delta, name)));
    // Of the older completions.
    hasContent ||= text(dataOf(choice, "text")) !== undefined;
    if (text(dataOf(choice, "finish_reason")) !== undefined) into.isFinished = true;
    if (dataOf(choice, "finish_reason") === "content_filter") into.failure = CONTENT_FILTERED;
  }
  return hasContent;
}

function isSome(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "";
}

/** https://platform.openai.com/docs/api-reference/responses-streaming */
function readResponseEvent(into: Findings, event: Part, type: string): boolean {
  into.isRecognised = true;
  const response = part(dataOf(event, "response"));
  if (response !== undefined) readResponse(into, response);
  const item = part(dataOf(event, "item"));
  if (item !== undefined) noteItem(into, item, dataOf(event, "output_index"));
  if (/^response\.(completed|incomplete|failed|cancelled)$/.test(type)) into.isFinished = true;
  if (type === "response.failed") into.failure ??= { status: "error" };
  return type.endsWith(".delta");
}

/** https://docs.claude.com/en/docs/build-with-claude/streaming */
function readMessageEvent(into: Findings, event: Part, type: string): boolean {
  switch (type) {
    case "message_start":
      into.isRecognised = true;
      readMessage(into, part(dataOf(event, "message")) ?? {});
      return false;
    case "message_delta": {
      const usage = part(dataOf(event, "usage"));
      // Cumulative: the last one holds.
      if (usage !== undefined) into.usage = { ...into.usage, ...anthropicUsage(usage) };
      noteStop(into, dataOf(dataOf(event, "delta"), "stop_reason"));
      return false;
    }
    case "message_stop":
      into.isFinished = true;
      return false;
    case "content_block_start":
      noteBlock(into, part(dataOf(event, "content_block")) ?? {}, dataOf(event, "index"));
      return false;
    case "content_block_delta":
      return true;
    case "error":
      into.failure = errorEvent(event);
      return false;
    case "ping":
    case "content_block_stop":
      return false;
    default:
      return true;
  }
}

/** OpenAI has the code in the event, Anthropic the type in its `error`. */
function errorEvent(event: Part): Findings["failure"] {
  const error = part(dataOf(event, "error"));
  return {
    status: "error",
    error_type: text(dataOf(event, "code")) ?? text(dataOf(error, "type")) ?? "streaming",
  };
}
