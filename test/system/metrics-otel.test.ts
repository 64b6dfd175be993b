/** The gen_ai view under traffic with hostile names, scraped by a real Prometheus and looked over by promtool. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { eventually, freePort, isInstalled, ready, start } from "./programs.ts";

const installed = isInstalled("prometheus");
const BATCHES = 30;
const HOSTILE = [
  'a"b\\c',
  "x\ny\r",
  "1=2,{le=1}",
  "größe 通义",
  "</script>",
  "# HELP a",
  "\u2028\u202e",
  "__name__",
];
/** Names of labels that are one to OpenTelemetry's exporter. */
const CONFIG = {
  labels: ["team", "tags.a__b", "tags.a_b", "tags.le_", "tags.gen_ai_system"],
  otlp: { series: 20 },
};

test.skipIf(!installed)(
  "PromQL sums over /metrics/otel equal those over /metrics, whatever is sent (needs prometheus)",
  { timeout: 60_000 },
  async () => {
    const exporter = `127.0.0.1:${await freePort()}`;
    const folder = mkdtempSync(join(tmpdir(), "otel-view-"));
    writeFileSync(join(folder, "config.yml"), stringify(CONFIG));
    start(process.execPath, [
      "src/main.ts",
      ...[`--web.listen-address=${exporter}`, "--history=off", `--config.file=${join(folder, "config.yml")}`],
    ]);
    await ready(`http://${exporter}/readyz`);
    const query = await startPrometheus(folder, exporter);

    let sent = 0;
    for (let batch = 0; batch < BATCHES; batch++) sent += await sendBatch(exporter, batch);
    const exposition = await (await fetch(`http://${exporter}/metrics/otel`)).text();
    const lint = spawnSync("promtool", ["check", "metrics"], { input: exposition, encoding: "utf8" });
    // It finds fault with names of the conventions, and with nothing that it cannot read.
    expect(lint.stderr).not.toMatch(/error while linting|expected|invalid|duplicate/i);

    const requests = FAMILIES.requests.name;
    for (const job of ["plain", "otel"]) {
      await eventually(`the job ${job} to have scraped the last event`, async () =>
        (await query(`sum(${requests}{job="${job}"})`)) === sent ? true : undefined,
      );
    }
    expect(await query('min_over_time(up{job="otel"}[1m])')).toBe(1);
    const same = async (plain: string, otel: string) => {
      const wanted = await query(`sum(${plain})`);
      expect(wanted, plain).toBeGreaterThan(0);
      expect(Math.abs((await query(`sum(${otel})`)) - wanted) / wanted, otel).toBeLessThan(1e-12);
    };
    for (const { name } of [FAMILIES.errors, FAMILIES.cost, FAMILIES.tokens])
      await same(`${name}{job="plain"}`, `${name}{job="otel"}`);
    const duration = FAMILIES.duration.name;
    for (const part of ["_sum", "_count", '_bucket{le=~"1|1[.]0"}']) {
      const ours = `${duration}${part}`
        .replace("{", '{job="plain",')
        .replace(/(_sum|_count)$/, '$1{job="plain"}');
      await same(ours, `gen_ai_client_operation_duration_seconds${part}`);
    }
    await same(`${FAMILIES.tokens.name}{job="plain"}`, "gen_ai_client_token_usage_sum");
    await same(`${requests}{job="plain"}`, 'gen_ai_client_token_usage_count{gen_ai_token_type="input"}');
    expect(await query("max(resets(gen_ai_client_token_usage_sum[1m]))")).toBe(0);
    // Twenty label sets and the one that the rest is folded into.
    expect(await query('count(llm_cost_usd_total{job="otel"})')).toBe(21);
  },
);

/** Returns what evaluates a query to a number. */
async function startPrometheus(
  folder: string,
  exporter: string,
): Promise<(promql: string) => Promise<number>> {
  const address = `127.0.0.1:${await freePort()}`;
  const target = [{ targets: [exporter] }];
  const configuration = {
    global: { scrape_interval: "1s", scrape_timeout: "1s" },
    scrape_configs: [
      { job_name: "plain", static_configs: target },
      { job_name: "otel", metrics_path: "/metrics/otel", static_configs: target },
    ],
  };
  writeFileSync(join(folder, "prometheus.yml"), stringify(configuration));
  start("prometheus", [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, "tsdb")}`,
    ...[`--web.listen-address=${address}`, "--log.level=warn"],
  ]);
  await ready(`http://${address}/-/ready`);
  return async (promql) => {
    const response = await fetch(`http://${address}/api/v1/query?${new URLSearchParams({ query: promql })}`);
    const { error, data } = (await response.json()) as {
      readonly error?: string;
      readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
    };
    if (error !== undefined) throw new Error(`${promql}: ${error}`);
    return Number(data.result[0]?.value[1]);
  };
}

/** Returns how many were accepted: all. */
async function sendBatch(exporter: string, batch: number): Promise<number> {
  const hostile = HOSTILE.map((text, index) => ({
    ...{ provider: index % 2 === 0 ? text : "openai", model: `${text}${batch % 4}`, pool: text, team: text },
    ...{ tags: { a__b: text, a_b: "one", le_: text, gen_ai_system: text } },
    ...{
      duration_ms: 50 + batch * 100,
      input_tokens: index + 1,
      output_tokens: batch,
      cost_usd: 0.001 * index,
    },
    ...(index === 3 ? { error_type: "timeout" } : {}),
  }));
  // These are two label sets by the first tag alone.
  const twins = ["1", "2"].map((a__b) => ({ ...hostile[0], tags: { a__b, a_b: "one" } }));
  const events = [...twins, ...hostile];
  const response = await fetch(`http://${exporter}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(events),
  });
  expect(await response.json()).toMatchObject({ accepted: events.length, rejected: 0 });
  return events.length;
}
