/** The exporter under load, scraped by a real Prometheus with the configuration that we ship. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BUDGET_FAMILIES } from "../../src/catalogue/budget-families.ts";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { eventually, freePort, isInstalled, ready, start } from "./programs.ts";
import { startPrometheus } from "./prometheus-server.ts";

const installed = isInstalled("prometheus");
const LOAD_SECONDS = 6;
const BATCH = 50;
const INPUT_TOKENS = 10;
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

type Sent = { requests: number; errors: number; nanoUsd: number; output: number; within1s: number };
const NOTHING: Sent = { requests: 0, errors: 0, nanoUsd: 0, output: 0, within1s: 0 };

test.skipIf(!installed)(
  "PromQL sums over a real Prometheus equal what was sent under load, exemplars included (needs prometheus)",
  { timeout: 90_000 },
  async () => {
    const exporter = `http://127.0.0.1:${await freePort()}`;
    start(process.execPath, [
      "src/main.ts",
      `--web.listen-address=${new URL(exporter).host}`,
      `--storage.path=${mkdtempSync(join(tmpdir(), "store-"))}`,
    ]);
    await ready(`${exporter}/readyz`);
    const prometheus = await startPrometheus({ target: new URL(exporter).host });

    const sent = await sendLoad(exporter);
    const total = Array.from(sent.values()).reduce(added, NOTHING);
    await eventually("Prometheus to have scraped the last event", async () => {
      const [sum] = await prometheus.query(`sum(${FAMILIES.requests.name})`);
      return sum?.value === total.requests ? true : undefined;
    });

    const by = `by (${["provider", "model", "pool"].join(",")})`;
    const compare = async (promql: string, of: (sent: Sent) => number) => {
      const found = new Map(
        (await prometheus.query(promql)).map(({ labels, value }) => [seriesOf(labels), value]),
      );
      expect(found, promql).toEqual(new Map(Array.from(sent, ([series, amounts]) => [series, of(amounts)])));
    };
    await compare(`sum ${by} (${FAMILIES.requests.name})`, ({ requests }) => requests);
    await compare(`sum ${by} (${FAMILIES.errors.name})`, ({ errors }) => errors);
    await compare(`sum ${by} (${FAMILIES.tokens.name}{token_type="output"})`, ({ output }) => output);
    await compare(`sum ${by} (${FAMILIES.cost.name})`, ({ nanoUsd }) => nanoUsd / 1e9);
    const [spent] = await prometheus.query(`${BUDGET_FAMILIES.spent.name}{budget="all",period="month"}`);
    expect(spent?.value).toBe(total.nanoUsd / 1e9);
    await compare(`sum ${by} (${FAMILIES.duration.name}_count)`, ({ requests }) => requests);
    await compare(`sum ${by} (${FAMILIES.duration.name}_bucket{le="1.0"})`, ({ within1s }) => within1s);

    // Nothing was lost on the way: every scrape since the first worked, and no counter ever fell.
    expect((await prometheus.query('min_over_time(up{job="llm-exporter"}[5m])'))[0]?.value).toBe(1);
    expect((await prometheus.query(`max(resets(${FAMILIES.requests.name}[5m]))`))[0]?.value).toBe(0);
    expect((await prometheus.query('scrape_samples_scraped{job="llm-exporter"}'))[0]?.value).toBeGreaterThan(
      100,
    );

    const exemplars = await prometheus.exemplars(`${FAMILIES.duration.name}_bucket`);
    expect(exemplars.length).toBeGreaterThan(0);
    for (const { labels, value } of exemplars) {
      expect(labels).toEqual({ trace_id: TRACE_ID });
      expect(Number(value)).toBeGreaterThan(0);
    }
  },
);

/** Posts batches from four senders at once; returns what was acknowledged, by series. */
async function sendLoad(exporter: string): Promise<Map<string, Sent>> {
  const sent = new Map<string, Sent>();
  const until = Date.now() + LOAD_SECONDS * 1e3;
  let stopped = false;
  onTestFinished(() => {
    stopped = true;
  });
  const sender = async (name: number) => {
    for (let round = 0; Date.now() < until && !stopped; round++) {
      const events = Array.from({ length: BATCH }, (_, index) => eventOf(name, round * BATCH + index));
      const response = await fetch(`${exporter}/v1/events`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: events.map((event) => JSON.stringify(event)).join("\n"),
      });
      expect(await response.json()).toMatchObject({ accepted: BATCH, rejected: 0 });
      for (const event of events) {
        const series = seriesOf(event);
        const failed = event.status === "error";
        sent.set(
          series,
          added(sent.get(series) ?? NOTHING, {
            requests: 1,
            errors: failed ? 1 : 0,
            nanoUsd: event.cost_nano_usd,
            output: event.output_tokens,
            within1s: event.duration_ms <= 1_000 ? 1 : 0,
          }),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await Promise.all([0, 1, 2, 3].map(sender));
  return sent;
}

/** Every third one is priced by the book, 2.50 and 10 dollars a million tokens; the others say what they cost. */
function eventOf(sender: number, index: number) {
  const priced = index % 3 === 0;
  const output = index % 100;
  const costNanoUsd = priced ? INPUT_TOKENS * 2_500 + output * 10_000 : 1 + ((index * 7_919) % 1_000_000);
  return {
    id: `${sender}-${index}`,
    provider: priced ? "openai" : ["openai", "anthropic"][index % 2]!,
    model: priced ? "gpt-4o" : `model "${index % 5}"`,
    pool: `pool-${sender}`,
    status: index % 17 === 0 ? "error" : "success",
    duration_ms: 1 + ((index * 131) % 3_000),
    input_tokens: INPUT_TOKENS,
    output_tokens: output,
    ...(priced ? {} : { cost_usd: costNanoUsd / 1e9 }),
    cost_nano_usd: costNanoUsd,
    ...(index % 10 === 0 ? { trace_id: TRACE_ID } : {}),
  };
}

function added(one: Sent, other: Sent): Sent {
  return {
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    nanoUsd: one.nanoUsd + other.nanoUsd,
    output: one.output + other.output,
    within1s: one.within1s + other.within1s,
  };
}

function seriesOf({ provider, model, pool }: { provider?: string; model?: string; pool?: string }): string {
  return `${provider}|${model}|${pool}`;
}
