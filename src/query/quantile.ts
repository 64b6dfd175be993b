/** Quantiles of exponential histograms, of one or of many merged; never of quantiles. */
import { type ExponentialHistogram, SCALE } from "../ledger/exponential-histogram.ts";

const BASE_LOG2 = 2 ** -SCALE;

/**
 * The quantile (0 to 1) of the observed values in seconds, by nearest rank: the value that `ceil(quantile * count)` of
 * them do not exceed, within 1.1 %. `undefined` of no observation.
 */
export function quantileSeconds(
  histogram: ExponentialHistogram | undefined,
  quantile: number,
): number | undefined {
  if (histogram === undefined) return undefined;
  const { counts, offset, zeroCount } = histogram;
  let count = zeroCount;
  for (let position = 0; position < counts.length; position++) count += counts[position]!;
  if (count === 0) return undefined;
  let before = zeroCount;
  const rank = Math.max(1, Math.ceil(quantile * count));
  if (rank <= before) return 0;
  let position = 0;
  for (; position < counts.length - 1; position++) {
    before += counts[position]!;
    if (before >= rank) break;
  }
  // The middle of the bucket as its ratio goes, so that neither bound is further than half a bucket.
  return 2 ** ((offset + position + 0.5) * BASE_LOG2);
}
