/** Totals in OpenTelemetry's own shapes: cumulative sums, gauges, and histograms of both kinds, bucket for bucket. */
import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import { AggregationTemporality, DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";
import type { Unit } from "../catalogue/family.ts";
import type { BoundedDistribution, Distribution } from "../exposition/cell-readings.ts";
import { SCALE } from "../ledger/exponential-histogram.ts";

/** As OpenTelemetry writes units; braces hold what is none, so that nothing is appended to a name for it. */
export const UNITS = {
  seconds: "s",
  bytes: "By",
  usd: "{USD}",
} as const satisfies Record<Unit, string>;

export type Instrument = {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  /** Whether its values are integers. */
  readonly isInteger: boolean;
};

/** From when to when, for what began in this run. */
export type Times = { readonly startTime: HrTime; readonly endTime: HrTime };

type Point<Value> = {
  readonly attributes: Attributes;
  readonly value: Value;
  /** Its total began before this run, nobody knows when. */
  readonly isOlder?: boolean;
};

/** "Not known", in the protocol. */
const UNKNOWN_TIME: HrTime = [0, 0];

export function counterData(
  instrument: Instrument,
  times: Times,
  points: readonly Point<number>[],
): MetricData {
  return {
    ...{ ...base(instrument), dataPointType: DataPointType.SUM, isMonotonic: true },
    dataPoints: points.map(({ attributes, value, isOlder }) => ({
      ...timesOf(times, isOlder),
      attributes,
      value,
    })),
  };
}

export function gaugeData(
  instrument: Instrument,
  times: Times,
  points: readonly Point<number>[],
): MetricData {
  return {
    ...{ ...base(instrument), dataPointType: DataPointType.GAUGE },
    dataPoints: points.map(({ attributes, value, isOlder }) => ({
      ...timesOf(times, isOlder),
      attributes,
      value,
    })),
  };
}

export function histogramData(
  instrument: Instrument,
  times: Times,
  points: readonly Point<BoundedDistribution>[],
): MetricData {
  return {
    ...{ ...base(instrument), dataPointType: DataPointType.HISTOGRAM },
    dataPoints: points.map(({ attributes, isOlder, value: { count, sum, bounds, counts } }) => ({
      ...{ ...timesOf(times, isOlder), attributes },
      value: { count, sum, buckets: { boundaries: [...bounds], counts: [...counts] } },
    })),
  };
}

/** Buckets have the same bounds and indices there. */
export function exponentialData(
  instrument: Instrument,
  times: Times,
  points: readonly Point<Distribution>[],
): MetricData {
  return {
    ...{ ...base(instrument), dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM },
    dataPoints: points.map(({ attributes, isOlder, value: { count, sum, zeroCount, offset, counts } }) => ({
      ...{ ...timesOf(times, isOlder), attributes },
      value: {
        ...{ count, sum, zeroCount, scale: SCALE },
        positive: { offset, bucketCounts: [...counts] },
        negative: { offset: 0, bucketCounts: [] },
      },
    })),
  };
}

function timesOf({ startTime, endTime }: Times, isOlder = false): Times {
  return { startTime: isOlder ? UNKNOWN_TIME : startTime, endTime };
}

/** Microseconds since the epoch. */
export function hrTime(micros: number): HrTime {
  return [Math.floor(micros / 1e6), (micros % 1e6) * 1e3];
}

function base({ name, help, unit, isInteger }: Instrument) {
  return {
    descriptor: {
      ...{ name, description: help, unit },
      valueType: isInteger ? ValueType.INT : ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}
