import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Connector, type ScopedStats, StatisticsCollector, type StatsByName } from "../../src/index.ts";

const METRICS = { latency_ms: 120, tokens_in: 100, tokens_out: 20 };

type Flushed = { readonly stats: StatsByName; readonly scoped: ScopedStats };

function keeper(): Connector & { readonly flushed: Flushed[] } {
  const flushed: Flushed[] = [];
  return {
    flushed,
    flush: (stats, scoped) => {
      flushed.push({ stats, scoped });
    },
  };
}

function failing(message: string): Connector {
  return { flush: () => Promise.reject(new Error(message)) };
}

describe("flush", () => {
  test("gives connectors the statistics by name, and by scope and name", async () => {
    const connector = keeper();
    const collector = new StatisticsCollector({ connector });
    collector.record("gpt-4o", "openai", "chat", METRICS);
    collector.record("gpt-4o", "openai", "batch", { ...METRICS, success: false });
    await collector.flush();
    const [{ stats, scoped }] = connector.flushed as [Flushed];
    expect(Object.keys(stats)).toEqual(["gpt-4o", "openai", "chat", "batch"]);
    expect(stats.batch).toEqual(collector.query("pool", "batch"));
    expect(stats["gpt-4o"]).toMatchObject({ requestsTotal: 2, requestsFailed: 1 });
    expect(scoped).toEqual({
      model: { "gpt-4o": stats["gpt-4o"] },
      provider: { openai: stats.openai },
      pool: { chat: stats.chat, batch: stats.batch },
    });
  });

  test("gives a name that two scopes have to the earlier one, and to the later one by its scope", async () => {
    const connector = keeper();
    const collector = new StatisticsCollector({ connector });
    collector.record("gpt-4o", "openai", "gpt-4o", METRICS);
    collector.record("gpt-4o", "openai", "__proto__", METRICS);
    await collector.flush();
    const [{ stats, scoped }] = connector.flushed as [Flushed];
    expect(Object.keys(stats)).toEqual(["gpt-4o", "openai", "pool:gpt-4o", "__proto__"]);
    expect(stats["gpt-4o"]!.total_requests).toBe(2);
    expect(stats["pool:gpt-4o"]!.total_requests).toBe(1);
    expect(Object.keys(scoped.pool!)).toEqual(["gpt-4o", "__proto__"]);
  });

  test("has only the scopes that are kept", async () => {
    const connector = keeper();
    const collector = new StatisticsCollector({ connector, scopes: ["pool"] });
    collector.record("m", "p", "chat", METRICS);
    await collector.flush();
    expect(Object.keys(connector.flushed[0]!.stats)).toEqual(["chat"]);
    expect(Object.keys(connector.flushed[0]!.scoped)).toEqual(["pool"]);
  });

  test("reaches the other connectors when some fail, and rejects with all that they failed with", async () => {
    const connector = keeper();
    const thrower: Connector = {
      flush: () => {
        throw new Error("two");
      },
    };
    const collector = new StatisticsCollector({ connector: [failing("one"), thrower, connector] });
    collector.record("m", "p", "chat", METRICS);
    const error = await collector.flush().catch((rejected: unknown) => rejected);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).message).toBe("connectors failed: one; two");
    expect((error as AggregateError).errors).toHaveLength(2);
    expect(connector.flushed).toHaveLength(1);
  });

  test("is one at a time, each with what is known when it begins", async () => {
    let running = 0;
    const seen: number[] = [];
    const gates: (() => void)[] = [];
    const connector: Connector = {
      flush: async (stats) => {
        running += 1;
        seen.push(running, stats.m!.total_requests);
        await new Promise<void>((resolve) => gates.push(resolve));
        running -= 1;
      },
    };
    const collector = new StatisticsCollector({ connector });
    collector.record("m", "p", "pool", METRICS);
    const first = collector.flush();
    const second = collector.flush();
    await vi.waitUntil(() => gates.length === 1);
    collector.record("m", "p", "pool", METRICS);
    gates[0]!();
    await first;
    await vi.waitUntil(() => gates.length === 2);
    gates[1]!();
    await second;
    expect(seen).toEqual([1, 1, 1, 2]);
  });

  test("does nothing without a connector", async () => {
    await new StatisticsCollector().flush();
  });
});

describe("the schedule", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("flushes once an interval until the collector is closed, which flushes for the last time", async () => {
    const connector = keeper();
    const collector = new StatisticsCollector({ connector, flushInterval: "10s" });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(connector.flushed).toHaveLength(3);
    await collector.close();
    expect(connector.flushed).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connector.flushed).toHaveLength(4);
  });

  test("is none with an interval of 0", async () => {
    const connector = keeper();
    const collector = new StatisticsCollector({ connector, flushInterval: 0 });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(connector.flushed).toHaveLength(0);
    await collector.close();
  });

  test("goes on when a flush fails, and says what it failed with", async () => {
    const errors: string[] = [];
    const collector = new StatisticsCollector({
      ...{ connector: failing("away"), flushInterval: "10s" },
      onError: ({ message }) => errors.push(message),
    });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(errors).toEqual(["connectors failed: away", "connectors failed: away"]);
    await expect(collector.close()).rejects.toThrow("away");
  });

  test("warns of the first failure of each outage when nobody asked to be told", async () => {
    const warnings: string[] = [];
    const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation((warning) => {
      warnings.push(String(warning));
    });
    onTestFinished(() => emitWarning.mockRestore());
    let away = true;
    const connector: Connector = {
      flush: () => {
        if (away) throw new Error("away");
      },
    };
    const collector = new StatisticsCollector({ connector, flushInterval: "10s" });
    await vi.advanceTimersByTimeAsync(20_000);
    away = false;
    await vi.advanceTimersByTimeAsync(10_000);
    away = true;
    await vi.advanceTimersByTimeAsync(20_000);
    away = false;
    await collector.close();
    expect(warnings).toEqual(["connectors failed: away", "connectors failed: away"]);
  });
});

describe("close", () => {
  test("flushes, closes the connectors once, and rejects with what failed", async () => {
    let closed = 0;
    const connector: Connector = {
      ...failing("away"),
      close: () => {
        closed += 1;
        throw new Error("stuck");
      },
    };
    const collector = new StatisticsCollector({ connector });
    await expect(collector.close()).rejects.toThrow("connectors failed: away; stuck");
    await expect(collector.shutdown()).rejects.toThrow("connectors failed: away; stuck");
    expect(closed).toBe(1);
  });

  test("happens at the end of an await using block", async () => {
    const connector = keeper();
    {
      await using collector = new StatisticsCollector({ connector });
      collector.record("m", "p", "pool", METRICS);
    }
    expect(connector.flushed[0]!.stats.m!.total_requests).toBe(1);
  });
});
