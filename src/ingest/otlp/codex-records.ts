/**
 * Codex's log events. A request that succeeds is told by two: `codex.api_request` (or `codex.websocket_request`) when the
 * answer begins, and `codex.sse_event` of the kind `response.completed` with its tokens when it ends. They have nothing in
 * common but the conversation, and mostly come in different bodies. So the second one is the event, wherever the first
 * one is: nothing is counted twice or lost. The first one adds when the request was sent, if it has been seen.
 * A request that fails is told by its `codex.api_request`; one that fails in the stream by a `response.completed` with an
 * error, which repeats what was said of a single frame.
 * https://github.com/openai/codex/blob/main/codex-rs/otel/src/events/session_telemetry.rs
 */
import { NUMBER_BOUNDS } from "../../event/field-bounds.ts";
import type { Element } from "../dialect.ts";
import { booleanIn, httpStatusIn, textIn, tokensIn } from "./attribute-values.ts";
import type { BodyConversations, CodexConversation } from "./codex-conversations.ts";
import { failureFields } from "./failure.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { providerLabel } from "./provider-label.ts";
import {
  commonFields,
  durationMillisOf,
  NOT_INFERENCE,
  recordId,
  recordMicros,
  TOLD_ELSEWHERE,
} from "./record-draft.ts";
import type { LogRecord } from "./records.ts";
import { usageFields } from "./usage-fields.ts";

/** `event` is the name without its prefix. Records of a conversation are to come in the order of their times. */
export function codexElement(
  record: LogRecord,
  event: string,
  settings: OtlpSettings,
  conversations: BodyConversations,
): Element {
  const conversation = conversations.of(textIn(record.attributes, "conversation.id"));
  switch (event) {
    case "conversation_starts":
      conversation.provider = textIn(record.attributes, "provider_name");
      return NOT_INFERENCE;
    case "api_request":
      return requestElement(record, settings, conversation);
    case "websocket_request":
      if (booleanIn(record.attributes, "success") === true)
        open(conversation, record, { httpStatus: undefined });
      // Where it failed, the stream failed: an event of its own says so.
      return TOLD_ELSEWHERE;
    case "sse_event":
      return streamElement(record, settings, conversation);
    default:
      return NOT_INFERENCE;
  }
}

function requestElement(record: LogRecord, settings: OtlpSettings, conversation: CodexConversation): Element {
  const { attributes } = record;
  const httpStatus = httpStatusIn(attributes, "http.response.status_code");
  const failed = (httpStatus ?? 0) >= 400 || textIn(attributes, "error.message") !== undefined;
  const attempt = attemptOf(record);
  conversation.open = undefined;
  if (!failed) {
    open(conversation, record, { httpStatus, attempt });
    return TOLD_ELSEWHERE;
  }
  return element(record, settings, conversation, durationMillisOf(record), {
    ...failureFields([httpStatus === undefined ? "network" : undefined], httpStatus),
    attempt,
  });
}

/** Codex counts from 0. */
function attemptOf({ attributes }: LogRecord): number | undefined {
  const attempt = tokensIn(attributes, "attempt");
  return attempt === undefined ? undefined : Math.min(attempt + 1, NUMBER_BOUNDS.positive.max);
}

function streamElement(record: LogRecord, settings: OtlpSettings, conversation: CodexConversation): Element {
  const { attributes } = record;
  if (textIn(attributes, "event.kind") !== "response.completed") {
    return textIn(attributes, "error.message") === undefined ? NOT_INFERENCE : TOLD_ELSEWHERE;
  }
  const failed = textIn(attributes, "error.message") !== undefined;
  const input = tokensIn(attributes, "input_token_count");
  // The frame itself: its tokens come in a record of their own.
  if (!failed && input === undefined) return TOLD_ELSEWHERE;
  // With a duration it is the frame as well, which failed in itself.
  if (failed && attributes.has("duration_ms")) return TOLD_ELSEWHERE;
  const begun = conversation.open;
  conversation.open = undefined;
  const outcome = failed
    ? failureFields(["streaming"], begun?.httpStatus)
    : { status: "success", http_status: begun?.httpStatus };
  return element(record, settings, conversation, sinceMillis(record, begun?.sentMicros), {
    ...outcome,
    attempt: begun?.attempt,
    ...usageFields(
      {
        input,
        output: tokensIn(attributes, "output_token_count"),
        cacheRead: tokensIn(attributes, "cached_token_count"),
        cacheWrite: tokensIn(attributes, "cache_write_token_count"),
        reasoning: tokensIn(attributes, "reasoning_token_count"),
        inputIncludesCache: true,
      },
      failed,
    ),
  });
}

function element(
  record: LogRecord,
  settings: OtlpSettings,
  { provider }: CodexConversation,
  durationMillis: number | undefined,
  fields: Readonly<Record<string, unknown>>,
): Element {
  const { attributes } = record;
  const at = textIn(attributes, "event.timestamp") ?? recordMicros(record);
  return {
    kind: "event",
    draft: {
      id: recordId("codex", [textIn(attributes, "conversation.id"), at]),
      ...commonFields(record, durationMillis, settings),
      provider: providerLabel(provider, undefined) ?? "openai",
      stream: true,
      user: textIn(attributes, "user.account_id"),
      ...fields,
    },
  };
}

/** The record was written when the answer began, so long after the request was sent. */
function open(
  conversation: CodexConversation,
  record: LogRecord,
  { httpStatus, attempt }: { readonly httpStatus: number | undefined; readonly attempt?: number | undefined },
): void {
  const micros = recordMicros(record);
  if (micros === undefined) return;
  conversation.open = { sentMicros: micros - (durationMillisOf(record) ?? 0) * 1e3, httpStatus, attempt };
}

function sinceMillis(record: LogRecord, sentMicros: number | undefined): number | undefined {
  const micros = recordMicros(record);
  if (micros === undefined || sentMicros === undefined || micros < sentMicros) return undefined;
  return Math.round(micros - sentMicros) / 1e3;
}
