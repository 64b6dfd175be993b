import { describe, expect, it } from "vitest";
import { selectors } from "../../src/query/fold.ts";

describe("a selector", () => {
  const selectorFor = selectors({
    by: ["model", "team"],
    where: [{ dimension: "provider", kind: "like", values: ["open*"] }],
  });

  it("gives the values that are asked for, in their order, of label sets of any names", () => {
    const one = ["provider", "model", "team"];
    const other = ["team", "provider", "pool", "model"];
    expect(selectorFor(one)(["openai", "o3", "red"])).toEqual(["o3", "red"]);
    expect(selectorFor(other)(["blue", "openai", "p", "o3"])).toEqual(["o3", "blue"]);
    expect(selectorFor(one)(["azure", "o3", "red"])).toBeUndefined();
  });

  it("takes what a label set does not have for empty", () => {
    expect(selectorFor(["provider", "model"])(["openai", "o3"])).toEqual(["o3", ""]);
    expect(selectorFor(["model"])(["o3"])).toBeUndefined();
  });
});
