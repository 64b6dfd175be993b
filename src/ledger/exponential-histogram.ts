/**
 * Base-2 exponential histogram at scale 5: bucket i holds values in (base^i, base^(i+1)] with base = 2^(1/32), so
 * that any quantile is known to within 1.1 %. Sparse at both ends: only the window of buckets in use is kept.
 * Mapping as in https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */

export const SCALE = 5;
const BUCKETS_PER_OCTAVE = 2 ** SCALE;
const FIRST_CAPACITY = 8;

export class ExponentialHistogram {
  zeroCount = 0;
  /** Index of the bucket in `counts[0]`. Meaningless while `counts` is empty. */
  offset = 0;
  /** Counts of consecutive buckets; zeros at both ends are spare room. */
  counts: Float64Array = new Float64Array(0);

  /** Adds one duration in integer nanoseconds >= 0. The bucket is that of the value in seconds. */
  record(nanos: number): void {
    if (nanos === 0) this.zeroCount += 1;
    else this.add(Math.ceil(Math.log2(nanos / 1e9) * BUCKETS_PER_OCTAVE) - 1, 1);
  }

  /** Adds `count` to the bucket of `index`. */
  add(index: number, count: number): void {
    if (index < this.offset || index >= this.offset + this.counts.length) this.#makeRoom(index);
    this.counts[index - this.offset]! += count;
  }

  merge(from: ExponentialHistogram): void {
    this.zeroCount += from.zeroCount;
    const { counts, offset } = from;
    for (let position = 0; position < counts.length; position++) {
      const count = counts[position]!;
      if (count > 0) this.add(offset + position, count);
    }
  }

  /** Buckets in use, ascending. */
  *buckets(): Generator<{ index: number; count: number }> {
    for (let position = 0; position < this.counts.length; position++) {
      const count = this.counts[position]!;
      if (count > 0) yield { index: this.offset + position, count };
    }
  }

  #makeRoom(index: number): void {
    if (this.counts.length === 0) {
      this.offset = index - FIRST_CAPACITY / 2;
      this.counts = new Float64Array(FIRST_CAPACITY);
      return;
    }
    const low = Math.min(this.offset, index);
    const high = Math.max(this.offset + this.counts.length - 1, index);
    let capacity = this.counts.length;
    while (capacity < high - low + 1) capacity *= 2;
    const spare = capacity - (high - low + 1);
    // The spare room lies on the side on which the window just grew.
    const offset = index < this.offset ? low - spare : low;
    const counts = new Float64Array(capacity);
    counts.set(this.counts, this.offset - offset);
    this.offset = offset;
    this.counts = counts;
  }
}
