/**
 * PromQL over request families that several panels share, with every filter of the dashboards. `by` are the labels to
 * sum by; `window` is RATE for graphs and RANGE for single numbers and tables.
 */
import { CLIENT_FAULTS } from "../../prometheus/objectives.ts";
import * as promql from "../../prometheus/promql.ts";
import { FAMILIES } from "../../src/catalogue/families.ts";
import type { FamilyDeclaration } from "../../src/catalogue/family.ts";
import { REQUESTS } from "./filters.ts";

/** At least four scrapes, for points of a graph. */
export const RATE = "$__rate_interval";
/** All that is chosen, for single numbers. */
export const RANGE = "$__range";
export type Window = typeof RATE | typeof RANGE;

type Labels = readonly string[];

const SECONDS_PER_HOUR = 3_600;

/** The caller's own faults and what it cancelled, as in the objectives of the alerts. */
export const CLIENT_FAULT = `error_type=~"${CLIENT_FAULTS.join("|")}"`;
/** What the provider, the way to it or the key to it is to blame for. */
export const PROVIDER_FAULT = `error_type!~"${CLIENT_FAULTS.join("|")}"`;

/** Turned away: too many requests, no quota left, or no capacity. */
export const RATE_LIMITED = 'error_type=~"rate_limit|quota|overloaded"';

const UNPRICED = 'result=~"unpriced|partial"';

/** How much a counter grew over the range. */
export function amount(by: Labels, family: FamilyDeclaration, ...matchers: Labels): string {
  return promql.sumBy(by, promql.increase(promql.select(family, REQUESTS, ...matchers), RANGE));
}

/** How much a counter grows a second. */
export function perSecond(
  by: Labels,
  family: FamilyDeclaration,
  matchers: Labels = [],
  window: Window = RATE,
): string {
  return promql.sumBy(by, promql.rate(promql.select(family, REQUESTS, ...matchers), window));
}

/** Money: how much a counter grows an hour. */
export function perHour(by: Labels, family: FamilyDeclaration, window: Window = RATE): string {
  return `${perSecond(by, family, [], window)} * ${SECONDS_PER_HOUR}`;
}

/** US dollars over the range. */
export function spend(by: Labels): string {
  return amount(by, FAMILIES.cost);
}

/** Each row's part of the sum of all. */
export function shareOfSpend(by: Labels): string {
  return `${spend(by)} / on () group_left () (${spend([])} > 0)`;
}

/** Failures that are no client faults, of the requests that are none: what the objectives of the alerts count. */
export function errorRatio(by: Labels, window: Window): string {
  const failed = perSecond(by, FAMILIES.errors, [PROVIDER_FAULT], window);
  const succeeded = perSecond(by, FAMILIES.requests, ['status="success"'], window);
  return promql.ratio(failed, `(${succeeded} + ${failed})`);
}

/** Errors of the kinds that `errorType` matches, of all requests. */
export function partOfRequests(by: Labels, window: Window, errorType: string): string {
  return promql.ratio(perSecond(by, FAMILIES.errors, [errorType], window), requestsPerSecond(by, window));
}

export function requestsPerSecond(by: Labels, window: Window = RATE): string {
  return perSecond(by, FAMILIES.requests, [], window);
}

/** Second and later attempts, of all requests. */
export function retryRatio(by: Labels, window: Window): string {
  return promql.ratio(perSecond(by, FAMILIES.retries, [], window), requestsPerSecond(by, window));
}

/** Requests for which the pool moved on, of all requests. */
export function rotationRatio(by: Labels, window: Window): string {
  return promql.ratio(perSecond(by, FAMILIES.rotations, [], window), requestsPerSecond(by, window));
}

export type Histogram = FamilyDeclaration & { readonly type: "histogram" };

/** In the histogram's unit, seconds. `q` from 0 to 1. No row instead of NaN where nothing was measured. */
export function quantile(q: number, by: Labels, family: Histogram, window: Window): string {
  return `${promql.quantile(q, by, promql.rate(promql.buckets(family, REQUESTS), window))} >= 0`;
}

/** For heatmaps: values in each bucket, by its upper bound. */
export function countsByBucket(family: Histogram): string {
  return promql.sumBy(["le"], promql.increase(promql.buckets(family, REQUESTS), RATE));
}

/** US dollars of a request, those of unknown cost at nothing. */
export function costPerRequest(by: Labels, window: Window): string {
  return promql.ratio(perSecond(by, FAMILIES.cost, [], window), requestsPerSecond(by, window));
}

/** US dollars of 1,000 tokens of any type. */
export function costPerThousandTokens(by: Labels, window: Window): string {
  return `${promql.ratio(perSecond(by, FAMILIES.cost, [], window), perSecond(by, FAMILIES.tokens, [], window))} * 1000`;
}

/** Tokens read from the prompt cache, of all tokens that were sent. */
export function cacheHitRatio(by: Labels, window: Window): string {
  return promql.ratio(
    perSecond(by, FAMILIES.tokens, ['token_type="cache_read"'], window),
    perSecond(by, FAMILIES.tokens, ['token_type=~"input|cache_read|cache_write"'], window),
  );
}

/** US dollars an hour that the prompt cache saves, less what writing to it costs on top. */
export function cacheNetSavings(by: Labels): string {
  return `${perHour(by, FAMILIES.cacheSavings)} - ${perHour(by, FAMILIES.cacheSurcharge)}`;
}

/** Look-ups that were answered, of the application's own response cache. */
export function responseCacheHitRatio(by: Labels, window: Window): string {
  return promql.ratio(
    perSecond(by, FAMILIES.responseCache, ['result="hit"'], window),
    perSecond(by, FAMILIES.responseCache, [], window),
  );
}

/** Requests of which some tokens or all have no price, of those whose price was looked up. */
export function unpricedRatio(by: Labels, window: Window): string {
  return promql.ratio(
    perSecond(by, FAMILIES.costLookups, [UNPRICED], window),
    perSecond(by, FAMILIES.costLookups, [], window),
  );
}

/** Successful requests for which no token count was reported, of all that succeeded. */
export function usageMissingRatio(by: Labels, window: Window): string {
  return promql.ratio(
    perSecond(by, FAMILIES.usageMissing, [], window),
    perSecond(by, FAMILIES.requests, ['status="success"'], window),
  );
}

/** A gauge as it is, the exporters of a job added up. */
export function level(by: Labels, family: FamilyDeclaration): string {
  return promql.sumBy(by, promql.select(family, REQUESTS));
}

/** Of an expression in seconds, for cells whose link passes their value on. */
export function millis(seconds: string): string {
  return `1000 * (${seconds})`;
}
