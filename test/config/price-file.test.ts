import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { priceEntries, priceFileSchema } from "../../src/config/price-file.ts";
import { loadPriceFiles, priceFilePaths, priceFilesState } from "../../src/config/price-files.ts";
import { ConfigError, parseYaml } from "../../src/config/yaml-file.ts";
import type { Brackets } from "../../src/pricing/rate-card.ts";
import { faultsIn, refusalOf } from "./faults.ts";
import { folderWith } from "./folder.ts";

const entriesIn = (text: string) => priceEntries(parseYaml("prices.yml", text, priceFileSchema));
const named = (brackets: Brackets | undefined) =>
  brackets?.map(({ aboveInputTokens, rates }) => ({
    aboveInputTokens,
    ...Object.fromEntries(Object.entries(rates).filter(([, pico]) => pico !== undefined)),
  }));

describe("a price file", () => {
  test("says dollars a million tokens, for a time, for long input and by class of service", () => {
    const [entry, other] = entriesIn(`
prices:
  - provider: openai
    model: [gpt-4o, "gpt-4o-2024-*"]
    from: 2026-01-01
    until: 2026-07-01T12:00:00+02:00
    input: "2.50"
    cache_read: 1.25
    output: "10"
    request: "0.005"
    context_tiers:
      - above: 200000
        input: "5"
    service_tiers:
      batch: {factor: "0.5"}
      priority: {input: "4.25", output: "17"}
`);
    expect(entry).toMatchObject({
      ...{ provider: "openai", model: "gpt-4o", entry: "prices[0]" },
      validity: { fromMicros: Date.UTC(2026, 0) * 1e3, untilMicros: Date.UTC(2026, 6, 1, 10) * 1e3 },
    });
    expect(other?.model).toBe("gpt-4o-2024-*");
    expect(named(entry?.standard)).toEqual([
      { aboveInputTokens: -1, input: 2_500_000, cache_read: 1_250_000, output: 10_000_000, request: 5e9 },
      {
        aboveInputTokens: 200_000,
        input: 5_000_000,
        cache_read: 1_250_000,
        output: 10_000_000,
        request: 5e9,
      },
    ]);
    expect(named(entry?.serviceTiers.get("batch"))).toEqual([
      { aboveInputTokens: -1, input: 1_250_000, cache_read: 625_000, output: 5_000_000, request: 2.5e9 },
      { aboveInputTokens: 200_000, input: 2_500_000, cache_read: 625_000, output: 5_000_000, request: 2.5e9 },
    ]);
    expect(named(entry?.serviceTiers.get("priority"))).toEqual([
      { aboveInputTokens: -1, input: 4_250_000, output: 17_000_000, request: 5e9 },
    ]);
  });

  test("multiplies decimals as decimals", () => {
    const [entry] = entriesIn('prices: [{model: m, input: "0.07", service_tiers: {flex: {factor: "0.1"}}}]');
    expect(entry?.serviceTiers.get("flex")?.[0].rates.input).toBe(7_000);
  });

  test.each([
    {
      name: "a price of one token",
      text: 'prices: [{model: m, input: "0.0000025"}]',
      says: /prices\[0\]\.input: expected US dollars for a million tokens .*for a price of one token write 2\.5, got "0\.0000025"/,
    },
    {
      name: "a negative price",
      text: "prices: [{model: m, input: -1}]",
      says: /prices\[0\]\.input: expected US/,
    },
    {
      name: "a price beyond all others",
      text: "prices: [{model: m, output: 25000}]",
      says: /output: expected US/,
    },
    {
      name: "no number",
      text: 'prices: [{model: m, input: "?"}]',
      says: /input: expected US dollars.*got "\?"/,
    },
    { name: "an exponent", text: 'prices: [{model: m, input: "1e3"}]', says: /input: expected US dollars/ },
    { name: "no rate at all", text: "prices: [{model: m}]", says: /prices\[0\]: expected at least one rate/ },
    { name: "no model", text: "prices: [{input: 1}]", says: /prices\[0\]\.model: expected a model/ },
    {
      name: "a mistyped key",
      text: "prices: [{model: m, inptu: 1, output: 1}]",
      says: /inptu: expected a known key.*input/,
    },
    {
      name: "a bad date",
      text: "prices: [{model: m, input: 1, from: 2026-02-30}]",
      says: /from: expected a date/,
    },
    {
      name: "an end before its beginning",
      text: "prices: [{model: m, input: 1, from: 2026-02-01, until: 2026-01-01}]",
      says: /prices\[0\]\.until: expected a time after from/,
    },
    {
      name: "tiers out of order",
      text: "prices: [{model: m, input: 1, context_tiers: [{above: 9, input: 1}, {above: 9, input: 2}]}]",
      says: /context_tiers: expected tiers in the order of above/,
    },
    {
      name: "a factor beside rates",
      text: "prices: [{model: m, input: 1, service_tiers: {batch: {factor: 0.5, input: 1}}}]",
      says: /service_tiers\.batch: expected either a factor or rates/,
    },
    {
      name: "a tier without rates",
      text: "prices: [{model: m, input: 1, context_tiers: [{above: 9}]}]",
      says: /context_tiers\[0\]: expected at least one rate/,
    },
    {
      name: "the standard tier among the others",
      text: "prices: [{model: m, input: 1, service_tiers: {default: {input: 1}}}]",
      says: /service_tiers.*expected a name such as batch|default/,
    },
    {
      name: "a price of a thousand tokens",
      text: 'prices: [{model: m, input: "0.00025"}]',
      says: /input: expected US/,
    },
    {
      name: "an alias to a pattern",
      text: 'aliases: [{model: m, as: {model: "gpt-*"}}]',
      says: /as\.model: expected a name without/,
    },
    { name: "nothing in it", text: "", says: /the file: expected prices, aliases or both/ },
    {
      name: "an alias of everything",
      text: "aliases: [{as: {model: m}}]",
      says: /aliases\[0\]: expected a provider, a model or both/,
    },
  ])("with $name is refused, and the message says where", ({ text, says }) => {
    const faults = faultsIn(text, priceFileSchema);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^config\.yml(?::1:\d+)?: /);
    expect(faults[0]).toMatch(says);
  });

  test("with two prices for one model at one time names both", () => {
    const overlapping = [
      'prices: [{model: m, input: 1}, {model: x, input: 1}, {model: M, input: "2"}]',
      "prices: [{model: m, input: 1, from: 2026-01-01}, {model: x, input: 1}, {model: m, input: 2, until: 2026-01-02}]",
      "prices: [{provider: azure, model: m, input: 1}, {model: x, input: 1}, {provider: azure.ai.openai, model: m, input: 1}]",
    ];
    for (const text of overlapping) {
      expect(() => entriesIn(text)).toThrow(
        /prices\.yml:1:\d+: prices\[2\]: expected one price for [mM] at a time, got another in prices\[0\]/,
      );
    }
    expect(
      entriesIn(
        "prices: [{model: m, input: 1, until: 2026-01-01}, {model: m, input: 2, from: 2026-01-01}, {provider: x, model: m, input: 3}]",
      ),
    ).toHaveLength(3);
  });
});

describe("the list of price files", () => {
  const LITELLM = JSON.stringify({
    "gpt-4o": { litellm_provider: "openai", input_cost_per_token: 2.5e-6, output_cost_per_token: 1e-5 },
    broken: { litellm_provider: "openai", input_cost_per_token: 2.5 },
  });

  test("is read from the folder of the configuration, the last file first", async () => {
    const folder = folderWith({
      "config.yml": "",
      "own.yml": "version: v7\nprices: [{model: m, input: 1}]",
      "model_prices_and_context_window.json": LITELLM,
    });
    const paths = priceFilePaths(`${folder}/config.yml`, ["model_prices_and_context_window.json", "own.yml"]);
    const { books, warnings } = await loadPriceFiles(paths);
    expect(books.map(({ name, cardCount, ignoredCount }) => ({ name, cardCount, ignoredCount }))).toEqual([
      { name: `${folder}/own.yml`, cardCount: 1, ignoredCount: 0 },
      { name: `${folder}/model_prices_and_context_window.json`, cardCount: 1, ignoredCount: 1 },
    ]);
    expect(books[0]?.version).toBe("v7");
    expect(books[1]?.version).toMatch(/^[0-9a-f]{12}$/);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /model_prices_and_context_window\.json: .*broken.*input_cost_per_token: expected/,
    );
  });

  test("takes our own form in JSON too, and says what is wrong with a file that is neither", async () => {
    const folder = folderWith({
      "own.json": '{"prices": [{"model": "m", "input": "1"}]}',
      "broken.json": '{"prices": [',
      "other.json": '{"gpt-4o": {"price": 1}}',
      "empty.json": '{"a": {"litellm_provider": "openai", "input_cost_per_token": -1}}',
    });
    expect((await loadPriceFiles([`${folder}/own.json`])).books[0]?.cardCount).toBe(1);
    expect(await refusalOf(loadPriceFiles([`${folder}/broken.json`]))).toMatch(
      /broken\.json: expected JSON: Unexpected end/,
    );
    expect(await refusalOf(loadPriceFiles([`${folder}/other.json`]))).toMatch(/gpt-4o: expected a known key/);
    expect(await refusalOf(loadPriceFiles([`${folder}/empty.json`]))).toMatch(/expected at least one model/);
    expect(await refusalOf(loadPriceFiles([`${folder}/none.yml`]))).toMatch(
      /none\.yml: expected a readable file/,
    );
  });

  test("has a state that changes with a file, and when one comes or goes", async () => {
    const folder = folderWith({ "own.yml": "" });
    const paths = [`${folder}/own.yml`, `${folder}/none.yml`];
    const before = await priceFilesState(paths);
    expect(await priceFilesState(paths)).toBe(before);
    expect(await priceFilesState([paths[0]!, paths[0]!])).not.toBe(before);
  });
});

test("a provider in a pattern is not the provider that it spells", () => {
  expect(
    entriesIn('prices: [{provider: "azure*", model: m, input: 1}, {provider: azure, model: m, input: 2}]'),
  ).toHaveLength(2);
});

test("patterns that begin with a wildcard are few, for each is tried on every new name", () => {
  const prices = Array.from({ length: 201 }, (_, index) => `{model: "*-${index}", input: 1}`);
  expect(() => entriesIn(`prices: [${prices.join(", ")}]`)).toThrow(/at most 200 models that begin with/);
});

test("a pipe is no price file", async () => {
  const folder = folderWith({});
  execFileSync("mkfifo", [`${folder}/pipe.yml`]);
  expect(await refusalOf(loadPriceFiles([`${folder}/pipe.yml`]))).toMatch(/pipe\.yml: expected a file/);
});

test("every refusal of a price file is a ConfigError, which ends the program with one line and no stack", () => {
  expect(() => entriesIn("prices: [{model: m, input: 1}, {model: m, input: 1}]")).toThrow(ConfigError);
});
