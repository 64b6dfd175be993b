/** `GET /metrics/otel`: the same totals as /metrics under the names of OpenTelemetry. */
import { describe, expect, it } from "vitest";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, type ExporterOptions, startExporter } from "./exporter.ts";
import { readingsOf, readMetrics, sumOf } from "./readings.ts";

const HOSTILE = ['a"b\\c', "x\ny", "1=2,{}", "größe", "</script>", "# HELP", " ", "\ud800", "__proto__"];
const EVENTS = HOSTILE.flatMap((text, index) => [
  {
    ...{ provider: "openai", model: text, pool: "chat", duration_ms: 100 * index, cost_usd: 0.1 + index },
    ...{ input_tokens: index, output_tokens: 2, stream: true, ttft_ms: index, team: text },
  },
  { provider: text, model: "m", error_type: "timeout", tags: { a__b: text, a_b: "one", status_: text } },
]);

async function startBusy(options?: ExporterOptions): Promise<Exporter> {
  const exporter = await startExporter(options);
  await postEvents(exporter, EVENTS);
  return exporter;
}

async function viewOf(exporter: Exporter) {
  const { status, text } = await exchange(exporter, "/metrics/otel");
  expect(status).toBe(200);
  return { text, readings: readingsOf(text) };
}

/** Samples that stand there twice, and names that Prometheus does not take. */
function faultsOf(text: string): string[] {
  const samples = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.slice(0, line.lastIndexOf(" ")));
  const twice = samples.filter((sample, index) => samples.indexOf(sample) !== index);
  const names = samples.flatMap((sample) => {
    const labels = Array.from(sample.matchAll(/[{,]([^=,{}"]*)="(?:[^"\\]|\\.)*"/g), ([, name]) => name!);
    const invalid = labels.filter((name) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name));
    return [...invalid, ...(new Set(labels).size === labels.length ? [] : [sample])];
  });
  return [...twice, ...names];
}

describe("the view", () => {
  it("has units in its names, and says whose it is", async () => {
    const { text } = await viewOf(await startBusy());
    expect(text).toContain("# TYPE gen_ai_client_operation_duration_seconds histogram");
    expect(text).toContain("# TYPE gen_ai_client_token_usage histogram");
    expect(text).toContain("# TYPE llm_cost_usd_total counter");
    expect(text).toMatch(/^target_info\{.*service_name="llm-exporter".*\} 1$/m);
  });

  it("has the sums of /metrics, whatever names come", async () => {
    const config = "labels: [team, tags.a__b, tags.a_b, tags.status_]\n";
    const exporter = await startBusy({ config });
    const metrics = await readMetrics(exporter);
    const { text, readings } = await viewOf(exporter);
    expect(faultsOf(text)).toEqual([]);
    for (const family of ["llm_requests_total", "llm_errors_total", "llm_cost_usd_total", "llm_tokens_total"])
      expect(sumOf(readings, family), family).toBeCloseTo(sumOf(metrics, family)!, 9);
    for (const part of ["_sum", "_count"]) {
      const duration = sumOf(readings, `gen_ai_client_operation_duration_seconds${part}`);
      expect(duration).toBeCloseTo(sumOf(metrics, `llm_request_duration_seconds${part}`)!, 9);
    }
    expect(sumOf(readings, "gen_ai_client_token_usage_sum")).toBe(sumOf(metrics, "llm_tokens_total"));
  });

  it("speaks the wording that is configured, and a reload changes it", async () => {
    const exporter = await startBusy({ config: "otlp: {profile: latest}\n" });
    const newest = (await viewOf(exporter)).text;
    expect(newest).toContain("gen_ai_client_inference_duration_seconds_count");
    expect(newest).toContain(
      'gen_ai_client_inference_usage_input_tokens_total{gen_ai_provider_name="openai"',
    );
    expect(newest).not.toContain("gen_ai_system");
    exporter.write("config.yml", "otlp: {resource: {deployment.environment.name: test}}\n");
    expect((await exchange(exporter, "/-/reload", { method: "POST" })).status).toBe(200);
    const older = (await viewOf(exporter)).text;
    expect(older).toContain('gen_ai_client_operation_duration_seconds_count{gen_ai_provider_name="openai"');
    expect(older).toContain('gen_ai_system="openai"');
    expect(older).toContain('deployment_environment_name="test"');
  });

  it("folds label sets beyond its limit, with exact sums, and says how many", async () => {
    const exporter = await startBusy({ config: "otlp: {series: 4}\n" });
    const { readings } = await viewOf(exporter);
    const metrics = await readMetrics(exporter);
    expect(sumOf(readings, "llm_requests_total")).toBe(EVENTS.length);
    const requests = [...readings.keys()].filter((sample) => sample.startsWith("llm_requests_total{"));
    expect(new Set(requests.map((sample) => sample.replace(/,status=.*/, ""))).size).toBe(5);
    expect(metrics.get("llm_exporter_otlp_series_folded")).toBe(metrics.get("llm_exporter_series")! - 4);
  });

  it("is packed if asked, and counted", async () => {
    const exporter = await startBusy();
    const { headers, text } = await exchange(exporter, "/metrics/otel", {
      headers: { "accept-encoding": "gzip" },
    });
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(headers["content-encoding"]).toBe("gzip");
    expect(readingsOf(text)).toEqual((await viewOf(exporter)).readings);
    expect((await readMetrics(exporter)).get('llm_exporter_scrapes_total{format="otel"}')).toBe(2);
  });

  it("shows to many at once what was acknowledged before each", async () => {
    const exporter = await startBusy();
    // It is loaded by the first one.
    expect(sumOf((await viewOf(exporter)).readings, "llm_requests_total")).toBe(EVENTS.length);
    const scrapes = Array.from({ length: 12 }, async (_, index) => {
      await postEvents(exporter, [{ provider: "p", model: "m", pool: `pool-${index % 3}` }]);
      const least = EVENTS.length + 1;
      return sumOf((await viewOf(exporter)).readings, "llm_requests_total")! >= least;
    });
    expect(await Promise.all(scrapes)).toEqual(Array(12).fill(true));
    expect(sumOf((await viewOf(exporter)).readings, "llm_requests_total")).toBe(EVENTS.length + 12);
  });

  it("is empty but for whose it is before the first event", async () => {
    const { text } = await viewOf(await startExporter());
    expect(text.split("\n").filter((line) => !/^#|^target_info/.test(line))).toEqual([""]);
  });

  it("is for whom /metrics is for", async () => {
    // Nobody comes with a password.
    const webConfig =
      "basic_auth_users:\n  prom: $2a$04$Ntqi4mxWWfkSiVUVZ4K3V.3LkoZ6vMXfBv9fVjeIDGUpBPGDDGsb2\n";
    const exporter = await startExporter({ webConfig });
    expect((await exchange(exporter, "/metrics")).status).toBe(401);
    expect(problemOf(await exchange(exporter, "/metrics/otel")).status).toBe(401);
  });
});
