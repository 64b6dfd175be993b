/** When a request began, when its first token came and when it ended: as far as clocks and attributes agree. */
import { DURATION_MAX_MILLIS } from "../../event/request-times.ts";
import { MICROS_MAX } from "../../event/timestamp.ts";
import type { Draft } from "../dialect.ts";
import { FIRST_TOKEN_EVENTS, SINGLE_ATTRIBUTES, SPAN_FIELDS } from "./attribute-names.ts";
import { amountIn } from "./attribute-values.ts";
import type { Span } from "./records.ts";

/** `stream` is what is known of it; a first token is of streams only. */
export function timeFields(span: Span, stream: boolean | undefined): Draft {
  const start = instant(span.startMicros);
  const end = instant(span.endMicros);
  const durationMillis = start === undefined || end === undefined ? undefined : (end - start) / 1e3;
  // A clock that was put back in between leaves the duration unknown.
  const isKnown =
    durationMillis !== undefined && durationMillis >= 0 && durationMillis <= DURATION_MAX_MILLIS;
  const mostMillis = isKnown ? durationMillis : DURATION_MAX_MILLIS;
  const firstTokenMillis = stream === false ? undefined : firstToken(span, start, stream);
  const isWithin = firstTokenMillis !== undefined && firstTokenMillis >= 0 && firstTokenMillis <= mostMillis;
  return {
    timestamp: end === undefined ? undefined : end / 1e6,
    start_time: isKnown ? start! / 1e6 : undefined,
    duration_ms: isKnown ? durationMillis : undefined,
    time_to_first_token_ms: isWithin ? firstTokenMillis : undefined,
  };
}

function firstToken(span: Span, start: number | undefined, stream: boolean | undefined): number | undefined {
  const { attributes } = span;
  const chunks = span.events.filter(({ name }) => FIRST_TOKEN_EVENTS.has(name));
  const millis = [attributes, ...chunks.map((chunk) => chunk.attributes)]
    .map((told) => amountIn(told, ...SPAN_FIELDS.firstTokenMillis))
    .find((told) => told !== undefined);
  const seconds =
    amountIn(attributes, ...SPAN_FIELDS.firstTokenSeconds) ??
    (stream === true ? amountIn(attributes, SINGLE_ATTRIBUTES.serverFirstTokenSeconds) : undefined);
  if (seconds !== undefined) return Math.round(seconds * 1e9) / 1e6;
  if (millis !== undefined) return millis;
  if (start === undefined) return undefined;
  const chunksAt = chunks.map(({ atMicros }) => atMicros).filter((micros) => micros >= start);
  return chunksAt.length === 0
    ? undefined
    : (chunksAt.reduce((first, micros) => Math.min(first, micros)) - start) / 1e3;
}

function instant(micros: number | undefined): number | undefined {
  return micros !== undefined && micros > 0 && micros <= MICROS_MAX ? micros : undefined;
}
