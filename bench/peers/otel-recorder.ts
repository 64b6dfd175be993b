/**
 * Records requests with the OpenTelemetry SDK: one instrument a family, attributes at each call, bucket bounds and
 * cardinality limits by views, as its documentation advises.
 */
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { AggregationType, MeterProvider, type ViewOptions } from "@opentelemetry/sdk-metrics";
import { FAMILIES, type FamilyKey, HISTOGRAM_KEYS, TOKEN_TYPES } from "../../src/catalogue/families.ts";
import { ERROR_TYPES, STATUSES } from "../../src/event/outcome.ts";
import { COST_RESULTS } from "../../src/event/price.ts";
import type { Recorder } from "./event-app.ts";
import { type Labels, type Observation, type Tokens, totalTokens } from "./observation.ts";

/** Far above 10,000 label sets with 15 error types each, so that nothing is booked as overflow. */
const CARDINALITY_LIMIT = 1_000_000;

export function otelRecorder(): Recorder & { readonly exporter: PrometheusExporter } {
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const meter = new MeterProvider({ readers: [exporter], views: views() }).getMeter("requests");
  const options = (key: FamilyKey) => ({ description: FAMILIES[key].help });
  const counter = (key: FamilyKey) => meter.createCounter(FAMILIES[key].name, options(key));
  const histogram = (key: FamilyKey) => meter.createHistogram(FAMILIES[key].name, options(key));

  const requests = counter("requests");
  const errors = counter("errors");
  const retries = counter("retries");
  const rotations = counter("rotations");
  const usageMissing = counter("usageMissing");
  const inFlight = meter.createUpDownCounter(FAMILIES.inFlight.name, options("inFlight"));
  const lastRequest = meter.createGauge(FAMILIES.lastRequest.name, options("lastRequest"));
  const duration = histogram("duration");
  const timeToFirstToken = histogram("timeToFirstToken");
  const timePerOutputToken = histogram("timePerOutputToken");
  const tokens = counter("tokens");
  const cost = counter("cost");
  const costLookups = counter("costLookups");
  const unpricedTokens = counter("unpricedTokens");
  const cacheSavings = counter("cacheSavings");
  const cacheSurcharge = counter("cacheSurcharge");
  const responseCache = counter("responseCache");
  const toolCalls = counter("toolCalls");
  const messages = counter("messages");
  const requestBytes = counter("requestBytes");
  const responseBytes = counter("responseBytes");
  const batches = counter("batches");
  const batchedRequests = counter("batchedRequests");

  const seen = new Set<string>();
  const seenBatches = new Set<string>();

  /** Gives a new label set its zero-valued siblings. A histogram cannot be made without a value here. */
  function introduce(labels: Labels): string {
    const key = `${labels.provider}\0${labels.model}\0${labels.pool}`;
    if (seen.has(key)) return key;
    seen.add(key);
    for (const status of STATUSES) {
      for (const stream of ["false", "true"]) requests.add(0, { ...labels, status, stream });
    }
    for (const error_type of ERROR_TYPES) errors.add(0, { ...labels, error_type });
    for (const result of COST_RESULTS) costLookups.add(0, { ...labels, result });
    for (const token_type of TOKEN_TYPES) tokens.add(0, { ...labels, token_type });
    for (const family of [
      retries,
      rotations,
      usageMissing,
      cost,
      unpricedTokens,
      cacheSavings,
      cacheSurcharge,
    ]) {
      family.add(0, labels);
    }
    inFlight.add(0, labels);
    return key;
  }

  /** Zeros change nothing: the siblings are there since the label set was introduced. */
  function addTokens(labels: Labels, counts: Tokens): void {
    if (counts.input > 0) tokens.add(counts.input, { ...labels, token_type: "input" });
    if (counts.cacheRead > 0) tokens.add(counts.cacheRead, { ...labels, token_type: "cache_read" });
    if (counts.cacheWrite > 0) tokens.add(counts.cacheWrite, { ...labels, token_type: "cache_write" });
    if (counts.output > 0) tokens.add(counts.output, { ...labels, token_type: "output" });
    if (counts.reasoning > 0) tokens.add(counts.reasoning, { ...labels, token_type: "reasoning" });
  }

  function addSizes(labels: Labels, observation: Observation, key: string): void {
    if (observation.cacheHit !== undefined) {
      responseCache.add(observation.cacheHit ? 1 : 0, { ...labels, result: "hit" });
      responseCache.add(observation.cacheHit ? 0 : 1, { ...labels, result: "miss" });
    }
    const { toolUses, toolResults, toolCalls: calls } = observation;
    if (toolUses !== undefined || toolResults !== undefined || calls !== undefined) {
      toolCalls.add(toolUses ?? 0, { ...labels, kind: "use" });
      toolCalls.add(toolResults ?? 0, { ...labels, kind: "result" });
      toolCalls.add(calls ?? 0, { ...labels, kind: "call" });
    }
    if (observation.messages !== undefined) messages.add(observation.messages, labels);
    if (observation.requestBytes !== undefined) requestBytes.add(observation.requestBytes, labels);
    if (observation.responseBytes !== undefined) responseBytes.add(observation.responseBytes, labels);
    if (observation.batchId !== undefined) {
      const batch = `${key}\0${observation.batchId}`;
      batchedRequests.add(1, labels);
      batches.add(seenBatches.has(batch) ? 0 : 1, labels);
      seenBatches.add(batch);
    } else if (observation.batchSize !== undefined) {
      batchedRequests.add(observation.batchSize, labels);
      batches.add(1, labels);
    }
  }

  function record(observation: Observation): void {
    const { labels } = observation;
    const key = introduce(labels);
    requests.add(1, { ...labels, status: observation.status, stream: observation.stream });
    lastRequest.record(observation.timestampSeconds, labels);
    if (observation.retry) retries.add(1, labels);
    if (observation.rotated) rotations.add(1, labels);
    if (observation.errorType !== undefined) errors.add(1, { ...labels, error_type: observation.errorType });
    if (observation.tokens !== undefined) addTokens(labels, observation.tokens);
    else if (observation.status === "success" && observation.cacheHit !== true) usageMissing.add(1, labels);
    if (observation.costResult !== undefined)
      costLookups.add(1, { ...labels, result: observation.costResult });
    if (observation.costUsd !== undefined) cost.add(observation.costUsd, labels);
    else if (observation.tokens !== undefined) unpricedTokens.add(totalTokens(observation.tokens), labels);
    if (observation.durationSeconds !== undefined) duration.record(observation.durationSeconds, labels);
    if (observation.timeToFirstTokenSeconds !== undefined) {
      timeToFirstToken.record(observation.timeToFirstTokenSeconds, labels);
    }
    if (observation.timePerOutputTokenSeconds !== undefined) {
      timePerOutputToken.record(observation.timePerOutputTokenSeconds, labels);
    }
    addSizes(labels, observation, key);
  }

  function addInFlight(labels: Labels, change: 1 | -1): void {
    introduce(labels);
    inFlight.add(change, labels);
  }

  return { exporter, record, addInFlight };
}

/** One view a family; two that match one instrument would make two streams of it. */
function views(): ViewOptions[] {
  const histograms: ReadonlySet<string> = new Set(HISTOGRAM_KEYS);
  return Object.entries(FAMILIES).map(([key, family]) => ({
    instrumentName: family.name,
    aggregationCardinalityLimit: CARDINALITY_LIMIT,
    ...(histograms.has(key) && "buckets" in family
      ? {
          aggregation: {
            type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
            options: { boundaries: [...family.buckets] },
          },
        }
      : {}),
  }));
}
