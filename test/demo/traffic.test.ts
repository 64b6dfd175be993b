import { beforeAll, describe, expect, it } from "vitest";
import type { TimedEvent } from "../../src/demo/arrival.ts";
import type { DemoEvent } from "../../src/demo/demo-event.ts";
import { MODELS } from "../../src/demo/models.ts";
import { POOLS } from "../../src/demo/pools.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { CYCLE_SECONDS, INTENSITY_MAX, momentAt, PHASES } from "../../src/demo/scenario.ts";
import { createTraffic } from "../../src/demo/traffic.ts";
import { EventParser } from "../../src/event/parse-event.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";

const START_MILLIS = Date.parse("2026-11-20T09:00:00Z");
const LIMITS = { labelBytesMax: 128, futureToleranceMicros: 0, depthMax: 4 };

/** Everything that happens in so many seconds, asked for in steps. */
function play({
  seed = 1,
  rate = 20,
  seconds = CYCLE_SECONDS,
  stepMillis = 250,
  finish = false,
}): TimedEvent[] {
  const traffic = createTraffic({ seed, rate, startMillis: START_MILLIS });
  const events: TimedEvent[] = [];
  const endMillis = START_MILLIS + seconds * 1e3;
  for (let now = START_MILLIS; now < endMillis; now += stepMillis) events.push(...traffic.due(now));
  events.push(...traffic.due(endMillis));
  if (finish) events.push(...traffic.finish(endMillis));
  return events;
}

function ends(timed: readonly TimedEvent[]): DemoEvent[] {
  return timed.filter(({ event, repeat }) => event.phase === undefined && !repeat).map(({ event }) => event);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}

describe("determinism", () => {
  it("tells the same story for the same seed and start", () => {
    expect(play({ seconds: 60 })).toEqual(play({ seconds: 60 }));
  });

  it("tells another story for another seed, and ids that do not collide with those of another run", () => {
    const one = play({ seconds: 60 });
    const other = play({ seconds: 60, seed: 2 });
    expect(other.map(({ atMillis }) => atMillis)).not.toEqual(one.map(({ atMillis }) => atMillis));
    const later = createTraffic({ seed: 1, rate: 20, startMillis: START_MILLIS + 1 });
    const ids = new Set(one.map(({ event }) => event.id));
    expect(later.due(START_MILLIS + 60_000).filter(({ event }) => ids.has(event.id))).toEqual([]);
  });

  it("does not depend on how often it is asked", () => {
    expect(play({ seconds: 60, stepMillis: 20_000 })).toEqual(play({ seconds: 60, stepMillis: 37 }));
  });

  it("draws from the generator that is passed in, if one is", () => {
    const traffic = createTraffic({ seed: 1, rate: 20, startMillis: START_MILLIS, random: seededRandom(7) });
    const times = traffic.due(START_MILLIS + 60_000).map(({ atMillis }) => atMillis);
    expect(times).toEqual(play({ seed: 7, seconds: 60 }).map(({ atMillis }) => atMillis));
  });
});

describe("a cycle", () => {
  let timed: TimedEvent[];
  let ended: DemoEvent[];
  let parsed: RequestEvent[];

  beforeAll(() => {
    timed = play({ finish: true });
    ended = ends(timed);
    const parser = new EventParser(LIMITS);
    parsed = timed.map(({ event, atMillis }) => {
      const result = parser.parse(JSON.parse(JSON.stringify(event)), Math.ceil(atMillis * 1e3));
      if (!result.ok) throw new Error(JSON.stringify({ event, issues: result.issues }));
      return result.event;
    });
  });

  it("consists of events that parse without an issue, an unknown field or an altered label", () => {
    expect(parsed.length).toBeGreaterThan(10_000);
    for (const { remarks } of parsed) {
      expect(remarks.unknownFields).toBe(0);
      expect(remarks.labelValuesAltered).toBe(0);
    }
  });

  it("names errors by words of the vocabulary, so that none is folded into other", () => {
    parsed.forEach((event, index) => {
      expect(event.errorType).toBe(timed[index]!.event.error_type);
    });
  });

  it("comes in the order of time and never from the future", () => {
    const times = timed.map(({ atMillis }) => atMillis);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    for (const { event, atMillis, repeat } of timed) {
      const agoMillis = atMillis - Date.parse(event.timestamp);
      expect(agoMillis).toBeGreaterThanOrEqual(0);
      if (!repeat) expect(agoMillis).toBeLessThan(1);
    }
  });

  it("keeps the rate in the mean, and in the calm", () => {
    const first = ended.filter(({ attempt }) => attempt === undefined);
    // Standard deviation of a Poisson count of 12,000: 110.
    expect(first.length).toBeGreaterThan(20 * CYCLE_SECONDS - 500);
    expect(first.length).toBeLessThan(20 * CYCLE_SECONDS + 500);
    const calm = first.filter(
      ({ start_time }) => Date.parse(start_time!) < START_MILLIS + PHASES[0]!.seconds * 1e3,
    );
    expect(calm.length / PHASES[0]!.seconds).toBeGreaterThan(18.5);
    expect(calm.length / PHASES[0]!.seconds).toBeLessThan(21.5);
  });

  it("runs through every phase, the burst at four times the calm", () => {
    const arrivals = (name: string) => {
      const seconds = PHASES.filter((phase) => phase.name === name).reduce(
        (sum, phase) => sum + phase.seconds,
        0,
      );
      const started = ended.filter(({ start_time, attempt }) => {
        const millis = Date.parse(start_time!) - START_MILLIS;
        return attempt === undefined && momentAt(millis).phase.name === name;
      });
      return started.length / seconds;
    };
    expect(arrivals("burst") / arrivals("calm")).toBeGreaterThan(3.5);
    expect(arrivals("burst") / arrivals("calm")).toBeLessThan(4.5);
    expect(arrivals("slow spell") / arrivals("calm")).toBeLessThan(0.6);
    expect(arrivals("recovery")).toBeGreaterThan(5);
  });

  it("uses every pool and every model of it", () => {
    const seen = new Set(ended.map(({ pool, provider, model }) => `${pool} ${provider} ${model}`));
    const named = POOLS.flatMap(({ name, routes }) =>
      routes.map(({ model }) => `${name} ${model.provider} ${model.model}`),
    );
    expect(seen).toEqual(new Set(named));
    const providers = new Set(Object.values(MODELS).map(({ provider }) => provider));
    expect(providers).toEqual(
      new Set([
        "openai",
        "anthropic",
        "gcp.gemini",
        "aws.bedrock",
        "mistral_ai",
        "deepseek",
        "openrouter",
        "vllm",
      ]),
    );
  });

  it.each<[string, (event: RequestEvent) => boolean]>([
    ["a start", ({ phase }) => phase === "start"],
    ["an update with tokens", ({ phase, usage }) => phase === "update" && usage !== undefined],
    ["a streamed answer with a time to first token", (event) => event.timeToFirstTokenNanos !== undefined],
    ["an answer that is not streamed", ({ stream, status }) => !stream && status === "success"],
    ["a cancelled stream", ({ status, phase }) => status === "cancelled" && phase === "end"],
    ["a broken stream", ({ errorType }) => errorType === "streaming"],
    ["a rate limit", ({ errorType }) => errorType === "rate_limit"],
    ["an overload", ({ errorType }) => errorType === "overloaded"],
    ["a time-out", ({ errorType }) => errorType === "timeout"],
    ["a content filter", ({ errorType }) => errorType === "content_filter"],
    ["a prompt too long", ({ errorType }) => errorType === "context_length"],
    ["a server error", ({ errorType }) => errorType === "server_error"],
    ["a network error", ({ errorType }) => errorType === "network"],
    ["an invalid request", ({ errorType }) => errorType === "invalid_request"],
    ["cached tokens", ({ usage }) => (usage?.cacheRead ?? 0) > 0],
    ["cache writes of an hour", ({ usage }) => (usage?.cacheWrite1h ?? 0) > 0],
    ["an inferred cache convention", ({ remarks }) => remarks.conventionInferred !== undefined],
    ["reasoning", ({ usage }) => (usage?.reasoning ?? 0) > 0],
    ["a retry", ({ attempt }) => attempt === 2],
    [
      "a rotation with the model that was asked for",
      (event) => event.rotated && event.requestedModel !== undefined,
    ],
    [
      "tool uses and calls",
      ({ toolUseCount, toolCallCount }) => (toolUseCount ?? 0) > 0 && (toolCallCount ?? 0) > 0,
    ],
    [
      "messages and sizes",
      (event) => (event.messageCount ?? 0) > 1 && event.requestBytes! > 0 && event.responseBytes! > 0,
    ],
    ["a response-cache hit without usage", ({ cacheHit, usage }) => cacheHit === true && usage === undefined],
    ["a response-cache miss", ({ cacheHit }) => cacheHit === false],
    ["a batched request", ({ batchId, batchSize }) => batchId !== undefined && batchSize! >= 8],
    ["embeddings", ({ operation }) => operation === "embeddings"],
    ["a trace", ({ traceId, spanId }) => traceId !== undefined && spanId !== undefined],
    ["a reported cost", ({ reportedCost }) => (reportedCost?.microUsd ?? 0) > 0],
    ["usage without a cost", (event) => event.usage !== undefined && event.reportedCost === undefined],
    [
      "a success without usage",
      (event) => event.status === "success" && !event.usage && event.cacheHit !== true,
    ],
  ])("has %s", (_name, is) => {
    expect(parsed.some(is)).toBe(true);
  });

  it("reports cached tokens in both conventions, each with the whole prompt recoverable", () => {
    const cached = ended.filter((event) => (event.cache_read_tokens ?? 0) > 0);
    const inside = cached.filter(({ input_includes_cache }) => input_includes_cache === true);
    const beside = cached.filter(({ input_includes_cache }) => input_includes_cache === false);
    expect(new Set(inside.map(({ provider }) => provider))).toEqual(new Set(["openai", "deepseek"]));
    expect(new Set(beside.map(({ provider }) => provider))).toEqual(new Set(["anthropic"]));
    for (const event of inside) expect(event.input_tokens).toBeGreaterThanOrEqual(event.cache_read_tokens!);
    expect(beside.some((event) => event.input_tokens! < event.cache_read_tokens!)).toBe(true);
  });

  it("delivers some ends twice, the same to the letter, and counts no request twice otherwise", () => {
    const repeats = timed.filter(({ repeat }) => repeat);
    expect(repeats.length).toBeGreaterThan(20);
    expect(repeats.length).toBeLessThan(ended.length / 50);
    const ids = ended.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { event } of repeats) expect(ids).toContain(event.id);
  });

  it("fills batches to the size that they state, the last one of each run apart", () => {
    const sizes = new Map<string, { size: number; members: Set<string> }>();
    for (const { batch_id, batch_size, id } of ended) {
      if (batch_id === undefined) continue;
      const batch = sizes.get(batch_id) ?? { size: batch_size!, members: new Set() };
      sizes.set(batch_id, batch);
      batch.members.add(id.split("-").slice(0, 4).join("-"));
    }
    const filled = Array.from(sizes.values()).filter(({ size, members }) => size === members.size);
    expect(sizes.size).toBeGreaterThan(20);
    // Members still under way at the end are not counted.
    expect(filled.length).toBeGreaterThanOrEqual(sizes.size - 12);
  });

  it("closes every request that it opened", () => {
    const open = new Set<string>();
    let most = 0;
    for (const { event } of timed) {
      if (event.phase === "start") open.add(event.id);
      else if (event.phase === undefined) open.delete(event.id);
      else expect(open.has(event.id)).toBe(true);
      most = Math.max(most, open.size);
    }
    expect(most).toBeGreaterThan(50);
    expect(open.size).toBe(0);
  });

  it("fails rarely in the calm, and by rate limits in the burst", () => {
    const during = (name: string) =>
      ended.filter(({ start_time }) => momentAt(Date.parse(start_time!) - START_MILLIS).phase.name === name);
    const share = (events: readonly DemoEvent[], is: (event: DemoEvent) => boolean) =>
      events.filter(is).length / events.length;
    expect(share(during("calm"), ({ status }) => status !== "success")).toBeLessThan(0.06);
    expect(share(during("burst"), ({ error_type }) => error_type === "rate_limit")).toBeGreaterThan(0.08);
    const slow = during("slow spell").filter(({ provider }) => provider === "anthropic");
    expect(share(slow, ({ error_type }) => error_type === "timeout")).toBeGreaterThan(0.05);
    expect(share(slow, ({ error_type }) => error_type === "overloaded")).toBeGreaterThan(0.03);
  });

  it("slows one provider about fourfold in its spell and leaves the others alone", () => {
    const firstToken = (provider: string, name: string) =>
      median(
        ended
          .filter(
            (event) =>
              event.provider === provider &&
              event.status === "success" &&
              event.time_to_first_token_ms !== undefined &&
              momentAt(Date.parse(event.start_time!) - START_MILLIS).phase.name === name,
          )
          .map((event) => event.time_to_first_token_ms!),
      );
    expect(firstToken("anthropic", "slow spell") / firstToken("anthropic", "calm")).toBeGreaterThan(2.8);
    expect(firstToken("openai", "slow spell") / firstToken("openai", "calm")).toBeLessThan(1.5);
  });

  it("spends a believable amount", () => {
    const spent = ended.reduce((sum, { cost_usd = 0 }) => sum + cost_usd, 0);
    const perRequest = spent / ended.length;
    expect(perRequest).toBeGreaterThan(0.0005);
    expect(perRequest).toBeLessThan(0.05);
  });
});

describe("the end", () => {
  it("cancels what is in flight and says nothing more", () => {
    const traffic = createTraffic({ seed: 1, rate: 50, startMillis: START_MILLIS });
    traffic.due(START_MILLIS + 30_000);
    const finished = traffic.finish(START_MILLIS + 30_000);
    expect(finished.length).toBeGreaterThan(10);
    for (const { event } of finished)
      expect(event).toMatchObject({ status: "cancelled", error_type: "cancelled" });
    expect(traffic.due(START_MILLIS + 300_000)).toEqual([]);
    expect(traffic.finish(START_MILLIS + 300_000)).toEqual([]);
  });

  it("does not make up for the hours in which the machine slept", () => {
    const traffic = createTraffic({ seed: 1, rate: 20, startMillis: START_MILLIS });
    traffic.due(START_MILLIS + 10_000);
    const wakeMillis = START_MILLIS + 8 * 3_600_000;
    const overnight = ends(traffic.due(wakeMillis));
    expect(overnight.length).toBeLessThan(100);
    const later = ends(traffic.due(wakeMillis + 10_000));
    expect(later.length).toBeGreaterThan(50);
  });
});

describe("the scenario", () => {
  it("has a mean intensity of one, so that the rate asked for is the rate delivered", () => {
    const arrivals = PHASES.reduce((sum, { seconds, intensity }) => sum + seconds * intensity, 0);
    expect(arrivals).toBe(CYCLE_SECONDS);
    expect(INTENSITY_MAX).toBe(4);
  });

  it("begins calm, repeats, and gives the bad day to another provider in the next cycle", () => {
    expect(momentAt(0).phase.name).toBe("calm");
    const spell = PHASES.findIndex(({ name }) => name === "slow spell");
    const spellMillis = PHASES.slice(0, spell).reduce((sum, { seconds }) => sum + seconds, 0) * 1e3;
    const first = momentAt(spellMillis);
    const second = momentAt(spellMillis + CYCLE_SECONDS * 1e3);
    expect(first.phase).toBe(second.phase);
    expect(first.slowProvider).not.toBe(second.slowProvider);
    expect(momentAt(spellMillis - 1).slowProvider).toBeUndefined();
  });
});
