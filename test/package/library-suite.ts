/** The library as applications have it: unpacked below a node_modules folder, and used from plain JavaScript. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { examplesOf, type Packed, ROOT, run, saidBy } from "./pack.ts";

/** Beside the dependencies of the package: types of the runtime. */
const FURTHER_PACKAGES = ["@types", "undici-types"];

const PROGRAM = `
  const registry = new Registry();
  const passedOn = [];
  const collector = new StatisticsCollector({
    connector: [new PrometheusConnector({ registry }), { flush: (stats) => void passedOn.push(stats) }],
  });
  collector.record("gpt-4o", "openai", "chat", { latency_ms: 250, tokens_in: 1200, tokens_out: 350, cost: 0.0055 });
  collector.record("gpt-4o", "openai", "chat", { latencyMs: 250, tokensIn: 1, tokensOut: 0, success: false });
  const { total_requests, error_rate, total_cost } = collector.query(StatsScope.MODEL, "gpt-4o");
  const main = async () => {
    await collector.close();
    const lines = (await registry.metrics()).split("\\n").filter((line) => line.startsWith("llm_cost_usd_total"));
    console.log(JSON.stringify({ total_requests, error_rate, total_cost, passedOn: Object.keys(passedOn[0]), lines }));
  };
  main();
`;
const RESULT = {
  ...{ total_requests: 2, error_rate: 0.5, total_cost: 0.0055 },
  passedOn: ["gpt-4o", "openai", "chat"],
  lines: ['llm_cost_usd_total{provider="openai",model="gpt-4o",pool="chat"} 0.0055'],
};

export function librarySuite(packed: () => Packed): void {
  let folder: string;

  beforeAll(() => {
    folder = join(packed().folder, "library");
    const target = join(folder, "node_modules/llm-exporter");
    mkdirSync(target, { recursive: true });
    run("tar", ["-xzf", packed().tarball, "--strip-components=1", "-C", target], folder);
    const { dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
    const names = Object.keys(dependencies).map((name) => name.replace(/\/.*/, ""));
    for (const name of new Set([...names, ...FURTHER_PACKAGES])) {
      const link = join(folder, "node_modules", name);
      symlinkSync(join(ROOT, "node_modules", name), link);
    }
  });

  /** The JSON that a program prints. */
  function printed(name: string, text: string): unknown {
    writeFileSync(join(folder, name), text);
    return JSON.parse(run(process.execPath, [name], folder));
  }

  test("is imported by ES modules", () => {
    const imports = `
    import { Registry } from "prom-client";
    import { PrometheusConnector, StatisticsCollector, StatsScope } from "llm-exporter";
  `;
    expect(printed("main.mjs", imports + PROGRAM)).toEqual(RESULT);
  });

  test("is required by CommonJS modules", () => {
    const requires = `
    const { Registry } = require("prom-client");
    const { PrometheusConnector, StatisticsCollector, StatsScope } = require("llm-exporter");
  `;
    expect(printed("main.cjs", requires + PROGRAM)).toEqual(RESULT);
  });

  test("brings OpenTelemetry in only with its connector, and prices only when they are asked for", () => {
    const program = `
    import { StatisticsCollector, bookPrices } from "llm-exporter";
    import { OtlpConnector } from "llm-exporter/connectors/otlp";
    const collector = new StatisticsCollector({ prices: await bookPrices(), connector: new OtlpConnector() });
    collector.record("gpt-4o", "openai", "chat", { latency_ms: 1, tokens_in: 1_000_000, tokens_out: 0 });
    console.log(JSON.stringify(collector.query("model", "gpt-4o").total_cost));
  `;
    expect(printed("prices.mjs", program)).toBe(2.5);
    const entry = readFileSync(join(folder, "node_modules/llm-exporter/dist/index.js"), "utf8");
    expect(entry).not.toContain("otlp");
  });

  test("does what its document says", () => {
    const text = readFileSync(join(ROOT, "docs/library.md"), "utf8");
    const examples = examplesOf(text);
    expect(examples.length).toBeGreaterThan(6);
    examples.forEach((example, index) => {
      const name = `example-${index}.mjs`;
      writeFileSync(join(folder, name), example);
      expect(run(process.execPath, [name], folder).trimEnd()).toBe(saidBy(example));
    });
  });

  test("has types that hold without skipping the check of libraries", () => {
    const program = `
    import { Registry } from "prom-client";
    import {
      type AggregateStats, type Connector, HttpConnector, PrometheusConnector, StatisticsCollector, StatsScope,
    } from "llm-exporter";
    import { OtlpConnector } from "llm-exporter/connectors/otlp";

    class Console implements Connector {
      flush(stats: Readonly<Record<string, AggregateStats>>): void {
        for (const [name, { total_requests, requestsTotal }] of Object.entries(stats)) {
          console.log(name, total_requests + requestsTotal);
        }
      }
    }
    const collector = new StatisticsCollector({
      scopes: ["model", StatsScope.POOL],
      retention: "7d",
      flushInterval: 60_000,
      connector: [
        new Console(),
        { flush: async (stats) => console.log(stats["gpt-4o"]?.p95_latency_ms.toFixed(1)) },
        new PrometheusConnector({ registry: new Registry() }),
        new HttpConnector({ url: "http://127.0.0.1:9464" }),
        new OtlpConnector({ resource: { "service.name": "shop" } }),
      ],
    });
    collector.record("gpt-4o", "openai", "chat", { latency_ms: 1.5, tokens_in: 1, tokens_out: 1 });
    collector.record("gpt-4o", "openai", "chat", { latencyMs: 1.5, tokensIn: 1, tokensOut: 1, errorType: "timeout" });
    // @ts-expect-error: no latency
    collector.record("gpt-4o", "openai", "chat", { tokens_in: 1, tokens_out: 1 });
    // @ts-expect-error: no such scope
    collector.query("tenant", "gpt-4o");
    const cost: number = collector.query("model", "gpt-4o").total_cost;
    export { cost };
  `;
    writeFileSync(join(folder, "types.mts"), program);
    const flags = ["--noEmit", "--strict", "--target", "es2024", "--module", "nodenext", "--types", "node"];
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const check = () => {
      try {
        return run(tsc, [...flags, "types.mts"], folder);
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(check()).toBe("");
  });
}
