import fc from "fast-check";
import { expect, test } from "vitest";
import { isSafeLabelValue, safeLabelValue } from "../../src/event/label-value.ts";

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.string({ unit: "grapheme" }));

test.each([
  { name: "plain text", value: "gpt-4o (mini)/x:free", safe: "gpt-4o (mini)/x:free" },
  { name: "other scripts", value: "通义千问", safe: "通义千问" },
  { name: "quotes and backslashes, which the writers escape", value: 'a"b\\c', safe: 'a"b\\c' },
  { name: "line ends", value: "a\nb\r", safe: "a\ufffdb\ufffd" },
  { name: "line and paragraph separators", value: "a\u2028b\u2029", safe: "a\ufffdb\ufffd" },
  { name: "bidirectional overrides", value: "gpt\u202e4", safe: "gpt\ufffd4" },
  { name: "zero-width characters", value: "gpt\u200b4\ufeff", safe: "gpt\ufffd4\ufffd" },
  { name: "lone surrogates", value: "a\ud800b\udc00", safe: "a\ufffdb\ufffd" },
])("$name", ({ value, safe }) => {
  expect(safeLabelValue(value, 128)).toBe(safe);
  expect(isSafeLabelValue(value, 128)).toBe(value === safe);
});

test("a value is cut at a character, never within one", () => {
  expect(safeLabelValue("aé😀b", 128)).toBe("aé😀b");
  expect(safeLabelValue("aé😀b", 7)).toBe("aé😀");
  expect(safeLabelValue("aé😀b", 6)).toBe("aé");
  expect(safeLabelValue("aé😀b", 2)).toBe("a");
  expect(isSafeLabelValue("a".repeat(129), 128)).toBe(false);
});

test("whatever comes in, what goes out is bounded, well-formed, free of controls, and needs no second cleaning", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 40 }), (value, bytesMax) => {
      const safe = safeLabelValue(value, bytesMax);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(bytesMax);
      expect(safe.isWellFormed()).toBe(true);
      expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(safeLabelValue(safe, bytesMax)).toBe(safe);
      expect(isSafeLabelValue(safe, bytesMax)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
