/** What the configuration sets for each part, in the part's own words and units. */
import type { HistoryTarget } from "./config/history-target.ts";
import type { Config } from "./config/schema.ts";
import type { OtlpSettings } from "./ingest/otlp/otlp-settings.ts";
import type { OutletSettings } from "./otel/gen-ai-outlet.ts";
import type { ViewSettings } from "./otel/ledger-producer.ts";

/** A transaction of so many events takes some tens of milliseconds; others wait for it. */
const TRANSACTION_RECORDS_MAX = 10_000;

export function ledgerLimits({ limits }: Config) {
  return { seriesMax: limits.series, valuesPerLabelMax: limits.values_per_label };
}

export function activeLimits({ limits }: Config) {
  return { requestsMax: limits.active_requests, timeoutMicros: limits.active_timeout * 1e3 };
}

export function dedupeLimits({ limits }: Config) {
  return { idsMax: limits.dedupe_ids, windowMicros: limits.dedupe_window * 1e3 };
}

export function parserLimits({ limits }: Config) {
  return {
    labelBytesMax: limits.label_bytes,
    futureToleranceMicros: limits.future_tolerance * 1e3,
    depthMax: limits.event_depth,
  };
}

export function otlpSettings({ otlp }: Config): OtlpSettings {
  return { poolAttributes: otlp.pool_attributes, tagAttributes: otlp.tag_attributes };
}

/** What /metrics/otel and the push show. */
export function otlpViewSettings({ otlp }: Config): ViewSettings {
  return { profile: otlp.profile, seriesMax: otlp.series };
}

/** Whose metrics they are, and where they are pushed to. */
export function otlpOutletSettings({ otlp }: Config): OutletSettings {
  const { endpoint, headers, interval, timeout, compression, histograms } = otlp.push;
  return {
    resource: otlp.resource,
    push:
      endpoint === undefined
        ? undefined
        : {
            ...{ url: endpoint, headers, compression, histograms },
            ...{ intervalMillis: interval, timeoutMillis: timeout },
          },
  };
}

export function pricerLimits({ limits }: Config) {
  return { modelsMax: limits.priced_models };
}

export function unpricedLimits({ limits }: Config) {
  return { modelsMax: limits.unpriced_models };
}

export function groupCommitLimits({ limits }: Config) {
  return { recordsMax: limits.store_queue, transactionRecordsMax: TRANSACTION_RECORDS_MAX };
}

/** A window beyond the rollups would be told as what is kept of it. */
export function windowSettings({ observability: { statistics }, history }: Config) {
  return {
    windowMicros: Math.min(statistics.retention, history.hours) * 1e3,
    scopes: statistics.scopes,
    intervalMillis: statistics.flush_interval,
  };
}

/** A store in memory shares it with the runtime. */
const MEMORY_BYTES_MAX = 2 ** 30;

export function retentionCut({ history, limits }: Config, kind: HistoryTarget["kind"], nowMicros: number) {
  return {
    idsBeforeMicros: nowMicros - limits.dedupe_window * 1e3,
    eventsBeforeMicros: nowMicros - history.events * 1e3,
    minutesBeforeMicros: nowMicros - history.minutes * 1e3,
    hoursBeforeMicros: nowMicros - history.hours * 1e3,
    bytesMax: kind === "off" ? Math.min(history.size, MEMORY_BYTES_MAX) : history.size,
  };
}

export function bodyLimits({ limits }: Config) {
  return {
    bodyBytesMax: limits.body_bytes,
    inflatedBytesMax: limits.inflated_bytes,
    inFlightBytesMax: limits.in_flight_bytes,
  };
}

export function serverLimits({ limits }: Config) {
  return {
    connectionsMax: limits.connections,
    headerTimeoutMillis: limits.header_timeout,
    requestTimeoutMillis: limits.request_timeout,
  };
}
