import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isLitellmPriceMap, litellmPriceEntries } from "../../src/pricing/litellm-prices.ts";
import type { PriceEntry } from "../../src/pricing/price-entry.ts";
import { ALWAYS, NO_RATES, type Rates } from "../../src/pricing/rate-card.ts";

const file = JSON.parse(
  readFileSync(new URL("./fixtures/litellm-prices.json", import.meta.url), "utf8"),
) as Record<string, unknown>;
const fromFile = litellmPriceEntries(file);

const FREE: Partial<Rates> = {
  input: 0,
  cache_read: 0,
  cache_write: 0,
  cache_write_1h: 0,
  output: 0,
  reasoning: 0,
};

/** Rates that are known, by the tokens above which they hold. */
type Table = Record<string, Partial<Rates>>;

function tableOf(brackets: PriceEntry["standard"] | undefined): Table | undefined {
  if (brackets === undefined) return undefined;
  return Object.fromEntries(
    brackets.map(({ aboveInputTokens, rates }) => [
      aboveInputTokens,
      Object.fromEntries(Object.entries(rates).filter(([, pico]) => pico !== undefined)),
    ]),
  );
}

function entryOf(key: string): PriceEntry | undefined {
  return fromFile.entries.find(({ entry }) => entry === key);
}

/** The only entry of a map with one model. */
function only(key: string, fields: Record<string, unknown>): PriceEntry | undefined {
  const { entries, faults } = litellmPriceEntries({ [key]: fields });
  expect(faults).toEqual([]);
  expect(entries.length).toBeLessThanOrEqual(1);
  return entries[0];
}

describe("the file as a whole", () => {
  test("has an entry for each model with a price of tokens, at all times", () => {
    expect(Object.keys(file)).toHaveLength(45);
    expect(fromFile.entries).toHaveLength(29);
    expect(fromFile.entries.every(({ validity }) => validity === ALWAYS)).toBe(true);
  });

  test("counts models without one, and neither its sample nor its rules for unknown models", () => {
    expect(fromFile.withoutTokenPrices).toBe(10);
  });

  test("has one line for each fault", () => {
    expect(fromFile.faults).toEqual([
      '"deepseek/deepseek-hours".off_peak_pricing: expected one price at all times, got prices by time; ' +
        "name the model in a price file of your own if no other book has it",
      '"wandb/openai/gpt-oss".input_cost_per_token: expected US dollars a token, 0 or from 0.0000000001 ' +
        "to 0.001, got 0.015; for a price of a million tokens write 0.000000015",
      '"wandb/openai/gpt-oss".output_cost_per_token: expected US dollars a token, 0 or from 0.0000000001 ' +
        "to 0.001, got 0.06; for a price of a million tokens write 0.00000006",
    ]);
  });

  test("says the same in any order of its keys", () => {
    const reversed = litellmPriceEntries(Object.fromEntries(Object.entries(file).reverse()));
    const byName = ({ entries }: typeof fromFile) =>
      entries.toSorted((one, other) => (one.entry < other.entry ? -1 : 1));
    expect(byName(reversed)).toEqual(byName(fromFile));
    expect(reversed.withoutTokenPrices).toBe(fromFile.withoutTokenPrices);
  });
});

describe("standard rates, in pico-dollars a token", () => {
  test.each<{ name: string; key: string; table: Table }>([
    {
      name: "of input, cached input and output",
      key: "gpt-plain",
      table: { "-1": { input: 2_500_000, cache_read: 1_250_000, output: 10_000_000 } },
    },
    {
      name: "of cache writes for five minutes and an hour, and what a bracket does not name from below it",
      key: "claude-writer",
      table: {
        "-1": {
          input: 3_000_000,
          cache_read: 300_000,
          cache_write: 3_750_000,
          cache_write_1h: 6_000_000,
          output: 15_000_000,
        },
        "200000": {
          input: 6_000_000,
          cache_read: 300_000,
          cache_write: 7_500_000,
          cache_write_1h: 12_000_000,
          output: 22_500_000,
        },
      },
    },
    {
      name: "of reasoning, which goes on costing what output costs",
      key: "gemini/gemini-thinker",
      table: {
        "-1": { input: 1_250_000, cache_read: 125_000, output: 10_000_000, reasoning: 10_000_000 },
        "200000": { input: 2_500_000, cache_read: 250_000, cache_write: 250_000, output: 15_000_000 },
      },
    },
    {
      name: "of reasoning that costs more than output, and of numbers written as text",
      key: "dashscope/qwen-plus-thinks",
      table: { "-1": { input: 400_000, output: 1_200_000, reasoning: 4_000_000 } },
    },
    {
      name: "from the threshold on for xAI, which counts it as long",
      key: "xai/grok-swift",
      table: {
        "-1": { input: 200_000, cache_read: 50_000, output: 500_000 },
        "127999": { input: 400_000, cache_read: 50_000, output: 1_000_000 },
      },
    },
    {
      name: "of a table of ranges, each row for itself",
      key: "dashscope/qwen-tiers",
      table: {
        "-1": { input: 200_000, output: 1_600_000 },
        "32000": { input: 300_000, output: 2_400_000, reasoning: 6_000_000 },
        "128000": { input: 600_000, output: 4_800_000 },
      },
    },
    {
      name: "of a cache hit by its older name, and none for a zero beside it",
      key: "deepseek-vx",
      table: { "-1": { input: 140_000, cache_read: 2_800, output: 280_000 } },
    },
    {
      name: "without the noise of a float, and never from units of Databricks",
      key: "databricks/databricks-claude",
      table: { "-1": { input: 2_999_990, output: 15_000_020 } },
    },
    {
      name: "with a fee for the request, which pays for tokens at zero",
      key: "perplexity/sonar-request",
      table: { "-1": { input: 0, output: 280_000, request: 5_000_000_000 } },
    },
    {
      name: "without those of a cache at zero beside input with a price",
      key: "openrouter/anthropic/claude-writer",
      table: { "-1": { input: 3_000_000, output: 15_000_000 } },
    },
    {
      name: "without output at zero beside input with a price",
      key: "azure_ai/some_router",
      table: { "-1": { input: 140_000 } },
    },
    {
      name: "with output at zero for a model that has no output",
      key: "text-embedder",
      table: { "-1": { input: 20_000, output: 0 } },
    },
    {
      name: "with output at zero where only the provider says that it embeds",
      key: "fireworks_ai/an-org/an-embedder",
      table: { "-1": { input: 16_000, output: 0 } },
    },
    {
      name: "without that of words beside images",
      key: "gemini/gemini-painter",
      table: { "-1": { input: 300_000 } },
    },
  ])("$name", ({ key, table }) => {
    expect(tableOf(entryOf(key)?.standard)).toEqual(table);
  });

  test.each([
    { key: "input_cost_per_token_above_32k_tokens", above: 32_000 },
    { key: "input_cost_per_token_above_128k_tokens", above: 128_000 },
    { key: "input_cost_per_token_above_256k_tokens", above: 256_000 },
    { key: "input_cost_per_token_above_512k_tokens", above: 512_000 },
    { key: "input_cost_per_token_above_128_tokens", above: 128 },
  ])("above $above tokens by $key", ({ key, above }) => {
    const entry = only("m", { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6, [key]: 3e-6 });
    expect(tableOf(entry?.standard)).toEqual({
      "-1": { input: 1_000_000, output: 2_000_000 },
      [above]: { input: 3_000_000, output: 2_000_000 },
    });
  });

  test("in brackets that ascend, whatever the order of the keys", () => {
    const entry = only("m", {
      output_cost_per_token_above_256k_tokens: 9e-6,
      input_cost_per_token_above_256k_tokens: 3e-6,
      input_cost_per_token_above_128k_tokens: 2e-6,
      output_cost_per_token: 4e-6,
      input_cost_per_token: 1e-6,
    });
    expect(entry?.standard).toEqual([
      { aboveInputTokens: -1, rates: { ...NO_RATES, input: 1_000_000, output: 4_000_000 } },
      { aboveInputTokens: 128_000, rates: { ...NO_RATES, input: 2_000_000, output: 4_000_000 } },
      { aboveInputTokens: 256_000, rates: { ...NO_RATES, input: 3_000_000, output: 9_000_000 } },
    ]);
  });

  test("of output beside a table of input rates", () => {
    const entry = only("m", {
      output_cost_per_token: 4e-6,
      tiered_pricing: [
        { range: [0, 1000], input_cost_per_token: 1e-6, cache_read_input_token_cost: 1e-7 },
        { range: [1000, 2000], input_cost_per_token: 2e-6 },
      ],
    });
    expect(tableOf(entry?.standard)).toEqual({
      "-1": { input: 1_000_000, cache_read: 100_000, output: 4_000_000 },
      "1000": { input: 2_000_000, output: 4_000_000 },
    });
  });
});

describe("service tiers", () => {
  test.each<{ name: string; key: string; tiers: Record<string, Table> }>([
    {
      name: "do not have the cache rate of the standard one",
      key: "gpt-plain",
      tiers: { batch: { "-1": { input: 1_250_000, output: 5_000_000 } } },
    },
    {
      name: "have brackets of their own, and no rate where only the standard one changes",
      key: "gpt-long",
      tiers: {
        batch: { "-1": { input: 2_500_000, output: 15_000_000 }, "272000": {} },
        flex: {
          "-1": { input: 2_500_000, cache_read: 250_000, cache_write: 3_125_000, output: 15_000_000 },
          "272000": {},
        },
        priority: {
          "-1": { input: 10_000_000, cache_read: 1_000_000, output: 60_000_000 },
          "272000": { input: 20_000_000, cache_read: 2_000_000, output: 90_000_000 },
        },
      },
    },
    {
      name: "have output at zero for a model that has none",
      key: "text-embedder",
      tiers: { batch: { "-1": { input: 10_000, output: 0 } } },
    },
    { name: "are none without a key", key: "claude-writer", tiers: {} },
  ])("$name", ({ key, tiers }) => {
    const found = Array.from(entryOf(key)!.serviceTiers, ([tier, brackets]) => [tier, tableOf(brackets)]);
    expect(Object.fromEntries(found)).toEqual(tiers);
  });

  test.each([
    "input_cost_per_token_priority_above_200k_tokens",
    "input_cost_per_token_above_200k_tokens_priority",
  ])("come before or after the threshold: %s", (key) => {
    const entry = only("m", {
      input_cost_per_token: 1e-6,
      input_cost_per_token_above_200k_tokens: 2e-6,
      input_cost_per_token_priority: 3e-6,
      [key]: 4e-6,
    });
    expect(tableOf(entry?.serviceTiers.get("priority"))).toEqual({
      "-1": { input: 3_000_000 },
      "200000": { input: 4_000_000 },
    });
  });

  test("keep a rate where the standard one changes in other parts only", () => {
    const entry = only("m", {
      input_cost_per_token: 1e-6,
      output_cost_per_token: 1e-6,
      output_cost_per_token_above_200k_tokens: 2e-6,
      input_cost_per_token_flex: 5e-7,
      output_cost_per_token_flex: 5e-7,
    });
    expect(tableOf(entry?.serviceTiers.get("flex"))).toEqual({
      "-1": { input: 500_000, output: 500_000 },
      "200000": { input: 500_000 },
    });
  });

  test("charge the fee for the request", () => {
    const entry = only("m", {
      input_cost_per_request: 0.01,
      input_cost_per_token: 1e-6,
      input_cost_per_token_batches: 5e-7,
    });
    expect(tableOf(entry?.serviceTiers.get("batch"))).toEqual({
      "-1": { input: 500_000, request: 10_000_000_000 },
    });
  });
});

describe("a model of zeros", () => {
  test.each([
    { name: "is free by its name at OpenRouter", key: "openrouter/somebody/model:free" },
    { name: "is free by its name at Together", key: "together_ai/meta-llama/Llama-Turbo-Free" },
    { name: "is free on the operator's own machines", key: "ollama/llama-local" },
  ])("$name, with every part of it", ({ key }) => {
    expect(tableOf(entryOf(key)?.standard)).toEqual({ "-1": FREE });
  });

  test.each([
    { name: "of a trial", key: "gemini/gemini-trial-exp" },
    { name: "of a router", key: "openrouter/openrouter/auto" },
    { name: "of a subscription", key: "ollama/gpt-oss:120b-cloud" },
    { name: "of searches", key: "cohere.reranker:0" },
  ])("has no known price otherwise: $name", ({ key }) => {
    expect(file[key]).toMatchObject({ input_cost_per_token: 0, output_cost_per_token: 0 });
    expect(entryOf(key)).toBeUndefined();
  });

  test("is not free by its name alone", () => {
    expect(only("x/y:free", { litellm_provider: "x", mode: "chat" })).toBeUndefined();
    const priced = { litellm_provider: "x", input_cost_per_token: 1e-6, output_cost_per_token: 0 };
    expect(tableOf(only("x/y:free", priced)?.standard)).toEqual({ "-1": { input: 1_000_000 } });
    expect(only("carefree", { input_cost_per_token: 0, output_cost_per_token: 0 })).toBeUndefined();
  });
});

describe("models of other units have no entry", () => {
  test.each([
    { unit: "character", fields: { input_cost_per_character: 1.25e-7, output_cost_per_character: 3.75e-7 } },
    { unit: "second", fields: { input_cost_per_second: 0.0001, output_cost_per_second: 0 } },
    { unit: "image", fields: { output_cost_per_image: 0.04 } },
    { unit: "image token", fields: { input_cost_per_image_token: 1e-5, output_cost_per_image_token: 4e-5 } },
    { unit: "pixel", fields: { input_cost_per_pixel: 1.9e-8, output_cost_per_pixel: 0 } },
    { unit: "query", fields: { input_cost_per_query: 0.002, input_cost_per_token: 0 } },
    { unit: "page", fields: { ocr_cost_per_page: 0.003, annotation_cost_per_page: 0.001 } },
    { unit: "audio token", fields: { input_cost_per_audio_token: 1e-5, output_cost_per_audio_token: 2e-5 } },
    { unit: "request", fields: { input_cost_per_request: 0.04 } },
    { unit: "DBU", fields: { input_dbu_cost_per_token: 1.4e-6, output_dbu_cost_per_token: 4e-6 } },
    {
      unit: "result",
      fields: { tiered_pricing: [{ max_results_range: [0, 25], input_cost_per_query: 0.005 }] },
    },
    { unit: "subscription", fields: {} },
  ])("$unit", ({ fields }) => {
    const found = litellmPriceEntries({ m: { litellm_provider: "openai", ...fields } });
    expect(found).toEqual({ entries: [], withoutTokenPrices: 1, ignored: 0, faults: [] });
  });
});

describe("names", () => {
  test.each<{
    key: string;
    provider: string | undefined;
    named: [provider: string | undefined, model: string];
  }>([
    { key: "gpt-4o", provider: "openai", named: ["openai", "gpt-4o"] },
    { key: "ft:gpt-4o-2024-08-06", provider: "openai", named: ["openai", "ft:gpt-4o-2024-08-06"] },
    { key: "azure/gpt-4o", provider: "azure", named: ["azure", "gpt-4o"] },
    { key: "azure/eu/gpt-4o", provider: "azure", named: ["azure", "eu/gpt-4o"] },
    { key: "azure/global/gpt-4o", provider: "azure", named: ["azure", "global/gpt-4o"] },
    { key: "azure_ai/mistral-large", provider: "azure_ai", named: ["azure_ai", "mistral-large"] },
    {
      key: "bedrock/us-east-1/anthropic.claude-v2:1",
      provider: "bedrock",
      named: ["bedrock", "us-east-1/anthropic.claude-v2:1"],
    },
    {
      key: "us.meta.llama3-1b-v1:0",
      provider: "bedrock_converse",
      named: ["bedrock_converse", "us.meta.llama3-1b-v1:0"],
    },
    {
      key: "vertex_ai/gemini-2",
      provider: "vertex_ai-language-models",
      named: ["vertex_ai-language-models", "gemini-2"],
    },
    {
      key: "vertex_ai/zai-org/glm",
      provider: "vertex_ai-never_heard_of",
      named: ["vertex_ai", "zai-org/glm"],
    },
    { key: "gemini/gemini-2", provider: "gemini", named: ["gemini", "gemini-2"] },
    {
      key: "openrouter/anthropic/claude-x",
      provider: "openrouter",
      named: ["openrouter", "anthropic/claude-x"],
    },
    { key: "together_ai/Qwen/Qwen3", provider: "together_ai", named: ["together_ai", "Qwen/Qwen3"] },
    {
      key: "fireworks_ai/accounts/fireworks/models/x",
      provider: "fireworks_ai",
      named: ["fireworks_ai", "accounts/fireworks/models/x"],
    },
    { key: "amazon-nova/nova-pro-v1", provider: "amazon_nova", named: ["amazon_nova", "nova-pro-v1"] },
    { key: "cloudflare/@cf/meta/x", provider: "cloudflare", named: ["cloudflare", "@cf/meta/x"] },
    {
      key: "high/1024-x-1024/gpt-image",
      provider: "openai",
      named: ["openai", "high/1024-x-1024/gpt-image"],
    },
    { key: "command-r", provider: "cohere_chat", named: ["cohere_chat", "command-r"] },
    { key: "davinci", provider: "text-completion-openai", named: ["text-completion-openai", "davinci"] },
    { key: "azure/mine", provider: undefined, named: ["azure", "mine"] },
    { key: "somewhere/mine", provider: undefined, named: [undefined, "somewhere/mine"] },
    { key: "mine", provider: undefined, named: [undefined, "mine"] },
    { key: "openai/", provider: "openai", named: ["openai", "openai/"] },
  ])("of $key", ({ key, provider, named }) => {
    const price = { input_cost_per_token: 1e-6 };
    const entry = only(key, provider === undefined ? price : { ...price, litellm_provider: provider });
    expect([entry?.provider, entry?.model, entry?.entry]).toEqual([...named, key]);
  });

  test("without a prefix go before the same with one", () => {
    const both = fromFile.entries.filter(
      ({ provider, model }) => provider === "openai" && model === "gpt-plain",
    );
    expect(both.map(({ entry }) => entry)).toEqual(["gpt-plain"]);
  });

  test("with a prefix go before others by code unit, whatever the spelling of the provider", () => {
    expect(entryOf("azure/gpt-plain")).toBeDefined();
    expect(entryOf("azure_ai/gpt-plain")).toBeUndefined();
  });

  test("of one provider in different case are one", () => {
    const price = { litellm_provider: "openai", input_cost_per_token: 1e-6 };
    const { entries } = litellmPriceEntries({ "GPT-x": price, "gpt-x": price });
    expect(entries.map(({ entry }) => entry)).toEqual(["GPT-x"]);
  });

  test("of a model without prices do not hide the same model with them", () => {
    const { entries } = litellmPriceEntries({
      "gpt-x": { litellm_provider: "openai" },
      "openai/gpt-x": { litellm_provider: "openai", input_cost_per_token: 1e-6 },
    });
    expect(entries.map(({ entry }) => entry)).toEqual(["openai/gpt-x"]);
  });

  test("of aliases are entries too, unless they are keys", () => {
    const { entries, withoutTokenPrices } = litellmPriceEntries({
      "xai/grok-x": {
        litellm_provider: "xai",
        input_cost_per_token: 1e-6,
        aliases: ["xai/grok-x-latest", "xai/grok-y", 7],
      },
      "xai/grok-y": { litellm_provider: "xai" },
    });
    expect(entries.map(({ model, entry }) => [model, entry])).toEqual([
      ["grok-x", "xai/grok-x"],
      ["grok-x-latest", "xai/grok-x"],
    ]);
    expect(withoutTokenPrices).toBe(1);
  });
});

describe("faults", () => {
  const rule = "expected US dollars a token, 0 or from 0.0000000001 to 0.001";

  test.each<{ name: string; value: unknown; fault: string }>([
    { name: "text", value: "cheap", fault: `${rule}, got "cheap"` },
    { name: "an empty text", value: "", fault: `${rule}, got ""` },
    { name: "not a number", value: Number.NaN, fault: `${rule}, got NaN` },
    { name: "infinite", value: Number.POSITIVE_INFINITY, fault: `${rule}, got Infinity` },
    { name: "negative", value: -1e-6, fault: `${rule}, got -0.000001` },
    { name: "a boolean", value: true, fault: `${rule}, got true` },
    { name: "a list", value: [1e-6], fault: `${rule}, got [0.000001]` },
    {
      name: "of a million tokens",
      value: 2.5,
      fault: `${rule}, got 2.5; for a price of a million tokens write 0.0000025`,
    },
    {
      name: "of a million tokens, as text",
      value: "15",
      fault: `${rule}, got "15"; for a price of a million tokens write 0.000015`,
    },
    {
      name: "divided twice",
      value: 2.5e-12,
      fault: `${rule}, got 2.5e-12; divide a price of a million tokens by 1000000 only once`,
    },
  ])("a price that is $name", ({ value, fault }) => {
    const found = litellmPriceEntries({
      bad: { litellm_provider: "openai", input_cost_per_token: value, output_cost_per_token: 1e-6 },
      good: { litellm_provider: "openai", input_cost_per_token: 1e-6 },
    });
    expect(found.faults).toEqual([`"bad".input_cost_per_token: ${fault}`]);
    expect(found.entries.map(({ entry }) => entry)).toEqual(["good"]);
    expect(found.withoutTokenPrices).toBe(0);
  });

  test.each([1e-10, 6e-4, 1e-3])("are not prices at the bounds: %d", (usd) => {
    expect(litellmPriceEntries({ m: { input_cost_per_token: usd } }).faults).toEqual([]);
  });

  test("are no values that are absent or of keys that are not read", () => {
    const fields = { input_cost_per_token: 1e-6, output_cost_per_token: null, input_cost_per_character: "x" };
    expect(tableOf(only("m", fields)?.standard)).toEqual({ "-1": { input: 1_000_000 } });
  });

  test.each<{ name: string; map: Record<string, unknown>; fault: string }>([
    {
      name: "a model that is no object",
      map: { m: [1] },
      fault: '"m": expected an object of prices, got [1]',
    },
    {
      name: "a fee that is too high",
      map: { m: { input_cost_per_token: 1e-6, input_cost_per_request: 5_000 } },
      fault: '"m".input_cost_per_request: expected US dollars a request, from 0 to 1000, got 5000',
    },
    {
      name: "a rate of a table",
      map: { m: { tiered_pricing: [{ range: [0, 9], input_cost_per_token: -1 }] } },
      fault: `"m".tiered_pricing[0].input_cost_per_token: ${rule}, got -1`,
    },
    {
      name: "a table without ranges",
      map: { m: { tiered_pricing: [{ input_cost_per_token: 1e-6 }] } },
      fault: '"m".tiered_pricing[0].range: expected from and to in tokens, got nothing',
    },
    {
      name: "prices of periods",
      map: { m: { input_cost_per_token: 1e-6, pricing_periods: [] } },
      fault:
        '"m".pricing_periods: expected one price at all times, got prices by time; ' +
        "name the model in a price file of your own if no other book has it",
    },
  ])("$name", ({ map, fault }) => {
    expect(litellmPriceEntries(map)).toEqual({
      entries: [],
      withoutTokenPrices: 0,
      ignored: 1,
      faults: [fault],
    });
  });
});

describe("a map of LiteLLM's", () => {
  test.each<{ name: string; value: unknown; is: boolean }>([
    { name: "is the file", value: file, is: true },
    { name: "is one model with a price", value: { m: { input_cost_per_token: 1e-6 } }, is: true },
    { name: "is one model with a provider", value: { m: { litellm_provider: "openai" } }, is: true },
    {
      name: "is not a price file of ours",
      value: { prices: [{ model: "m", input: "1" }], aliases: [] },
      is: false,
    },
    { name: "is not an empty object", value: {}, is: false },
    { name: "is not objects of something else", value: { m: { price: 1 } }, is: false },
    { name: "is not a list", value: [{ litellm_provider: "openai" }], is: false },
    { name: "is not null", value: null, is: false },
    { name: "is not text", value: "litellm_provider", is: false },
  ])("$name", ({ value, is }) => {
    expect(isLitellmPriceMap(value)).toBe(is);
  });
});
