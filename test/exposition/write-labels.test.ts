import { describe, expect, test } from "vitest";
import { canonicalFloat, writeNanos, writeValue } from "../../src/exposition/write-labels.ts";

describe("canonical floats", () => {
  test.each([
    [1, "1.0"],
    [0.05, "0.05"],
    [1200, "1200.0"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e-9, "1e-09"],
    [123456.5, "123456.5"],
    [1e6, "1e+06"],
    [1234567, "1.234567e+06"],
    [Number.POSITIVE_INFINITY, "+Inf"],
  ])("%d is %s", (value, printed) => {
    expect(canonicalFloat(value)).toBe(printed);
  });
});

test.each([
  [0, 0, "0"],
  [5, 0, "5"],
  [0, 1, "0.000000001"],
  [1, 500_000_000, "1.5"],
  [1, 1_500_000_000, "2.5"],
  [9_007_199_254_740_000, 999_999_999, "9007199254740000.999999999"],
])("%d and %d nanos are %s", (units, nanos, printed) => {
  expect(writeNanos(units, nanos)).toBe(printed);
});

test.each([
  [0, "0"],
  [-0, "0"],
  [1.5, "1.5"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NEGATIVE_INFINITY, "-Inf"],
])("the value %d is %s", (value, printed) => {
  expect(writeValue(value)).toBe(printed);
});
