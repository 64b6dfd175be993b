import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { GEN_AI_PROFILE_NAMES } from "../../src/catalogue/gen-ai.ts";
import { readingIn } from "../../src/exposition/cell-readings.ts";
import { LedgerFamilies } from "../../src/exposition/ledger-families.ts";
import { SCALE } from "../../src/ledger/exponential-histogram.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { PROMETHEUS_NAMING } from "../../src/otel/naming.ts";
import { arbitraryFields } from "../ledger/sample-events.ts";
import { collect, ledgerOf } from "./collected.ts";

const CHAT = {
  ...{ provider: "openai", model: "gpt-4o", pool: "chat", stream: true, duration_ms: 2_000, ttft_ms: 400 },
  ...{ input_tokens: 100, cache_read_tokens: 30, output_tokens: 17, reasoning_tokens: 5 },
  ...{ input_includes_cache: true, cost_usd: 0.25 },
};
const FAILED = { provider: "openai", model: "gpt-4o", pool: "chat", error_type: "timeout", duration_ms: 500 };
const WHO = { "gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-4o", "llm.pool": "chat" };
const WHO_OLD = {
  ...{ "gen_ai.provider.name": "openai", "gen_ai.system": "openai" },
  ...{ "gen_ai.response.model": "gpt-4o", "llm.pool": "chat" },
};

/** What /metrics shows of a family, over all label sets. */
function exposed(ledger: Ledger, family: string, suffix = ""): number {
  const tables = new LedgerFamilies(ledger.layout, ledger.keys.names).tables({ series: [], pages: [] });
  const { columns } = tables.find((table) => table.family.name === family)!;
  return ledger.series
    .flatMap(({ cell }) =>
      columns
        .filter((column) => column.suffix === suffix)
        .map(({ reading }) => Math.round(readingIn(reading, cell) * 1e9)),
    )
    .reduce((sum, nanos) => sum + nanos, 0);
}

describe("the profile v1.36", () => {
  it("has tokens by type, input with what is cached and output with reasoning, as sums without inner bounds", async () => {
    const { metrics, points } = await collect(ledgerOf([CHAT, FAILED]));
    expect(metrics.get("gen_ai.client.token.usage")!.descriptor.unit).toBe("{token}");
    expect(points("gen_ai.client.token.usage")).toEqual({
      [JSON.stringify({ ...WHO_OLD, "gen_ai.token.type": "input" })]: {
        ...{ count: 2, sum: 100, buckets: { boundaries: [], counts: [2] } },
      },
      [JSON.stringify({ ...WHO_OLD, "gen_ai.token.type": "output" })]: {
        ...{ count: 2, sum: 17, buckets: { boundaries: [], counts: [2] } },
      },
    });
  });

  it("has durations by the bounds of the exporter", async () => {
    const { metrics, points } = await collect(ledgerOf([CHAT, FAILED]));
    const name = "gen_ai.client.operation.duration";
    expect(metrics.get(name)!.descriptor.unit).toBe("s");
    const counts = FAMILIES.duration.buckets.map((bound) => (bound === 0.5 || bound === 2.5 ? 1 : 0));
    expect(points(name)).toEqual({
      [JSON.stringify(WHO_OLD)]: {
        ...{ count: 2, sum: 2.5 },
        buckets: { boundaries: [...FAMILIES.duration.buckets], counts: [...counts, 0] },
      },
    });
    expect(points("gen_ai.server.time_to_first_token")).toMatchObject({
      [JSON.stringify(WHO_OLD)]: { count: 1, sum: 0.4 },
    });
    expect(points("gen_ai.server.time_per_output_token")).toMatchObject({
      [JSON.stringify(WHO_OLD)]: { count: 1, sum: 0.1 },
    });
  });

  it("has what the conventions do not name under our own names and labels, and in a scope of its own", async () => {
    const { scopes, metrics, points } = await collect(ledgerOf([CHAT, FAILED]));
    expect(scopes).toEqual(["llm-exporter/gen_ai", "llm-exporter"]);
    const own = { provider: "openai", model: "gpt-4o", pool: "chat" };
    expect(points("llm_cost_usd")).toEqual({ [JSON.stringify(own)]: 0.25 });
    expect(points("llm_errors")[JSON.stringify({ ...own, error_type: "timeout" })]).toBe(1);
    expect(points("llm_tokens")[JSON.stringify({ ...own, token_type: "cache_read" })]).toBe(30);
    const unnamed = [...metrics.keys()].filter((name) => !name.startsWith("gen_ai."));
    expect(unnamed.filter((name) => !name.startsWith("llm_"))).toEqual([]);
  });
});

describe("the profile latest", () => {
  it("counts tokens, those that are part of others as well", async () => {
    const { points, metrics } = await collect(ledgerOf([CHAT]), { profile: "latest" });
    const key = JSON.stringify({ ...WHO, "gen_ai.token.modality": "unknown" });
    const usage = (of: string) => points(`gen_ai.client.inference.usage.${of}`);
    expect(usage("input_tokens")).toEqual({ [key]: 100 });
    expect(usage("output_tokens")).toEqual({ [key]: 17 });
    expect(usage("cache_read.input_tokens")).toEqual({ [key]: 30 });
    expect(usage("cache_write.input_tokens")).toEqual({ [key]: 0 });
    expect(usage("reasoning.output_tokens")).toEqual({ [key]: 5 });
    expect(metrics.has("gen_ai.client.token.usage")).toBe(false);
    expect(metrics.has("llm_tokens")).toBe(false);
  });

  it("calls the duration of inference by its new name", async () => {
    const { points } = await collect(ledgerOf([CHAT]), { profile: "latest" });
    expect(points("gen_ai.client.inference.duration")).toMatchObject({ [JSON.stringify(WHO)]: { sum: 2 } });
  });
});

describe("exponential histograms", () => {
  it("are those of the cells, bucket for bucket", async () => {
    const ledger = ledgerOf([CHAT, FAILED, { ...CHAT, duration_ms: 0, ttft_ms: 0 }]);
    const { points } = await collect(ledger, { histograms: "exponential" });
    const histogram = ledger.series[0]!.cell.exponentials[0]!;
    const point = points("gen_ai.client.operation.duration")[JSON.stringify(WHO_OLD)] as {
      readonly positive: { readonly offset: number; readonly bucketCounts: readonly number[] };
    };
    expect(point).toMatchObject({ count: 3, sum: 2.5, scale: SCALE, zeroCount: 1 });
    const { offset, bucketCounts } = point.positive;
    const buckets = bucketCounts.flatMap((count, at) => (count > 0 ? [{ index: offset + at, count }] : []));
    expect(buckets).toEqual([...histogram.buckets()]);
    expect(bucketCounts[0]).toBeGreaterThan(0);
    expect(bucketCounts.at(-1)).toBeGreaterThan(0);
  });
});

describe("what is not known", () => {
  it("has no attribute: the operation and the requested model only where they are labels", async () => {
    const extra = [
      { name: "operation", source: "operation" },
      { name: "requested_model", source: "requested_model" },
      { name: "team", source: "team" },
    ] as const;
    const asked = { ...CHAT, operation: "embeddings", requested_model: "best", team: "search" };
    const { points } = await collect(ledgerOf([asked, { ...CHAT, operation: "chat" }], extra));
    expect(Object.keys(points("gen_ai.client.operation.duration")).map((key) => JSON.parse(key))).toEqual([
      {
        ...{ ...WHO_OLD, "gen_ai.operation.name": "embeddings" },
        ...{ "gen_ai.request.model": "best", "llm.team": "search" },
      },
      { ...WHO_OLD, "gen_ai.operation.name": "chat" },
    ]);
  });

  it("is not said: no tokens and no durations where none were ever reported, no start where nobody knows it", async () => {
    const { metrics } = await collect(ledgerOf([FAILED]), { olderCount: 1 });
    expect(metrics.has("gen_ai.client.token.usage")).toBe(false);
    expect(metrics.has("gen_ai.server.time_to_first_token")).toBe(false);
    const [point] = metrics.get("gen_ai.client.operation.duration")!.dataPoints;
    expect(point).toMatchObject({ startTime: [0, 0], endTime: [1_700_000_060, 500_000_000] });
  });

  it("is said of what is new: a start for each label set, none where older totals are added to it", async () => {
    const spelled = ["gemini", "google_genai", "openai", "one", "two"].map((provider) => ({
      ...CHAT,
      provider,
    }));
    const startsOf = async (name: string, seriesMax: number, olderCount: number) => {
      const { metrics } = await collect(ledgerOf(spelled), { seriesMax, olderCount });
      return metrics.get(name)!.dataPoints.map(({ startTime }) => startTime[0]);
    };
    const [unknown, run] = [0, 1_700_000_000];
    const ours = "llm_cost_usd";
    expect(await startsOf(ours, 3, 1)).toEqual([unknown, run, run, run]);
    expect(await startsOf(ours, 3, 3)).toEqual([unknown, unknown, unknown, run]);
    expect(await startsOf(ours, 3, 4)).toEqual([unknown, unknown, unknown, unknown]);
    // Both spellings of the first are one there.
    expect(await startsOf("gen_ai.client.operation.duration", 3, 1)).toEqual([unknown, run, run]);
  });

  it("is otherwise: totals began when they began", async () => {
    const { metrics } = await collect(ledgerOf([FAILED]));
    expect(metrics.get("llm_errors")!.dataPoints[0]!.startTime).toEqual([1_700_000_000, 250_000_000]);
  });
});

describe("spellings of one provider", () => {
  it("are added up under the name of the registry, and stay apart in our own families", async () => {
    const spelled = ["gemini", "google_genai", "gcp.gemini"].map((provider) => ({ ...CHAT, provider }));
    const ledger = ledgerOf([...spelled, { ...CHAT, provider: "my-vllm" }]);
    const { points } = await collect(ledger, { profile: "latest" });
    const who = (provider: string) => JSON.stringify({ ...WHO, "gen_ai.provider.name": provider });
    const durations = points("gen_ai.client.inference.duration");
    expect(durations).toMatchObject({
      [who("gcp.gemini")]: { count: 3, sum: 6 },
      [who("my-vllm")]: { count: 1 },
    });
    expect(Object.keys(points("llm_cost_usd"))).toHaveLength(4);
    // The cells themselves are as they were.
    expect((await collect(ledger, { profile: "latest" })).points("gen_ai.client.inference.duration")).toEqual(
      durations,
    );
  });
});

describe("label sets beyond the limit", () => {
  const models = Array.from({ length: 6 }, (_, index) => ({ ...CHAT, model: `m${index}` }));
  const shownOf = async (events: readonly Record<string, unknown>[]) => {
    const { points } = await collect(ledgerOf(events), { seriesMax: 3 });
    return Object.fromEntries(
      Object.entries(points("llm_cost_usd")).map(([key, value]) => [JSON.parse(key).model, value]),
    );
  };

  it("are folded into other, those that were there first stay", async () => {
    expect(await shownOf(models)).toEqual({ m0: 0.25, m1: 0.25, m2: 0.25, other: 0.75 });
  });

  it("join the one that the ledger folds into, wherever it is", async () => {
    const other = { ...CHAT, provider: "other", model: "other", pool: "other" };
    expect(await shownOf([other, ...models])).toEqual({ other: 1.25, m0: 0.25, m1: 0.25 });
    expect(await shownOf([...models, other])).toEqual({ m0: 0.25, m1: 0.25, m2: 0.25, other: 1 });
  });
});

describe("sums", () => {
  it("are those of /metrics, whatever is sent, shown or folded", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryFields, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(...GEN_AI_PROFILE_NAMES),
        fc.constantFrom("explicit" as const, "exponential" as const),
        async (events, seriesMax, profile, histograms) => {
          const ledger = ledgerOf(events);
          const { total } = await collect(ledger, { profile, seriesMax, histograms });
          const nanos = (metric: string) => total(metric) * 1e9;
          const near = (value: number, wanted: number) =>
            expect(Math.abs(value - wanted)).toBeLessThanOrEqual(Math.max(1, wanted * 1e-12));
          const duration =
            profile === "latest" ? "gen_ai.client.inference.duration" : "gen_ai.client.operation.duration";
          near(nanos(duration), exposed(ledger, FAMILIES.duration.name, "_sum"));
          near(
            nanos("gen_ai.server.time_to_first_token"),
            exposed(ledger, FAMILIES.timeToFirstToken.name, "_sum"),
          );
          near(nanos("llm_cost_usd"), exposed(ledger, FAMILIES.cost.name));
          near(nanos("llm_requests"), exposed(ledger, FAMILIES.requests.name));
          const tokens =
            profile === "latest"
              ? nanos("gen_ai.client.inference.usage.input_tokens") +
                nanos("gen_ai.client.inference.usage.output_tokens")
              : nanos("gen_ai.client.token.usage");
          near(tokens, exposed(ledger, FAMILIES.tokens.name));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("names for Prometheus", () => {
  it("end in their unit, once", async () => {
    const events = [{ ...CHAT, request_size: 10 }];
    const { metrics } = await collect(ledgerOf(events), { naming: PROMETHEUS_NAMING });
    expect([...metrics.keys()]).toEqual(
      expect.arrayContaining([
        "gen_ai.client.operation.duration_seconds",
        "gen_ai.server.time_to_first_token_seconds",
        "gen_ai.client.token.usage",
        "llm_cost_usd",
        "llm_request_bytes",
        "llm_last_request_timestamp_seconds",
      ]),
    );
  });

  it.each([
    { name: "names that become one", given: ["a.b", "a_b", "a__b"], written: ["a_b", "a_b_2", "a_b_3"] },
    { name: "a digit in front", given: ["1st", "a"], written: ["key_1st", "a"] },
    { name: "what stands beside them", given: ["status", "le"], written: ["status_2", "le_2"] },
    { name: "other scripts", given: ["größe", "é"], written: ["gr_e", "_"] },
    {
      name: "a name that looks like a second one",
      given: ["a.b", "a_b_2", "a_b"],
      written: ["a_b", "a_b_2", "a_b_3"],
    },
  ])("are told apart: $name", ({ given, written }) => {
    expect(PROMETHEUS_NAMING.attributes(given, ["status"])).toEqual(written);
  });
});
