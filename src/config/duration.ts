/** Durations and sizes as people write them in configuration files. */

const UNIT_MILLIS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3_600e3,
  d: 86_400e3,
  w: 604_800e3,
  y: 31_536_000e3,
};
const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
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

/** Bytes of a size such as `512KiB` or `10MB`; `undefined` if it is none. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+)\s*(B|kB|MB|GB|KiB|MiB|GiB)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNIT_BYTES[match[2]!]!;
}
