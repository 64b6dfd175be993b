import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseByteSize } from "../../src/config/byte-size.ts";
import { parseDurationMillis } from "../../src/event/duration.ts";

const UNIT_MILLIS = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};
const UNIT_BYTES = {
  B: 1,
  kB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

describe("a duration", () => {
  it.each([
    { name: "0", millis: 0 },
    { name: "0s", millis: 0 },
    { name: "250ms", millis: 250 },
    { name: "30s", millis: 30_000 },
    { name: "5m", millis: 300_000 },
    { name: "1h30m", millis: 5_400_000 },
    { name: "1d12h", millis: 129_600_000 },
    { name: "7d", millis: 604_800_000 },
    { name: "1w", millis: 604_800_000 },
    { name: "1y", millis: 31_536_000_000 },
    { name: "1m1ms", millis: 60_001 },
  ])("$name is $millis ms", ({ name, millis }) => {
    expect(parseDurationMillis(name)).toBe(millis);
  });

  it.each([
    { name: "" },
    { name: "30" },
    { name: "s" },
    { name: "-1s" },
    { name: "1.5s" },
    { name: "1 s" },
    { name: " 1s" },
    { name: "1s " },
    { name: "1s\n" },
    { name: "1S" },
    { name: "1us" },
    { name: "1h30" },
    { name: "1h-30m" },
    { name: "PT1H" },
    { name: "Infinity" },
    { name: "١s" },
  ])("$name is none", ({ name }) => {
    expect(parseDurationMillis(name)).toBeUndefined();
  });

  it("is the sum of its parts, whatever they are", () => {
    const units = ["y", "w", "d", "h", "m", "s", "ms"];
    const parts = fc
      .tuple(fc.subarray(units, { minLength: 1 }), fc.array(fc.nat(1_000), { minLength: 7, maxLength: 7 }))
      .map(([chosen, amounts]) => chosen.map((unit, index): [number, string] => [amounts[index]!, unit]));
    fc.assert(
      fc.property(parts, (parts) => {
        const text = parts.map(([amount, unit]) => `${amount}${unit}`).join("");
        const sum = parts.reduce((total, [amount, unit]) => total + amount * UNIT_MILLIS[unit as "s"], 0);
        expect(parseDurationMillis(text)).toBe(sum);
      }),
    );
  });
});

describe("a size", () => {
  it.each([
    { name: "1B", bytes: 1 },
    { name: "512KiB", bytes: 524_288 },
    { name: "10MiB", bytes: 10_485_760 },
    { name: "10MB", bytes: 10_000_000 },
    { name: "2kB", bytes: 2_000 },
    { name: "2 GiB", bytes: 2_147_483_648 },
  ])("$name is $bytes bytes", ({ name, bytes }) => {
    expect(parseByteSize(name)).toBe(bytes);
  });

  it.each([
    { name: "" },
    { name: "10" },
    { name: "MiB" },
    { name: "-1B" },
    { name: "1.5MiB" },
    { name: "10mb" },
    { name: "10KB" },
    { name: "1B1B" },
    { name: "10MiB " },
    { name: "0x10B" },
  ])("$name is none", ({ name }) => {
    expect(parseByteSize(name)).toBeUndefined();
  });

  it("is its amount times its unit, whatever they are", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...Object.entries(UNIT_BYTES)), (amount, [unit, bytes]) => {
        expect(parseByteSize(`${amount}${unit}`)).toBe(amount * bytes);
      }),
    );
  });
});

it("text that is neither duration nor size is none, and reading it never throws", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/^\d/.test(text.trim()));
      expect(parseDurationMillis(text)).toBeUndefined();
      expect(parseByteSize(text)).toBeUndefined();
    }),
  );
});
