import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUDGET_FAMILIES } from "../../src/catalogue/budget-families.ts";
import { type Money, writeUsd } from "../../src/event/money.ts";
import { budgetTables } from "../../src/exposition/budget-tables.ts";
import { writeOpenMetrics } from "../../src/exposition/write-openmetrics.ts";
import { writeText } from "../../src/exposition/write-text.ts";
import { parseOpenMetrics, parseText } from "./strict-parser.ts";

const READINGS = [
  {
    budget: "chat",
    period: "day",
    limit: { microUsd: 50_000_000, picoUsd: 1_000 },
    spent: { microUsd: 12_345_678, picoUsd: 37_500 },
    sinceMicros: 1_790_000_000_123_456,
    endMicros: 1_790_035_200_000_000,
  },
  {
    budget: "all",
    period: "month",
    limit: undefined,
    spent: { microUsd: 0, picoUsd: 0 },
    sinceMicros: 1_788_220_800_000_000,
    endMicros: 1_790_812_800_000_000,
  },
  {
    budget: 'a "b"\\',
    period: "hour",
    limit: { microUsd: 0, picoUsd: 1_000 },
    spent: { microUsd: 0, picoUsd: 1 },
    sinceMicros: 0,
    endMicros: 3_600_000_000,
  },
];

const text = (readings: Parameters<typeof budgetTables>[0]) =>
  Array.from(writeText(budgetTables(readings))).join("");
const openMetrics = (readings: Parameters<typeof budgetTables>[0]) =>
  Array.from(writeOpenMetrics(budgetTables(readings))).join("");
const samples = (exposition: string) => exposition.split("\n").filter((line) => /^[^#]/.test(line));

const LINES = [
  'llm_budget_limit_usd{budget="a \\"b\\"\\\\",period="hour"} 0.000000001',
  'llm_budget_limit_usd{budget="chat",period="day"} 50.000000001',
  'llm_budget_spent_usd{budget="a \\"b\\"\\\\",period="hour"} 0.000000000001',
  'llm_budget_spent_usd{budget="all",period="month"} 0',
  'llm_budget_spent_usd{budget="chat",period="day"} 12.3456780375',
  'llm_budget_since_timestamp_seconds{budget="a \\"b\\"\\\\",period="hour"} 0',
  'llm_budget_since_timestamp_seconds{budget="all",period="month"} 1788220800',
  'llm_budget_since_timestamp_seconds{budget="chat",period="day"} 1790000000.123456',
  'llm_budget_period_end_timestamp_seconds{budget="a \\"b\\"\\\\",period="hour"} 3600',
  'llm_budget_period_end_timestamp_seconds{budget="all",period="month"} 1790812800',
  'llm_budget_period_end_timestamp_seconds{budget="chat",period="day"} 1790035200',
];

describe("budgets are printed", () => {
  it("by name, exactly, with a limit only where there is one", () => {
    expect(samples(text(READINGS))).toEqual(LINES);
    expect(samples(openMetrics(READINGS))).toEqual(LINES);
  });

  it("in one order, whatever that of the readings", () => {
    expect(text(READINGS.toReversed())).toBe(text(READINGS));
  });

  it("with type, unit and help of the catalogue", () => {
    const families = Object.values(BUDGET_FAMILIES).map(({ name, type, unit, help }) => ({
      name,
      type,
      unit,
      help,
    }));
    expect(parseOpenMetrics(openMetrics(READINGS))).toMatchObject(families);
    expect(parseText(text(READINGS))).toMatchObject(families.map(({ unit, ...family }) => family));
  });

  it("without the family of limits if no budget has one", () => {
    const unlimited = READINGS.filter(({ limit }) => limit === undefined);
    const { spent, since, periodEnd } = BUDGET_FAMILIES;
    expect(parseText(text(unlimited)).map(({ name }) => name)).toEqual([
      spent.name,
      since.name,
      periodEnd.name,
    ]);
  });

  it("not at all if there is none", () => {
    expect(text([])).toBe("");
    expect(openMetrics([])).toBe("# EOF\n");
  });

  it("so that every amount reads back", () => {
    const money: fc.Arbitrary<Money> = fc.record({
      microUsd: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      picoUsd: fc.nat({ max: 999_999 }),
    });
    fc.assert(
      fc.property(money, money, fc.nat({ max: Number.MAX_SAFE_INTEGER }), (limit, spent, sinceMicros) => {
        const readings = [{ budget: "b", period: "week", limit, spent, sinceMicros, endMicros: sinceMicros }];
        const values = samples(text(readings)).map((line) => line.slice(line.lastIndexOf(" ") + 1));
        expect(values.slice(0, 2)).toEqual([writeUsd(limit), writeUsd(spent)]);
        const [whole, fraction = ""] = values[2]!.split(".");
        expect(BigInt(`${whole}${fraction.padEnd(6, "0")}`)).toBe(BigInt(sinceMicros));
      }),
    );
  });
});
