/** All the way: requests, an exporter, Prometheus with the rules that we ship, Alertmanager with our routes, a webhook. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exchange, postEvents } from "../http/exchange.ts";
import { ALERTMANAGER, startAlertmanager, startWebhook } from "./alertmanager-server.ts";
import { annotationFaults } from "./annotation-faults.ts";
import { end, eventually, freePort, isInstalled, ready, start } from "./programs.ts";
import { startPrometheus } from "./prometheus-server.ts";
import { minuteToSecond, shippedRules } from "./shipped-rules.ts";

const installed = isInstalled("prometheus") && ALERTMANAGER !== undefined;

/** A name that a URL does not take as it is. */
const PROVIDER = "acme & söhne";
const EVENT = { provider: PROVIDER, model: "large", pool: "chat", duration_ms: 100, cost_usd: 1 };
const FAILED = { ...EVENT, status: "error", error_type: "server_error" };
const BURST = 20;
const PAUSE_MILLIS = 200;

test.skipIf(!installed)(
  "errors, spend and a dead exporter are told to a webhook, and when they are over (needs prometheus, alertmanager)",
  { timeout: 120_000 },
  async () => {
    const webhook = await startWebhook();
    const exporter = new ExporterProcess(`127.0.0.1:${await freePort()}`);
    exporter.limitHour("10");
    await exporter.start();
    const prometheus = await startPrometheus({
      target: exporter.address,
      alertmanager: await startAlertmanager(webhook),
      rules: shippedRules(minuteToSecond),
      scrapeInterval: "250ms",
    });
    await postEvents(exporter, [{ ...EVENT, id: "first", phase: "start" }]);
    await eventually("the first label set", async () => {
      const rows = await prometheus.query(`llm_requests_total{provider="${PROVIDER}"}`);
      return rows.length > 0 ? rows : undefined;
    });

    const failing = keepSending(exporter, FAILED);
    const [burning, down, overBudget, watchdog] = await Promise.all([
      webhook.told("LLMErrorBudgetBurn", "firing"),
      webhook.told("LLMProviderDown", "firing"),
      webhook.told("LLMHourlySpendOverBudget", "firing"),
      webhook.told("LLMWatchdog", "firing"),
    ]);
    expect(down).toMatchObject({ receiver: "pager", labels: { provider: PROVIDER, severity: "critical" } });
    expect(down.annotations.summary).toContain(PROVIDER);
    expect(new URL(down.annotations.dashboard_url!).searchParams.get("var-provider")).toBe(PROVIDER);
    expect(burning).toMatchObject({ receiver: "pager", labels: { provider: PROVIDER } });
    expect(overBudget).toMatchObject({ receiver: "tickets", labels: { budget: "hour", period: "hour" } });
    expect(overBudget.annotations.description).toContain("the limit is USD 10.00.");
    expect(watchdog.receiver).toBe("dead-mans-switch");

    await failing.stop();
    const working = keepSending(exporter, EVENT);
    exporter.limitHour("1000000");
    expect((await exchange(exporter, "/-/reload", { method: "POST" })).status).toBe(200);
    await Promise.all([
      webhook.told("LLMHourlySpendOverBudget", "resolved"),
      webhook.told("LLMProviderDown", "resolved"),
    ]);
    await working.stop();

    await exporter.kill();
    const dead = await webhook.told("LLMExporterDown", "firing");
    expect(dead).toMatchObject({ receiver: "pager", labels: { instance: exporter.address } });
    await exporter.start();
    await webhook.told("LLMExporterDown", "resolved");

    expect(webhook.notified.flatMap(annotationFaults)).toEqual([]);
  },
);

test.skipIf(ALERTMANAGER === undefined)(
  "what follows from an alert that fires is not sent as well (needs alertmanager)",
  async () => {
    const url = `http://${await startAlertmanager()}/api/v2/alerts`;
    const job = "llm-exporter";
    const fired = [
      { alertname: "LLMExporterDown", severity: "critical", job, instance: "a" },
      { alertname: "LLMExporterQueueFilling", severity: "warning", job, instance: "a" },
      { alertname: "LLMExporterQueueFilling", severity: "warning", job, instance: "b" },
      { alertname: "LLMTrafficStopped", severity: "warning", job, provider: "openai" },
      { alertname: "LLMErrorBudgetBurn", severity: "critical", job, provider: "openai" },
      { alertname: "LLMErrorBudgetBurn", severity: "warning", job, provider: "openai" },
      { alertname: "LLMErrorBudgetBurn", severity: "warning", job, provider: "anthropic" },
      { alertname: "LLMWatchdog", severity: "none" },
      { alertname: "LLMExporterAbsent", severity: "critical" },
    ];
    const body = JSON.stringify(fired.map((labels) => ({ labels })));
    const headers = { "content-type": "application/json" };
    expect((await fetch(url, { method: "POST", headers, body })).status).toBe(200);
    const held = await eventually("all alerts", async () => {
      type Alert = { labels: Record<string, string>; status: { inhibitedBy: string[] } };
      const alerts = (await (await fetch(url)).json()) as Alert[];
      return alerts.length === fired.length
        ? alerts.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => labels)
        : undefined;
    });
    expect(held).toHaveLength(3);
    for (const index of [1, 3, 5]) expect(held).toContainEqual(fired[index]);
  },
);

/** An exporter that can be killed and started again, at the same address and with the same store. */
class ExporterProcess {
  readonly address: string;
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "alerts-"));
  #child: ChildProcess | undefined;

  constructor(address: string) {
    this.address = address;
    this.url = `http://${address}`;
  }

  async start(): Promise<void> {
    this.#child = start(process.execPath, [
      "src/main.ts",
      `--config.file=${this.#config}`,
      `--storage.path=${this.#folder}`,
      `--web.listen-address=${this.address}`,
      "--log.level=error",
    ]);
    await ready(`${this.url}/readyz`);
  }

  async kill(): Promise<void> {
    await end(this.#child!, "SIGKILL");
  }

  /** Writes the configuration; takes effect with the next start or reload. */
  limitHour(usd: string): void {
    const budgets = [{ name: "hour", limit_usd: usd, period: "hour" }];
    writeFileSync(this.#config, JSON.stringify({ budgets }));
  }

  get #config(): string {
    return join(this.#folder, "llm-exporter.yml");
  }
}

/** Sends the event over and over until it is stopped or the test ends. */
function keepSending(exporter: ExporterProcess, event: object): { readonly stop: () => Promise<void> } {
  let stopped = false;
  const sending = (async () => {
    while (!stopped) {
      await postEvents(exporter, Array<object>(BURST).fill(event));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS));
    }
  })();
  const stop = () => {
    stopped = true;
    return sending;
  };
  onTestFinished(stop);
  return { stop };
}
