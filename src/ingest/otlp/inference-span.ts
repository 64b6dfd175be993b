/**
 * Whether a span is a request to a model. Spans of agents, workflows, chains, steps and tools stand around such requests
 * and repeat what they used; some coding agents tell the same in log records. None of these is counted.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
import type { IgnoredReason } from "../dialect.ts";
import { SINGLE_ATTRIBUTES, SPAN_FIELDS } from "./attribute-names.ts";
import { textIn, tokensIn } from "./attribute-values.ts";
import { isInclusiveScope, isPassingScope } from "./instrumentation-scopes.ts";
import type { Span } from "./records.ts";

export type SpanRole =
  | { readonly kind: "request"; readonly operation: string }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason };

/** `gen_ai.operation.name`, and OpenLLMetry's `llm.request.type`; what is not here is no inference. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ["chat", "chat"],
  ["generate_content", "chat"],
  ["responses", "chat"],
  ["text_completion", "text_completion"],
  ["completion", "text_completion"],
  ["embeddings", "embeddings"],
  ["embedding", "embeddings"],
  ["rerank", "rerank"],
]);

/** LiteLLM's `llm.request.type`, without the `a` of asynchronous calls. There a completion is a chat. */
const LITELLM_CALLS: ReadonlyMap<string, string> = new Map([
  ["completion", "chat"],
  ["anthropic_messages", "chat"],
  ["responses", "chat"],
  ["text_completion", "text_completion"],
  ["embedding", "embeddings"],
  ["rerank", "rerank"],
]);

const OPENINFERENCE_KINDS: ReadonlyMap<string, string> = new Map([
  ["LLM", "chat"],
  ["EMBEDDING", "embeddings"],
]);

/** Outer spans `ai.streamText` have inner ones `ai.streamText.doStream`, one for each request. */
const VERCEL_INNER = /\.do(Generate|Stream|Embed|Rerank)$/;
const VERCEL_OPERATIONS: Readonly<Record<string, string>> = { Embed: "embeddings", Rerank: "rerank" };

/**
 * These send log records of the same requests, which are read. Codex calls itself by how it was started.
 * https://github.com/openai/codex/tree/main/codex-rs/otel
 */
const LOGGING_AGENTS: ReadonlySet<string> = new Set([
  ...["claude-code", "gemini-cli"],
  ...["codex_cli_rs", "codex_exec", "codex_vscode", "codex_sdk_ts", "codex_mcp_server"],
  ...["codex-cli", "codex-tui", "codex-exec", "codex-app-server", "codex-mcp-server"],
]);

export function roleOf(span: Span): SpanRole {
  const operation = operationOf(span);
  const used = hasUsage(span);
  if (isOfLoggingAgent(span, operation !== undefined || used)) return ignored("told_elsewhere");
  if (operation === undefined) return ignored(used && !isCount(span) ? "aggregate" : "not_inference");
  // OpenLLMetry puts agents and workflows on spans that may carry the operation of what they do.
  if (!used && span.attributes.has(SINGLE_ATTRIBUTES.traceloopKind)) return ignored("not_inference");
  return { kind: "request", operation };
}

function operationOf({ attributes, source }: Span): string | undefined {
  // Attributes of a producer's own say more than the ones that all share.
  const kind = textIn(attributes, SINGLE_ATTRIBUTES.openInferenceKind);
  if (kind !== undefined) return OPENINFERENCE_KINDS.get(kind.toUpperCase());
  const vercel = textIn(attributes, SINGLE_ATTRIBUTES.vercelOperation);
  if (vercel !== undefined) {
    const inner = VERCEL_INNER.exec(vercel)?.[1];
    return inner === undefined ? undefined : (VERCEL_OPERATIONS[inner] ?? "chat");
  }
  const type = textIn(attributes, SINGLE_ATTRIBUTES.requestType)?.toLowerCase();
  if (source.scope === "litellm" && type !== undefined)
    return LITELLM_CALLS.get(type.replace(/^a(?!nth)/, ""));
  const operation = textIn(attributes, SINGLE_ATTRIBUTES.operation)?.toLowerCase() ?? type;
  return operation === undefined ? undefined : OPERATIONS.get(operation);
}

export function hasUsage({ attributes }: Span): boolean {
  return tokensIn(attributes, ...SPAN_FIELDS.input, ...SPAN_FIELDS.output) !== undefined;
}

/** Envoy AI Gateway's answer to how many tokens a prompt has: nothing was used. */
function isCount({ attributes }: Span): boolean {
  return textIn(attributes, SINGLE_ATTRIBUTES.openInferenceKind) === "TOKEN_COUNTER";
}

function isOfLoggingAgent({ name, source }: Span, tellsOfRequest: boolean): boolean {
  if (name === "claude_code.llm_request") return true;
  // An application of the same name that is instrumented tells of its requests in these spans alone.
  if (!tellsOfRequest || isInclusiveScope(source.scope) || isPassingScope(source.scope)) return false;
  return LOGGING_AGENTS.has(textIn(source.resource, SINGLE_ATTRIBUTES.serviceName) ?? "");
}

function ignored(reason: IgnoredReason): SpanRole {
  return { kind: "ignored", reason };
}
