import fc from "fast-check";
import { expect, test } from "vitest";
import { type AggregateStats, StatisticsCollector } from "../../src/index.ts";

type Request = {
  readonly model: string;
  readonly provider: string;
  readonly pool: string;
  readonly latency_ms: number;
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost: number | undefined;
  readonly success: boolean;
  readonly rotation: boolean;
};

const arbitraryRequests: fc.Arbitrary<Request[]> = fc.array(
  fc.record({
    model: fc.constantFrom("a", "b", "c"),
    provider: fc.constantFrom("x", "y"),
    pool: fc.constantFrom("a", "z"),
    latency_ms: fc.oneof(
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.double({ min: 1, max: 60_000, noNaN: true }),
      fc.constantFrom(0, 1, 1_000, 2_592_000_000),
    ),
    tokens_in: fc.nat({ max: 1_000_000_000 }),
    tokens_out: fc.nat({ max: 100_000 }),
    cost: fc.option(
      fc.nat({ max: 1_000_000 }).map((micros) => micros / 1e6),
      { nil: undefined },
    ),
    success: fc.boolean(),
    rotation: fc.boolean(),
  }),
  { minLength: 1, maxLength: 200 },
);

function collect(requests: readonly Request[]): StatisticsCollector {
  const collector = new StatisticsCollector({ now: () => 1_795_000_000_000 });
  for (const { model, provider, pool, ...metrics } of requests)
    collector.record(model, provider, pool, metrics);
  return collector;
}

function nearestRank(sorted: readonly number[], quantile: number): number {
  return sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1]!;
}

test("percentiles are within 1.1 % of the exact ones by nearest rank", () => {
  fc.assert(
    fc.property(arbitraryRequests, (requests) => {
      const collector = collect(requests);
      for (const model of collector.names("model")) {
        const stats = collector.query("model", model);
        const sorted = requests
          .filter((request) => request.model === model)
          .map(({ latency_ms }) => latency_ms);
        sorted.sort((one, other) => one - other);
        for (const percent of [50, 95, 99] as const) {
          const exact = nearestRank(sorted, percent / 100);
          const got = stats[`p${percent}_latency_ms`];
          expect(Math.abs(got - exact)).toBeLessThanOrEqual(exact * 0.011 + 1e-9);
        }
      }
    }),
  );
});

test("counts, tokens and cost are exact in every scope", () => {
  fc.assert(
    fc.property(arbitraryRequests, (requests) => {
      const collector = collect(requests);
      for (const scope of ["model", "provider", "pool"] as const) {
        for (const name of collector.names(scope)) {
          const mine = requests.filter((request) => request[scope] === name);
          const failed = mine.filter(({ success }) => !success).length;
          const costMicros = mine.reduce((sum, { cost = 0 }) => sum + Math.round(cost * 1e6), 0);
          const expected: Partial<AggregateStats> = {
            total_requests: mine.length,
            successful_requests: mine.length - failed,
            failed_requests: failed,
            total_tokens_in: mine.reduce((sum, { tokens_in }) => sum + tokens_in, 0),
            total_tokens_out: mine.reduce((sum, { tokens_out }) => sum + tokens_out, 0),
            total_cost: costMicros / 1e6,
            error_rate: failed / mine.length,
            rotation_events: mine.filter(({ rotation }) => rotation).length,
          };
          expect(collector.query(scope, name)).toMatchObject(expected);
        }
      }
    }),
  );
});

test("the order of requests changes nothing", () => {
  const shuffled = arbitraryRequests.chain((requests) =>
    fc.tuple(
      fc.constant(requests),
      fc.shuffledSubarray(requests, { minLength: requests.length, maxLength: requests.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([requests, others]) => {
      const [one, other] = [collect(requests), collect(others)];
      for (const name of one.names("provider"))
        expect(other.query("provider", name)).toEqual(one.query("provider", name));
    }),
  );
});
