/** Records requests with prom-client, used as its README advises: one metric object a family, labels at each call. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import {
  BASE_LABELS,
  FAMILIES,
  type FamilyKey,
  type HistogramKey,
  TOKEN_TYPES,
} from "../../src/catalogue/families.ts";
import { ERROR_TYPES, STATUSES } from "../../src/event/outcome.ts";
import { COST_RESULTS } from "../../src/event/price.ts";
import type { Recorder } from "./event-app.ts";
import { type Labels, type Observation, type Tokens, totalTokens } from "./observation.ts";

export function promClientRecorder(): Recorder & { readonly registry: Registry } {
  const registry = new Registry();
  const options = (key: FamilyKey) => ({
    name: FAMILIES[key].name,
    help: FAMILIES[key].help,
    labelNames: [...BASE_LABELS, ...FAMILIES[key].labels],
    registers: [registry],
  });
  const counter = (key: FamilyKey) => new Counter(options(key));
  const gauge = (key: FamilyKey) => new Gauge(options(key));
  const histogram = (key: HistogramKey) =>
    new Histogram({ ...options(key), buckets: [...FAMILIES[key].buckets] });

  const requests = counter("requests");
  const errors = counter("errors");
  const retries = counter("retries");
  const rotations = counter("rotations");
  const usageMissing = counter("usageMissing");
  const inFlight = gauge("inFlight");
  const lastRequest = gauge("lastRequest");
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

  /** Gives a new label set its zero-valued siblings, so that the first increment is visible to `increase()`. */
  function introduce(labels: Labels): string {
    const key = `${labels.provider}\0${labels.model}\0${labels.pool}`;
    if (seen.has(key)) return key;
    seen.add(key);
    for (const status of STATUSES) {
      for (const stream of ["false", "true"]) requests.inc({ ...labels, status, stream }, 0);
    }
    for (const error_type of ERROR_TYPES) errors.inc({ ...labels, error_type }, 0);
    for (const result of COST_RESULTS) costLookups.inc({ ...labels, result }, 0);
    for (const token_type of TOKEN_TYPES) tokens.inc({ ...labels, token_type }, 0);
    for (const family of [
      retries,
      rotations,
      usageMissing,
      cost,
      unpricedTokens,
      cacheSavings,
      cacheSurcharge,
    ]) {
      family.inc(labels, 0);
    }
    inFlight.inc(labels, 0);
    duration.zero(labels);
    return key;
  }

  /** Zeros change nothing: the siblings are there since the label set was introduced. */
  function addTokens(labels: Labels, counts: Tokens): void {
    if (counts.input > 0) tokens.inc({ ...labels, token_type: "input" }, counts.input);
    if (counts.cacheRead > 0) tokens.inc({ ...labels, token_type: "cache_read" }, counts.cacheRead);
    if (counts.cacheWrite > 0) tokens.inc({ ...labels, token_type: "cache_write" }, counts.cacheWrite);
    if (counts.output > 0) tokens.inc({ ...labels, token_type: "output" }, counts.output);
    if (counts.reasoning > 0) tokens.inc({ ...labels, token_type: "reasoning" }, counts.reasoning);
  }

  function addSizes(labels: Labels, observation: Observation, key: string): void {
    if (observation.cacheHit !== undefined) {
      responseCache.inc({ ...labels, result: "hit" }, observation.cacheHit ? 1 : 0);
      responseCache.inc({ ...labels, result: "miss" }, observation.cacheHit ? 0 : 1);
    }
    const { toolUses, toolResults, toolCalls: calls } = observation;
    if (toolUses !== undefined || toolResults !== undefined || calls !== undefined) {
      toolCalls.inc({ ...labels, kind: "use" }, toolUses ?? 0);
      toolCalls.inc({ ...labels, kind: "result" }, toolResults ?? 0);
      toolCalls.inc({ ...labels, kind: "call" }, calls ?? 0);
    }
    if (observation.messages !== undefined) messages.inc(labels, observation.messages);
    if (observation.requestBytes !== undefined) requestBytes.inc(labels, observation.requestBytes);
    if (observation.responseBytes !== undefined) responseBytes.inc(labels, observation.responseBytes);
    if (observation.batchId !== undefined) {
      const batch = `${key}\0${observation.batchId}`;
      batchedRequests.inc(labels, 1);
      batches.inc(labels, seenBatches.has(batch) ? 0 : 1);
      seenBatches.add(batch);
    } else if (observation.batchSize !== undefined) {
      batchedRequests.inc(labels, observation.batchSize);
      batches.inc(labels, 1);
    }
  }

  function record(observation: Observation): void {
    const { labels } = observation;
    const key = introduce(labels);
    requests.inc({ ...labels, status: observation.status, stream: observation.stream });
    lastRequest.set(labels, observation.timestampSeconds);
    if (observation.retry) retries.inc(labels);
    if (observation.rotated) rotations.inc(labels);
    if (observation.errorType !== undefined) errors.inc({ ...labels, error_type: observation.errorType });
    if (observation.tokens !== undefined) addTokens(labels, observation.tokens);
    else if (observation.status === "success" && observation.cacheHit !== true) usageMissing.inc(labels);
    if (observation.costResult !== undefined) costLookups.inc({ ...labels, result: observation.costResult });
    if (observation.costUsd !== undefined) cost.inc(labels, observation.costUsd);
    else if (observation.tokens !== undefined) unpricedTokens.inc(labels, totalTokens(observation.tokens));
    if (observation.durationSeconds !== undefined) duration.observe(labels, observation.durationSeconds);
    if (observation.timeToFirstTokenSeconds !== undefined) {
      timeToFirstToken.observe(labels, observation.timeToFirstTokenSeconds);
    }
    if (observation.timePerOutputTokenSeconds !== undefined) {
      timePerOutputToken.observe(labels, observation.timePerOutputTokenSeconds);
    }
    addSizes(labels, observation, key);
  }

  function addInFlight(labels: Labels, change: 1 | -1): void {
    introduce(labels);
    inFlight.inc(labels, change);
  }

  return { registry, record, addInFlight };
}
