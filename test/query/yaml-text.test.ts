/** Texts as scalars of YAML, read back by a reader of YAML 1.2 and by one of 1.1, which differ in what they take for numbers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { yamlComment, yamlFloat, yamlText } from "../../src/query/yaml-text.ts";

const VERSIONS = ["1.1", "1.2"] as const;

const HOSTILE = [
  ...[
    "",
    " ",
    "123",
    "0123",
    "0o17",
    "0x1F",
    "0b11",
    "1e3",
    "1E3",
    "e5",
    "E-2",
    "1_000",
    "1.5",
    ".5",
    "-1",
    "+1",
    "12:30",
  ],
  ...["yes", "No", "ON", "y", "true", "False", "null", "Null", "~", ".inf", "-.INF", ".nan", "=", "<<"],
  ...["2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00.5 +1", "2026-11-18T09:19:41"],
  ...[
    "a: b",
    "a:",
    ":a",
    "a #b",
    "#a",
    "a#b",
    "- a",
    "-",
    "?",
    "? a",
    "---",
    "...",
    "%YAML 1.2",
    "@a",
    "`a`",
  ],
  ...[
    "'a'",
    "it's",
    '"a"',
    "back\\slash",
    "[a]",
    "{a}",
    "a, b",
    "&a",
    "*a",
    "!a",
    "!!str a",
    "|",
    ">",
    "a\tb",
  ],
  ...[
    " leading",
    "trailing ",
    "line\nbreak",
    "a\r\nb",
    "\u0000",
    "\u0007",
    "\u007f",
    "\u0085",
    "\u2028",
    "\u2029",
  ],
  ...[
    "\ufeffbom",
    "a\u200bb",
    "\ud800",
    "a\udc00",
    "\uffff",
    "\u00a0",
    "通义",
    "模型:免费",
    "😀",
    "e\u0301",
    "\u0301",
  ],
  ...[
    "kwai/kat:free",
    "qwen/qwen3-coder:free",
    "gpt-4o",
    "o1",
    "01-ai/yi",
    "4o",
    "a".repeat(5_000),
    "\u0001".repeat(2_000),
  ],
  ...["__proto__", "constructor", "toString"],
];
const arbitraryText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...":#-'\"\\ \n\t0123456789.eExX_+~?!&*%@`,[]{}|>nulyesTZ") }),
);

describe.each(VERSIONS)("a reader of YAML %s", (version) => {
  it("gets back any text", () => {
    fc.assert(
      fc.property(arbitraryText, (text) => {
        expect(parse(`value: ${yamlText(text)}\n`, { version })).toEqual({ value: text });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(HOSTILE.map((text) => ({ name: JSON.stringify(text).slice(0, 40), text })))(
    "takes $name for text",
    ({ text }) => {
      expect(parse(yamlText(text), { version })).toBe(text);
    },
  );

  it("takes floats for floats", () => {
    for (const value of [0, 3_100, 0.5, 9_300.25, 1e21, 1.5e300, 1e-7, 5e-324]) {
      expect(yamlFloat(value)).toContain(".");
      expect(parse(yamlFloat(value), { version })).toBe(value);
    }
  });

  it("sees nothing of what a comment holds", () => {
    fc.assert(
      fc.property(arbitraryText, (text) => {
        expect(parse(`${yamlComment(text)}\na: 1\n`, { version })).toEqual({ a: 1 });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("names of models", () => {
  it("stay as they are where that is safe", () => {
    for (const name of [
      "gpt-4o",
      "o1",
      "kwai/kat:free",
      "01-ai/yi-34b",
      "claude-sonnet-4-5@20250929",
      "通义",
    ]) {
      expect(yamlText(name)).toBe(name);
    }
  });

  it("are quoted where a reader would take them for something else", () => {
    for (const name of ["123", "yes", "2024-01-01", "null", "1e3"]) expect(yamlText(name)).toBe(`'${name}'`);
  });

  it("are always one line", () => {
    fc.assert(fc.property(arbitraryText, (text) => !/[\n\r\u0085\u2028\u2029]/.test(yamlText(text))));
  });
});
