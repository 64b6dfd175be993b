import { describe, expect, test } from "vitest";
import { writeUsd } from "../../src/event/money.ts";
import { entryBook } from "../../src/pricing/entry-book.ts";
import type { PriceBook } from "../../src/pricing/price-book.ts";
import type { AliasEntry, PriceEntry } from "../../src/pricing/price-entry.ts";
import { Pricer } from "../../src/pricing/pricer.ts";
import { ALWAYS, NO_RATES, type Rates } from "../../src/pricing/rate-card.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { BUILT_IN, pricerOf } from "./pricers.ts";

const usd = (pricer: Pricer, fields: Record<string, unknown>) => {
  const { cost } = pricer.price(eventOf(fields));
  return cost === undefined ? undefined : writeUsd(cost);
};

const brackets = (rates: Partial<Rates>): PriceEntry["standard"] => [
  { aboveInputTokens: -1, rates: { ...NO_RATES, ...rates } },
];

/** An entry that says itself by its input rate, in millionths of a dollar a token. */
const entry = (
  provider: string | undefined,
  model: string,
  input: number,
  more: Partial<PriceEntry> = {},
) => ({
  provider,
  model,
  validity: ALWAYS,
  standard: brackets({ input: input * 1e6 }),
  serviceTiers: new Map(),
  entry: "prices[0]",
  ...more,
});

function bookOf(entries: readonly PriceEntry[], aliases: readonly AliasEntry[] = []): PriceBook {
  return entryBook({ name: "test.yml", version: "1", timestampMicros: 0, ignoredCount: 0, entries, aliases });
}

const inputCost = (pricer: Pricer, provider: string, model: string, more = {}) =>
  usd(pricer, { provider, model, input_tokens: 1, ...more });

describe("a price", () => {
  const pricer = pricerOf(BUILT_IN);
  const gpt = { provider: "openai", model: "gpt-4o" };

  test("is unknown for an event that says nothing of usage or cost: nothing is looked up", () => {
    expect(pricer.price(eventOf(gpt))).toMatchObject({ result: undefined, cost: undefined });
    expect(pricer.price(eventOf({ ...gpt, input_tokens: 0, output_tokens: 0 })).result).toBeUndefined();
  });

  test("is the sender's if there is one, even zero, and the book's is kept beside it", () => {
    const price = pricer.price(eventOf({ ...gpt, input_tokens: 1_000, cost_usd: 0 }));
    expect(price).toMatchObject({ result: "reported", unpricedTokens: 0, missing: undefined });
    expect(writeUsd(price.cost!)).toBe("0");
    expect(writeUsd(price.bookCost!)).toBe("0.0025");
  });

  test("of a reported cost is compared only with a book that has every rate", () => {
    const own = { provider: "openai", model: "gpt-4", input_tokens: 9, cost_usd: 1 };
    expect(pricer.price(eventOf(own)).bookCost).toBeDefined();
    const cached = { ...own, cache_read_tokens: 5 };
    expect(pricer.price(eventOf(cached)).bookCost).toBeUndefined();
    expect(pricer.price(eventOf({ ...own, provider: "acme" })).bookCost).toBeUndefined();
  });

  test("is not asked for what the application's own cache answered: no provider was paid", () => {
    const hit = { ...gpt, cache_hit: true, input_tokens: 1_000, cache_read_tokens: 10 };
    expect(pricer.price(eventOf(hit))).toMatchObject({ result: undefined, cost: undefined });
    expect(pricer.price(eventOf({ ...hit, cost_usd: 2 }))).toMatchObject({ result: "reported" });
  });

  test("shows what reading from the cache saved and what writing to it cost on top", () => {
    const price = pricer.price(
      eventOf({
        ...{ provider: "anthropic", model: "claude-sonnet-4-5", input_tokens: 10, output_tokens: 1 },
        ...{ cache_read_tokens: 1_000, cache_creation_tokens: 300, cache_write_1h_tokens: 100 },
      }),
    );
    expect(writeUsd(price.cacheSavings!)).toBe("0.0027");
    expect(writeUsd(price.cacheSurcharge!)).toBe("0.00045");
  });

  test("counts the fee for each request of the batch that an event stands for", () => {
    const sonar = { provider: "perplexity", model: "sonar-pro", input_tokens: 1_000 };
    expect(usd(pricer, sonar)).toBe("0.017");
    expect(usd(pricer, { ...sonar, batch_size: 3 })).toBe("0.045");
    expect(usd(pricer, { ...sonar, batch_size: 3, batch_id: "b" })).toBe("0.017");
  });

  test.each([null, "auto", "default", "Standard", "on_demand"])(
    "of the service tier %s is the standard one",
    (service_tier) => {
      expect(usd(pricer, { ...gpt, input_tokens: 1_000, service_tier })).toBe("0.0025");
    },
  );
});

describe("price books", () => {
  test("are asked in their order, and a card that is not in force lets the next one speak", () => {
    const until = Date.UTC(2026, 0) * 1e3;
    const promotion = entry("openai", "gpt-4o", 1, { validity: { ...ALWAYS, untilMicros: until } });
    const pricer = pricerOf(bookOf([promotion]), BUILT_IN);
    const at = (timestamp: string) => inputCost(pricer, "openai", "gpt-4o", { timestamp });
    expect(at("2025-12-31T23:59:59.999999Z")).toBe("0.000001");
    expect(at("2026-01-01T00:00:00Z")).toBe("0.0000025");
  });

  test.each([
    { name: "an exact id before a pattern", provider: "acme", model: "m-1-large", expected: 1 },
    {
      name: "the pattern that says more before one that says less",
      provider: "acme",
      model: "m-1-x",
      expected: 2,
    },
    { name: "a named provider before any", provider: "named", model: "m-2", expected: 4 },
    { name: "any provider where none is named", provider: "other", model: "m-2", expected: 3 },
    { name: "case aside", provider: "ACME", model: "M-1-LARGE", expected: 1 },
    { name: "a single place for each question mark", provider: "acme", model: "q-7", expected: 5 },
    { name: "the last resort for all others", provider: "acme", model: "z", expected: 6 },
  ])("take $name", ({ provider, model, expected }) => {
    const pricer = pricerOf(
      bookOf([
        entry(undefined, "*", 6),
        entry("acme", "m-1-large", 1),
        entry("acme", "m-*", 9),
        entry("acme", "m-1-*", 2),
        entry(undefined, "m-2", 3),
        entry("named", "m-2", 4),
        entry("acme", "q-?", 5),
      ]),
    );
    expect(inputCost(pricer, provider, model)).toBe(`0.00000${expected}`);
  });

  test("know a provider in any of its spellings", () => {
    const pricer = pricerOf(bookOf([entry("azure", "gpt-4o", 1)]), BUILT_IN);
    expect(inputCost(pricer, "azure.ai.openai", "gpt-4o")).toBe("0.000001");
    expect(inputCost(pricer, "openai", "gpt-4o")).toBe("0.0000025");
  });

  test("take a name without its date only where no book knows the dated one", () => {
    const pricer = pricerOf(bookOf([entry("openai", "gpt-4o", 1)]), BUILT_IN);
    expect(inputCost(pricer, "openai", "gpt-4o-2024-05-13")).toBe("0.000005");
    expect(inputCost(pricer, "openai", "gpt-4o-2031-05-13")).toBe("0.000001");
  });

  test("price what an alias stands for, in any book", () => {
    const alias = {
      ...{ provider: "acme-gateway", model: "house-*", asProvider: "openai", asModel: "gpt-4o" },
      entry: "aliases[0]",
    };
    const pricer = pricerOf(bookOf([], [alias]), BUILT_IN);
    expect(inputCost(pricer, "acme-gateway", "house-chat")).toBe("0.0000025");
    expect(inputCost(pricer, "acme-gateway", "other")).toBeUndefined();
  });

  test("have rates of their own for a class of service, and none for those they do not name", () => {
    const tiers = new Map([["batch", brackets({ input: 5e5 })]]);
    const pricer = pricerOf(bookOf([entry("openai", "gpt-4o", 1, { serviceTiers: tiers })]));
    expect(inputCost(pricer, "openai", "gpt-4o", { service_tier: "batch" })).toBe("0.0000005");
    expect(inputCost(pricer, "openai", "gpt-4o", { service_tier: "flex" })).toBeUndefined();
  });
});

describe("what is kept at hand", () => {
  test("is bounded: beyond the limit all of it is forgotten, and prices stay the same", () => {
    const pricer = new Pricer([BUILT_IN], { modelsMax: 3 });
    for (let round = 0; round < 10; round++) {
      expect(inputCost(pricer, "openai", `junk-${round}`)).toBeUndefined();
      expect(inputCost(pricer, "openai", "gpt-4o")).toBe("0.0000025");
      expect(pricer.keptModels).toBeLessThanOrEqual(3);
    }
    expect(pricer.evictions).toBeGreaterThan(2);
  });

  test("is forgotten when other books come into force", () => {
    const pricer = pricerOf(BUILT_IN);
    expect(inputCost(pricer, "openai", "gpt-4o")).toBe("0.0000025");
    pricer.books = [bookOf([entry("openai", "gpt-4o", 1)]), BUILT_IN];
    expect(inputCost(pricer, "openai", "gpt-4o")).toBe("0.000001");
  });
});
