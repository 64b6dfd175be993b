/**
 * Spans and log records of OpenTelemetry, as much of them as tells of a request to a model. Both encodings of OTLP are
 * read into these; whoever maps them does not know which it was.
 * https://github.com/open-telemetry/opentelemetry-proto
 */

/** Integers and doubles are numbers, bytes are left out. */
export type AttributeValue =
  | string
  | number
  | boolean
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue };

/** By name. Only names that somebody asks for are read: prompts and answers never leave the body. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** Where spans and records come from; one object for all of a block. */
export type Source = { readonly resource: Attributes; readonly scope: string };

/** An event within a span, such as an exception or a first token. */
export type SpanEvent = {
  readonly name: string;
  /** Microseconds since the epoch. */
  readonly atMicros: number;
  readonly attributes: Attributes;
};

export type Span = {
  readonly source: Source;
  /** 32 and 16 hex digits in lower case; `undefined` if they are missing or all zeros. */
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Microseconds since the epoch; `undefined` for zero. */
  readonly startMicros: number | undefined;
  readonly endMicros: number | undefined;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string | undefined;
};

export type LogRecord = {
  readonly source: Source;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** Of the event, else of when it was observed; `undefined` if neither is said. */
  readonly atMicros: number | undefined;
  readonly severityNumber: number;
  readonly eventName: string | undefined;
  /** Only if it is text. */
  readonly body: string | undefined;
  readonly attributes: Attributes;
};
