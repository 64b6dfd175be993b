/**
 * Claude Code's log events: `api_request` for a request, `api_error` for one that failed in the end.
 * https://code.claude.com/docs/en/monitoring-usage
 * Numbers are text in older versions. Cached tokens are beside the input. A refusal has an `api_request` as well.
 */
import type { Element } from "../dialect.ts";
import { costIn, httpStatusIn, textIn, tokensIn } from "./attribute-values.ts";
import { failureFields } from "./failure.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import {
  commonFields,
  durationMillisOf,
  NOT_INFERENCE,
  recordId,
  recordMicros,
  TOLD_ELSEWHERE,
} from "./record-draft.ts";
import type { LogRecord } from "./records.ts";

/** `event` is the name without its prefix. */
export function claudeCodeElement(record: LogRecord, event: string, settings: OtlpSettings): Element {
  if (event === "api_refusal") return TOLD_ELSEWHERE;
  if (event !== "api_request" && event !== "api_error") return NOT_INFERENCE;
  const { attributes } = record;
  const speed = textIn(attributes, "speed");
  return {
    kind: "event",
    draft: {
      id: idOf(record),
      ...commonFields(record, durationMillisOf(record), settings),
      provider: "anthropic",
      service_tier: speed === "normal" ? undefined : speed,
      team: textIn(attributes, "organization.id"),
      user: textIn(attributes, "user.account_uuid", "user.id"),
      ...(event === "api_request" ? usageOf(record) : errorOf(record)),
    },
  };
}

function usageOf({ attributes }: LogRecord) {
  const microUsd = costIn(attributes, "cost_usd_micros");
  return {
    status: "success",
    input_tokens: tokensIn(attributes, "input_tokens"),
    output_tokens: tokensIn(attributes, "output_tokens"),
    cache_read_tokens: tokensIn(attributes, "cache_read_tokens"),
    cache_creation_tokens: tokensIn(attributes, "cache_creation_tokens"),
    input_includes_cache: false,
    cost_usd: costIn(attributes, "cost_usd") ?? (microUsd === undefined ? undefined : microUsd / 1e6),
  };
}

/** What its client says where there was no status; anything else is text of the provider's. */
const SENTENCES: ReadonlyMap<string, string> = new Map([
  ["Connection error.", "network"],
  ["Request timed out.", "timeout"],
  ["Request was aborted.", "cancelled"],
]);

function errorOf({ attributes }: LogRecord) {
  const word = SENTENCES.get(textIn(attributes, "error") ?? "");
  // One record for all attempts: their number, which it tells, is not that of an attempt.
  return failureFields([word], httpStatusIn(attributes, "status_code"));
}

function idOf(record: LogRecord): string | undefined {
  const { attributes } = record;
  const request = textIn(attributes, "request_id", "client_request_id");
  if (request !== undefined) return recordId("claude-code", [request]);
  const session = textIn(attributes, "session.id");
  const sequence = tokensIn(attributes, "event.sequence");
  // A session that is resumed counts its records from the beginning again: only the time tells them apart.
  const place = sequence === undefined ? [session] : [session, sequence];
  return recordId("claude-code", [...place, recordMicros(record)]);
}
