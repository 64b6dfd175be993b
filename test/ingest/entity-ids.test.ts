/** Numbers of providers and models: given once, in order, and the same after a restart. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EntityIds } from "../../src/ingest/entity-ids.ts";

const name = fc.constantFrom("a", "b", "c", "d", "__proto__", "other");
const pairs = fc.array(fc.tuple(name, name));

function met(all: readonly (readonly [string, string])[]): EntityIds {
  const ids = new EntityIds();
  for (const [provider, model] of all) ids.meet(provider, model);
  return ids;
}

describe("numbers of models and providers", () => {
  it("go from 1 on by first sight, each for one name", () => {
    const ids = met([
      ["openai", "gpt-4o"],
      ["anthropic", "claude"],
      ["openai", "gpt-4o"],
      ["openai", "o4"],
      ["azure", "gpt-4o"],
    ]);
    expect([1, 2, 3, 4, 5].map((id) => ids.ofModel(id))).toEqual([
      { modelId: 1, providerId: 1, provider: "openai", model: "gpt-4o" },
      { modelId: 2, providerId: 2, provider: "anthropic", model: "claude" },
      { modelId: 3, providerId: 1, provider: "openai", model: "o4" },
      { modelId: 4, providerId: 3, provider: "azure", model: "gpt-4o" },
      undefined,
    ]);
    expect([0, 1, 2, 3, 4].map((id) => ids.ofProvider(id))).toEqual([
      ...[undefined, "openai", "anthropic", "azure", undefined],
    ]);
  });

  it("stay, whatever comes later and however often they are kept and restored", () => {
    fc.assert(
      fc.property(pairs, pairs, (before, after) => {
        const first = met(before);
        const second = new EntityIds();
        second.restore(first.state());
        expect(second.state()).toBe(first.state());
        for (const [provider, model] of after) second.meet(provider, model);
        for (const [provider, model] of before) {
          expect(second.find(provider, model)).toEqual(first.find(provider, model));
        }
        const third = new EntityIds();
        third.restore(second.state());
        expect(third.state()).toBe(second.state());
        expect(third.size).toBe(second.size);
      }),
    );
  });

  it("of names beyond the limits are those of what they are folded into", () => {
    const ids = met([
      ["openai", "gpt-4o"],
      ["openai", "other"],
      ["other", "gpt-4o"],
      ["other", "other"],
    ]);
    const countedAs = (provider: string, model: string) => ids.counted(provider, model)?.modelId;
    expect(countedAs("openai", "gpt-4o")).toBe(1);
    expect(countedAs("openai", "new")).toBe(2);
    expect(countedAs("new", "gpt-4o")).toBe(3);
    expect(countedAs("new", "new")).toBe(4);
    expect(met([]).counted("new", "new")).toBeUndefined();
  });
});
