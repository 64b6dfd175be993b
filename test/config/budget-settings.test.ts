import { describe, expect, it } from "vitest";
import { z } from "zod";
import { budgetDefinitions, budgetsSchema, timeZoneSchema } from "../../src/config/budget-settings.ts";
import { parseYaml } from "../../src/config/yaml-file.ts";
import { faultsIn } from "./faults.ts";

const schema = z.strictObject({ budgets: budgetsSchema, time_zone: timeZoneSchema });
const definitions = (text: string) => {
  const { budgets, time_zone } = parseYaml("config.yml", text, schema);
  return budgetDefinitions(budgets, time_zone);
};
const one = (fields: string) => `budgets:\n  - {${fields}}`;
const RULES = "name: b, limit_usd: 5, period: day";
const ANY = { providers: undefined, models: undefined, pools: undefined, teams: undefined };
const ALL = { name: "all", limit: undefined, period: "month", timeZone: "UTC", ...ANY };

describe("the budgets of a file", () => {
  it("are the unlimited total of the calendar month, if it has none", () => {
    expect(definitions("")).toEqual([ALL]);
    expect(definitions("time_zone: Asia/Kathmandu")).toEqual([{ ...ALL, timeZone: "Asia/Kathmandu" }]);
  });

  it("come after that total, with what they are written with", () => {
    const text = `
time_zone: Europe/Berlin
budgets:
  - { name: chat, limit_usd: 0.5, period: day }
  - name: tests
    limit_usd: "1000.000000001"
    period: week
    time_zone: America/New_York
    provider: openai
    model: [gpt-4o*, o3]
    pool: "*"
    team: [a, b]`;
    expect(definitions(text)).toEqual([
      { ...ALL, timeZone: "Europe/Berlin" },
      {
        name: "chat",
        limit: { microUsd: 500_000, picoUsd: 0 },
        period: "day",
        timeZone: "Europe/Berlin",
        ...ANY,
      },
      {
        name: "tests",
        limit: { microUsd: 1e9, picoUsd: 1_000 },
        period: "week",
        timeZone: "America/New_York",
        providers: ["openai"],
        models: ["gpt-4o*", "o3"],
        pools: ["*"],
        teams: ["a", "b"],
      },
    ]);
  });

  it("may limit the total of the month, which stays first and one", () => {
    const text = `budgets: [{${RULES}}, {name: all, limit_usd: 100, period: month}]`;
    const [all, ...others] = definitions(text);
    expect(all).toEqual({ ...ALL, limit: { microUsd: 1e8, picoUsd: 0 } });
    expect(others.map(({ name }) => name)).toEqual(["b"]);
  });

  it("are a hundred at most, of names up to 64 characters", () => {
    const lines = Array.from(
      { length: 100 },
      (_, i) => `{name: ${"é".repeat(62)}${i}, limit_usd: 1, period: hour}`,
    );
    expect(definitions(`budgets: [${lines}]`)).toHaveLength(101);
  });
});

describe("a limit is exact", () => {
  it.each([
    { written: "1", microUsd: 1_000_000, picoUsd: 0 },
    { written: "0.1", microUsd: 100_000, picoUsd: 0 },
    { written: '"0.1"', microUsd: 100_000, picoUsd: 0 },
    { written: "12.345678901", microUsd: 12_345_678, picoUsd: 901_000 },
    { written: "0.000000001", microUsd: 0, picoUsd: 1_000 },
    { written: "1e-7", microUsd: 0, picoUsd: 100_000 },
    { written: "0.000000123", microUsd: 0, picoUsd: 123_000 },
    { written: "1e3", microUsd: 1e9, picoUsd: 0 },
    { written: "1000000000", microUsd: 1e15, picoUsd: 0 },
    { written: '"1000000000.000000000"', microUsd: 1e15, picoUsd: 0 },
    { written: '"999999999.999999999"', microUsd: 1e15 - 1, picoUsd: 999_000 },
    { written: "123456.123456789", microUsd: 123_456_123_456, picoUsd: 789_000 },
    { written: '"007.50"', microUsd: 7_500_000, picoUsd: 0 },
  ])("written $written", ({ written, microUsd, picoUsd }) => {
    const [, budget] = definitions(one(`name: b, limit_usd: ${written}, period: day`));
    expect(budget!.limit).toEqual({ microUsd, picoUsd });
  });

  const LIMIT_RULE = "expected US dollars above 0 and up to 1000000000, with at most 9 decimals";
  it.each([
    "0",
    '"0.000000000"',
    "-1",
    "0.0000000001",
    "1.0000000001",
    "1.5e-9",
    "1000000000.000001",
    '"1000000000.000000001"',
    "1e10",
    "1e300",
    ".inf",
    ".nan",
    "true",
    "[5]",
    '"5 USD"',
    '"1e3"',
    '" 5"',
    '"5."',
    '".5"',
    '""',
    '"1,5"',
    '"99999999999999999999"',
  ])("and not %s", (written) => {
    const [fault, ...others] = faultsIn(one(`name: b, limit_usd: ${written}, period: day`), schema);
    expect(others).toEqual([]);
    expect(fault).toContain(`config.yml:2:26: budgets[0].limit_usd: ${LIMIT_RULE}, got `);
  });

  it("and no number whose last digits may have been lost", () => {
    expect(faultsIn(one("name: b, limit_usd: 123456789.12345678, period: day"), schema)).toEqual([
      "config.yml:2:26: budgets[0].limit_usd: expected quotes around more than 15 digits, got 123456789.12345678",
    ]);
    const [, budget] = definitions(one('name: b, limit_usd: "123456789.12345678", period: day'));
    expect(budget!.limit).toEqual({ microUsd: 123_456_789_123_456, picoUsd: 780_000 });
  });
});

const ENTRY = "expected a value or pattern of 1 to 256 bytes without control characters";
const NAME = "expected a name of 1 to 64 characters without control characters";

type Refused = { name: string; text: string; path: string; rule: string; got?: string };
const REFUSED: Refused[] = [
  { name: "budgets that are a map", text: "budgets: {a: 1}", path: "budgets", rule: "expected array" },
  { name: "a budget that is a name", text: "budgets: [b]", path: "budgets[0]", rule: "expected object" },
  {
    name: "a hundred and one budgets",
    text: `budgets: [${Array.from({ length: 101 }, (_, i) => `{name: b${i}, limit_usd: 1, period: day}`)}]`,
    path: "budgets",
    rule: "expected at most 100 budgets",
  },
  {
    name: "two of one name",
    text: `budgets: [{${RULES}}, {name: c, limit_usd: 1, period: day}, {${RULES}}]`,
    path: "budgets[2].name",
    rule: "expected a name that no budget above has",
    got: '"b"',
  },
  {
    name: "no name",
    text: one("limit_usd: 1, period: day"),
    path: "budgets[0].name",
    rule: "expected a name",
    got: "nothing",
  },
  {
    name: "an empty name",
    text: one('name: "", limit_usd: 1, period: day'),
    path: "budgets[0].name",
    rule: NAME,
  },
  {
    name: "a name of 65 characters",
    text: one(`name: ${"n".repeat(65)}, limit_usd: 1, period: day`),
    path: "budgets[0].name",
    rule: NAME,
  },
  {
    name: "a name with a control character",
    text: one('name: "a\\u202eb", limit_usd: 1, period: day'),
    path: "budgets[0].name",
    rule: NAME,
  },
  {
    name: "no limit",
    text: one("name: b, period: day"),
    path: "budgets[0].limit_usd",
    rule: "expected US dollars above 0",
    got: "nothing",
  },
  {
    name: "no period",
    text: one("name: b, limit_usd: 1"),
    path: "budgets[0].period",
    rule: "expected one of hour, day, week, month",
    got: "nothing",
  },
  {
    name: "a period of its own",
    text: one("name: b, limit_usd: 1, period: year"),
    path: "budgets[0].period",
    rule: "expected one of hour, day, week, month",
    got: '"year"',
  },
  {
    name: "an unknown key",
    text: one(`${RULES}, user: x`),
    path: "budgets[0].user",
    rule: "expected a known key",
  },
  {
    name: "a time zone that does not exist",
    text: "time_zone: Mars/Olympus",
    path: "time_zone",
    rule: "expected a time zone of the IANA database such as UTC or Europe/Berlin",
    got: '"Mars/Olympus"',
  },
  {
    name: "an offset for a time zone",
    text: one(`${RULES}, time_zone: "+01:00"`),
    path: "budgets[0].time_zone",
    rule: "expected a time zone of the IANA database such as UTC or Europe/Berlin",
    got: '"+01:00"',
  },
  {
    name: "a number for a time zone",
    text: "time_zone: 1",
    path: "time_zone",
    rule: "expected a time zone such as UTC or Europe/Berlin",
    got: "1",
  },
  ...["provider", "model", "pool", "team"].flatMap((key): Refused[] => [
    {
      name: `a ${key} that is a number`,
      text: one(`${RULES}, ${key}: 5`),
      path: `budgets[0].${key}`,
      rule: "expected a value, a pattern, or a list of them",
      got: "5",
    },
    {
      name: `a ${key} in a list that is none`,
      text: one(`${RULES}, ${key}: [a, 5]`),
      path: `budgets[0].${key}`,
      rule: "expected a value, a pattern, or a list of them",
      got: '["a",5]',
    },
    { name: `an empty ${key}`, text: one(`${RULES}, ${key}: ""`), path: `budgets[0].${key}`, rule: ENTRY },
    {
      name: `a ${key} with a control character in a list`,
      text: one(`${RULES}, ${key}: [a, "b\\u0007"]`),
      path: `budgets[0].${key}[1]`,
      rule: ENTRY,
    },
    {
      name: `a ${key} that is too long`,
      text: one(`${RULES}, ${key}: ${"x".repeat(257)}`),
      path: `budgets[0].${key}`,
      rule: ENTRY,
    },
    {
      name: `an empty list for ${key}`,
      text: one(`${RULES}, ${key}: []`),
      path: `budgets[0].${key}`,
      rule: "expected at least one value or pattern",
    },
    {
      name: `a ${key} list of 101`,
      text: one(`${RULES}, ${key}: [${Array.from({ length: 101 }, (_, i) => `v${i}`)}]`),
      path: `budgets[0].${key}`,
      rule: "expected at most 100 values and patterns",
    },
    {
      name: `the total of the month with a ${key}`,
      text: one(`name: all, limit_usd: 1, period: month, ${key}: a`),
      path: `budgets[0].${key}`,
      rule: `expected no ${key} for the budget all, the total of the calendar month`,
    },
  ]),
  {
    name: "the total of the month with another period",
    text: one("name: all, limit_usd: 1, period: day"),
    path: "budgets[0].period",
    rule: "expected month for the budget all, the total of the calendar month",
    got: '"day"',
  },
  {
    name: "the total of the month in another time zone",
    text: one("name: all, limit_usd: 1, period: month, time_zone: Asia/Tokyo"),
    path: "budgets[0].time_zone",
    rule: "expected no time_zone for the budget all, the total of the calendar month",
    got: '"Asia/Tokyo"',
  },
];

describe("a file is refused", () => {
  it.each(REFUSED)("for $name", ({ text, path, rule, got }) => {
    const faults = faultsIn(text, schema);
    expect(faults).toHaveLength(1);
    const [, where, message] = /^config\.yml:\d+:\d+: (\S+): (.*)$/.exec(faults[0]!) ?? [];
    expect(where).toBe(path);
    expect(message!.startsWith(rule), message).toBe(true);
    if (got !== undefined) expect(message!.endsWith(`, got ${got}`), message).toBe(true);
  });
});

describe("the schema", () => {
  it("says of every key what it means", () => {
    const { properties } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as unknown as {
      properties: Record<string, { description?: string; items?: { properties: Record<string, object> } }>;
    };
    const items = properties.budgets!.items!.properties;
    expect(Object.keys(items)).toHaveLength(8);
    for (const [key, member] of [...Object.entries(properties), ...Object.entries(items)]) {
      expect(member, key).toHaveProperty("description", expect.stringMatching(/^[A-Z].*\.$/));
    }
  });
});
