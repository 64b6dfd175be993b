import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendar, isTimeZone, PERIODS, type Period } from "../../src/pricing/calendar.ts";

const HOUR_MILLIS = 3_600e3;
const micros = (iso: string): number => {
  const millis = Date.parse(iso);
  expect(millis, iso).not.toBeNaN();
  return millis * 1e3;
};
const iso = (at: number): string => new Date(at / 1e3).toISOString().replace(":00.000Z", "Z");
const spanAt = (period: Period, timeZone: string, at: number) => {
  const { startMicros, endMicros } = calendar(period, timeZone)(at);
  return { start: iso(startMicros), end: iso(endMicros) };
};

type Case = {
  name: string;
  period: Period;
  zone: string;
  at: string;
  start: string;
  end: string;
};

const day = (name: string, zone: string, at: string, start: string, end: string): Case => ({
  name,
  period: "day",
  zone,
  at,
  start,
  end,
});
const hour = (name: string, zone: string, at: string, start: string, end: string): Case => ({
  ...day(name, zone, at, start, end),
  period: "hour",
});

const DAYS: Case[] = [
  day("23 hours", "Europe/Berlin", "2026-03-29T12:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
  day("25 hours", "Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
  day("23 hours", "America/New_York", "2026-03-08T12:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z"),
  day("25 hours", "America/New_York", "2026-11-01T12:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z"),
  day("24.5 hours", "Australia/Lord_Howe", "2026-04-05T12:00Z", "2026-04-04T13:00Z", "2026-04-05T13:30Z"),
  day("23.5 hours", "Australia/Lord_Howe", "2026-10-04T12:00Z", "2026-10-03T13:30Z", "2026-10-04T13:00Z"),
  day("no midnight", "America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z"),
  day("before it", "America/Sao_Paulo", "2018-11-04T02:59Z", "2018-11-03T03:00Z", "2018-11-04T03:00Z"),
  day("no midnight", "Asia/Beirut", "2022-03-26T22:00Z", "2022-03-26T22:00Z", "2022-03-27T21:00Z"),
  day("no midnight", "Africa/Cairo", "2023-04-28T12:00Z", "2023-04-27T22:00Z", "2023-04-28T21:00Z"),
  day("its last hour twice", "Africa/Cairo", "2023-10-26T21:30Z", "2023-10-25T21:00Z", "2023-10-26T22:00Z"),
  day("an offset of 5:45", "Asia/Kathmandu", "2026-01-01T18:15Z", "2026-01-01T18:15Z", "2026-01-02T18:15Z"),
  day("the next day skipped", "Pacific/Apia", "2011-12-30T09:00Z", "2011-12-29T10:00Z", "2011-12-30T10:00Z"),
  day(
    "the day before skipped",
    "Pacific/Apia",
    "2011-12-30T10:00Z",
    "2011-12-30T10:00Z",
    "2011-12-31T10:00Z",
  ),
  day(
    "back over midnight",
    "America/St_Johns",
    "2010-11-07T03:00Z",
    "2010-11-07T02:30Z",
    "2010-11-08T03:30Z",
  ),
  day("before that", "America/St_Johns", "2010-11-07T02:29Z", "2010-11-06T02:30Z", "2010-11-07T02:30Z"),
  day("29 February", "UTC", "2028-02-29T12:00Z", "2028-02-29T00:00Z", "2028-03-01T00:00Z"),
];

const HOURS: Case[] = [
  hour("before the gap", "Europe/Berlin", "2026-03-29T00:30Z", "2026-03-29T00:00Z", "2026-03-29T01:00Z"),
  hour("after the gap", "Europe/Berlin", "2026-03-29T01:00Z", "2026-03-29T01:00Z", "2026-03-29T02:00Z"),
  hour("2 a.m.", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-25T00:00Z", "2026-10-25T01:00Z"),
  hour("2 a.m. again", "Europe/Berlin", "2026-10-25T01:30Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z"),
  hour("90 minutes", "Australia/Lord_Howe", "2026-04-04T14:20Z", "2026-04-04T14:00Z", "2026-04-04T15:30Z"),
  hour("the same", "Australia/Lord_Howe", "2026-04-04T15:10Z", "2026-04-04T14:00Z", "2026-04-04T15:30Z"),
  hour("30 minutes", "Australia/Lord_Howe", "2026-10-03T15:40Z", "2026-10-03T15:30Z", "2026-10-03T16:00Z"),
  hour("an offset of 5:45", "Asia/Kathmandu", "2026-01-01T00:00Z", "2025-12-31T23:15Z", "2026-01-01T00:15Z"),
  hour("no midnight", "America/Sao_Paulo", "2018-11-04T03:10Z", "2018-11-04T03:00Z", "2018-11-04T04:00Z"),
  hour("half a gap", "America/Caracas", "2016-05-01T06:40Z", "2016-05-01T06:30Z", "2016-05-01T07:00Z"),
  hour("a minute", "America/St_Johns", "2011-03-13T03:30Z", "2011-03-13T03:30Z", "2011-03-13T03:31Z"),
  hour("59 minutes", "America/St_Johns", "2011-03-13T03:31Z", "2011-03-13T03:31Z", "2011-03-13T04:30Z"),
];

const CASES: Case[] = [
  ...DAYS,
  ...HOURS,
  {
    name: "a week over the new year, on its Monday",
    period: "week",
    zone: "UTC",
    at: "2025-12-29T00:00Z",
    start: "2025-12-29T00:00Z",
    end: "2026-01-05T00:00Z",
  },
  {
    name: "the same, on its Sunday",
    period: "week",
    zone: "UTC",
    at: "2026-01-04T23:59:59.999Z",
    start: "2025-12-29T00:00Z",
    end: "2026-01-05T00:00Z",
  },
  {
    name: "a week of 167 hours",
    period: "week",
    zone: "Europe/Berlin",
    at: "2026-03-29T21:59Z",
    start: "2026-03-22T23:00Z",
    end: "2026-03-29T22:00Z",
  },
  {
    name: "a week of six days",
    period: "week",
    zone: "Pacific/Apia",
    at: "2011-12-28T12:00Z",
    start: "2011-12-26T10:00Z",
    end: "2012-01-01T10:00Z",
  },
  {
    name: "February of a leap year",
    period: "month",
    zone: "UTC",
    at: "2028-02-29T23:59Z",
    start: "2028-02-01T00:00Z",
    end: "2028-03-01T00:00Z",
  },
  {
    name: "February of another year",
    period: "month",
    zone: "UTC",
    at: "2027-02-01T00:00Z",
    start: "2027-02-01T00:00Z",
    end: "2027-03-01T00:00Z",
  },
  {
    name: "a month that loses an hour",
    period: "month",
    zone: "Europe/Berlin",
    at: "2026-03-31T21:59Z",
    start: "2026-02-28T23:00Z",
    end: "2026-03-31T22:00Z",
  },
];

describe("a calendar", () => {
  it.each(CASES)("knows the $period of $at in $zone: $name", ({ period, zone, at, start, end }) => {
    expect(spanAt(period, zone, micros(at))).toEqual({ start, end });
  });

  it.each(PERIODS)("ends a %s before the next one, to the microsecond", (period) => {
    const find = calendar(period, "Asia/Kathmandu");
    const { endMicros } = find(micros("2026-03-29T12:34:56Z"));
    expect(find(endMicros - 1).endMicros).toBe(endMicros);
    expect(find(endMicros).startMicros).toBe(endMicros);
  });

  it("keeps the last two spans", () => {
    const find = calendar("day", "Europe/Berlin");
    const noon = micros("2026-03-29T12:00Z");
    const [today, tomorrow] = [find(noon), find(noon + 86_400e6)];
    expect(find(noon + 1)).toBe(today);
    expect(find(noon + 86_400e6 + 1)).toBe(tomorrow);
    expect(find(noon)).toBe(today);
    find(noon + 7 * 86_400e6);
    expect(find(today.endMicros)).toEqual(tomorrow);
  });

  it("refuses a time zone that does not exist", () => {
    expect(() => calendar("day", "Europe/Atlantis")).toThrow(RangeError);
  });
});

/**
 * What a clock in a zone shows, in milliseconds as if it were UTC. Knows the runtime's Intl and not Temporal.
 */
function wallClock(timeZone: string): (millis: number) => number {
  const format = new Intl.DateTimeFormat("en", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (millis) => {
    const parts = Object.fromEntries(
      format.formatToParts(millis).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    return Date.UTC(year!, month! - 1, day, hour, minute, second);
  };
}

/** The ordinal number of the day, week or month in which a clock stands. */
function dateOrdinal(period: Exclude<Period, "hour">, wall: number): number {
  const date = new Date(wall);
  if (period === "month") return date.getUTCFullYear() * 12 + date.getUTCMonth();
  const days = Math.floor(wall / 86_400e3);
  // 1970-01-01 was a Thursday.
  return period === "day" ? days : Math.floor((days + 3) / 7);
}

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/Sao_Paulo",
  "America/St_Johns",
  "America/Caracas",
  "America/Nuuk",
  "America/Havana",
  "Asia/Beirut",
  "Asia/Kathmandu",
  "Asia/Pyongyang",
  "Asia/Tehran",
  "Asia/Gaza",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
  "Antarctica/Troll",
];
const FIRST_MILLIS = Date.UTC(1990, 0, 1);
const LAST_MILLIS = Date.UTC(2040, 11, 31);

/** Instants around which the offset of a zone changes, to ten days, then by halves to the second. */
function offsetChanges(timeZone: string): number[] {
  const wall = wallClock(timeZone);
  const offset = (millis: number) => wall(millis) - millis;
  const found: number[] = [];
  for (let from = FIRST_MILLIS; from < LAST_MILLIS; from += 864_000e3) {
    let before = from;
    let after = from + 864_000e3;
    if (offset(before) === offset(after)) continue;
    while (after - before > 1e3) {
      const middle = Math.floor((before + after) / 2e3) * 1e3;
      if (offset(middle) === offset(from)) before = middle;
      else after = middle;
    }
    found.push(after);
  }
  return found;
}

const CLOCKS = ZONES.map((zone) => ({ zone, wall: wallClock(zone), changes: offsetChanges(zone) }));
const anyInstant = fc.integer({ min: FIRST_MILLIS, max: LAST_MILLIS });
const instantIn = ({ changes }: (typeof CLOCKS)[number]) =>
  changes.length === 0
    ? anyInstant
    : fc.oneof(
        { weight: 1, arbitrary: anyInstant },
        {
          weight: 3,
          arbitrary: fc
            .tuple(fc.constantFrom(...changes), fc.integer({ min: -90_000, max: 90_000 }))
            .map(([change, seconds]) => change + seconds * 1e3),
        },
      );
const clockAndMillis = fc
  .constantFrom(...CLOCKS)
  .chain((clock) => fc.record({ clock: fc.constant(clock), millis: instantIn(clock) }));

describe("the spans of any zone", () => {
  it("have enough changes of offset to be tried at", () => {
    expect(CLOCKS.reduce((sum, { changes }) => sum + changes.length, 0)).toBeGreaterThan(800);
  });

  it.each(PERIODS)("tile time: %s", (period) => {
    fc.assert(
      fc.property(clockAndMillis, fc.nat({ max: 999 }), ({ clock: { zone }, millis }, rest) => {
        const at = millis * 1e3 + rest;
        const { startMicros, endMicros } = calendar(period, zone)(at);
        expect(Number.isInteger(startMicros) && Number.isInteger(endMicros)).toBe(true);
        expect(startMicros).toBeLessThanOrEqual(at);
        expect(endMicros).toBeGreaterThan(at);
        const find = calendar(period, zone);
        expect(find(startMicros)).toEqual({ startMicros, endMicros });
        expect(find(endMicros - 1)).toEqual({ startMicros, endMicros });
        expect(find(endMicros).startMicros).toBe(endMicros);
        expect(find(startMicros - 1).endMicros).toBe(startMicros);
      }),
      { numRuns: 400 },
    );
  });

  it.each(["day", "week", "month"] as const)("begin when a clock first shows a new %s", (period) => {
    fc.assert(
      fc.property(
        clockAndMillis,
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        ({ clock: { zone, wall }, millis }, shares) => {
          const { startMicros, endMicros } = calendar(period, zone)(millis * 1e3);
          const ordinal = (at: number) => dateOrdinal(period, wall(Math.floor(at / 1e3)));
          const shown = ordinal(startMicros);
          expect(ordinal(startMicros - 1)).toBeLessThan(shown);
          expect(ordinal(endMicros)).toBeGreaterThan(shown);
          for (const share of [...shares, 1]) {
            const within = startMicros + Math.floor((endMicros - 1 - startMicros) * share);
            expect(ordinal(within)).toBeLessThanOrEqual(shown);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("begin an hour when a clock strikes it or leaps past it, and at no other time", () => {
    const strikes = (wall: (millis: number) => number, millis: number) => {
      const shown = wall(millis);
      const before = wall(millis - 60e3);
      const leapt = Math.floor(shown / HOUR_MILLIS) > Math.floor(before / HOUR_MILLIS);
      return shown % HOUR_MILLIS === 0 || leapt;
    };
    fc.assert(
      fc.property(clockAndMillis, ({ clock: { zone, wall }, millis }) => {
        const { startMicros, endMicros } = calendar("hour", zone)(millis * 1e3);
        const [start, end] = [startMicros / 1e3, endMicros / 1e3];
        expect(strikes(wall, start), `${zone} ${iso(startMicros)}`).toBe(true);
        expect(strikes(wall, end), `${zone} ${iso(endMicros)}`).toBe(true);
        for (let minute = start + 60e3; minute < end; minute += 60e3) {
          expect(strikes(wall, minute), `${zone} ${iso(minute * 1e3)}`).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("a time zone", () => {
  it.each(["UTC", "GMT", "Europe/Berlin", "europe/berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3"])(
    "is %s",
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  it.each([
    "",
    "Z",
    "+01:00",
    "Europe/Atlantis",
    "[Europe/Berlin]",
    "2026-01-01T00:00[Europe/Berlin]",
    " UTC",
    "UTC\n",
  ])("is not %j", (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
