import { expect, test } from "vitest";
import { type Format, formatUnit } from "../../scripts/pictures/format-unit.ts";

const NOW_MILLIS = Date.parse("2026-03-01T12:00:00Z");

test.each<[value: number, format: Format, shown: string]>([
  [0, {}, "0"],
  [7, {}, "7"],
  [0.5, {}, "0.500"],
  [12.345, {}, "12.3"],
  [1_234, {}, "1.23 K"],
  [2_500_000, {}, "2.50 Mil"],
  [-1_500, {}, "-1.50 K"],
  [1e18, {}, "1000000 Tri"],
  [82_000, { decimals: 0 }, "82 K"],
  [0, { unit: "currencyUSD" }, "$0"],
  [0.0139, { unit: "currencyUSD" }, "$0.0139"],
  [1_234.5, { unit: "currencyUSD" }, "$1.23K"],
  [-12, { unit: "currencyUSD", decimals: 2 }, "-$12.00"],
  [0.0371, { unit: "percentunit" }, "3.71%"],
  [1.5, { unit: "percentunit", decimals: 0 }, "150%"],
  [0.25, { unit: "s" }, "250 ms"],
  [1.5, { unit: "s" }, "1.50 s"],
  [90, { unit: "s" }, "1.50 mins"],
  [7_200, { unit: "s" }, "2 hours"],
  [0.0000002, { unit: "s" }, "200 ns"],
  [36_700, { unit: "ms" }, "36.7 s"],
  [12.5, { unit: "reqps" }, "12.5 req/s"],
  [43_210, { unit: "cps" }, "43.2K c/s"],
  [681_574_400, { unit: "bytes" }, "650 MiB"],
  [1, { unit: "bool_yes_no" }, "Yes"],
  [0, { unit: "bool_yes_no" }, "No"],
  [NOW_MILLIS + 3 * 3_600_000, { unit: "dateTimeFromNow", nowMillis: NOW_MILLIS }, "in 3 hours"],
  [NOW_MILLIS - 60_000, { unit: "dateTimeFromNow", nowMillis: NOW_MILLIS }, "a minute ago"],
  [Number.NaN, { unit: "s" }, "NaN"],
  [Number.POSITIVE_INFINITY, { unit: "s" }, "∞"],
])("%d as %j is shown as %s", (value, format, shown) => {
  expect(formatUnit(value, format)).toBe(shown);
});

test("a unit that nobody has drawn yet is an error, not a bare number", () => {
  expect(() => formatUnit(1, { unit: "lux" })).toThrow("got lux");
});
