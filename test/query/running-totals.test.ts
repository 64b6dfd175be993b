/** Totals of a provider's models add up to the provider's, and those of providers to the summary, whatever was counted. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type RunningTotals, runningTotals, type TotalsBlock } from "../../src/query/running-totals.ts";
import { failureYaml, runningTotalsYaml } from "../../src/query/running-totals-yaml.ts";
import { arbitraryFields } from "../ledger/sample-events.ts";
import { type Counted, counted } from "./counted.ts";

const AT = "2026-11-20T11:00:00Z";
const DONE = { timestamp: AT, provider: "openai", model: "gpt-4o" };
const OPEN = { phase: "start", timestamp: AT, provider: "openai", model: "gpt-4o" };
const HEAD = { generated: "2026-11-20T12:00:00.000000Z", provider: undefined, model: undefined };

type Asked = { readonly provider?: string; readonly model?: string; readonly includesActive?: boolean };

function totalsOf({ groups, active }: Counted, asked: Asked = {}): RunningTotals {
  const { provider, model, includesActive = true } = asked;
  return runningTotals({ groups, active: Array.from(active.all()), provider, model, includesActive });
}

/** Maps as objects, all the way down. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([name, of]) => [name, plain(of)]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, plain(of)]));
}

const SUMMED = [
  ...(["requests", "errors", "input_tokens", "output_tokens", "cache_read_tokens"] as const),
  ...(["cache_creation_tokens", "tool_uses", "tool_results", "tool_calls"] as const),
];
const sumOf = (blocks: readonly (TotalsBlock | undefined)[], key: keyof TotalsBlock) =>
  blocks.reduce((sum, block) => sum + (block?.[key] ?? 0), 0);

const arbitraryTraffic = fc
  .array(fc.tuple(arbitraryFields, fc.boolean()), { maxLength: 20 })
  .map((all) =>
    all.map(
      ([fields, isOpen], index): Record<string, unknown> =>
        isOpen ? { ...fields, phase: "start", id: `open-${index}` } : fields,
    ),
  );

describe("running totals", () => {
  it("add up at every level, each request once, in flight or not", () => {
    fc.assert(
      fc.property(arbitraryTraffic, fc.boolean(), (events, includesActive) => {
        const totals = totalsOf(counted(events), { includesActive });
        const { summary } = totals;
        const providers = [...totals.providers.values()];
        const isIn = ({ phase }: { phase?: unknown }) => includesActive || phase !== "start";
        expect(summary.total_requests).toBe(events.filter(isIn).length);
        expect(summary.active_requests).toBe(events.filter(({ phase }) => phase === "start").length);
        for (const key of SUMMED) {
          expect(
            sumOf(
              providers.map(({ rollup }) => rollup.total),
              key,
            ),
          ).toBe(summary[`total_${key}`]);
          for (const { rollup, models } of providers) {
            expect(
              sumOf(
                [...models.values()].map(({ total }) => total),
                key,
              ),
            ).toBe(rollup.total[key]);
            for (const { total, streaming, non_streaming } of [rollup, ...models.values()]) {
              expect(sumOf([streaming, non_streaming], key)).toBe(total[key]);
            }
          }
        }
        const millis = sumOf(
          providers.map(({ rollup }) => rollup.total),
          "total_duration_ms",
        );
        expect(Math.abs(millis - summary.total_duration_ms)).toBeLessThan(1);
      }),
      { numRuns: 100 },
    );
  });

  it("count a request in flight with its tokens so far, and neither a duration nor an error", () => {
    const events = [
      { ...DONE, duration_ms: 1_000, input_tokens: 10 },
      { ...OPEN, id: "a", stream: true, input_tokens: 100, cache_read_tokens: 40, tool_call_count: 2 },
      { id: "a", phase: "update", timestamp: AT, output_tokens: 7, status: "error", duration_ms: 9_000 },
    ];
    const { summary, providers } = totalsOf(counted(events));
    expect(summary).toMatchObject({ total_requests: 2, active_requests: 1, total_errors: 0 });
    expect(summary).toMatchObject({ average_duration_ms: 1_000, total_duration_ms: 1_000 });
    expect(providers.get("openai")!.models.get("gpt-4o")!.streaming).toEqual({
      requests: 1,
      errors: 0,
      input_tokens: 60,
      output_tokens: 7,
      cache_read_tokens: 40,
      cache_creation_tokens: 0,
      tool_uses: 0,
      tool_results: 0,
      tool_calls: 2,
      average_duration_ms: 0,
      total_duration_ms: 0,
    });
  });

  it("leave out requests in flight where they are not asked for, but say how many there are", () => {
    const open = counted([{ ...OPEN, id: "a" }]);
    const { summary, providers } = totalsOf(open, { includesActive: false });
    expect(summary).toMatchObject({ total_requests: 0, active_requests: 1, last_accessed: null });
    expect(providers.size).toBe(0);
  });

  it("average over the requests whose duration is known", () => {
    const { summary, providers } = totalsOf(
      counted([
        { ...DONE, duration_ms: 100.25, stream: true },
        { ...DONE, duration_ms: 200, stream: true },
        { ...DONE, duration_ms: 1_000 },
        DONE,
      ]),
    );
    const { rollup } = providers.get("openai")!;
    expect(rollup.total).toMatchObject({
      requests: 4,
      average_duration_ms: 433,
      total_duration_ms: 1_300.25,
    });
    expect(rollup.non_streaming).toMatchObject({ requests: 2, average_duration_ms: 1_000 });
    expect(rollup.avg_duration_ms).toBe(433);
    expect(summary).toMatchObject({ average_duration_ms: 433, total_duration_ms: 1_300 });
    expect(summary).toMatchObject({
      streaming_average_duration_ms: 150,
      non_streaming_average_duration_ms: 1_000,
    });
  });

  it("count failed and cancelled requests as errors", () => {
    const events = [DONE, { ...DONE, status: "error" }, { ...DONE, status: "cancelled" }];
    expect(totalsOf(counted(events)).summary).toMatchObject({ total_requests: 3, total_errors: 2 });
  });

  it("leave out a split that has no request", () => {
    const { rollup } = totalsOf(counted([{ ...DONE, stream: true }])).providers.get("openai")!;
    expect(Object.keys(rollup)).toEqual(["total", "streaming", "avg_duration_ms"]);
  });

  it("come by name, whatever came first", () => {
    const events = ["b", "a", "10", "9", "B"].map((name) => ({ ...DONE, provider: name, model: name }));
    expect([...totalsOf(counted(events)).providers.keys()]).toEqual(["10", "9", "B", "a", "b"]);
  });
});

describe("a filter", () => {
  const all = counted([
    { ...DONE, timestamp: "2026-11-20T11:00:01Z", input_tokens: 1 },
    { ...DONE, timestamp: "2026-11-20T11:00:02Z", model: "gpt-4o-mini", input_tokens: 10 },
    { ...DONE, timestamp: "2026-11-20T11:00:03Z", provider: "azure", model: "gpt-4o", input_tokens: 100 },
    { ...OPEN, timestamp: "2026-11-20T11:00:04Z", provider: "vllm", id: "a", input_tokens: 1_000 },
  ]);
  const tokens = (asked: Asked) => totalsOf(all, asked).summary.total_input_tokens;

  it.each([
    { asked: {}, expected: 1_111 },
    { asked: { model: "gpt" }, expected: 0 },
    { asked: { model: "gpt*" }, expected: 1_111 },
    { asked: { model: "GPT-4O" }, expected: 1_101 },
    { asked: { model: "gpt-4?" }, expected: 1_101 },
    { asked: { model: "*mini", provider: "open*" }, expected: 10 },
    { asked: { provider: "azure" }, expected: 100 },
    { asked: { provider: "[a]zure" }, expected: 0 },
    { asked: { provider: "vllm" }, expected: 1_000 },
  ])("of $asked takes whole names", ({ asked, expected }) => {
    expect(tokens(asked)).toBe(expected);
  });

  it("does not change when the latest request was, nor how many are in flight", () => {
    const { summary, providers } = totalsOf(all, { provider: "openai", model: "gpt-4o" });
    expect(summary.last_accessed).toEqual({ top: "2026-11-20T11:00:04" });
    expect(summary.active_requests).toBe(1);
    const openai = providers.get("openai")!;
    expect(openai.last_accessed).toBe("2026-11-20T11:00:02");
    expect(openai.models.get("gpt-4o")!.last_accessed).toBe("2026-11-20T11:00:01");
    expect(totalsOf(all, { model: "nobody" }).summary).toMatchObject({
      last_accessed: { top: "2026-11-20T11:00:04" },
      active_requests: 1,
      total_requests: 0,
    });
  });
});

const hostileName = fc.oneof(
  fc.constantFrom(
    ...[
      "a\nb",
      "'",
      '"',
      "通义",
      "123",
      "yes",
      "2024-01-01",
      "null",
      "~",
      "1e3",
      ": ",
      " #",
      "  x",
      "\u0007",
    ],
    ...["__proto__", "constructor", "kwai/kat:free", "models:", "# Provider Breakdown", "-", "? "],
  ),
  fc.string({ minLength: 1, maxLength: 20 }),
);

/** The same totals under other names: those of events are made safe before they get here. */
function renamed({ summary, providers }: RunningTotals, name: string): RunningTotals {
  const under = <Of>(all: Iterable<Of>) =>
    new Map(Array.from(all, (one, at): [string, Of] => [name.repeat(at + 1), one]));
  return {
    summary,
    providers: under(
      Array.from(providers.values(), (one) => ({ ...one, models: under(one.models.values()) })),
    ),
  };
}

describe("the report", () => {
  it("says in YAML what the totals are, whatever the names are", () => {
    fc.assert(
      fc.property(arbitraryTraffic, hostileName, (events, name) => {
        const totals = renamed(totalsOf(counted(events)), name);
        const text = runningTotalsYaml(totals, { ...HEAD, provider: name, model: name });
        for (const version of ["1.1", "1.2"] as const) {
          expect(parse(text, { version })).toEqual(plain(totals));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("can hold names that are longer than a key may be", () => {
    const totals = renamed(totalsOf(counted([DONE])), "long:".repeat(1_000));
    expect(parse(runningTotalsYaml(totals, HEAD))).toEqual(plain(totals));
  });

  it("of nothing has zeros and no provider", () => {
    const text = runningTotalsYaml(totalsOf(counted([])), HEAD);
    expect(text).toContain("summary:\n  last_accessed: null\n  total_requests: 0\n");
    expect(text).toContain("\n\nproviders: {}\n\n");
    expect(text).not.toContain("Breakdown");
  });

  it("names the filter as it was given, on one line", () => {
    const totals = totalsOf(counted([DONE]));
    const of = (provider: string | undefined, model: string | undefined) =>
      runningTotalsYaml(totals, { ...HEAD, provider, model });
    expect(of(undefined, "gpt*")).toContain("\n\n# Filter: model=gpt*\n\n#\n\n");
    expect(of("open?i", "gpt*")).toContain("\n\n# Filter: provider=open?i & model=gpt*\n\n");
    expect(of(undefined, undefined)).not.toContain("Filter");
    expect(parse(of("a\nsummary: 1", undefined)).summary.total_requests).toBe(1);
  });

  it("writes the name of a provider like a title", () => {
    const text = runningTotalsYaml(totalsOf(counted([{ ...DONE, provider: "my-GATEWAY 2b" }])), HEAD);
    expect(text).toContain("providers:\n  # My-Gateway 2B Provider\n  my-GATEWAY 2b:\n");
  });

  it("of a failure says so", () => {
    expect(parse(failureYaml("no: 'store'\n"))).toEqual({ error: "no: 'store'\n", status: "failed" });
    expect(failureYaml("x")).toMatch(/^# Error\n\n/);
  });
});
