/**
 * Instants are integer microseconds since the epoch: exact in a double until the year 2255, and fine enough that
 * a difference of two RFC 3339 times is exact to the microsecond.
 */

/** 9999-12-31 is the last day that RFC 3339 can write; 2255 the last that a double holds in microseconds. */
export const MICROS_MAX = Number.MAX_SAFE_INTEGER;
/** Below it a number is seconds (until the year 5138), from it on milliseconds (since 1973). */
const MILLIS_FROM = 100_000_000_000;

/** Microseconds since the epoch; `undefined` if the number cannot be an epoch in seconds or milliseconds. */
export function microsOfEpoch(value: number): number | undefined {
  const micros = Math.round(value < MILLIS_FROM ? value * 1e6 : value * 1e3);
  return value >= 0 && micros <= MICROS_MAX ? micros : undefined;
}

/**
 * Microseconds since the epoch of an RFC 3339 date-time (https://www.rfc-editor.org/rfc/rfc3339#section-5.6);
 * digits beyond the sixth of a fraction are dropped. A time without a zone is read as UTC, and a space may stand
 * for the T, since the loggers of several SDKs write both. `undefined` if it is no valid time.
 */
export function microsOfRfc3339(text: string): number | undefined {
  const length = text.length;
  if (length < 19 || length > 40) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (
    year < 1970 ||
    text.charCodeAt(4) !== DASH ||
    month < 1 ||
    month > 12 ||
    text.charCodeAt(7) !== DASH ||
    day < 1 ||
    day > daysInMonth(year, month) ||
    !isDateTimeSeparator(text.charCodeAt(10)) ||
    hour < 0 ||
    hour > 23 ||
    text.charCodeAt(13) !== COLON ||
    minute < 0 ||
    minute > 59 ||
    text.charCodeAt(16) !== COLON ||
    second < 0 ||
    second > 60 // a leap second; it counts as the first of the next minute, as POSIX time does
  ) {
    return undefined;
  }

  let at = 19;
  let fractionMicros = 0;
  if (text.charCodeAt(at) === DOT) {
    const from = ++at;
    let scale = 100_000;
    for (; at < length && isDigit(text.charCodeAt(at)); at++) {
      fractionMicros += (text.charCodeAt(at) - ZERO) * scale;
      scale = scale > 1 ? scale / 10 : 0;
    }
    if (at === from) return undefined;
  }
  const offsetMinutes = zoneOffsetMinutes(text, at);
  if (offsetMinutes === undefined) return undefined;

  const seconds =
    daysSinceEpoch(year, month, day) * 86_400 + hour * 3_600 + (minute - offsetMinutes) * 60 + second;
  const micros = seconds * 1e6 + fractionMicros;
  return micros >= 0 && micros <= MICROS_MAX ? micros : undefined;
}

const ZERO = 48;
const DASH = 45;
const COLON = 58;
const DOT = 46;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 57;
}

function isDateTimeSeparator(code: number): boolean {
  return code === 84 || code === 116 || code === 32;
}

/** The number that `count` digits at `from` spell; -1 if one of them is no digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return -1;
    value = value * 10 + code - ZERO;
  }
  return value;
}

function zoneOffsetMinutes(text: string, at: number): number | undefined {
  if (at === text.length) return 0;
  const sign = text.charCodeAt(at);
  if (sign === 90 || sign === 122) return at + 1 === text.length ? 0 : undefined;
  if (sign !== 43 && sign !== DASH) return undefined;
  const hours = digits(text, at + 1, 2);
  const colon = text.charCodeAt(at + 3) === COLON ? 1 : 0;
  const minutes = digits(text, at + 3 + colon, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || at + 5 + colon !== text.length)
    return undefined;
  return (hours * 60 + minutes) * (sign === 43 ? 1 : -1);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days of the proleptic Gregorian calendar since 1970-01-01, counted in years that start in March. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** An instant as RFC 3339 in UTC, with no more of a fraction than it has. */
export function rfc3339OfMicros(micros: number): string {
  const millis = Math.floor(micros / 1e3);
  const whole = new Date(millis).toISOString().slice(0, 19);
  const fraction = String(micros - Math.floor(micros / 1e6) * 1e6)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`}Z`;
}
