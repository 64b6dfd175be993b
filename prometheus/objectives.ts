/**
 * Objectives and thresholds of the alert rules, each with its unit and its reason; how long a rule waits stands with the
 * rule. Change them here, run `npm run gen`, and let Prometheus read its rules again. Money is US dollars, windows are
 * PromQL durations.
 */
import { FAMILIES } from "../src/catalogue/families.ts";
import type { ErrorType } from "../src/event/outcome.ts";

/** The jobs of exporters in prometheus.yml, as a pattern of the whole name: one for each region, for example. */
export const JOBS = "llm-exporter.*";

/** What the caller did wrong or took back: no fault of who serves, so it does not burn the error budget. */
export const CLIENT_FAULTS = [
  "invalid_request",
  "context_length",
  "content_filter",
  "cancelled",
] as const satisfies readonly ErrorType[];

export const OBJECTIVES = {
  /** Part of the requests, client faults apart, that succeeds. */
  success: 0.99,
  /** Part of the streaming requests whose first token comes within the bound. */
  firstToken: 0.95,
  /** In seconds; a bound of the histogram, and no whole number: Prometheus 3 rewrites `le="1"`. */
  firstTokenSeconds: 2.5,
} as const;

/** Below so many requests in the long window nothing burns: one failure of three is no incident. */
export const VOLUME_FLOOR = 100;

/**
 * Windows of multi-window, multi-burn-rate alerts, https://sre.google/workbook/alerting-on-slos/. The factor says how
 * many times faster than allowed the budget burns.
 */
export const BURN_WINDOWS = [
  { factor: 14.4, long: "1h", short: "5m", for: "2m", severity: "critical" },
  { factor: 6, long: "6h", short: "30m", for: "5m", severity: "critical" },
  { factor: 3, long: "1d", short: "2h", for: "30m", severity: "warning" },
  { factor: 1, long: "3d", short: "6h", for: "1h", severity: "warning" },
] as const;

export const PROVIDER_THRESHOLDS = {
  /** Requests (or first tokens) in five minutes, below which a part of them says nothing: 3 of 5 is no outage. */
  requestsInFiveMinutes: 20,
  /** Part of the requests, client faults apart, that fail: who loses more than half of them is down for its users. */
  downPart: 0.5,
  /** Part of a model's requests that fail in one way: a retry saves a tenth, beyond it retries make things worse. */
  failingPart: 0.1,
  /** Part of a model's requests that are the callers' faults: no caller errs every second time, a deployment does. */
  clientFaultsPart: 0.5,
  refused: {
    /** Requests in a quarter of an hour: one or two are somebody who tries a key. */
    requests: 3,
    /** Of the provider's requests in the same time: below it lies a user's own key, and not yours. */
    part: 0.01,
  },
  firstToken: {
    /** Times the mean p95 around this time yesterday: below it lies an ordinary busy day. */
    factor: 2,
    /** Seconds of p95 that are worth to be looked at: nobody sees 0.2 become 0.5. */
    seconds: 1,
    /** Minutes with first tokens of the two hours around this time yesterday: of fewer there is no mean. */
    minutesYesterday: 30,
  },
  /** Requests in the same hour last week: with fewer, a quarter of an hour without one is chance. */
  requestsInHourLastWeek: 100,
  /** Part of a pool's requests that went on to another member: one of ten members may fail unnoticed, one of four not. */
  rotatedPart: 0.2,
} as const;

/** Sources of prices that others publish and renew, as a pattern. Files of one's own are as old as the contract. */
export const PUBLISHED_BOOKS = "genai-prices|.*[.]json";

export const COST_THRESHOLDS = {
  /** Part of the time since a budget is watched to its end in which a projection says too little. */
  projection: { afterPart: 0.1 },
  anomaly: {
    /** Times the mean hour of the day before, and the same hour last week: below it lies an ordinary busy day. */
    factor: 3,
    /** US dollars an hour that are worth to be looked at. */
    usdAnHour: 5,
    /** Hours of the day before that must be known: with fewer its nights may be all there is. */
    hoursBefore: 12,
  },
  costPerRequest: {
    /** Times the mean of the day before. */
    factor: 2,
    /** US dollars an hour that the model costs. */
    usdAnHour: 1,
    /** Requests of the hour: a few long ones are no change. */
    requestsAnHour: 100,
    /** Requests of the day before, for the same reason. */
    requestsBefore: 100,
  },
  cacheSavings: {
    /** Of the part of the cost that was saved the day before; half can go with other traffic. */
    partOfBefore: 0.5,
    /** Of the cost without a cache, in the day before: who saved less does not live on it. */
    savedPartBefore: 0.1,
    /** US dollars an hour that would have been saved. */
    usdLostAnHour: 1,
    /** Requests of the hour: caches warm up with each burst. */
    requestsAnHour: 100,
  },
  reported: {
    /** Of the book's cost: list prices differ by some percent with region and rounding. */
    part: 0.2,
    /** US dollars an hour of difference, of one label set. */
    usdAnHour: 1,
  },
  usageMissing: {
    /** Of the successful requests of the hour: a stream that was cut off loses its count now and then. */
    part: 0.05,
    /** Requests of the hour: below it is somebody who tries things out. */
    requestsAnHour: 20,
  },
  /** Days after which prices that others publish are too old: providers change theirs every few months. */
  priceBookDays: 90,
} as const;

/** Of prometheus.yml. Change them there and here. */
export const SCRAPE = { sampleLimit: 1_200_000, timeoutSeconds: 10 } as const;

export const EXPORTER_THRESHOLDS = {
  /** In an hour; a deployment is one, and one that is taken back are two. */
  restartsAnHour: 3,
  /** Events or requests in half an hour: below it is somebody who tries things out. */
  rejectedInHalfAnHour: 10,
  /** Refused requests, or failed transactions, in a quarter of an hour: one or two are a burst, or a lock. */
  failuresInAQuarter: 3,
  /** Part of the answers that are refusals: below it senders have come through with their next attempt. */
  sheddingPart: 0.01,
  /** Part of the label sets, by which time is left to find out who makes them. */
  seriesPart: 0.8,
  /** Seconds, a bound of the histogram: senders wait for each commit, and half a second is no healthy disk. */
  commitSeconds: 0.5,
  /** Bytes left on the disk: what SQLite's log may need on top of the store. */
  storeFreeBytes: 512 * 1024 * 1024,
  /** Part of the samples at which the next deployment of a sender may lose all scrapes. */
  samplesPart: 0.9,
  /** Part of the scrape's time-out. */
  scrapePart: 0.75,
  /** Part of the events that may wait for the store. */
  queuePart: 0.5,
  /** Seconds by which the event loop is late: all that is answered is late by it. */
  loopLagSeconds: 0.25,
  /** Part of the connections. */
  connectionsPart: 0.8,
  /** Requests in an hour of which the end never came: below it are senders that were stopped. */
  abandonedAnHour: 10,
} as const;

/** What is wrong with these figures, one line each; `npm run check` shows them. */
export function objectiveFaults(): string[] {
  const faults: string[] = [];
  for (const { factor, long } of BURN_WINDOWS) {
    for (const objective of [OBJECTIVES.success, OBJECTIVES.firstToken]) {
      if (factor * (1 - objective) < 1) continue;
      faults.push(
        `objective ${objective}: expected ${factor} times its budget (over ${long}) below all requests, or it never fires`,
      );
    }
  }
  const bounds: readonly number[] = FAMILIES.timeToFirstToken.buckets;
  if (!bounds.includes(OBJECTIVES.firstTokenSeconds)) {
    faults.push(
      `firstTokenSeconds: expected a bound of the histogram (${bounds.join(", ")}), got ${OBJECTIVES.firstTokenSeconds}`,
    );
  }
  return faults;
}
