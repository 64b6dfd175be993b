/** The routes about prices, and what the operator's price files do, before and after a change. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { ledgerLines, readMetrics, sumOf } from "./readings.ts";

const jsonOf = async (on: Exporter, path: string) => JSON.parse((await exchange(on, path)).text);

const post = (on: Exporter, body: unknown) =>
  exchange(on, "/v1/price", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const priceOf = async (on: Exporter, event: object) => JSON.parse((await post(on, event)).text);

const OWN_MODEL = { provider: "vllm", model: "acme/support-8b", input_tokens: 1_000, output_tokens: 100 };

/** Watched so often that a test need not wait. */
const WITH_FILE = "prices: {files: [prices.yml], watch_interval: 50ms}";
const OWN_PRICE = `
version: spring
prices:
  - provider: vllm
    model: acme/*
    input: "0.05"
    output: "0.2"
`;

/** Waits until a condition holds; fails after five seconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000;
  while (!(await holds())) {
    if (Date.now() > end) expect.unreachable("expected it within five seconds");
    await sleep(20);
  }
}

describe("POST /v1/price", () => {
  it("prices a usage component by component and records nothing", async () => {
    const exporter = await startExporter();
    const before = ledgerLines((await exchange(exporter, "/metrics")).text);
    const price = await priceOf(exporter, {
      provider: "openai",
      model: "gpt-4o",
      input_tokens: 1_200,
      cache_read_tokens: 800,
      output_tokens: 350,
      reasoning_tokens: 50,
    });
    expect(price).toMatchObject({
      result: "priced",
      cost_usd: 0.0055,
      reported_cost_usd: null,
      book_cost_usd: 0.0055,
      components: [
        { component: "input", quantity: 400, rate_usd: 2.5, cost_usd: 0.001 },
        { component: "cache_read", quantity: 800, rate_usd: 1.25, cost_usd: 0.001 },
        { component: "output", quantity: 300, rate_usd: 10, cost_usd: 0.003 },
        { component: "reasoning", quantity: 50, rate_usd: 10, cost_usd: 0.0005 },
      ],
      missing: [],
      cache_savings_usd: 0.001,
      convention: { input_includes_cache: true, basis: "provider" },
      card: { provider: "openai", model: "gpt-4o", source: "genai-prices", source_version: "0.1.8" },
      reason: null,
    });
    expect(ledgerLines((await exchange(exporter, "/metrics")).text)).toEqual(before);
    expect(sumOf(await readMetrics(exporter), "llm_exporter_events_total")).toBe(0);
    expect((await jsonOf(exporter, "/v1/unpriced")).models).toEqual([]);
  });

  it("writes amounts finer than a float could hold as they are", async () => {
    const exporter = await startExporter();
    const { text } = await post(exporter, {
      provider: "cohere",
      model: "command-r7b-12-2024",
      input_tokens: 1,
      cost_usd: 123_456.789012345,
    });
    expect(text).toContain('"cost_usd":123456.789012345,');
    expect(text).toContain('"book_cost_usd":0.0000000375,');
  });

  it("says what is missing, and why a cost is null", async () => {
    const exporter = await startExporter();
    const unknown = await priceOf(exporter, OWN_MODEL);
    expect(unknown).toMatchObject({ result: "unpriced", cost_usd: null, card: null, unpriced_tokens: 1_100 });
    expect(unknown.reason).toMatch(/no price book has a price for vllm acme\/support-8b/);
    const partial = await priceOf(exporter, {
      provider: "bedrock",
      model: "anthropic.claude-sonnet-4-5-20250929-v1:0",
      input_tokens: 10,
      cache_write_1h_tokens: 7,
    });
    expect(partial).toMatchObject({ result: "partial", cost_usd: 0.000033, missing: ["cache_write_1h"] });
    expect(partial.reason).toMatch(/has no rate for cache_write_1h/);
    const batch = await priceOf(exporter, {
      provider: "openai",
      model: "gpt-4o",
      service_tier: "batch",
      input_tokens: 1,
    });
    expect(batch).toMatchObject({ result: "unpriced", cost_usd: null, service_tier: "batch" });
    expect(batch.reason).toMatch(/no price for the service tier batch/);
  });

  it("lets the sender's own figure win, and shows the book's beside it", async () => {
    const exporter = await startExporter();
    expect(
      await priceOf(exporter, { provider: "openai", model: "gpt-4o", input_tokens: 1_000, cost_usd: 0.5 }),
    ).toMatchObject({ result: "reported", cost_usd: 0.5, reported_cost_usd: 0.5, book_cost_usd: 0.0025 });
  });

  it("refuses what is no event with all that is wrong with it", async () => {
    const exporter = await startExporter();
    const answer = await post(exporter, { input_tokens: -1, output_tokens: "many" });
    expect(problemOf(answer)).toEqual({ status: 422, code: "invalid_event" });
    expect(JSON.parse(answer.text).detail).toMatch(/input_tokens: expected .*; output_tokens: expected/);
    expect(problemOf(await post(exporter, "{")).code).toBe("malformed_json");
    expect(problemOf(await post(exporter, "[]")).code).toBe("bad_envelope");
    expect(problemOf(await post(exporter, "[{},{}]")).code).toBe("too_many_events");
    expect(problemOf(await exchange(exporter, "/v1/price", { method: "POST", body: "{}" })).status).toBe(415);
  });

  it("names both numbers when more is cached than the input that includes it", async () => {
    const exporter = await startExporter();
    const answer = await post(exporter, {
      input_tokens: 500,
      cache_read_tokens: 800,
      input_includes_cache: true,
    });
    expect(JSON.parse(answer.text).detail).toMatch(/input_tokens: expected at least .*800.*, got 500/);
  });
});

describe("GET /v1/prices", () => {
  it("shows the card in force at a time, where it comes from and how it was found", async () => {
    const exporter = await startExporter();
    const before = await jsonOf(exporter, "/v1/prices?provider=openai&model=o3-2025-04-16&at=2025-06-09");
    expect(before).toMatchObject({
      at: "2025-06-09T00:00:00Z",
      card: { model: "o3", source: "genai-prices", valid_from: null, rates: [{ above_input_tokens: null }] },
    });
    expect(before.card.rates[0].usd_per_million_tokens).toMatchObject({ input: 10, cache_write: null });
    expect(before.other_cards).toHaveLength(1);
    const after = await jsonOf(exporter, "/v1/prices?provider=openai&model=o3&at=2025-06-10T00:00:00Z");
    expect(after.card).toMatchObject({
      valid_from: "2025-06-10T00:00:00Z",
      rates: [{ usd_per_million_tokens: { input: 2 } }],
    });
    const wrapped = await jsonOf(exporter, "/v1/prices?provider=gcp.gemini&model=models/gemini-2.5-pro");
    expect(wrapped.card.matched_by).toEqual(["the id in the path"]);
    expect(wrapped.card.rates[1].above_input_tokens).toBe(200_000);
  });

  it.each([
    { query: "", code: "bad_parameter", says: /model: expected a value/ },
    { query: "?model=", code: "bad_parameter", says: /model: expected a value/ },
    { query: "?model=a&model=b", code: "bad_parameter", says: /model: expected it once/ },
    { query: "?modle=a", code: "bad_parameter", says: /expected one of model, provider, at/ },
    { query: "?model=a&at=noon", code: "bad_parameter", says: /at: expected a date/ },
    {
      query: "?provider=openai&model=gpt-99",
      code: "price_not_found",
      says: /"gpt-99"; add it to a price file/,
    },
  ])("answers $query with $code", async ({ query, code, says }) => {
    const exporter = await startExporter();
    const answer = await exchange(exporter, `/v1/prices${query}`);
    expect(problemOf(answer).code).toBe(code);
    expect(JSON.parse(answer.text).detail).toMatch(says);
  });

  it("is a read: beyond loopback it needs a query token", async () => {
    const exporter = await startExporter({
      config: "auth: {query_token: letmein-please, ingest_token: write-please}",
      args: ["--web.listen-address=0.0.0.0:0"],
    });
    for (const path of ["/v1/prices?model=gpt-4o", "/v1/unpriced"]) {
      expect((await exchange(exporter, path)).status).toBe(401);
      const headers = { authorization: "Bearer letmein-please" };
      expect((await exchange(exporter, path, { headers })).status).not.toBe(401);
    }
  });
});

describe("GET /v1/unpriced", () => {
  it("lists models without a price, with what to add to a price file, and that works as it is", async () => {
    const exporter = await startExporter({ config: WITH_FILE, files: { "prices.yml": "prices: []" } });
    await postEvents(exporter, [
      { ...OWN_MODEL, timestamp: "2026-01-02T00:00:00Z" },
      { ...OWN_MODEL, timestamp: "2026-01-01T00:00:00Z" },
      {
        provider: "bedrock",
        model: "anthropic.claude-sonnet-4-5-20250929-v1:0",
        input_tokens: 10,
        cache_write_1h_tokens: 7,
        output_tokens: 1,
      },
    ]);
    const { models } = await jsonOf(exporter, "/v1/unpriced");
    expect(models).toMatchObject([
      {
        ...{ provider: "vllm", model: "acme/support-8b", service_tier: null },
        ...{ unpriced_requests: 2, partial_requests: 0, unpriced_tokens: 2_200, priced_now: false },
        ...{ first_seen: "2026-01-01T00:00:00Z", last_seen: "2026-01-02T00:00:00Z" },
        missing: ["input", "output"],
      },
      { partial_requests: 1, unpriced_requests: 0, unpriced_tokens: 7, missing: ["cache_write_1h"] },
    ]);
    const entries = models.map(({ add }: { add: string }) => add.replaceAll('"?"', '"6"')).join("\n");
    expect(entries).toContain('cache_write: "4.125"');
    exporter.write("prices.yml", `prices:\n${entries}\n`);
    await until(async () => (await jsonOf(exporter, "/v1/unpriced")).models[0].priced_now);
    const again = await jsonOf(exporter, "/v1/unpriced");
    expect(again.models.map(({ priced_now }: { priced_now: boolean }) => priced_now)).toEqual([true, true]);
    expect((await priceOf(exporter, OWN_MODEL)).result).toBe("priced");
  });
});

describe("price files", () => {
  it("go before the built-in book, the later ones before the earlier", async () => {
    const exporter = await startExporter({
      config: "prices: {files: [one.yml, two.yml]}",
      files: {
        "one.yml": 'prices: [{provider: openai, model: gpt-4o, input: "1"}, {model: "gpt-*", input: "7"}]',
        "two.yml": 'prices: [{provider: openai, model: gpt-4o, input: "2"}]',
      },
    });
    const inputOf = async (model: string) =>
      (await jsonOf(exporter, `/v1/prices?provider=openai&model=${model}`)).card.rates[0]
        .usd_per_million_tokens.input;
    expect([await inputOf("gpt-4o"), await inputOf("gpt-5"), await inputOf("o3")]).toEqual([2, 7, 2]);
  });

  it("that change are taken up, and a bad one leaves the last good one in force, said once", async () => {
    const exporter = await startExporter({ config: WITH_FILE, files: { "prices.yml": OWN_PRICE } });
    expect((await priceOf(exporter, OWN_MODEL)).cost_usd).toBe(0.00007);
    exporter.write("prices.yml", OWN_PRICE.replace("0.05", "0.15"));
    await until(async () => (await priceOf(exporter, OWN_MODEL)).cost_usd === 0.00017);
    exporter.write("prices.yml", OWN_PRICE.replace("0.05", "-1"));
    await until(
      async () => (await readMetrics(exporter)).get("llm_exporter_price_book_last_reload_successful") === 0,
    );
    await sleep(200);
    expect((await priceOf(exporter, OWN_MODEL)).cost_usd).toBe(0.00017);
    const errors = exporter.log.filter(({ level }) => level === "error");
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors[0])).toMatch(/prices\.yml:6:12: prices\[0\]\.input: expected US dollars/);
    exporter.write("prices.yml", OWN_PRICE);
    await until(async () => (await priceOf(exporter, OWN_MODEL)).cost_usd === 0.00007);
    const readings = await readMetrics(exporter);
    expect(readings.get('llm_exporter_price_book_reloads_total{result="success"}')).toBe(2);
    expect(readings.get('llm_exporter_price_book_reloads_total{result="failure"}')).toBe(1);
    expect(readings.get("llm_exporter_price_book_last_reload_successful")).toBe(1);
  });

  it("that are bad stop the start and a reload of the configuration, which changes nothing", async () => {
    await expect(
      startExporter({ config: WITH_FILE, files: { "prices.yml": "prices: [{model: x}]" } }),
    ).rejects.toThrow(/prices\.yml:1:10: prices\[0\]: expected at least one rate/);
    await expect(startExporter({ config: WITH_FILE })).rejects.toThrow(
      /prices\.yml: expected a readable file/,
    );
    const exporter = await startExporter({ config: WITH_FILE, files: { "prices.yml": OWN_PRICE } });
    exporter.write("config.yml", "prices: {files: [none.yml]}\nlimits: {series: 5}");
    const answer = await exchange(exporter, "/-/reload", { method: "POST" });
    expect(problemOf(answer).code).toBe("reload_failed");
    expect(JSON.parse(answer.text).detail).toMatch(/none\.yml: expected a readable file/);
    expect((await priceOf(exporter, OWN_MODEL)).result).toBe("priced");
    expect((await readMetrics(exporter)).get("llm_exporter_series_limit")).toBe(10_000);
  });

  it("show version, age and size among the metrics", async () => {
    const exporter = await startExporter({ config: WITH_FILE, files: { "prices.yml": OWN_PRICE } });
    const readings = await readMetrics(exporter);
    const books = [...readings.keys()].filter((sample) => sample.startsWith("llm_exporter_price_book_info"));
    expect(books[0]).toMatch(/source=".*prices\.yml",version="spring"/);
    expect(books[1]).toBe('llm_exporter_price_book_info{source="genai-prices",version="0.1.8"}');
    expect(readings.get('llm_exporter_price_book_cards{source="genai-prices"}')).toBeGreaterThan(1_500);
    const ages = [...readings].filter(([sample]) => sample.includes("price_book_timestamp"));
    expect(Date.now() / 1e3 - ages[0]![1]).toBeLessThan(60);
    expect(ages[1]![1]).toBe(Date.UTC(2026, 8, 23, 10, 11, 4) / 1e3);
  });

  it("may stand alone, without the built-in book", async () => {
    const exporter = await startExporter({
      config: "prices: {builtin: false, files: [prices.yml]}",
      files: { "prices.yml": OWN_PRICE },
    });
    expect((await priceOf(exporter, OWN_MODEL)).result).toBe("priced");
    expect((await priceOf(exporter, { provider: "openai", model: "gpt-4o", input_tokens: 1 })).result).toBe(
      "unpriced",
    );
  });

  it("price a deployment of Azure by an alias", async () => {
    const exporter = await startExporter({
      config: WITH_FILE,
      files: { "prices.yml": "aliases: [{provider: azure, model: prod-*, as: {model: gpt-4o}}]" },
    });
    const card = await jsonOf(exporter, "/v1/prices?provider=azure.ai.openai&model=prod-chat");
    expect(card.card).toMatchObject({ provider: "openai", model: "gpt-4o", source: "genai-prices" });
    expect(card.card.matched_by[0]).toMatch(/^as azure gpt-4o, by .*prices\.yml, aliases\[0\]$/);
  });
});

describe("a reported cost", () => {
  it("wins, and its distance from the book is seen in two counters", async () => {
    const exporter = await startExporter();
    await postEvents(exporter, [
      { provider: "openai", model: "gpt-4o", input_tokens: 1_000, cost_usd: 0.005 },
      { provider: "vllm", model: "own", input_tokens: 1_000, cost_usd: 1 },
    ]);
    const readings = await readMetrics(exporter);
    expect(sumOf(readings, "llm_cost_usd_total")).toBe(1.005);
    expect(sumOf(readings, "llm_compared_reported_cost_usd_total")).toBe(0.005);
    expect(sumOf(readings, "llm_compared_book_cost_usd_total")).toBe(0.0025);
  });
});
