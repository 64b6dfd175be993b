import { readFileSync } from "node:fs";
import { calcPrice, waitForUpdate } from "@pydantic/genai-prices";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProviderName } from "../../src/event/provider-names.ts";
import { canonicalProvider } from "../../src/event/provider-names.ts";
import { GENAI_PRICES } from "../../src/pricing/genai-prices-book.ts";
import { inputTokens } from "../../src/pricing/price-usage.ts";
import { bracketFor, isValidAt } from "../../src/pricing/rate-card.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { BUILT_IN, priceByBook, pricerOf } from "./pricers.ts";

const providers = (await waitForUpdate()) ?? [];
const find = (provider: string, model: string) =>
  BUILT_IN.find({ provider, canonical: provider as ProviderName, model, steps: [], loose: false });

/** Where we read the book otherwise than the library does; there is a test of its own. */
const HOURS_SINCE_A_DATE = ["deepseek-v4-flash", "deepseek-v4-pro"];

/** Vendors that charge their list prices in other clouds too. */
const LIST_PRICE_VENDORS = ["openai", "anthropic", "x-ai"];

/** What the book is not trusted with: names it gets wrong, and prices of a vendor for what another cloud sells. */
function isReadOtherwise(provider: string, name: string, model: object): boolean {
  if (provider === "openai" && /^gpt-oss/i.test(name)) return true;
  if (provider === "aws" && /titan-embed-text-v2/i.test(name)) return true;
  if (provider === "google" && /gemini-1\.5-flash-8b/i.test(name)) return true;
  const vendor = providers.find(({ models }) => (models as readonly object[]).includes(model))?.id;
  return vendor !== provider && !LIST_PRICE_VENDORS.includes(vendor!);
}

/** Names that the library knows, and such that are nearly one of them. */
const names = [
  ...new Set(
    providers.flatMap(({ models }) =>
      models.flatMap(({ id }) => [id, id.toUpperCase(), `${id}-20250514`, `x${id}`, `${id}x`]),
    ),
  ),
];

describe("the built-in book", () => {
  test("is of the version that it says", () => {
    const manifest = readFileSync(
      new URL("../../node_modules/@pydantic/genai-prices/package.json", import.meta.url),
      "utf8",
    );
    expect((JSON.parse(manifest) as { version: string }).version).toBe(GENAI_PRICES.version);
    expect(BUILT_IN.cardCount).toBeGreaterThan(1_500);
    expect(BUILT_IN.timestampMicros).toBe(Date.UTC(2026, 8, 23, 10, 11, 4) * 1e3);
  });

  test.each([
    ["openai", "gpt-oss-120b"],
    ["bedrock", "amazon.titan-embed-text-v2:0"],
    ["gemini", "gemini-1.5-flash-8b"],
    ["azure", "DeepSeek-R1"],
    ["azure", "Kimi-K2-Thinking"],
  ])("is not asked for %s %s, which it gets wrong", (provider, model) => {
    expect(priceByBook(eventOf({ provider, model, input_tokens: 5 })).result).toBe("unpriced");
  });

  test("finds the model that the library finds, for every name and every provider", () => {
    let compared = 0;
    for (const { id } of providers) {
      for (const name of names) {
        const theirs = calcPrice({}, name, { providerId: id });
        if (theirs !== null && isReadOtherwise(id, name, theirs.model)) continue;
        if (find(id, name)[0]?.model !== theirs?.model.id) {
          expect(`${id} ${name}: ${find(id, name)[0]?.model}`).toBe(`${id} ${name}: ${theirs?.model.id}`);
        }
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(200_000);
  });

  test("gives a name to every provider of the library but the ones of Hugging Face", () => {
    const nameless = providers.filter(({ id }) => canonicalProvider(id) === undefined);
    expect(nameless.map(({ id }) => id).filter((id) => !id.startsWith("huggingface_"))).toEqual([]);
  });

  const known = providers.flatMap(({ id: provider, models }) =>
    canonicalProvider(provider) === undefined ? [] : models.map(({ id }) => ({ provider, model: id })),
  );

  test("costs what the library says, wherever it has a rate for every part", () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...known),
        fc.record({
          input: fc.nat(400_000),
          cacheRead: fc.oneof(fc.constant(0), fc.nat(100_000)),
          cacheWrite: fc.oneof(fc.constant(0), fc.nat(10_000)),
          output: fc.nat(20_000),
        }),
        fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2026, 10, 20) }),
        ({ provider, model }, tokens, millis) => {
          const theirs = calcPrice(
            {
              input_tokens: tokens.input + tokens.cacheRead + tokens.cacheWrite,
              cache_read_tokens: tokens.cacheRead,
              cache_write_tokens: tokens.cacheWrite,
              output_tokens: tokens.output,
            },
            model,
            { providerId: provider, timestamp: new Date(millis) },
          );
          const ours = priceByBook(
            eventOf({
              provider,
              model,
              timestamp: millis,
              input_tokens: tokens.input,
              cache_read_tokens: tokens.cacheRead,
              cache_creation_tokens: tokens.cacheWrite,
              output_tokens: tokens.output,
              input_includes_cache: false,
            }),
          );
          if (ours.result !== "priced" || HOURS_SINCE_A_DATE.includes(model)) return;
          compared += 1;
          const usd = ours.cost!.microUsd / 1e6 + ours.cost!.picoUsd / 1e12;
          expect(usd).toBeCloseTo(theirs!.total_price, 9);
        },
      ),
      { numRuns: 5_000 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  test.each([
    { name: "before the date that brought them", at: "2026-08-10T02:00:00Z", input: 140_000 },
    { name: "outside of them", at: "2026-08-20T05:00:00Z", input: 220_000 },
    { name: "from then on", at: "2026-08-20T02:00:00Z", input: 440_000 },
  ])("has prices for hours of the day: $name", ({ at, input }) => {
    const card = pricerOf(BUILT_IN).cardAt("deepseek", "deepseek-v4-flash", Date.parse(at) * 1e3)?.card;
    expect(card?.standard[0].rates.input).toBe(input);
  });

  test("keeps the order of conditions: the last one that holds, the first one if none does", () => {
    for (const { provider, model } of known) {
      const cards = find(provider, model);
      const micros = Date.UTC(2001, 0) * 1e3;
      // Some ids are headings that their own rules do not match.
      if (cards.length === 0) continue;
      expect(cards.some(({ validity }) => isValidAt(validity, micros))).toBe(true);
    }
  });

  test("moves the whole request to the rates of the tier it falls in", () => {
    const [card] = find("google", "gemini-2.5-pro");
    const usage = { input: 1, cacheRead: 199_999, cacheWrite: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };
    expect(bracketFor(card!.standard, inputTokens(usage)).rates.output).toBe(10_000_000);
    expect(bracketFor(card!.standard, inputTokens({ ...usage, input: 2 })).rates.output).toBe(15_000_000);
  });

  test("has no price for a model whose prices it leaves empty, unless its name says that it is free", () => {
    expect(
      priceByBook(eventOf({ provider: "github-copilot", model: "gpt-4o", input_tokens: 5 })).result,
    ).toBe("unpriced");
    expect(
      priceByBook(eventOf({ provider: "openrouter", model: "deepseek/deepseek-chat:free", input_tokens: 5 })),
    ).toMatchObject({ result: "priced", cost: { microUsd: 0, picoUsd: 0 } });
  });
});
