import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { perMillionTokens, perUnit, usdPerMillionTokens, usdPerUnit } from "../../src/pricing/decimal.ts";

describe("prices as rates", () => {
  test.each([
    { usd: "2.50", pico: 2_500_000 },
    { usd: "0.0375", pico: 37_500 },
    { usd: 0.07, pico: 70_000 },
    { usd: "0.000001", pico: 1 },
    { usd: 0, pico: 0 },
    { usd: "10000", pico: 10_000_000_000 },
  ])("$usd dollars a million tokens are $pico pico-dollars a token", ({ usd, pico }) => {
    expect(perMillionTokens(usd)).toBe(pico);
  });

  test.each([
    { usd: 7e-8, pico: 70_000 },
    { usd: "3.75e-08", pico: 37_500 },
    { usd: 1.5e-6, pico: 1_500_000 },
    { usd: 0.014, pico: 14_000_000_000 },
  ])("$usd dollars a token are $pico pico-dollars", ({ usd, pico }) => {
    expect(perUnit(usd)).toBe(pico);
  });

  test("the noise of a float is taken off, a finer price is kept", () => {
    expect(perUnit(5.0000000000000004e-8)).toBe(50_000);
    expect(perMillionTokens(0.1 + 0.2)).toBe(300_000);
    expect(perMillionTokens(1 / 12)).toBeCloseTo(83_333.333333, 5);
  });

  test("whole pico-dollars are read again as they were written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e10 }), (pico) => {
        expect(perMillionTokens(usdPerMillionTokens(pico))).toBe(pico);
        expect(perUnit(usdPerUnit(pico))).toBe(pico);
        expect(usdPerMillionTokens(pico)).not.toMatch(/e/);
      }),
    );
  });
});
