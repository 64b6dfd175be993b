/**
 * Hours, days, weeks and months as a calendar on the wall shows them, in any IANA time zone. Spans of one
 * period tile time: none overlaps, none is missing.
 * A day, week or month begins when its first date is first shown, so after a midnight that a time zone leaps
 * over it begins at the leap. An hour begins when the clock strikes it or leaps past it: an hour that a zone
 * repeats is two hours, and one that it repeats by half lasts 90 minutes.
 */
import { Temporal } from "temporal-polyfill";

export const PERIODS = ["hour", "day", "week", "month"] as const;
export type Period = (typeof PERIODS)[number];

/** Integer microseconds since the epoch; the end is not part of the span. */
export type Span = { readonly startMicros: number; readonly endMicros: number };

const HOUR_MICROS = 3_600e6;
const NO_SPAN: Span = { startMicros: 0, endMicros: 0 };

/** Whether the IANA time zone database has the name, such as `UTC` or `Europe/Berlin`; an offset is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    zoned(0, name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds the span that holds an instant. The last two are kept: two comparisons for times that come nearly in
 * order, tens of microseconds for any other. Throws a RangeError for a name that is no time zone.
 */
export function calendar(period: Period, timeZone: string): (micros: number) => Span {
  zoned(0, timeZone);
  const find = period === "hour" ? hour : (micros: number, zone: string): Span => dates(micros, period, zone);
  let last = NO_SPAN;
  let previous = NO_SPAN;
  return (micros) => {
    if (micros >= last.startMicros && micros < last.endMicros) return last;
    const known = micros >= previous.startMicros && micros < previous.endMicros;
    const span = known ? previous : find(micros, timeZone);
    previous = last;
    last = span;
    return span;
  };
}

/** Where a clock is put back over midnight, the old date is shown again: that time belongs to the new one. */
function dates(micros: number, period: Exclude<Period, "hour">, timeZone: string): Span {
  let first = firstDate(zoned(micros, timeZone).toPlainDate(), period);
  let next = first.add(STEPS[period]);
  while (startOf(next, timeZone) <= micros) {
    first = next;
    next = first.add(STEPS[period]);
  }
  return { startMicros: startOf(first, timeZone), endMicros: startOf(next, timeZone) };
}

const STEPS = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } } as const;

function firstDate(date: Temporal.PlainDate, period: Exclude<Period, "hour">): Temporal.PlainDate {
  if (period === "month") return date.with({ day: 1 });
  return period === "week" ? date.subtract({ days: date.dayOfWeek - 1 }) : date;
}

/** The first instant of a date; of a date that a zone skipped, that of the next one. */
function startOf(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds * 1e3;
}

function hour(micros: number, timeZone: string): Span {
  return { startMicros: hourStart(micros, timeZone), endMicros: hourEnd(micros, timeZone) };
}

function hourStart(micros: number, timeZone: string): number {
  const start = micros - sinceStrike(micros, timeZone);
  const leap = leapWithin(start, micros, timeZone);
  if (leap === undefined) return start;
  return beginsHour(leap, timeZone) ? leap : hourStart(leap - 1, timeZone);
}

function hourEnd(micros: number, timeZone: string): number {
  const end = micros - sinceStrike(micros, timeZone) + HOUR_MICROS;
  const leap = leapWithin(micros, end, timeZone);
  if (leap === undefined) return end;
  return beginsHour(leap, timeZone) ? leap : hourEnd(leap, timeZone);
}

/** Microseconds that the clock shows beyond the full hour. */
function sinceStrike(micros: number, timeZone: string): number {
  const shown = micros + offsetMicros(micros, timeZone);
  return shown - Math.floor(shown / HOUR_MICROS) * HOUR_MICROS;
}

/** Whether a full hour lies where the clock stands after the leap, or was leapt over. */
function beginsHour(leap: number, timeZone: string): boolean {
  const from = leap + offsetMicros(leap - 1, timeZone);
  const to = leap + offsetMicros(leap, timeZone);
  return Math.ceil(Math.min(from, to) / HOUR_MICROS) <= Math.floor(to / HOUR_MICROS);
}

/**
 * The instant after `from`, at the latest `to`, at which the offset changes; no zone does so twice within an
 * hour.
 */
function leapWithin(from: number, to: number, timeZone: string): number | undefined {
  const offset = offsetMicros(from, timeZone);
  if (offsetMicros(to, timeZone) === offset) return undefined;
  let before = from;
  let after = to;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetMicros(middle, timeZone) === offset) before = middle;
    else after = middle;
  }
  return after;
}

function offsetMicros(micros: number, timeZone: string): number {
  return zoned(micros, timeZone).offsetNanoseconds / 1e3;
}

function zoned(micros: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(micros / 1e3)).toZonedDateTimeISO(timeZone);
}
