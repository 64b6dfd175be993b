/** Durations as people write them: in configuration files, on command lines, in queries. */

const UNIT_MILLIS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3_600e3,
  d: 86_400e3,
  w: 604_800e3,
  y: 31_536_000e3,
};

/**
 * Milliseconds of a duration in the form that Prometheus uses, `90s`, `1h30m`, `7d`: units once each, the largest first.
 * `undefined` if it is none.
 * https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
 */
export function parseDurationMillis(text: string): number | undefined {
  if (text === "0") return 0;
  if (text === "" || !/^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.test(text)) return undefined;
  let millis = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    millis += Number(amount) * UNIT_MILLIS[unit!]!;
  return millis;
}
