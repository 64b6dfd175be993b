/**
 * Values as Grafana prints them.
 * https://github.com/grafana/grafana/tree/main/packages/grafana-data/src/valueFormats
 */
import { utcFormat } from "d3-time-format";

export type Format = {
  readonly unit?: string | undefined;
  /** As many as there are of use, unless given. */
  readonly decimals?: number | undefined;
  /** For units that are relative to it. */
  readonly nowMillis?: number;
};

const THOUSAND = 1e3;
const KIBI = 1_024;
const COUNTS = ["", "K", "M", "B", "T"];
const SHORT = ["", " K", " Mil", " Bil", " Tri"];
const BYTES = [" B", " KiB", " MiB", " GiB", " TiB"];
type Scale = readonly (readonly [from: number, suffix: string])[];
const SECONDS: Scale = [
  [31_536_000, " years"],
  [604_800, " weeks"],
  [86_400, " days"],
  [3_600, " hours"],
  [60, " mins"],
  [1, " s"],
  [1e-3, " ms"],
  [1e-6, " µs"],
  [1e-9, " ns"],
];
const AGES: Scale = [
  [31_536_000, "year"],
  [2_592_000, "month"],
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

export function formatUnit(value: number, { unit = "short", decimals, nowMillis = 0 }: Format = {}): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  switch (unit) {
    case "currencyUSD":
      return `${value < 0 ? "-" : ""}$${scaled(Math.abs(value), THOUSAND, COUNTS, decimals)}`;
    case "percentunit":
      return `${fixed(value * 100, decimals)}%`;
    case "reqps":
      return `${scaled(value, THOUSAND, COUNTS, decimals)} req/s`;
    case "cps":
      return `${scaled(value, THOUSAND, COUNTS, decimals)} c/s`;
    case "bytes":
      return scaled(value, KIBI, BYTES, decimals);
    case "s":
      return duration(value, decimals);
    case "ms":
      return duration(value / 1e3, decimals);
    case "dateTimeFromNow":
      return fromNow(value - nowMillis);
    case "bool_yes_no":
      return value === 0 ? "No" : "Yes";
    case "none":
      return fixed(value, decimals);
    case "short":
      return scaled(value, THOUSAND, SHORT, decimals);
    default:
      throw new RangeError(`expected a unit that the pictures know, got ${unit}`);
  }
}

/** Times on an axis: the day where more than a day is shown. */
export function formatTime(atSeconds: number, rangeSeconds: number): string {
  return utcFormat(rangeSeconds > 36 * 3_600 ? "%m/%d %H:%M" : "%H:%M")(new Date(atSeconds * 1e3));
}

function scaled(
  value: number,
  factor: number,
  suffixes: readonly string[],
  decimals: number | undefined,
): string {
  let step = 0;
  let left = value;
  while (Math.abs(left) >= factor && step < suffixes.length - 1) {
    left /= factor;
    step += 1;
  }
  return `${fixed(left, decimals)}${suffixes[step]}`;
}

function duration(seconds: number, decimals: number | undefined): string {
  if (seconds === 0) return "0 s";
  const [from, suffix] = SECONDS.find(([from]) => Math.abs(seconds) >= from) ?? SECONDS.at(-1)!;
  return `${fixed(seconds / from, decimals)}${suffix}`;
}

function fromNow(aheadMillis: number): string {
  const seconds = Math.abs(aheadMillis) / 1e3;
  const [from, word] = AGES.find(([from]) => seconds >= from) ?? AGES.at(-1)!;
  const count = Math.round(seconds / from);
  const text = count === 1 ? `${word === "hour" ? "an" : "a"} ${word}` : `${count} ${word}s`;
  return aheadMillis > 0 ? `in ${text}` : `${text} ago`;
}

function fixed(value: number, decimals = usefulDecimals(value)): string {
  return value.toFixed(decimals);
}

/** Three digits in all, or none behind the point if they would be zeros. */
function usefulDecimals(value: number): number {
  if (value === 0 || Number.isInteger(value)) return 0;
  return Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
}
