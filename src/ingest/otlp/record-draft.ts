/** What the log records of all coding agents have in common. */
import { ID_LENGTH_MAX } from "../../event/field-bounds.ts";
import { DURATION_MAX_MILLIS } from "../../event/request-times.ts";
import { microsOfRfc3339 } from "../../event/timestamp.ts";
import type { Draft, Element } from "../dialect.ts";
import { amountIn, textIn } from "./attribute-values.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { poolOf, tagsOf } from "./pool-and-tags.ts";
import type { LogRecord } from "./records.ts";

export const NOT_INFERENCE: Element = { kind: "ignored", reason: "not_inference" };
export const TOLD_ELSEWHERE: Element = { kind: "ignored", reason: "told_elsewhere" };

/** The record's own time, or that which the agent wrote into it. */
export function recordMicros({ atMicros, attributes }: LogRecord): number | undefined {
  return atMicros ?? microsOfRfc3339(textIn(attributes, "event.timestamp") ?? "");
}

export function durationMillisOf({ attributes }: LogRecord): number | undefined {
  const millis = amountIn(attributes, "duration_ms");
  return millis !== undefined && millis <= DURATION_MAX_MILLIS ? millis : undefined;
}

/** When a request ended that took so long, and by whom it was asked for. */
export function commonFields(
  record: LogRecord,
  durationMillis: number | undefined,
  settings: OtlpSettings,
): Draft {
  const micros = recordMicros(record);
  const { attributes, source } = record;
  return {
    timestamp: micros === undefined ? undefined : micros / 1e6,
    duration_ms: durationMillis,
    model: textIn(attributes, "model"),
    pool: poolOf(attributes, source, settings),
    operation: "chat",
    tags: tagsOf(source, settings),
    trace_id: record.traceId,
    span_id: record.spanId,
  };
}

/**
 * A repeat of the record has the same one; `undefined` where it does not say enough to be told apart from others, or so
 * much that the end, which tells them apart, would be cut off.
 */
export function recordId(agent: string, parts: readonly (string | number | undefined)[]): string | undefined {
  const known = parts.filter((part) => part !== undefined);
  const id = [agent, ...known].join("/");
  return known.length < parts.length || id.length > ID_LENGTH_MAX ? undefined : id;
}
