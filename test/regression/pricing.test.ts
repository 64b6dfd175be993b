/** Faults in prices that were found once: each with what was wrong. */
import { describe, expect, it } from "vitest";
import { writeUsd } from "../../src/event/money.ts";
import { entryBook } from "../../src/pricing/entry-book.ts";
import { presentPrice } from "../../src/pricing/present-price.ts";
import { presentUnpriced } from "../../src/pricing/present-unpriced.ts";
import type { AliasEntry, PriceEntry } from "../../src/pricing/price-entry.ts";
import { ALWAYS, NO_RATES } from "../../src/pricing/rate-card.ts";
import { UnpricedModels } from "../../src/pricing/unpriced-models.ts";
import { exchange, postEvents } from "../http/exchange.ts";
import { startExporter } from "../http/exporter.ts";
import { readMetrics, sumOf } from "../http/readings.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { BUILT_IN, pricerOf } from "../pricing/pricers.ts";

const builtIn = pricerOf(BUILT_IN);
const usdOf = (fields: Record<string, unknown>, pricer = builtIn) => {
  const { cost } = pricer.price(eventOf(fields));
  return cost === undefined ? undefined : writeUsd(cost);
};

function entry(model: string, input: number): PriceEntry {
  return {
    ...{ provider: "azure", model, validity: ALWAYS, serviceTiers: new Map(), entry: "prices[0]" },
    standard: [{ aboveInputTokens: -1, rates: { ...NO_RATES, input } }],
  };
}

function bookOf(entries: readonly PriceEntry[], aliases: readonly AliasEntry[] = []) {
  return entryBook({ name: "own", version: "", timestampMicros: 0, ignoredCount: 0, entries, aliases });
}

describe("a batch in one event", () => {
  const batch = { provider: "google", model: "gemini-2.5-pro", batch_size: 1_000, input_tokens: 500_000 };

  it("is not charged for one long input: which tier held for each request is not known", () => {
    const shown = presentPrice(eventOf({ ...batch, output_tokens: 1_000 }), builtIn);
    expect(shown).toMatchObject({ result: "unpriced", cost_usd: null, missing: ["input", "output"] });
    expect(shown.reason).toMatch(/not known of 1000 requests in one event/);
  });

  it("has a price where all of it would be short enough for one, or where the model has no tiers", () => {
    expect(usdOf({ ...batch, input_tokens: 200_000 })).toBe("0.25");
    expect(usdOf({ ...batch, provider: "openai", model: "gpt-4o" })).toBe("1.25");
    expect(usdOf({ ...batch, batch_id: "b-1" })).toBe("1.25");
  });
});

describe("a service tier", () => {
  it("that the provider took back costs the standard price", async () => {
    const exporter = await startExporter();
    const of = { id: "r", provider: "openai", model: "gpt-4o" };
    await postEvents(exporter, { ...of, phase: "start", service_tier: "priority" });
    await postEvents(exporter, { ...of, service_tier: "default", input_tokens: 1_000_000 });
    expect(sumOf(await readMetrics(exporter), "llm_cost_usd_total")).toBe(2.5);
  });

  it("that only the start named still holds", async () => {
    const exporter = await startExporter();
    const of = { id: "r", provider: "openai", model: "gpt-4o" };
    await postEvents(exporter, { ...of, phase: "start", service_tier: "priority" });
    await postEvents(exporter, { ...of, input_tokens: 1_000_000 });
    expect(sumOf(await readMetrics(exporter), "llm_unpriced_tokens_total")).toBe(1_000_000);
  });
});

describe("cached tokens", () => {
  it("of Claude without a provider are counted as its vendor counts them", () => {
    const claude = {
      model: "claude-sonnet-4-5",
      input_tokens: 5_000,
      cache_read_tokens: 4_000,
      output_tokens: 10,
    };
    expect(usdOf(claude)).toBe(usdOf({ ...claude, provider: "anthropic" }));
  });

  it("of a deployment whose model is not told may prove that they are beside the input", () => {
    const event = eventOf({ provider: "azure", model: "prod", input_tokens: 50, cache_read_tokens: 4_000 });
    expect(event.usage).toMatchObject({ input: 50, cacheRead: 4_000 });
    expect(event.remarks.conventionInferred).toBe("counts");
  });

  it("and an input that came in another report are both kept, though they contradict each other", async () => {
    const exporter = await startExporter();
    const of = { id: "r", provider: "openai", model: "gpt-4o" };
    await postEvents(exporter, { ...of, phase: "update", input_tokens: 100 });
    await postEvents(exporter, { ...of, cache_read_tokens: 500 });
    const { text } = await exchange(exporter, "/metrics");
    expect(text).toMatch(/token_type="input"} 100\n/);
    expect(text).toMatch(/token_type="cache_read"} 500\n/);
  });
});

describe("a reported cost", () => {
  it("is not rounded to nano-dollars", () => {
    expect(usdOf({ cost_usd: 0.0000000375 })).toBe("0.0000000375");
    expect(usdOf({ cost_usd: 4e-10 })).toBe("0.0000000004");
  });
});

describe("an alias", () => {
  const alias: AliasEntry = {
    ...{ provider: "azure", model: "prod-*", asProvider: undefined, asModel: "gpt-4o" },
    entry: "aliases[0]",
  };

  it.each([
    { provider: "azure", model: "azure/prod-chat" },
    { provider: "litellm", model: "azure/prod-chat" },
  ])("is asked under the name that LiteLLM wraps: $provider $model", (of) => {
    expect(usdOf({ ...of, input_tokens: 1_000_000 }, pricerOf(bookOf([], [alias]), BUILT_IN))).toBe("2.5");
  });

  it("does not hide what the same file prices by its id", () => {
    const pricer = pricerOf(bookOf([entry("prod-own", 7e6)], [alias]), BUILT_IN);
    expect(usdOf({ provider: "azure", model: "prod-own", input_tokens: 1_000_000 }, pricer)).toBe("7");
  });
});

describe("names that anybody may send", () => {
  it("meet few of many patterns", () => {
    const entries = Array.from({ length: 5_000 }, (_, index) => entry(`team-${index}-*`, 1e6));
    const pricer = pricerOf(bookOf([...entries, entry("*-x", 2e6)]), BUILT_IN);
    const started = performance.now();
    for (let index = 0; index < 2_000; index++) pricer.find("azure", `junk-${index}-model`);
    // Some 20 us a name; walking all patterns took a thousand times that.
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(pricer.find("azure", "team-4999-chat")[0]?.card.model).toBe("team-4999-*");
    expect(pricer.find("azure", "team-x")[0]?.card.model).toBe("*-x");
  });

  it("are not offered as entries of a price file where it would read them as patterns", () => {
    const unpriced = new UnpricedModels({ modelsMax: 10 });
    const event = eventOf({ provider: "*", model: "*", input_tokens: 1 });
    unpriced.note(event, builtIn.price(event));
    expect(presentUnpriced(unpriced.list()[0]!, builtIn).add).toBeNull();
  });

  it("of custom models in an ARN are not priced as what they were made from", () => {
    const arn =
      "arn:aws:bedrock:us-east-1:123456789012:custom-model/anthropic.claude-3-haiku-20240307-v1:0/abc";
    expect(usdOf({ provider: "bedrock", model: arn, input_tokens: 5 })).toBeUndefined();
  });
});

describe("asking for prices", () => {
  it("leaves nothing in what is kept at hand for events", async () => {
    const exporter = await startExporter();
    for (const model of ["gpt-4o", "gpt-5", "junk"]) {
      await exchange(exporter, `/v1/prices?provider=openai&model=${model}`);
      await exchange(exporter, "/v1/price", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ provider: "openai", model, input_tokens: 1 }),
      });
    }
    expect((await readMetrics(exporter)).get("llm_exporter_priced_models")).toBe(0);
  });
});

describe("a price file", () => {
  it("that is being written does not take the place of the last good one", async () => {
    const exporter = await startExporter({
      config: "prices: {files: [prices.yml], watch_interval: 50ms}",
      files: { "prices.yml": 'prices: [{provider: openai, model: gpt-4o, input: "1"}]' },
    });
    const inputRate = async () => {
      const { text } = await exchange(exporter, "/v1/prices?provider=openai&model=gpt-4o");
      return JSON.parse(text).card.rates[0].usd_per_million_tokens.input;
    };
    exporter.write("prices.yml", "");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await inputRate()).toBe(1);
    expect((await readMetrics(exporter)).get("llm_exporter_price_book_last_reload_successful")).toBe(0);
  });
});
