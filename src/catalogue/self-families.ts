/**
 * The exporter's own metric families. They live in a prom-client registry (src/self) and carry only the labels
 * named here. prom-client's default `process_*` and `nodejs_*` families come on top and are named by that library.
 */
import type { FamilyDeclaration } from "./family.ts";

export const SELF_FAMILIES = {
  buildInfo: {
    name: "llm_exporter_build_info",
    type: "gauge",
    labels: ["version", "runtime"],
    help: "Always 1; the labels say which version runs on which runtime.",
  },
  startTime: {
    name: "llm_exporter_start_time_seconds",
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "When the exporter started, in seconds since the epoch.",
  },
  events: {
    name: "llm_exporter_events_total",
    type: "counter",
    labels: ["dialect", "result"],
    help: "Events received, by dialect and by what became of them: accepted, duplicate or rejected.",
  },
  eventsRejected: {
    name: "llm_exporter_events_rejected_total",
    type: "counter",
    labels: ["reason"],
    help: "Events rejected, by the code of the first issue found in each.",
  },
  requestsRejected: {
    name: "llm_exporter_requests_rejected_total",
    type: "counter",
    labels: ["reason"],
    help: "HTTP requests refused as a whole, by error code.",
  },
  httpRequests: {
    name: "llm_exporter_http_requests_total",
    type: "counter",
    labels: ["route", "code"],
    help: "HTTP requests answered, by route and status code.",
  },
  httpConnections: {
    name: "llm_exporter_http_connections",
    type: "gauge",
    labels: [],
    help: "Open HTTP connections.",
  },
  httpConnectionsLimit: {
    name: "llm_exporter_http_connections_limit",
    type: "gauge",
    labels: [],
    help: "Most HTTP connections that may be open at once.",
  },
  httpConnectionsDropped: {
    name: "llm_exporter_http_connections_dropped_total",
    type: "counter",
    labels: ["reason"],
    help: "HTTP connections closed by the exporter because of a limit, a time-out or an unreadable request.",
  },
  ingestBytesInFlight: {
    name: "llm_exporter_ingest_in_flight_bytes",
    type: "gauge",
    unit: "bytes",
    labels: [],
    help: "Bytes of request bodies that are being received or processed.",
  },
  series: {
    name: "llm_exporter_series",
    type: "gauge",
    labels: [],
    help: "Label sets in the ledger.",
  },
  seriesLimit: {
    name: "llm_exporter_series_limit",
    type: "gauge",
    labels: [],
    help: "Label sets the ledger may hold before new ones are folded into other.",
  },
  seriesOverflow: {
    name: "llm_exporter_series_overflow_total",
    type: "counter",
    labels: ["label"],
    help: "Events for which a label value was folded into other, by the label whose limit was reached; series when the limit on label sets was.",
  },
  labelValuesAltered: {
    name: "llm_exporter_label_values_altered_total",
    type: "counter",
    labels: [],
    help: "Label values that were cleaned of control or bidirectional characters or lone surrogates, or cut to the length limit.",
  },
  unknownFields: {
    name: "llm_exporter_unknown_fields_total",
    type: "counter",
    labels: [],
    help: "Fields of accepted events that no rule knows; they are ignored.",
  },
  conventionsInferred: {
    name: "llm_exporter_usage_conventions_inferred_total",
    type: "counter",
    labels: [],
    help: "Events with cached tokens that did not say whether their input count includes them, so that it was inferred.",
  },
  activeRequests: {
    name: "llm_exporter_active_requests",
    type: "gauge",
    labels: [],
    help: "Started requests that the exporter follows.",
  },
  activeRequestsLimit: {
    name: "llm_exporter_active_requests_limit",
    type: "gauge",
    labels: [],
    help: "Most started requests that the exporter follows at once.",
  },
  activeRequestsDropped: {
    name: "llm_exporter_active_requests_dropped_total",
    type: "counter",
    labels: ["reason"],
    help: "Started requests no longer followed though no end was reported: expired, or evicted by the limit.",
  },
  dedupeIds: {
    name: "llm_exporter_dedupe_ids",
    type: "gauge",
    labels: ["kind"],
    help: "Ids remembered to recognise repeats, by kind: of events, or of batches in a label set.",
  },
  dedupeIdsLimit: {
    name: "llm_exporter_dedupe_ids_limit",
    type: "gauge",
    labels: [],
    help: "Most ids of a kind remembered at once.",
  },
  dedupeEvictions: {
    name: "llm_exporter_dedupe_evictions_total",
    type: "counter",
    labels: ["kind"],
    help: "Ids forgotten before the deduplication window had passed, because of the limit, by kind: event or batch.",
  },
  scrapes: {
    name: "llm_exporter_scrapes_total",
    type: "counter",
    labels: ["format"],
    help: "Scrapes answered, by exposition format.",
  },
  scrapeDuration: {
    name: "llm_exporter_scrape_duration_seconds",
    type: "histogram",
    unit: "seconds",
    labels: [],
    help: "Time to render one exposition, from the snapshot to the last byte, waiting for the event loop included.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  configReloads: {
    name: "llm_exporter_config_reloads_total",
    type: "counter",
    labels: ["result"],
    help: "Configuration reloads, by result: success or failure.",
  },
  configReloadSuccessful: {
    name: "llm_exporter_config_last_reload_successful",
    type: "gauge",
    labels: [],
    help: "1 if the last configuration load succeeded, 0 if it failed and the one before is in force.",
  },
  configReloadTimestamp: {
    name: "llm_exporter_config_last_reload_success_timestamp_seconds",
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "When the configuration in force was loaded, in seconds since the epoch.",
  },
} as const satisfies Record<string, FamilyDeclaration>;

export type SelfFamilyKey = keyof typeof SELF_FAMILIES;
