/** The exporter with a store: what an answer means, and what a restart goes on from. */
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, type ExporterOptions, startExporter } from "./exporter.ts";
import { ledgerLines, readMetrics, sumOf } from "./readings.ts";

function storage(): string {
  const folder = mkdtempSync(join(tmpdir(), "llm-exporter-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const startOn = (folder: string, options: ExporterOptions = {}) =>
  startExporter({
    ...options,
    args: ["--history=sqlite", `--storage.path=${folder}`, ...(options.args ?? [])],
  });

/** What request events drive, without what is said of exemplars or of when watching began. */
async function totals(exporter: Exporter): Promise<string[]> {
  const { text } = await exchange(exporter, "/metrics");
  return ledgerLines(text).filter((line) => !line.startsWith("llm_budget_since"));
}

const EVENTS = [
  {
    id: "1",
    provider: "openai",
    model: "gpt-4o",
    team: "a",
    input_tokens: 1_000,
    duration_ms: 120,
    stream: true,
    ttft_ms: 20,
  },
  {
    id: "2",
    provider: "anthropic",
    model: "claude-sonnet-4-5",
    input_tokens: 10,
    cache_read_tokens: 500,
    output_tokens: 7,
  },
  {
    id: "3",
    provider: "vllm",
    model: "own",
    input_tokens: 5,
    status: "error",
    error_type: "timeout",
    attempt: 2,
  },
  { provider: "openai", model: "gpt-4o", cost_usd: 0.0000000375, batch_id: "b-1", batch_size: 3 },
  { id: "open", phase: "start", provider: "openai", model: "gpt-4o", input_tokens: 40 },
];

describe("a restart", () => {
  it("goes on with every counter, histogram, budget and open request where it was", async () => {
    const folder = storage();
    const config = "budgets: [{name: team-a, limit_usd: 5, period: month, team: a}]";
    const first = await startOn(folder, { config });
    expect((await postEvents(first, EVENTS)).status).toBe(200);
    const before = await totals(first);
    await first.close();
    const second = await startOn(folder, { config });
    expect(await totals(second)).toEqual(before);
    expect(
      before.some((line) => line.startsWith('llm_budget_spent_usd{budget="team-a"') && !line.endsWith(" 0")),
    ).toBe(true);
  });

  it("knows what it has counted, and which requests are open", async () => {
    const folder = storage();
    const first = await startOn(folder);
    await postEvents(first, EVENTS);
    await first.close();
    const second = await startOn(folder);
    const answer = await postEvents(second, [...EVENTS.slice(0, 3), { id: "open", output_tokens: 9 }]);
    expect(JSON.parse(answer.text)).toMatchObject({ accepted: 1, duplicates: 3 });
    const readings = await readMetrics(second);
    expect(sumOf(readings, "llm_requests_in_flight")).toBe(0);
    // The input of the open request came with its start, before the restart.
    const input = 'llm_tokens_total{provider="openai",model="gpt-4o",pool="default",token_type="input"}';
    expect(readings.get(input)).toBe(1_040);
  });

  it("goes on with the list of models without a price, and does not count a batch again", async () => {
    const folder = storage();
    const first = await startOn(folder);
    await postEvents(first, EVENTS);
    const unpriced = (await exchange(first, "/v1/unpriced")).text;
    await first.close();
    const second = await startOn(folder);
    expect((await exchange(second, "/v1/unpriced")).text).toBe(unpriced);
    await postEvents(second, { provider: "openai", model: "gpt-4o", batch_id: "b-1" });
    expect(sumOf(await readMetrics(second), "llm_batches_total")).toBe(1);
  });

  it("begins its counters anew under other labels, and still knows the ids", async () => {
    const folder = storage();
    const first = await startOn(folder);
    await postEvents(first, EVENTS);
    await first.close();
    const second = await startOn(folder, { config: "labels: [team]" });
    expect(sumOf(await readMetrics(second), "llm_requests_total") ?? 0).toBe(0);
    expect(JSON.parse((await postEvents(second, EVENTS[0])).text)).toMatchObject({ duplicates: 1 });
  });

  it("does not mind events without ids, late ones, or thousands at once", async () => {
    const folder = storage();
    const first = await startOn(folder);
    const many = Array.from({ length: 5_000 }, (_, index) => ({
      provider: "openai",
      model: `m-${index % 50}`,
      team: `t-${index % 7}`,
      timestamp: Date.now() - index * 60_000,
      input_tokens: index,
      duration_ms: index,
    }));
    expect(JSON.parse((await postEvents(first, many)).text)).toMatchObject({ accepted: 5_000 });
    const before = await totals(first);
    await first.close();
    expect(await totals(await startOn(folder))).toEqual(before);
  });
});

describe("an answer", () => {
  it("names repeats of what is still on its way to the disk", async () => {
    const exporter = await startOn(storage());
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => postEvents(exporter, { id: "same", provider: "openai", cost_usd: 1 })),
    );
    const accepted = answers.map(({ text }) => (JSON.parse(text) as { accepted: number }).accepted);
    expect(accepted.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(sumOf(await readMetrics(exporter), "llm_cost_usd_total")).toBe(1);
  });

  it("of several requests on one connection come in their order", async () => {
    const exporter = await startOn(storage());
    const lines: string[] = [];
    for (let index = 0; index < 50; index++) {
      const { text } = await postEvents(
        exporter,
        Array.from({ length: index }, () => ({ provider: "x" })),
      );
      lines.push(text);
    }
    expect(lines.map((line) => (JSON.parse(line) as { accepted: number }).accepted)).toEqual(
      Array.from({ length: 50 }, (_, index) => index),
    );
  });

  it("is 429 when more waits for the store than may", async () => {
    const exporter = await startOn(storage(), { config: "limits: {store_queue: 5}" });
    const batch = Array.from({ length: 4 }, () => ({ provider: "x" }));
    const answers = await Promise.all(Array.from({ length: 30 }, () => postEvents(exporter, batch)));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => status === 200 || status === 429)).toBe(true);
    const accepted = answers.filter(({ status }) => status === 200).length * 4;
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(accepted);
    for (const { status, headers } of answers) if (status === 429) expect(headers["retry-after"]).toBe("1");
  });
});

describe("a damaged store", () => {
  it("is moved aside, said in the log and by a metric, and counters begin at zero", async () => {
    const folder = storage();
    const first = await startOn(folder);
    await postEvents(first, EVENTS);
    await first.close();
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(folder, "llm-exporter.db"), "no database");
    const second = await startOn(folder);
    const readings = await readMetrics(second);
    expect(readings.get("llm_exporter_store_lost")).toBe(1);
    expect(sumOf(readings, "llm_requests_total")).toBeUndefined();
    expect(
      second.log.some(({ level, msg }) => level === "error" && /store was damaged/.test(String(msg))),
    ).toBe(true);
    expect((await postEvents(second, EVENTS)).status).toBe(200);
  });
});

describe("what is kept", () => {
  it("is told, and given out as events that another exporter counts alike", async () => {
    const first = await startOn(storage());
    await postEvents(first, EVENTS);
    const lines = (await exchange(first, "/v1/history/events")).text.trim().split("\n");
    expect(lines).toHaveLength(4);
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events[0]).toMatchObject({ seq: 1, id: "1", team: "a", duration_ms: 120, cost_usd: 0.0025 });
    expect(lines[3]).toContain('"cost_usd":0.0000000375');
    const second = await startOn(storage());
    const again = await exchange(second, "/v1/events", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: lines.join("\n"),
    });
    expect(JSON.parse(again.text)).toMatchObject({ accepted: 4 });
    const [one, other] = [await readMetrics(first), await readMetrics(second)];
    for (const family of [
      "llm_requests_total",
      "llm_tokens_total",
      "llm_cost_usd_total",
      "llm_errors_total",
    ]) {
      expect(sumOf(other, family)).toBe(sumOf(one, family));
    }
    const status = JSON.parse((await exchange(first, "/v1/history")).text);
    expect(status).toMatchObject({ failure: null, lost: null, failed_commits: 0, waiting_events: 0 });
    expect(status.commits).toBeGreaterThan(0);
  });

  it("is measured against its limit, and against what its file system has left", async () => {
    const exporter = await startOn(storage(), { config: "history: {size: 64MiB}" });
    const free = await vi.waitFor(async () => {
      const reading = (await readMetrics(exporter)).get("llm_exporter_store_free_bytes");
      expect(reading).toBeGreaterThan(0);
      return reading!;
    }, 5_000);
    const { bavail, bsize } = statfsSync(tmpdir());
    expect(free / (bavail * bsize)).toBeCloseTo(1, 1);
    const limit = "llm_exporter_store_size_limit_bytes";
    expect((await readMetrics(exporter)).get(limit)).toBe(64 * 2 ** 20);
    const inMemory = await readMetrics(await startExporter());
    expect(inMemory.get(limit)).toBe(2 ** 30);
    expect(inMemory.has("llm_exporter_store_free_bytes")).toBe(false);
  });

  it("is given out by the time of the events, whatever their number", async () => {
    const exporter = await startOn(storage());
    const events = Array.from({ length: 2_500 }, (_, index) => ({
      timestamp: Date.UTC(2026, 10, 1) + index * 60_000,
      provider: "x",
    }));
    await postEvents(exporter, events);
    const of = async (query: string) =>
      (await exchange(exporter, `/v1/history/events${query}`)).text.split("\n").length - 1;
    expect(await of("")).toBe(2_500);
    expect(await of("?from=2026-11-01T01:00:00Z&until=2026-11-01T02:00:00Z")).toBe(60);
    expect((await exchange(exporter, "/v1/history/events?from=then")).status).toBe(400);
  });

  it("is in memory without a store, as much of it as the configuration says", async () => {
    const exporter = await startExporter({ config: "limits: {memory_events: 3}" });
    await postEvents(
      exporter,
      Array.from({ length: 5 }, (_, index) => ({ id: `r-${index}`, provider: "x" })),
    );
    const { text } = await exchange(exporter, "/v1/history/events");
    const ids = text
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(["r-2", "r-3", "r-4"]);
    const status = JSON.parse((await exchange(exporter, "/v1/history")).text) as Record<string, unknown>;
    expect(status).toMatchObject({ last_commit: null, commits: 0, waiting_events: 0 });
    expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(5);
  });

  it("does not last for events that are older than it keeps them: they are counted, and said", async () => {
    const exporter = await startOn(storage(), { config: "history: {events: 1h}" });
    await postEvents(exporter, [{ provider: "x", timestamp: Date.now() - 7_200_000 }, { provider: "x" }]);
    const readings = await readMetrics(exporter);
    expect(sumOf(readings, "llm_requests_total")).toBe(2);
    expect(readings.get("llm_exporter_store_too_old_events_total")).toBe(1);
  });
});
