/**
 * Every objective and threshold of the alert rules. Change them here, run `npm run gen`, and let Prometheus read its
 * rules again; docs/alerting.md explains each. Times are PromQL durations, money is US dollars.
 */
import { FAMILIES } from "../src/catalogue/families.ts";
import type { ErrorType } from "../src/event/outcome.ts";

/** The `job` of the exporter in prometheus.yml. */
export const JOB = "llm-exporter";

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

for (const { factor } of BURN_WINDOWS) {
  for (const objective of [OBJECTIVES.success, OBJECTIVES.firstToken]) {
    if (factor * (1 - objective) >= 1)
      throw new RangeError(
        `objective ${objective}: ${factor}x its budget is all requests, it could never fire`,
      );
  }
}
if (!(FAMILIES.timeToFirstToken.buckets as readonly number[]).includes(OBJECTIVES.firstTokenSeconds)) {
  throw new RangeError(
    `firstTokenSeconds: expected a bound of the histogram, got ${OBJECTIVES.firstTokenSeconds}`,
  );
}
