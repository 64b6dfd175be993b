/**
 * Where in a cell each number stands. A cell is a row of float64 slots: most add up, one keeps a maximum, and
 * amounts that need nano precision take two slots. The layout depends only on the histogram bounds.
 */
import {
  HISTOGRAM_KEYS,
  type HistogramKey,
  RESPONSE_CACHE_RESULTS,
  TOKEN_TYPES,
  TOOL_KINDS,
} from "../catalogue/families.ts";
import { ERROR_TYPES, STATUSES } from "../event/outcome.ts";
import { COST_RESULTS } from "../event/price.ts";

/** Splits by streaming take two neighbouring slots: not streamed, streamed. */
const STREAM = 2;
/** Seconds in nano precision take two slots: whole seconds, then nanos below 1e9. */
const NANO_PAIR = 2;
/** An amount of money takes two slots: micro-dollars, then pico-dollars below 1e6. */
const MONEY_PAIR = 2;

/** How many slots each quantity takes, in their order in a cell. */
const SLOT_COUNTS = {
  requests: STATUSES.length * STREAM,
  errors: ERROR_TYPES.length,
  retries: 1,
  rotations: 1,
  usageMissing: 1,
  inFlight: 1,
  /** Completion of the latest request in microseconds since the epoch: merged by maximum. */
  lastRequestMicros: 1,
  tokens: TOKEN_TYPES.length * STREAM,
  cost: MONEY_PAIR,
  costLookups: COST_RESULTS.length,
  unpricedTokens: 1,
  cacheSavings: MONEY_PAIR,
  cacheSurcharge: MONEY_PAIR,
  /** Of requests for which both the sender and the price book gave a cost. */
  comparedReportedCost: MONEY_PAIR,
  comparedBookCost: MONEY_PAIR,
  responseCache: RESPONSE_CACHE_RESULTS.length,
  toolCalls: TOOL_KINDS.length * STREAM,
  messages: 1,
  requestBytes: 1,
  responseBytes: 1,
  batches: 1,
  batchedRequests: 1,
  durationCount: STREAM,
  durationSum: NANO_PAIR * STREAM,
  timeToFirstTokenCount: 1,
  timeToFirstTokenSum: NANO_PAIR,
  timePerOutputTokenCount: 1,
  timePerOutputTokenSum: NANO_PAIR,
} as const;

/** First slot of each quantity. `requests`, `tokens` and `toolCalls` are split by streaming inside each label value. */
export const SLOT = firstSlots(SLOT_COUNTS);
const FIXED_SLOTS = Object.values(SLOT_COUNTS).reduce<number>((sum, count) => sum + count, 0);

function firstSlots<Name extends string>(
  counts: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  let next = 0;
  const first = {} as Record<Name, number>;
  for (const name in counts) {
    first[name] = next;
    next += counts[name];
  }
  return first;
}

/** Slots that hold micro-dollars; the pico-dollars stand in the next slot. */
export const MONEY_SLOTS: readonly number[] = [
  SLOT.cost,
  SLOT.cacheSavings,
  SLOT.cacheSurcharge,
  SLOT.comparedReportedCost,
  SLOT.comparedBookCost,
];

/** Slots that hold whole seconds; the nanos stand in the next slot. */
export const NANO_SLOTS: readonly number[] = [
  SLOT.durationSum,
  SLOT.durationSum + NANO_PAIR,
  SLOT.timeToFirstTokenSum,
  SLOT.timePerOutputTokenSum,
];

export type HistogramLayout = {
  /** Upper bounds in integer nanoseconds, without +Inf. */
  readonly boundsNanos: Float64Array;
  /** The same bounds in seconds, as configured. */
  readonly boundsSeconds: readonly number[];
  /** Slot of the first bucket; buckets are not cumulative, the last one is +Inf. */
  readonly firstBucket: number;
  /** Slots to add up for the number of observations. */
  readonly countSlots: readonly number[];
  /** Slots of nano pairs to add up for the sum of observations. */
  readonly sumSlots: readonly number[];
};

/** Changes with the slots that every layout has; cells of one version add up whatever their buckets are. */
const SUMS_VERSION = "2";

export type CellLayout = {
  /** Slots in a cell. */
  readonly size: number;
  readonly histograms: Readonly<Record<HistogramKey, HistogramLayout>>;
  /** Equal for layouts whose cells can be merged. */
  readonly fingerprint: string;
};

/** Upper bounds of each histogram in seconds, ascending, without +Inf. */
export type HistogramBounds = Readonly<Record<HistogramKey, readonly number[]>>;

export function cellLayout(bounds: HistogramBounds): CellLayout {
  let firstBucket = FIXED_SLOTS;
  const place = (key: HistogramKey, countSlots: number[], sumSlots: number[]): HistogramLayout => {
    const boundsSeconds = [...bounds[key]];
    const boundsNanos = Float64Array.from(boundsSeconds, (seconds) => Math.round(seconds * 1e9));
    const histogram = { boundsNanos, boundsSeconds, firstBucket, countSlots, sumSlots };
    firstBucket += boundsSeconds.length + 1;
    return histogram;
  };
  const histograms = {
    duration: place(
      "duration",
      [SLOT.durationCount, SLOT.durationCount + 1],
      [SLOT.durationSum, SLOT.durationSum + NANO_PAIR],
    ),
    timeToFirstToken: place("timeToFirstToken", [SLOT.timeToFirstTokenCount], [SLOT.timeToFirstTokenSum]),
    timePerOutputToken: place(
      "timePerOutputToken",
      [SLOT.timePerOutputTokenCount],
      [SLOT.timePerOutputTokenSum],
    ),
  };
  const fingerprint = `${SUMS_VERSION}|${HISTOGRAM_KEYS.map((key) => histograms[key].boundsNanos.join(",")).join("|")}`;
  return { size: firstBucket, histograms, fingerprint };
}

/**
 * Cells without buckets: what cells of any layout have in common. Quantiles come from the exponential histograms. Cells of
 * it are merged, nothing is recorded into them.
 */
export const SUMS_LAYOUT: CellLayout = {
  ...cellLayout({ duration: [], timeToFirstToken: [], timePerOutputToken: [] }),
  size: FIXED_SLOTS,
};

/** Whether cells of a layout with this fingerprint can be added up in SUMS_LAYOUT. */
export function hasSums(fingerprint: string): boolean {
  return fingerprint.startsWith(`${SUMS_VERSION}|`);
}
