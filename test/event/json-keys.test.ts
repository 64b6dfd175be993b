import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countKeys, duplicateKeys, keysAtMost } from "../../src/event/json-keys.ts";
import { excessOf } from "../../src/event/json-text.ts";

describe("repeated keys", () => {
  test.each([
    { name: "none", text: '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', paths: [] },
    { name: "at the root", text: '{"a":1,"b":2,"a":3}', paths: [["a"]] },
    { name: "in a nested object", text: '{"t":{"x":1,"x":2}}', paths: [["t", "x"]] },
    { name: "in an element", text: '[{"a":1},{"a":1,"a":2}]', paths: [[1, "a"]] },
    { name: "under another spelling", text: '{"id":1,"\\u0069d":2}', paths: [["id"]] },
    { name: "with white space before the colon", text: '{"a" :1,"a"\n:2}', paths: [["a"]] },
    { name: "after an escaped quote", text: '{"a\\"":1,"a\\"":2}', paths: [['a"']] },
    { name: "but not what a string only looks like", text: '{"a":"\\"a\\":1","b":":"}', paths: [] },
    { name: "after nested containers", text: '[[],[1,[2]],{"a":[{}],"a":0}]', paths: [[2, "a"]] },
    { name: "named __proto__", text: '{"__proto__":1,"__proto__":2}', paths: [["__proto__"]] },
  ])("are found: $name", ({ text, paths }) => {
    JSON.parse(text);
    expect([...duplicateKeys(text)]).toEqual(paths);
  });

  test("are never found in what JSON.stringify writes, and the cheap count is never below the true one", () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: "medium" }), fc.nat(2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect([...duplicateKeys(text)]).toEqual([]);
        expect(keysAtMost(text)).toBeGreaterThanOrEqual(countKeys(value, 100).count);
      }),
      { numRuns: 1_000 },
    );
  });

  test("make the cheap count differ from the keys that are left after parsing", () => {
    const keys = fc.array(fc.string({ maxLength: 3 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(keys, (names) => {
        const text = `{${names.map((name) => `${JSON.stringify(name)}: 0`).join(",")}}`;
        const repeats = new Set(names).size < names.length;
        if (repeats) expect(keysAtMost(text)).toBeGreaterThan(Object.keys(JSON.parse(text)).length);
        expect([...duplicateKeys(text)].length > 0).toBe(repeats);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("counting the keys of a value", () => {
  test("stops at the depth limit", () => {
    let nested: unknown = 0;
    for (let level = 0; level < 200_000; level++) nested = [nested];
    expect(countKeys(nested, 32).tooDeep).toBe(true);
    expect(countKeys([[[0]]], 3).tooDeep).toBe(false);
    expect(countKeys([[[0]]], 2).tooDeep).toBe(true);
  });

  test("sees __proto__ wherever it is", () => {
    expect(countKeys(JSON.parse('[{"a":{"__proto__":{}}}]'), 32)).toMatchObject({
      forbidden: true,
      count: 2,
    });
  });
});

const isDeeperThan = (text: string, levels: number) =>
  excessOf(text, { levels, values: Number.POSITIVE_INFINITY }) === "levels";

describe("the depth of text", () => {
  test.each([
    { name: "flat", text: '{"a":1}', levels: 1 },
    { name: "brackets in strings", text: '["[[[[","\\"[[[",{"{{{":"}"}]', levels: 2 },
    { name: "an escaped backslash before a quote", text: '["\\\\",[[0]]]', levels: 3 },
    { name: "neighbours", text: "[[],[],[[]],[]]", levels: 3 },
  ])("is that of its containers: $name", ({ text, levels }) => {
    JSON.parse(text);
    expect(isDeeperThan(text, levels)).toBe(false);
    expect(isDeeperThan(text, levels - 1)).toBe(true);
  });

  test("is seen in text that is no JSON, too", () => {
    expect(isDeeperThan("[".repeat(40), 39)).toBe(true);
    expect(isDeeperThan('"[[[[', 1)).toBe(false);
  });

  test("agrees with the depth of the parsed value", () => {
    const depth = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: "large" }), (value) => {
        const levels = depth(value);
        expect(isDeeperThan(JSON.stringify(value), levels)).toBe(false);
        if (levels > 0) expect(isDeeperThan(JSON.stringify(value), levels - 1)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the values in text", () => {
  test.each([
    { name: "elements", text: "[1,2,3]", values: 3 },
    { name: "members", text: '{"a":1,"b":[]}', values: 3 },
    { name: "commas in strings", text: '[",,,,",",[{"]', values: 2 },
  ])("are never fewer than those of the parsed value: $name", ({ text, values }) => {
    expect(excessOf(text, { levels: 9, values })).toBeUndefined();
    expect(excessOf(text, { levels: 9, values: values - 1 })).toBe("values");
  });
});
