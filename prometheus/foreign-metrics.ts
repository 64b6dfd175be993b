/**
 * Metrics that rules and dashboards read and that others name: Prometheus gives the first to every target it scrapes
 * and the next to whoever scrapes itself, prom-client the last to the process of the exporter.
 * https://prometheus.io/docs/concepts/jobs_instances/ https://github.com/siimon/prom-client#default-metrics
 */
export const FOREIGN = {
  up: "up",
  scrapeSamples: "scrape_samples_scraped",
  scrapeDuration: "scrape_duration_seconds",
  alerts: "ALERTS",
  /** Since when, in seconds since the epoch. */
  alertsForState: "ALERTS_FOR_STATE",
  exceededSampleLimit: "prometheus_target_scrapes_exceeded_sample_limit_total",
  exceededBodySizeLimit: "prometheus_target_scrapes_exceeded_body_size_limit_total",
  exceededLabelLimits: "prometheus_target_scrape_pool_exceeded_label_limits_total",
  residentMemory: "process_resident_memory_bytes",
  processStart: "process_start_time_seconds",
  cpu: "process_cpu_seconds_total",
  heapUsed: "nodejs_heap_size_used_bytes",
  eventLoopLag: "nodejs_eventloop_lag_p99_seconds",
} as const;
