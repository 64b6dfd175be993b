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

  /** Room is made once and not for each bucket: an array costs as much as hundreds of additions. */
  merge({ zeroCount, counts, offset }: ExponentialHistogram): void {
    this.zeroCount += zeroCount;
    let first = 0;
    let last = counts.length - 1;
    while (first <= last && counts[first] === 0) first += 1;
    while (last >= first && counts[last] === 0) last -= 1;
    if (first > last) return;
    if (this.counts.length === 0) {
      this.offset = offset + first;
      this.counts = counts.slice(first, last + 1);
      return;
    }
    // Not zero at both ends: room that holds nothing may be taken away again.
    this.add(offset + first, counts[first]!);
    if (last > first) this.add(offset + last, counts[last]!);
    const shift = offset - this.offset;
    for (let position = first + 1; position < last; position++) {
      this.counts[shift + position]! += counts[position]!;
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
    let first = 0;
    let last = this.counts.length - 1;
    while (first < last && this.counts[first] === 0) first += 1;
    while (last > first && this.counts[last] === 0) last -= 1;
    const low = Math.min(this.offset + first, index);
    const high = Math.max(this.offset + last, index);
    const spare = Math.max(FIRST_CAPACITY, (high - low) >> 2);
    // The spare room lies on the side on which the window just grew.
    const offset = index < this.offset ? low - spare : low;
    const counts = new Float64Array(high - low + 1 + spare);
    counts.set(this.counts.subarray(first, last + 1), this.offset + first - offset);
    this.offset = offset;
    this.counts = counts;
  }
}
