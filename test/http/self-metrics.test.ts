/** The exporter's own families: each of the catalogue shows itself once it is driven, and there is no other. */
import { describe, expect, it, vi } from "vitest";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";
import { parseText } from "../exposition/strict-parser.ts";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter, steppedClock, VERSION } from "./exporter.ts";
import { eventsHead, RawClient } from "./raw-client.ts";
import { readMetrics } from "./readings.ts";

const CONFIG = `
limits:
  series: 3
  values_per_label: 2
  dedupe_ids: 4
  active_requests: 1
  label_bytes: 16
  body_bytes: 4KiB
  connections: 50
`;

/** Does at least once everything that the exporter counts. */
async function drive(exporter: Exporter): Promise<void> {
  const models = ["m1", "m2", "m3", "m4"].map((model) => ({ provider: "openai", model, pool: model }));
  await postEvents(exporter, models);
  await postEvents(exporter, [
    { id: "1", cache_read_tokens: 5, input_tokens: 9 },
    { id: "1" },
    { id: "2", nonsense: true, pool: "a\u0000b" },
    { id: "3", model: "x".repeat(99) },
    ...["4", "5", "6", "7", "8"].map((id) => ({ id })),
    { output_tokens: -1 },
    { phase: "start", id: "s1" },
    { phase: "start", id: "s2" },
  ]);
  await postEvents(exporter, {}, { body: " ".repeat(5_000) });
  await exchange(exporter, "/metrics", { headers: { accept: "application/openmetrics-text" } });
  await exchange(exporter, "/nowhere");
  await exchange(exporter, "/-/reload", { method: "POST" });
  exporter.write("config.yml", "limits: {series: none}");
  await exchange(exporter, "/-/reload", { method: "POST" });
  const garbage = await RawClient.connect(exporter);
  garbage.send("garbage\r\n\r\n");
  await garbage.closed;
  const slow = await RawClient.connect(exporter);
  slow.send(`${eventsHead(100)}{`);
  await vi.waitFor(async () =>
    expect((await readMetrics(exporter)).get("llm_exporter_ingest_in_flight_bytes")).toBe(1),
  );
}

const NOW = Date.parse("2026-03-01T12:00:00Z") / 1e3;
const DRIVEN: readonly { name: string; value: number }[] = [
  { name: `llm_exporter_build_info{version="${VERSION}",runtime="node ${process.versions.node}"}`, value: 1 },
  { name: "llm_exporter_start_time_seconds", value: NOW },
  { name: 'llm_exporter_events_total{dialect="events",result="accepted"}', value: 14 },
  { name: 'llm_exporter_events_total{dialect="events",result="duplicate"}', value: 1 },
  { name: 'llm_exporter_events_total{dialect="events",result="rejected"}', value: 1 },
  { name: 'llm_exporter_events_rejected_total{reason="out_of_range"}', value: 1 },
  { name: 'llm_exporter_requests_rejected_total{reason="body_too_large"}', value: 1 },
  { name: 'llm_exporter_requests_rejected_total{reason="not_found"}', value: 1 },
  { name: 'llm_exporter_requests_rejected_total{reason="reload_failed"}', value: 1 },
  { name: 'llm_exporter_http_requests_total{route="/v1/events",code="200"}', value: 2 },
  { name: 'llm_exporter_http_requests_total{route="/v1/events",code="413"}', value: 1 },
  { name: 'llm_exporter_http_requests_total{route="/-/reload",code="200"}', value: 1 },
  { name: 'llm_exporter_http_requests_total{route="/-/reload",code="500"}', value: 1 },
  { name: "llm_exporter_http_connections", value: 2 },
  { name: "llm_exporter_http_connections_limit", value: 50 },
  { name: 'llm_exporter_http_connections_dropped_total{reason="unreadable"}', value: 1 },
  { name: "llm_exporter_ingest_in_flight_bytes", value: 1 },
  { name: "llm_exporter_series_limit", value: 3 },
  { name: 'llm_exporter_scrapes_total{format="openmetrics"}', value: 1 },
  { name: "llm_exporter_label_values_altered_total", value: 2 },
  { name: "llm_exporter_unknown_fields_total", value: 1 },
  { name: 'llm_exporter_usage_conventions_inferred_total{basis="default"}', value: 1 },
  { name: 'llm_exporter_usage_conventions_inferred_total{basis="provider"}', value: 0 },
  { name: 'llm_exporter_price_book_info{source="genai-prices",version="0.1.8"}', value: 1 },
  { name: 'llm_exporter_price_book_ignored_entries{source="genai-prices"}', value: 0 },
  { name: 'llm_exporter_price_book_reloads_total{result="success"}', value: 1 },
  { name: 'llm_exporter_price_book_reloads_total{result="failure"}', value: 0 },
  { name: "llm_exporter_price_book_last_reload_successful", value: 1 },
  { name: "llm_exporter_price_book_last_reload_success_timestamp_seconds", value: NOW },
  // The reload forgot them.
  { name: "llm_exporter_priced_models", value: 0 },
  { name: "llm_exporter_priced_models_limit", value: 20_000 },
  { name: "llm_exporter_priced_models_evictions_total", value: 0 },
  { name: "llm_exporter_unpriced_models", value: 1 },
  { name: "llm_exporter_unpriced_models_limit", value: 1_000 },
  { name: "llm_exporter_unpriced_models_dropped_total", value: 0 },
  { name: "llm_exporter_active_requests", value: 1 },
  { name: "llm_exporter_active_requests_limit", value: 1 },
  { name: 'llm_exporter_active_requests_dropped_total{reason="evicted"}', value: 1 },
  { name: "llm_exporter_dedupe_ids_limit", value: 4 },
  { name: 'llm_exporter_config_reloads_total{result="success"}', value: 1 },
  { name: 'llm_exporter_config_reloads_total{result="failure"}', value: 1 },
  { name: "llm_exporter_config_last_reload_successful", value: 0 },
  { name: "llm_exporter_config_last_reload_success_timestamp_seconds", value: NOW },
];

const start = () =>
  startExporter({ config: CONFIG, nowMicros: steppedClock().nowMicros, args: ["--history=sqlite"] });

describe("once everything has happened that is counted", () => {
  it("every family of the catalogue has a sample, and no other has its prefix", async () => {
    const exporter = await start();
    await drive(exporter);
    await vi.waitFor(
      async () => expect((await readMetrics(exporter)).has(SELF_FAMILIES.storeOldest.name)).toBe(true),
      5_000,
    );
    const families = parseText((await exchange(exporter, "/metrics")).text);
    const shown = families.filter(({ name }) => name.startsWith("llm_exporter_"));
    expect(shown.map(({ name }) => name).sort()).toEqual(
      Object.values(SELF_FAMILIES)
        .map(({ name }) => name)
        .sort(),
    );
    for (const { name, type, help, samples } of shown) {
      const declared = Object.values(SELF_FAMILIES).find((family) => family.name === name)!;
      expect({ name, type, help }).toEqual({ name, type: declared.type, help: declared.help });
      expect(samples.length, name).toBeGreaterThan(0);
    }
  });

  it("the values are those of what happened", async () => {
    const exporter = await start();
    await drive(exporter);
    const readings = await readMetrics(exporter);
    const got = Object.fromEntries(DRIVEN.map(({ name }) => [name, readings.get(name)]));
    expect(got).toEqual(Object.fromEntries(DRIVEN.map(({ name, value }) => [name, value])));
    expect(readings.get("llm_exporter_series")!).toBeGreaterThan(0);
    expect(readings.get("llm_exporter_series")!).toBeLessThanOrEqual(4);
    expect(readings.get('llm_exporter_series_overflow_total{label="model"}')!).toBeGreaterThan(0);
    expect(readings.get('llm_exporter_dedupe_evictions_total{kind="event"}')!).toBeGreaterThan(0);
    expect(readings.get('llm_exporter_dedupe_ids{kind="event"}')!).toBeLessThanOrEqual(4);
  });

  it("the labels are those of the catalogue", async () => {
    const exporter = await start();
    await drive(exporter);
    const families = parseText((await exchange(exporter, "/metrics")).text);
    for (const { name, labels } of Object.values(SELF_FAMILIES)) {
      for (const sample of families.find((family) => family.name === name)?.samples ?? []) {
        const names = [...sample.labels.keys()].filter((label) => label !== "le");
        expect(names, name).toEqual(labels);
      }
    }
  });
});

it("a fresh exporter shows counters at zero, so that the first step is seen", async () => {
  const readings = await readMetrics(await start());
  for (const { name } of DRIVEN) {
    if (!/_total\{/.test(name) || /http_requests_total/.test(name)) continue;
    expect(readings.get(name), name).toBe(0);
  }
});

it("the process's own families are there", async () => {
  const readings = await readMetrics(await start());
  for (const name of [
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "nodejs_eventloop_lag_seconds",
  ])
    expect(readings.get(name), name).toBeDefined();
});
