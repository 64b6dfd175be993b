/** An example of what a number counts: the trace of one request. Which one is kept depends on no order of arrival. */

export type Exemplar = {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string | undefined;
  /** In the unit of the family; 1 for a counter. */
  readonly value: number;
  readonly timestampMicros: number;
};

/** The later of two; between two of one instant, the one that sorts last. */
export function laterExemplar(one: Exemplar | undefined, other: Exemplar): Exemplar {
  if (one === undefined || one.timestampMicros < other.timestampMicros) return other;
  if (one.timestampMicros > other.timestampMicros) return one;
  if (one.traceId !== other.traceId) return one.traceId < other.traceId ? other : one;
  if (one.spanId !== other.spanId) return (one.spanId ?? "") < (other.spanId ?? "") ? other : one;
  return one.value < other.value ? other : one;
}
