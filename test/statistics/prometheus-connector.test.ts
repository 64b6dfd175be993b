import { Gauge, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { PrometheusConnector, StatisticsCollector } from "../../src/index.ts";
import { readingsOf } from "../http/readings.ts";
import { steppedClock } from "./clock.ts";

const LABELS = 'provider="openai",model="gpt-4o",pool="chat"';

function collected() {
  const registry = new Registry();
  const { now } = steppedClock();
  const collector = new StatisticsCollector({ now, connector: new PrometheusConnector({ registry }) });
  const record = () => {
    collector.record("gpt-4o", "openai", "chat", {
      latency_ms: 300,
      tokens_in: 100,
      tokens_out: 20,
      cost: 0.1,
    });
  };
  record();
  return { registry, collector, record };
}

describe("a registry of prom-client", () => {
  test("shows totals by provider, model and pool, as they are when it is read", async () => {
    const { registry, record } = collected();
    record();
    const readings = readingsOf(await registry.metrics());
    expect(readings.get(`llm_requests_total{${LABELS},status="success",stream="false"}`)).toBe(2);
    expect(readings.get(`llm_requests_total{${LABELS},status="error",stream="false"}`)).toBe(0);
    expect(readings.get(`llm_tokens_total{${LABELS},token_type="input"}`)).toBe(200);
    expect(readings.get(`llm_cost_usd_total{${LABELS}}`)).toBe(0.2);
    expect(readings.get(`llm_last_request_timestamp_seconds{${LABELS}}`)).toBe(1_772_366_400);
    expect(readings.get(`llm_request_duration_seconds_sum{${LABELS}}`)).toBe(0.6);
    expect(readings.get(`llm_request_duration_seconds_count{${LABELS}}`)).toBe(2);
    expect(readings.get(`llm_request_duration_seconds_bucket{${LABELS},le="0.25"}`)).toBe(0);
    expect(readings.get(`llm_request_duration_seconds_bucket{${LABELS},le="0.5"}`)).toBe(2);
    expect(readings.get(`llm_request_duration_seconds_bucket{${LABELS},le="+Inf"}`)).toBe(2);
    record();
    expect(readingsOf(await registry.metrics()).get(`llm_cost_usd_total{${LABELS}}`)).toBe(0.3);
  });

  test("goes on when the window begins anew, or is left", async () => {
    const { registry, collector, record } = collected();
    collector.reset();
    record();
    registry.resetMetrics();
    expect(readingsOf(await registry.metrics()).get(`llm_cost_usd_total{${LABELS}}`)).toBe(0.2);
    expect(collector.query("model", "gpt-4o").total_requests).toBe(1);
  });

  test("writes OpenMetrics of it", async () => {
    const { registry } = collected();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const text = await registry.metrics();
    expect(text).toContain("# TYPE llm_requests counter\n");
    expect(text).toContain(`llm_requests_total{${LABELS},status="success",stream="false"} 1\n`);
    expect(text).toContain(`llm_request_duration_seconds_count{${LABELS}} 1\n`);
  });

  test("keeps metrics of others beside it", async () => {
    const { registry } = collected();
    new Gauge({ name: "mine", help: "Mine.", registers: [registry] }).set(5);
    expect(readingsOf(await registry.metrics()).get("mine")).toBe(5);
    const json = await registry.getMetricsAsJSON();
    expect(json.map(({ name }) => name)).toContain("llm_requests_total");
  });

  test("is refused if it is none, or if another collector is in it", () => {
    const { registry } = collected();
    expect(() => new PrometheusConnector({ registry: {} as never })).toThrow(TypeError);
    const connector = new PrometheusConnector({ registry });
    expect(() => new StatisticsCollector({ connector })).toThrow("already been registered");
  });
});
