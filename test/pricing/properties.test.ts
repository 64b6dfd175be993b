/** What holds for every price, whatever the model and the usage. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareMoney, type Money, plus, ZERO_USD } from "../../src/event/money.ts";
import { COMPONENTS, type Component } from "../../src/event/price.ts";
import type { TokenUsage } from "../../src/event/token-usage.ts";
import { presentPrice } from "../../src/pricing/present-price.ts";
import { CostSum, inputTokens, priceUsage, rateOf, tokensOf } from "../../src/pricing/price-usage.ts";
import type { Rates } from "../../src/pricing/rate-card.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { BUILT_IN, pricerOf } from "./pricers.ts";

const tokens = fc.oneof(fc.constant(0), fc.nat(1_000), fc.nat(1_000_000_000));
const usage: fc.Arbitrary<TokenUsage> = fc
  .record({
    input: tokens,
    cacheRead: tokens,
    cacheWrite5m: tokens,
    cacheWrite1h: tokens,
    output: tokens,
    reasoning: tokens,
  })
  .map(({ cacheWrite5m, ...rest }) => ({ ...rest, cacheWrite: cacheWrite5m + rest.cacheWrite1h }));

/** Whole pico-dollars, as published prices are. */
const rate = fc.oneof(fc.constant(undefined), fc.nat(1_000), fc.nat(100_000_000));
const rates: fc.Arbitrary<Rates> = fc.record({
  input: rate,
  cache_read: rate,
  cache_write: rate,
  cache_write_1h: rate,
  output: rate,
  reasoning: rate,
  request: fc.constant(undefined),
});

const FIELDS = ["input", "cacheRead", "cacheWrite", "cacheWrite1h", "output", "reasoning"] as const;
const added = (one: TokenUsage, other: TokenUsage) =>
  Object.fromEntries(FIELDS.map((field) => [field, one[field] + other[field]])) as TokenUsage;

const exact = ({ microUsd, picoUsd }: Money) => BigInt(microUsd) * 1_000_000n + BigInt(picoUsd);

describe("the cost of a usage", () => {
  test("is the sum of tokens times rates, in integers without a limit", () => {
    fc.assert(
      fc.property(usage, rates, (used, by) => {
        const expected = COMPONENTS.reduce(
          (sum, component) => sum + BigInt(tokensOf(used, component)) * BigInt(rateOf(by, component) ?? 0),
          0n,
        );
        expect(exact(priceUsage(used, 1, by).cost ?? ZERO_USD)).toBe(expected);
      }),
    );
  });

  test("is the sum of what its components cost, to the last digit", () => {
    fc.assert(
      fc.property(usage, rates, (used, by) => {
        const parts = COMPONENTS.flatMap((component: Component) => {
          const known = rateOf(by, component);
          if (known === undefined) return [];
          const sum = new CostSum();
          sum.add(tokensOf(used, component), known);
          return [sum.total];
        });
        expect(priceUsage(used, 1, by).cost ?? ZERO_USD).toEqual(parts.reduce(plus, ZERO_USD));
      }),
    );
  });

  test("does not change when the usage is split over several events", () => {
    fc.assert(
      fc.property(usage, usage, rates, (one, other, by) => {
        const costOf = (used: TokenUsage) => priceUsage(used, 1, by).cost ?? ZERO_USD;
        expect(plus(costOf(one), costOf(other))).toEqual(costOf(added(one, other)));
      }),
    );
  });

  test("never falls with more tokens of any kind", () => {
    fc.assert(
      fc.property(usage, rates, fc.constantFrom(...FIELDS), fc.nat(1_000), (used, by, field, more) => {
        const larger = { ...used, [field]: used[field] + more };
        if (field === "cacheWrite1h") larger.cacheWrite += more;
        const [less, whole] = [priceUsage(used, 1, by), priceUsage(larger, 1, by)];
        expect(compareMoney(whole.cost ?? ZERO_USD, less.cost ?? ZERO_USD)).toBeGreaterThanOrEqual(0);
        expect(whole.unpricedTokens).toBeGreaterThanOrEqual(less.unpricedTokens);
      }),
    );
  });

  test("leaves out exactly the tokens without a rate, and names them", () => {
    fc.assert(
      fc.property(usage, rates, (used, by) => {
        const { missing = [], unpricedTokens, cost } = priceUsage(used, 1, by);
        const without = COMPONENTS.filter(
          (component) => tokensOf(used, component) > 0 && rateOf(by, component) === undefined,
        );
        expect(missing).toEqual(without);
        expect(unpricedTokens).toBe(without.reduce((sum, component) => sum + tokensOf(used, component), 0));
        const all = inputTokens(used) + used.output + used.reasoning;
        expect(cost === undefined).toBe(all === unpricedTokens);
      }),
    );
  });
});

const pricer = pricerOf(BUILT_IN);
const model = fc.constantFrom(
  { provider: "openai", model: "gpt-5" },
  { provider: "anthropic", model: "claude-sonnet-4-5" },
  { provider: "gcp.gemini", model: "gemini-2.5-pro" },
  { provider: "aws.bedrock", model: "anthropic.claude-sonnet-4-5-20250929-v1:0" },
  { provider: "openrouter", model: "anthropic/claude-sonnet-4.5" },
);
const small = fc.nat(150_000);
const cachedUsage = fc.record({ uncached: small, read: small, written: small, output: small });

describe("an event", () => {
  test("costs the same whether its cached tokens are inside the input or beside it", () => {
    fc.assert(
      fc.property(model, cachedUsage, (of, { uncached, read, written, output }) => {
        const common = {
          ...of,
          cache_read_tokens: read,
          cache_creation_tokens: written,
          output_tokens: output,
        };
        const inside = { ...common, input_tokens: uncached + read + written, input_includes_cache: true };
        const beside = { ...common, input_tokens: uncached, input_includes_cache: false };
        expect(pricer.price(eventOf(inside))).toEqual(pricer.price(eventOf(beside)));
      }),
    );
  });

  test("is shown with components that add up to what it costs", () => {
    fc.assert(
      fc.property(model, cachedUsage, (of, { uncached, read, written, output }) => {
        const shown = presentPrice(
          eventOf({
            ...of,
            input_tokens: uncached,
            cache_read_tokens: read,
            cache_creation_tokens: written,
            cache_write_1h_tokens: written >> 1,
            output_tokens: output,
            input_includes_cache: false,
          }),
          pricer,
        );
        const parts = shown.components.flatMap(({ cost_usd }) => (cost_usd === null ? [] : [cost_usd]));
        expect(parts.reduce(plus, ZERO_USD)).toEqual(shown.book_cost_usd ?? ZERO_USD);
      }),
    );
  });

  test("costs no less than one with fewer tokens in the same tier", () => {
    fc.assert(
      fc.property(model, fc.nat(99_000), fc.nat(99_000), small, (of, input, more, output) => {
        const costOf = (input_tokens: number) =>
          pricer.price(eventOf({ ...of, input_tokens, output_tokens: output })).cost ?? ZERO_USD;
        expect(compareMoney(costOf(input + more), costOf(input))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
