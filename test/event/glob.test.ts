import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globMatcher, isGlob, listMatcher } from "../../src/event/glob.ts";

const matches = (pattern: string, value: string, ignoreCase = false) =>
  globMatcher(pattern, { ignoreCase })(value);

/** By the definition, character by character; takes exponential time on hostile patterns. */
function naive(pattern: readonly string[], value: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return value.length === 0;
  if (first === "*") return naive(rest, value) || (value.length > 0 && naive(pattern, value.slice(1)));
  return value.length > 0 && (first === "?" || first === value[0]) && naive(rest, value.slice(1));
}

describe("a pattern", () => {
  it.each([
    { pattern: "gpt-4o", value: "gpt-4o", expected: true },
    { pattern: "gpt-4o", value: "gpt-4o-mini", expected: false },
    { pattern: "gpt-4o", value: "GPT-4o", expected: false },
    { pattern: "gpt-4o*", value: "gpt-4o", expected: true },
    { pattern: "gpt-4o*", value: "gpt-4o-mini", expected: true },
    { pattern: "gpt-4o*", value: "azure/gpt-4o", expected: false },
    { pattern: "*", value: "", expected: true },
    { pattern: "*", value: "a/b:c.d", expected: true },
    { pattern: "?", value: "", expected: false },
    { pattern: "?", value: "ab", expected: false },
    { pattern: "?", value: "/", expected: true },
    { pattern: "?", value: "\u{1f600}", expected: true },
    { pattern: "??", value: "\u{1f600}", expected: false },
    { pattern: "*?z", value: "\u{1f600}z", expected: true },
    { pattern: "a*/b", value: "a/x:y.z/b", expected: true },
    { pattern: "o?-mini", value: "o3-mini", expected: true },
    { pattern: "o?-mini", value: "o-mini", expected: false },
    { pattern: "*-mini", value: "x-mini-mini", expected: true },
    { pattern: "*-mini", value: "x-mini-mine", expected: false },
    { pattern: "a**c", value: "ac", expected: true },
    { pattern: "a.c", value: "abc", expected: false },
    { pattern: "[ab]", value: "a", expected: false },
    { pattern: "", value: "", expected: true },
    { pattern: "", value: "a", expected: false },
  ])("$pattern against $value: $expected", ({ pattern, value, expected }) => {
    expect(matches(pattern, value)).toBe(expected);
  });

  it.each(["Claude-3", "CLAUDE-*", "*UDE-?", "clAude*"])("%s does not mind case if told so", (pattern) => {
    expect(matches(pattern, "cLaUdE-3", true)).toBe(true);
    expect(matches(pattern, "cLaUdE-3")).toBe(false);
  });

  it("matches what its definition says", () => {
    const text = fc.array(fc.constantFrom("a", "b", "/", "\u{1f600}"), { maxLength: 9 });
    const pattern = fc.array(fc.constantFrom("a", "b", "/", "\u{1f600}", "*", "?"), { maxLength: 7 });
    const seen = { true: 0, false: 0 };
    fc.assert(
      fc.property(pattern, text, (glob, value) => {
        const expected = naive(glob, value);
        seen[`${expected}`] += 1;
        expect(matches(glob.join(""), value.join(""))).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(200);
  });

  it.each([
    { name: "many stars, no end", pattern: "*a*a*a*a*b", value: "a".repeat(100_000) },
    { name: "a hundred stars", pattern: `${"*a".repeat(100)}b`, value: "a".repeat(100_000) },
    { name: "stars in a row", pattern: `${"*".repeat(200)}b`, value: "a".repeat(100_000) },
    { name: "stars and marks", pattern: `${"*?".repeat(100)}b`, value: "a".repeat(100_000) },
    { name: "a long piece that fails late", pattern: `*${"a".repeat(127)}b*`, value: "a".repeat(4_096) },
  ])("cannot be made slow: $name", ({ pattern, value }) => {
    const startMillis = performance.now();
    expect(matches(pattern, value)).toBe(false);
    expect(performance.now() - startMillis).toBeLessThan(1_000);
  });
});

describe("a list", () => {
  it("matches any of its exact values and patterns", () => {
    const inList = listMatcher(["gpt-4o", "claude-*", "o?"]);
    const values = ["gpt-4o", "gpt-4o-mini", "claude-3", "o3", "o33", "Claude-3"];
    expect(values.filter(inList)).toEqual(["gpt-4o", "claude-3", "o3"]);
  });

  it("matches nothing if it is empty", () => {
    expect(listMatcher([])("")).toBe(false);
  });

  it("tells patterns from exact values", () => {
    expect(["a*", "a?", "a", "", "[a]", "a.b"].filter(isGlob)).toEqual(["a*", "a?"]);
  });
});
