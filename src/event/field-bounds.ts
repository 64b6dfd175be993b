/** What values of fields may be: the parser enforces it, and the JSON Schema of an event says it. */
import { DURATION_MAX_MILLIS } from "./request-times.ts";

export type NumberBounds = { readonly min: number; readonly max: number };

export const NUMBER_BOUNDS = {
  /** More tokens, messages or calls than any one request has; keeps sums exact for millions of the largest events. */
  count: { min: 0, max: 1e9 },
  positive: { min: 1, max: 1e9 },
  bytes: { min: 0, max: 1e12 },
  http_status: { min: 100, max: 599 },
  milliseconds: { min: 0, max: DURATION_MAX_MILLIS },
  seconds: { min: 0, max: DURATION_MAX_MILLIS / 1e3 },
  /** Up to this amount a double times 1e9 rounds to the nano-dollar that its decimal digits spell. */
  usd: { min: 0, max: 1e6 },
} as const satisfies Record<string, NumberBounds>;

export const ID_LENGTH_MAX = 256;
export const TAGS_MAX = 32;
export const TAG_NAME_LENGTH_MAX = 64;
export const TAG_VALUE_LENGTH_MAX = 256;
export const HEX_DIGITS = { trace_id: 32, span_id: 16 } as const;
/** Words of loggers that mean a boolean or nothing; as the reason of a rotation they would be misread. Any case. */
export const NO_REASONS = ["true", "false", "none", "null", "no", "yes"] as const;
