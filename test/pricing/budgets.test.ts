import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromNanoUsd, type Money, plus, ZERO_USD } from "../../src/event/money.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { type BudgetDefinition, type BudgetReading, Budgets } from "../../src/pricing/budgets.ts";
import { calendar, PERIODS, type Period, type Span } from "../../src/pricing/calendar.ts";
import { eventOf } from "../ledger/sample-events.ts";

const HOUR_MICROS = 3_600e6;
const DAY_MICROS = 86_400e6;
const micros = (iso: string) => Date.parse(iso) * 1e3;
const NOON = micros("2026-11-20T12:00Z");
const DOLLAR: Money = { microUsd: 1e6, picoUsd: 0 };
const BASE = eventOf({ provider: "openai", model: "gpt-4o", pool: "chat", team: "growth" });

const at = (timestampMicros: number, fields: Partial<RequestEvent> = {}): RequestEvent => ({
  ...BASE,
  timestampMicros,
  ...fields,
});
const budget = (fields: Partial<BudgetDefinition> = {}): BudgetDefinition => ({
  name: "b",
  limit: undefined,
  period: "day",
  timeZone: "UTC",
  providers: undefined,
  models: undefined,
  pools: undefined,
  teams: undefined,
  ...fields,
});
const budgetsOf = (definitions: readonly BudgetDefinition[], nowMicros = NOON) =>
  new Budgets(definitions, calendar, nowMicros);
/** The only reading. */
const read = (budgets: Budgets, nowMicros: number): BudgetReading => {
  const readings = budgets.readings(nowMicros);
  expect(readings).toHaveLength(1);
  return readings[0]!;
};
const dollars = ({ spent }: BudgetReading) => spent.microUsd / 1e6 + spent.picoUsd / 1e12;

/** The calendar, noting what it is asked for. */
const watchedCalendar =
  (asked: number[]) =>
  (period: Period, timeZone: string): ((micros: number) => Span) => {
    const find = calendar(period, timeZone);
    return (instant) => {
      asked.push(instant);
      return find(instant);
    };
  };

const anyCost = fc
  .record({ microUsd: fc.nat({ max: 1e9 }), picoUsd: fc.nat({ max: 999_999 }) })
  .map((money): Money => money);

describe("what was spent", () => {
  it("is nothing at first, and is said of every budget in its order", () => {
    const limit = fromNanoUsd(5);
    const budgets = budgetsOf([budget({ name: "z", limit }), budget({ name: "all", period: "month" })]);
    expect(budgets.readings(NOON)).toEqual([
      {
        budget: "z",
        period: "day",
        limit,
        spent: ZERO_USD,
        sinceMicros: NOON,
        endMicros: micros("2026-11-21T00:00Z"),
      },
      {
        budget: "all",
        period: "month",
        limit: undefined,
        spent: ZERO_USD,
        sinceMicros: NOON,
        endMicros: micros("2026-12-01T00:00Z"),
      },
    ]);
  });

  it("is the exact sum of the events of the period, in whatever order they come", () => {
    const entries = fc.array(
      fc.record({ cost: anyCost, hours: fc.integer({ min: -60, max: 60 }), again: fc.nat() }),
    );
    fc.assert(
      fc.property(entries, fc.constantFrom(...PERIODS), (list, period) => {
        const find = calendar(period, "Europe/Berlin");
        const budgets = budgetsOf([budget({ period, timeZone: "Europe/Berlin" })]);
        const timed = list.map(({ hours, ...entry }) => ({ ...entry, atMicros: NOON + hours * HOUR_MICROS }));
        for (const { cost, atMicros } of timed.toSorted((one, other) => one.again - other.again)) {
          budgets.enter(at(atMicros), cost);
        }
        for (const nowMicros of [NOON, NOON + 30 * HOUR_MICROS, NOON + 61 * HOUR_MICROS]) {
          const { startMicros, endMicros } = find(nowMicros);
          const expected = timed
            .filter(({ atMicros }) => atMicros >= startMicros && atMicros < endMicros)
            .reduce((sum, { cost }) => plus(sum, cost), ZERO_USD);
          expect(read(budgets, nowMicros).spent).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("counts by the event's own time: past periods not at all, coming ones when they come", () => {
    const budgets = budgetsOf([budget()]);
    const midnight = micros("2026-11-21T00:00Z");
    budgets.enter(at(midnight - DAY_MICROS - 1), fromNanoUsd(1e9));
    budgets.enter(at(midnight - DAY_MICROS), fromNanoUsd(2e9));
    budgets.enter(at(midnight - 1), fromNanoUsd(4e9));
    budgets.enter(at(midnight), fromNanoUsd(8e9));
    budgets.enter(at(midnight + DAY_MICROS), fromNanoUsd(16e9));
    expect(dollars(read(budgets, midnight - 1))).toBe(6);
    expect(dollars(read(budgets, midnight))).toBe(8);
    budgets.enter(at(midnight - 1), fromNanoUsd(32e9));
    expect(dollars(read(budgets, midnight + DAY_MICROS - 1))).toBe(8);
    expect(dollars(read(budgets, midnight + DAY_MICROS))).toBe(16);
    expect(dollars(read(budgets, midnight + 2 * DAY_MICROS))).toBe(0);
  });

  it("carries pico-dollars and does not round", () => {
    const budgets = budgetsOf([budget()]);
    for (let count = 0; count < 3; count++) budgets.enter(at(NOON), { microUsd: 1, picoUsd: 999_999 });
    expect(read(budgets, NOON).spent).toEqual({ microUsd: 5, picoUsd: 999_997 });
    budgets.enter(at(NOON), { microUsd: 0, picoUsd: 3 });
    expect(read(budgets, NOON).spent).toEqual({ microUsd: 6, picoUsd: 0 });
  });

  it("stays what it was in a reading already taken", () => {
    const budgets = budgetsOf([budget()]);
    const before = read(budgets, NOON);
    budgets.enter(at(NOON), DOLLAR);
    expect(before.spent).toEqual(ZERO_USD);
  });

  it("counts events of hours up to 24 days ahead", () => {
    const budgets = budgetsOf([budget({ period: "hour" })]);
    for (let hour = 24 * 24; hour >= 0; hour--) {
      budgets.enter(at(NOON + hour * HOUR_MICROS), { microUsd: hour, picoUsd: 1 });
    }
    for (let hour = 0; hour <= 24 * 24; hour++) {
      expect(read(budgets, NOON + hour * HOUR_MICROS).spent).toEqual({ microUsd: hour, picoUsd: 1 });
    }
  });

  it("works no span out for what is past", () => {
    const asked: number[] = [];
    const budgets = new Budgets([budget({ period: "hour" })], watchedCalendar(asked), NOON);
    asked.length = 0;
    for (let hour = 1; hour <= 10_000; hour++) budgets.enter(at(NOON - hour * HOUR_MICROS), DOLLAR);
    expect(asked).toEqual([]);
    budgets.enter(at(NOON), DOLLAR);
    expect(asked).toEqual([NOON]);
  });

  it("is kept of 600 hours at most, for a reload asks for the span of each", () => {
    const asked: number[] = [];
    const hourly = [budget({ period: "hour" })];
    const budgets = new Budgets(hourly, watchedCalendar(asked), NOON);
    for (let hour = 0; hour < 2_000; hour++) budgets.enter(at(NOON + hour * HOUR_MICROS), DOLLAR);
    asked.length = 0;
    budgets.replace(hourly, NOON);
    expect(Math.max(...asked)).toBe(NOON + 1_999 * HOUR_MICROS);
    expect(new Set(asked).size).toBe(1 + 600);
  });

  it("forgets the oldest hours first if nothing is read for long", () => {
    const budgets = budgetsOf([budget({ period: "hour" })]);
    for (let hour = 0; hour < 700; hour++) budgets.enter(at(NOON + hour * HOUR_MICROS), DOLLAR);
    budgets.enter(at(NOON + 50 * HOUR_MICROS), DOLLAR);
    for (let hour = 100; hour < 700; hour++)
      expect(dollars(read(budgets, NOON + hour * HOUR_MICROS))).toBe(1);
  });
});

describe("at the end of a period", () => {
  const changes = [
    { zone: "Europe/Berlin", change: "2026-03-29T01:00Z" },
    { zone: "Europe/Berlin", change: "2026-10-25T01:00Z" },
    { zone: "America/New_York", change: "2026-03-08T07:00Z" },
    { zone: "America/New_York", change: "2026-11-01T06:00Z" },
    { zone: "UTC", change: "2028-02-29T12:00Z" },
  ].flatMap(({ zone, change }) => PERIODS.map((period) => ({ zone, change, period })));

  it.each(changes)("a $period in $zone is zero at once, around $change", ({ zone, change, period }) => {
    const changeMicros = micros(change);
    const find = calendar(period, zone);
    for (const instant of [changeMicros - 1, changeMicros]) {
      const { startMicros, endMicros } = find(instant);
      const budgets = budgetsOf([budget({ period, timeZone: zone })], startMicros - HOUR_MICROS);
      for (const time of [startMicros - 1, startMicros, instant, endMicros - 1, endMicros]) {
        budgets.enter(at(time), DOLLAR);
      }
      const sinceMicros = startMicros;
      expect(read(budgets, startMicros)).toMatchObject({ spent: { microUsd: 3e6 }, sinceMicros });
      expect(read(budgets, endMicros - 1)).toMatchObject({ spent: { microUsd: 3e6 }, sinceMicros });
      expect(read(budgets, endMicros)).toMatchObject({ spent: DOLLAR, sinceMicros: endMicros });
      expect(dollars(read(budgets, find(endMicros).endMicros))).toBe(0);
    }
  });

  it.each([
    { name: "23 hours of 29 March", now: "2026-03-29T12:00Z", hours: 23 },
    { name: "25 hours of 25 October", now: "2026-10-25T12:00Z", hours: 25 },
  ])("a day in Berlin had $name", ({ now, hours }) => {
    const nowMicros = micros(now);
    const budgets = budgetsOf([budget({ timeZone: "Europe/Berlin" })], nowMicros - DAY_MICROS);
    for (let hour = -40; hour <= 40; hour++) budgets.enter(at(nowMicros + hour * HOUR_MICROS), DOLLAR);
    expect(dollars(read(budgets, nowMicros))).toBe(hours);
  });

  it("29 February is a day of its own", () => {
    const budgets = budgetsOf([budget()], micros("2028-02-28T00:00Z"));
    for (const hour of [0, 24, 47, 48]) {
      budgets.enter(at(micros("2028-02-28T00:00Z") + hour * HOUR_MICROS), DOLLAR);
    }
    expect(dollars(read(budgets, micros("2028-02-29T12:00Z")))).toBe(2);
    expect(dollars(read(budgets, micros("2028-03-01T12:00Z")))).toBe(1);
  });

  it("the figure is complete from the period's start on, where the budget is watched for longer", () => {
    const budgets = budgetsOf([budget()]);
    expect(read(budgets, NOON + HOUR_MICROS).sinceMicros).toBe(NOON);
    const midnight = micros("2026-11-21T00:00Z");
    expect(read(budgets, midnight - 1).sinceMicros).toBe(NOON);
    expect(read(budgets, midnight).sinceMicros).toBe(midnight);
    expect(read(budgets, midnight + HOUR_MICROS).sinceMicros).toBe(midnight);
  });

  it("a clock that is put back finds nothing of what was forgotten, and says so", () => {
    const budgets = budgetsOf([budget()]);
    const midnight = micros("2026-11-21T00:00Z");
    budgets.enter(at(NOON), DOLLAR);
    budgets.enter(at(midnight + 1), DOLLAR);
    expect(dollars(read(budgets, midnight))).toBe(1);
    expect(read(budgets, midnight - 9)).toMatchObject({ spent: ZERO_USD, sinceMicros: midnight - 9 });
    budgets.enter(at(midnight - 8), DOLLAR);
    expect(dollars(read(budgets, midnight - 1))).toBe(1);
    expect(read(budgets, midnight)).toMatchObject({ spent: DOLLAR, sinceMicros: midnight });
  });
});

describe("a request counts under a budget", () => {
  const EVENT = at(NOON);
  it.each([
    { name: "without lists", fields: {}, expected: 1 },
    { name: "that names its provider", fields: { providers: ["openai"] }, expected: 1 },
    { name: "that names another", fields: { providers: ["anthropic"] }, expected: 0 },
    { name: "that names it among others", fields: { providers: ["anthropic", "openai"] }, expected: 1 },
    { name: "that names it in capitals", fields: { providers: ["OpenAI"] }, expected: 1 },
    { name: "that names it in another spelling", fields: { providers: ["openai.chat"] }, expected: 1 },
    { name: "whose pattern is in capitals", fields: { providers: ["Open*"] }, expected: 0 },
    { name: "that names its model in capitals", fields: { models: ["GPT-4o"] }, expected: 0 },
    { name: "whose pattern its model matches", fields: { models: ["claude-*", "gpt-4?"] }, expected: 1 },
    { name: "whose pattern it does not", fields: { models: ["gpt-4"] }, expected: 0 },
    { name: "of its pool", fields: { pools: ["ch*"] }, expected: 1 },
    { name: "of another pool", fields: { pools: ["rag"] }, expected: 0 },
    { name: "of its team", fields: { teams: ["growth"] }, expected: 1 },
    { name: "of another team", fields: { teams: ["core"] }, expected: 0 },
    {
      name: "that it matches in all",
      fields: { models: ["*"], teams: ["g*"], pools: ["chat"] },
      expected: 1,
    },
    { name: "that it does not in one", fields: { models: ["*"], teams: ["g*"], pools: ["x"] }, expected: 0 },
  ])("$name: $expected", ({ fields, expected }) => {
    const budgets = budgetsOf([budget(fields)]);
    budgets.enter(EVENT, DOLLAR);
    expect(dollars(read(budgets, NOON))).toBe(expected);
  });

  it("of no team if it names none", () => {
    const budgets = budgetsOf([budget({ teams: ["*"] })]);
    budgets.enter(at(NOON, { team: undefined }), DOLLAR);
    expect(dollars(read(budgets, NOON))).toBe(0);
    budgets.enter(EVENT, DOLLAR);
    expect(dollars(read(budgets, NOON))).toBe(1);
  });

  it("of each that it matches, whatever their periods and zones", () => {
    const budgets = budgetsOf([
      budget({ name: "one" }),
      budget({ name: "two", providers: ["other"] }),
      budget({ name: "three", timeZone: "Asia/Kathmandu" }),
      budget({ name: "four", period: "month" }),
      budget({ name: "five", pools: ["chat"] }),
    ]);
    budgets.enter(EVENT, DOLLAR);
    const midnight = micros("2026-11-21T00:00Z");
    const by = (nowMicros: number) => budgets.readings(nowMicros).map(dollars);
    expect(by(NOON)).toEqual([1, 0, 1, 1, 1]);
    expect(by(midnight - 5.75 * HOUR_MICROS)).toEqual([1, 0, 0, 1, 1]);
    expect(by(midnight)).toEqual([0, 0, 0, 1, 0]);
  });
});

describe("a reload", () => {
  const LATER = NOON + HOUR_MICROS;
  const spending = () => {
    const budgets = budgetsOf([budget({ models: ["a", "gpt*"] }), budget({ name: "other" })]);
    budgets.enter(at(NOON), DOLLAR);
    budgets.enter(at(NOON + DAY_MICROS), plus(DOLLAR, DOLLAR));
    return budgets;
  };

  it.each([
    { name: "changes nothing", change: {} },
    { name: "changes the limit", change: { limit: DOLLAR } },
    { name: "writes its list in another order", change: { models: ["gpt*", "a", "a"] } },
  ])("that $name keeps the sums of every period", ({ change }) => {
    const budgets = spending();
    const changed = budget({ models: ["a", "gpt*"], ...change });
    budgets.replace([budget({ name: "new" }), changed], LATER);
    const [, kept] = budgets.readings(LATER);
    expect(kept).toMatchObject({ budget: "b", limit: changed.limit, spent: DOLLAR, sinceMicros: NOON });
    budgets.enter(at(LATER), DOLLAR);
    expect(budgets.readings(LATER).map(dollars)).toEqual([1, 2]);
    expect(budgets.readings(NOON + DAY_MICROS).map(dollars)).toEqual([0, 2]);
  });

  it.each([
    { name: "another list", change: { models: ["gpt*"] } },
    { name: "no list", change: { models: undefined } },
    { name: "one more list", change: { teams: ["growth"] } },
    { name: "the same list of another kind", change: { models: undefined, pools: ["a", "gpt*"] } },
    { name: "another period", change: { period: "month" as const } },
    { name: "another time zone", change: { timeZone: "Europe/Berlin" } },
    { name: "another name", change: { name: "c" } },
  ])("that gives a budget $name starts it anew", ({ change }) => {
    const budgets = spending();
    budgets.replace([budget({ models: ["a", "gpt*"], ...change })], LATER);
    expect(read(budgets, LATER)).toMatchObject({ spent: ZERO_USD, sinceMicros: LATER });
    expect(dollars(read(budgets, NOON + DAY_MICROS))).toBe(0);
  });

  it("that removes a budget removes its reading; adding it again starts it anew", () => {
    const budgets = spending();
    budgets.replace([budget({ name: "other" })], LATER);
    expect(read(budgets, LATER)).toMatchObject({ budget: "other", spent: DOLLAR, sinceMicros: NOON });
    budgets.replace([budget({ models: ["a", "gpt*"] })], LATER + 1);
    expect(read(budgets, LATER + 1)).toMatchObject({ spent: ZERO_USD, sinceMicros: LATER + 1 });
    budgets.replace([], LATER + 2);
    expect(budgets.readings(LATER + 2)).toEqual([]);
  });

  it("in a later period forgets the one before", () => {
    const budgets = spending();
    const tomorrow = NOON + DAY_MICROS;
    budgets.replace([budget({ name: "other", limit: DOLLAR })], tomorrow);
    expect(read(budgets, tomorrow)).toMatchObject({
      spent: plus(DOLLAR, DOLLAR),
      sinceMicros: micros("2026-11-21T00:00Z"),
    });
  });

  it("at an earlier time than the last reading tells of what is forgotten", () => {
    const budgets = spending();
    const midnight = micros("2026-11-21T00:00Z");
    budgets.readings(midnight);
    budgets.replace([budget({ name: "other", limit: DOLLAR })], midnight - 9);
    expect(read(budgets, midnight - 9)).toMatchObject({ spent: ZERO_USD, sinceMicros: midnight - 9 });
  });

  it("never changes a sum of budgets that stay, wherever it comes between events", () => {
    const step = fc.oneof(
      anyCost.map((cost) => ({ cost })),
      fc.shuffledSubarray(["b", "x", "y", "z"]).map((names) => ({ names })),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const budgets = budgetsOf([budget({ timeZone: "Europe/Berlin" })]);
        let expected = ZERO_USD;
        for (const each of steps) {
          if ("cost" in each) {
            budgets.enter(at(NOON), each.cost);
            expected = plus(expected, each.cost);
          } else {
            const names = new Set(["b", ...each.names]);
            const definitions = each.names.includes("b") ? each.names : Array.from(names);
            budgets.replace(
              definitions.map((name) => budget({ name, timeZone: "Europe/Berlin" })),
              NOON,
            );
          }
        }
        const reading = budgets.readings(NOON).find(({ budget: name }) => name === "b");
        expect(reading?.spent).toEqual(expected);
      }),
    );
  });
});
