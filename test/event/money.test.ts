import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { carried, compareMoney, fromNanoUsd, fromUsd, plus, writeUsd } from "../../src/event/money.ts";

const micros = fc.integer({ min: 0, max: 1e12 });
const picos = fc.integer({ min: 0, max: 999_999 });
const money = fc.record({ microUsd: micros, picoUsd: picos });

/** Pico-dollars as an integer without a limit. */
const exact = ({ microUsd, picoUsd }: { microUsd: number; picoUsd: number }) =>
  BigInt(microUsd) * 1_000_000n + BigInt(picoUsd);

describe("money", () => {
  test.each([
    { nanoUsd: 0, usd: "0" },
    { nanoUsd: 1, usd: "0.000000001" },
    { nanoUsd: 5_500_000, usd: "0.0055" },
    { nanoUsd: 1_000_000_000, usd: "1" },
    { nanoUsd: 1e15, usd: "1000000" },
    { nanoUsd: 999_999_999_999_999, usd: "999999.999999999" },
  ])("$nanoUsd nano-dollars are $usd", ({ nanoUsd, usd }) => {
    expect(writeUsd(fromNanoUsd(nanoUsd))).toBe(usd);
  });

  test.each([
    [0.0000000375, "0.0000000375"],
    [4e-10, "0.0000000004"],
    [1e-12, "0.000000000001"],
    [4e-13, "0"],
    [123_456.789012345, "123456.789012345"],
    [0.1 + 0.2, "0.3"],
    [999_999.9999999999, "999999.9999999999"],
    [1e6, "1000000"],
    [5e-7, "0.0000005"],
    [0.9999999999996, "1"],
  ])("%d dollars are %s", (usd, written) => {
    expect(writeUsd(fromUsd(usd))).toBe(written);
  });

  test("what a number says is what is written, wherever it says no more than pico-dollars", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), fc.integer({ min: 0, max: 12 }), (digits, places) => {
        const usd = Number(`${digits}e-${places}`);
        fc.pre(usd <= 1e6);
        expect(Number(writeUsd(fromUsd(usd)))).toBe(usd);
      }),
    );
  });

  test("less than a nano-dollar is written out", () => {
    expect(writeUsd({ microUsd: 0, picoUsd: 37_500 })).toBe("0.0000000375");
    expect(writeUsd({ microUsd: 1_000_000, picoUsd: 1 })).toBe("1.000000000001");
  });

  test("the sum is exact, and its picos stay below a micro-dollar", () => {
    fc.assert(
      fc.property(money, money, (one, other) => {
        const sum = plus(one, other);
        expect(exact(sum)).toBe(exact(one) + exact(other));
        expect(sum.picoUsd).toBeLessThan(1e6);
      }),
    );
  });

  test("picos that exceed a micro-dollar are carried", () => {
    expect(carried(1, 2_500_001)).toEqual({ microUsd: 3, picoUsd: 500_001 });
  });

  test("amounts compare as the numbers that they are", () => {
    fc.assert(
      fc.property(money, money, (one, other) => {
        expect(Math.sign(compareMoney(one, other))).toBe(
          Number(exact(one) > exact(other)) - Number(exact(one) < exact(other)),
        );
      }),
    );
  });
});
