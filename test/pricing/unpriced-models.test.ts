import { describe, expect, test } from "vitest";
import { UnpricedModels } from "../../src/pricing/unpriced-models.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByBook } from "./pricers.ts";

function noted(unpriced: UnpricedModels, fields: Record<string, unknown>): void {
  const event = eventOf({ provider: "vllm", input_tokens: 10, ...fields });
  unpriced.note(event, priceByBook(event));
}

describe("models without a price", () => {
  test("are listed with the most tokens first, each class of service by itself", () => {
    const unpriced = new UnpricedModels({ modelsMax: 10 });
    noted(unpriced, { model: "a", timestamp: 1_700_000_002, output_tokens: 5 });
    noted(unpriced, { model: "a", timestamp: 1_700_000_001 });
    noted(unpriced, { provider: "openai", model: "gpt-4o", service_tier: "flex", input_tokens: 99 });
    expect(unpriced.list()).toMatchObject([
      { provider: "openai", model: "gpt-4o", serviceTier: "flex", unpricedTokens: 99 },
      {
        ...{ provider: "vllm", model: "a", serviceTier: undefined, unpricedTokens: 25, unpricedRequests: 2 },
        ...{ firstSeenMicros: 1_700_000_001e6, lastSeenMicros: 1_700_000_002e6 },
        missing: new Set(["input", "output"]),
      },
    ]);
  });

  test("beyond the limit are counted and not listed; those listed go on", () => {
    const unpriced = new UnpricedModels({ modelsMax: 1 });
    for (const model of ["a", "b", "a", "c"]) noted(unpriced, { model });
    expect(unpriced.list()).toMatchObject([{ model: "a", unpricedRequests: 2 }]);
    expect([unpriced.size, unpriced.dropped]).toEqual([1, 2]);
  });
});
