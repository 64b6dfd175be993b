/** Reads whole answers of the OpenAI and Anthropic APIs, whoever serves them. */
import { dataOf } from "./data-of.ts";
import {
  CONTENT_FILTERED,
  type FailureFields,
  type Findings,
  type Part,
  part,
  parts,
  text,
} from "./findings.ts";
import { anthropicUsage, usageOfEither } from "./usage-fields.ts";

/** Adds what the answer says. An answer of another form says nothing. */
export function readAnswer(into: Findings, answer: Part): void {
  const choices = dataOf(answer, "choices");
  noteNames(into, answer);
  const usage = part(dataOf(answer, "usage"));
  if (dataOf(answer, "type") === "message") {
    readMessage(into, answer);
    return;
  }
  if (usage !== undefined) into.usage = { ...into.usage, ...usageOfEither(usage) };
  if (Array.isArray(choices)) readChoices(into, choices);
  else if (dataOf(answer, "object") === "response" || Array.isArray(dataOf(answer, "output")))
    readResponse(into, answer);
  else if (dataOf(parts(dataOf(answer, "data"))[0], "object") === "embedding") into.operation = "embeddings";
}

/** Model and service tier; whatever has them by these names. */
export function noteNames(into: Findings, value: Part): void {
  into.model = text(dataOf(value, "model")) ?? into.model;
  into.serviceTier =
    text(dataOf(value, "service_tier")) ??
    text(dataOf(dataOf(value, "usage"), "service_tier")) ??
    into.serviceTier;
}

function readChoices(into: Findings, choices: readonly unknown[]): void {
  for (const [index, choice] of parts(choices).entries()) {
    const calls = parts(dataOf(dataOf(choice, "message"), "tool_calls"));
    for (const at of calls.keys()) into.toolCalls.add(`${index}.${at}`);
    if (dataOf(choice, "finish_reason") === "content_filter") into.failure = CONTENT_FILTERED;
  }
}

/** https://platform.openai.com/docs/api-reference/responses/object */
export function readResponse(into: Findings, response: Part): void {
  noteNames(into, response);
  const usage = part(dataOf(response, "usage"));
  if (usage !== undefined) into.usage = { ...into.usage, ...usageOfEither(usage) };
  for (const [index, item] of parts(dataOf(response, "output")).entries()) noteItem(into, item, index);
  into.failure = failureOfResponse(response) ?? into.failure;
}

/** `function_call`, `web_search_call`, ...; `index` is its place in the output. */
export function noteItem(into: Findings, item: Part, index: unknown): void {
  if (text(dataOf(item, "type"))?.endsWith("_call")) into.toolCalls.add(String(index));
}

function failureOfResponse(response: Part): FailureFields | undefined {
  switch (dataOf(response, "status")) {
    case "failed":
      return { status: "error", ...named(dataOf(dataOf(response, "error"), "code")) };
    case "cancelled":
      return { status: "cancelled" };
    case "incomplete":
      return dataOf(dataOf(response, "incomplete_details"), "reason") === "content_filter"
        ? CONTENT_FILTERED
        : undefined;
    default:
      return undefined;
  }
}

function named(code: unknown): FailureFields {
  const word = text(code);
  return word === undefined ? {} : { error_type: word };
}

/** https://docs.claude.com/en/api/messages */
export function readMessage(into: Findings, message: Part): void {
  noteNames(into, message);
  const usage = part(dataOf(message, "usage"));
  if (usage !== undefined) into.usage = { ...into.usage, ...anthropicUsage(usage) };
  for (const [index, block] of parts(dataOf(message, "content")).entries()) noteBlock(into, block, index);
  noteStop(into, dataOf(message, "stop_reason"));
}

/** `tool_use`, `server_tool_use`, `mcp_tool_use`. */
export function noteBlock(into: Findings, block: Part, index: unknown): void {
  if (text(dataOf(block, "type"))?.endsWith("tool_use")) into.toolCalls.add(String(index));
}

export function noteStop(into: Findings, reason: unknown): void {
  if (text(reason) !== undefined) into.isFinished = true;
  if (reason === "refusal") into.failure = CONTENT_FILTERED;
}
