/** Budgets as Prometheus sees them: spending, roll-over, reload. */
import { describe, expect, it } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter, steppedClock } from "./exporter.ts";
import { readMetrics } from "./readings.ts";

const sample = (family: string, budget: string, period: string) =>
  `llm_budget_${family}{budget="${budget}",period="${period}"}`;

async function spent(exporter: Exporter, budget: string, period: string) {
  return (await readMetrics(exporter)).get(sample("spent_usd", budget, period));
}

const CONFIG = `
time_zone: Europe/Berlin
budgets:
  - {name: claude, limit_usd: "12.50", period: day, provider: [anthropic, aws.bedrock]}
  - {name: search, limit_usd: 3, period: hour, team: search-*}
`;

describe("budgets", () => {
  it("show what was spent of them, exactly, beside the total of the month", async () => {
    const clock = steppedClock();
    const exporter = await startExporter({ config: CONFIG, nowMicros: clock.nowMicros });
    await postEvents(exporter, [
      { provider: "anthropic", cost_usd: 0.1, team: "search-eu" },
      { provider: "aws.bedrock", cost_usd: 0.2 },
      { provider: "openai", cost_usd: 0.000000001, team: "search-us" },
      { provider: "openai", model: "gpt-4o", input_tokens: 400 },
      { provider: "anthropic", model: "nobody-knows", input_tokens: 1 },
    ]);
    const { text } = await exchange(exporter, "/metrics");
    expect(text).toContain(`${sample("spent_usd", "claude", "day")} 0.3\n`);
    expect(text).toContain(`${sample("limit_usd", "claude", "day")} 12.5\n`);
    expect(text).toContain(`${sample("spent_usd", "search", "hour")} 0.100000001\n`);
    expect(text).toContain(`${sample("spent_usd", "all", "month")} 0.301000001\n`);
    expect(text).not.toContain(sample("limit_usd", "all", "month"));
    const since = (await readMetrics(exporter)).get(sample("since_timestamp_seconds", "all", "month"));
    expect(since).toBe(clock.nowMicros() / 1e6);
    // Midnight in Berlin of March 2nd, and of April 1st, when daylight saving time has begun.
    const readings = await readMetrics(exporter);
    expect(readings.get(sample("period_end_timestamp_seconds", "claude", "day"))).toBe(
      Date.parse("2026-03-01T23:00:00Z") / 1e3,
    );
    expect(readings.get(sample("period_end_timestamp_seconds", "all", "month"))).toBe(
      Date.parse("2026-03-31T22:00:00Z") / 1e3,
    );
  });

  it("begin anew with the calendar of their time zone, and take late events for what they are", async () => {
    const clock = steppedClock();
    const exporter = await startExporter({ config: CONFIG, nowMicros: clock.nowMicros });
    await postEvents(exporter, { provider: "anthropic", cost_usd: 1 });
    // From 13:00 to 23:59:59 in Berlin.
    clock.advance(11 * 3_600 - 1);
    expect(await spent(exporter, "claude", "day")).toBe(1);
    clock.advance(1);
    expect(await spent(exporter, "claude", "day")).toBe(0);
    await postEvents(exporter, [
      { provider: "anthropic", cost_usd: 2, timestamp: "2026-03-01T22:59:59Z" },
      { provider: "anthropic", cost_usd: 4, timestamp: "2026-03-01T23:00:00Z" },
    ]);
    expect(await spent(exporter, "claude", "day")).toBe(4);
    expect(await spent(exporter, "all", "month")).toBe(7);
    const readings = await readMetrics(exporter);
    expect(readings.get(sample("since_timestamp_seconds", "claude", "day"))).toBe(clock.nowMicros() / 1e6);
  });

  it("go with a reload that takes them out, and keep their sum where only the limit changes", async () => {
    const exporter = await startExporter({ config: CONFIG });
    await postEvents(exporter, { provider: "anthropic", cost_usd: 1, team: "search-eu" });
    exporter.write("config.yml", CONFIG.replace("12.50", "20").replace(/\n.*name: search.*/, ""));
    await exchange(exporter, "/-/reload", { method: "POST" });
    const readings = await readMetrics(exporter);
    expect(readings.get(sample("limit_usd", "claude", "day"))).toBe(20);
    expect(readings.get(sample("spent_usd", "claude", "day"))).toBe(1);
    expect([...readings.keys()].some((key) => key.includes('budget="search"'))).toBe(false);
  });

  it("count an event once, whatever becomes of a repeat or of a rejected neighbour", async () => {
    const exporter = await startExporter({ config: CONFIG });
    const event = { id: "a", provider: "anthropic", cost_usd: 1 };
    await postEvents(exporter, [event, event, { provider: "anthropic", cost_usd: -1 }]);
    await postEvents(exporter, event);
    expect(await spent(exporter, "claude", "day")).toBe(1);
  });

  it("that cannot be meant are refused with file, line and rule", async () => {
    await expect(
      startExporter({ config: "budgets: [{name: x, limit_usd: 1, period: year}]" }),
    ).rejects.toThrow(
      /config\.yml:1:\d+: budgets\[0\]\.period: expected one of hour, day, week, month, got "year"/,
    );
    await expect(startExporter({ config: "time_zone: Mars/Olympus" })).rejects.toThrow(
      /time_zone: expected a time zone of the IANA database/,
    );
    await expect(
      startExporter({ config: "budgets: [{nmae: x, limit_usd: 1, period: day}]" }),
    ).rejects.toThrow(/nmae: expected a known key; the nearest is name|name/);
  });
});
