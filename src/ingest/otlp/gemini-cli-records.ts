/**
 * Gemini CLI's log events: `api_response` for a request, `api_error` for one that failed. Each has an `api_request` before it
 * and may have OpenTelemetry's own event beside it.
 * https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/telemetry/types.ts
 * Thoughts are beside the output and the results of tools beside the input, in which cached tokens are.
 */
import type { Element } from "../dialect.ts";
import { httpStatusIn, textIn, tokensIn } from "./attribute-values.ts";
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
import { usageFields } from "./usage-fields.ts";

/** `event` is the name without its prefix. */
export function geminiCliElement(record: LogRecord, event: string, settings: OtlpSettings): Element {
  if (event === "api_request") return TOLD_ELSEWHERE;
  if (event !== "api_response" && event !== "api_error") return NOT_INFERENCE;
  const { attributes } = record;
  const httpStatus = httpStatusIn(attributes, "status_code", "http.status_code");
  const failed = event === "api_error" || (httpStatus ?? 0) >= 400;
  return {
    kind: "event",
    draft: {
      id: idOf(record),
      ...commonFields(record, durationMillisOf(record), settings),
      provider: textIn(attributes, "auth_type")?.includes("vertex") ? "gcp.vertex_ai" : "gcp.gemini",
      ...(failed
        ? failureFields([textIn(attributes, "error.type")], httpStatus)
        : { status: "success", http_status: httpStatus }),
      ...usageFields(usageOf(record), failed),
    },
  };
}

function usageOf({ attributes }: LogRecord) {
  const input = tokensIn(attributes, "input_token_count");
  const output = tokensIn(attributes, "output_token_count");
  const thoughts = tokensIn(attributes, "thoughts_token_count");
  return {
    input: plus(input, tokensIn(attributes, "tool_token_count")),
    output: plus(output, thoughts),
    cacheRead: tokensIn(attributes, "cached_content_token_count"),
    cacheWrite: undefined,
    reasoning: thoughts,
    inputIncludesCache: true,
  };
}

function plus(count: number | undefined, more: number | undefined): number | undefined {
  return count === undefined ? more : count + (more ?? 0);
}

/** A prompt has several requests, which end at different times or took different times. */
function idOf(record: LogRecord): string | undefined {
  const { attributes } = record;
  const prompt = textIn(attributes, "prompt_id");
  return recordId("gemini-cli", [
    prompt ?? textIn(attributes, "session.id"),
    recordMicros(record),
    durationMillisOf(record) ?? 0,
  ]);
}
