/** How long to wait before another attempt. */

export type BackOff = {
  /** The longest wait after the first failure; it doubles with each further one. */
  readonly baseMillis: number;
  readonly maxMillis: number;
};

/** A server that asks for more than this has lost its clock. */
const RETRY_AFTER_MAX_MILLIS = 300_000;

/**
 * Full jitter: anything from nothing to the bound, so that many clients of one exporter do not come back together.
 * `failures` in a row, from 1 on. https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function backOffMillis(
  { baseMillis, maxMillis }: BackOff,
  failures: number,
  random: () => number,
): number {
  return random() * Math.min(maxMillis, baseMillis * 2 ** Math.min(failures - 1, 30));
}

/**
 * What `Retry-After` says, in seconds or as a date; `undefined` if it says nothing.
 * https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMillis(header: string | null, nowMillis: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const millis = /^\s*\d+\s*$/.test(header) ? Number(header) * 1e3 : Date.parse(header) - nowMillis;
  return Number.isNaN(millis) ? undefined : Math.min(Math.max(0, millis), RETRY_AFTER_MAX_MILLIS);
}
