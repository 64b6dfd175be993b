/** What the tests take for granted about metrics is what an exporter shows that has seen one request of each kind. */
import { expect, test } from "vitest";
import { exchange, postEvents } from "../http/exchange.ts";
import { startExporter } from "../http/exporter.ts";
import { knownMetric, SHOWN_METRICS } from "./known-metrics.ts";
import { parsePromql, selectorsIn } from "./names.ts";

/** Prometheus adds them. */
const OF_THE_SCRAPE = ["instance", "job"];
/** Of prom-client, of which rules and dashboards read a few. */
const FOREIGN = /^(process|nodejs)_/;

test("an exporter shows no metric, label or value that is unknown", async () => {
  const exporter = await startExporter();
  const event = { provider: "a", model: "b", pool: "c", duration_ms: 5, input_tokens: 3, output_tokens: 5 };
  await postEvents(exporter, [
    { ...event, stream: true, time_to_first_token_ms: 1, cost_usd: 1, cache_hit: false, tool_use_count: 1 },
    { ...event, status: "error", error_type: "timeout", batch_id: "d", attempt: 2, rotation: "timeout" },
  ]);
  await exchange(exporter, "/metrics");
  const { text } = await exchange(exporter, "/metrics");
  const samples = text.split("\n").filter((line) => /^[a-z]/.test(line) && !FOREIGN.test(line));
  const selectors = samples.flatMap((line) => selectorsIn(parsePromql(line.replace(/ \S+$/, ""))));
  expect(selectors.length).toBeGreaterThan(100);
  expect([...new Set(selectors.flatMap(unknownIn))]).toEqual([]);
  const shown = new Set(selectors.map(({ metric }) => metric));
  const seen = [...SHOWN_METRICS.keys()].filter((name) => shown.has(name));
  expect(seen.length / SHOWN_METRICS.size).toBeGreaterThan(0.8);
});

function unknownIn({ metric = "", matchers }: ReturnType<typeof selectorsIn>[number]): string[] {
  const known = knownMetric(metric);
  if (known === undefined) return [metric];
  const labels = matchers.map(({ label }) => label);
  const expected = [...known.labels].filter((label) => !OF_THE_SCRAPE.includes(label));
  return [
    ...(labels.toSorted().join() === expected.toSorted().join()
      ? []
      : [`${metric} by ${labels}, expected ${expected}`]),
    ...matchers
      .filter(({ label, value }) => known.values[label]?.includes(value) === false)
      .map(({ label, value }) => `${metric} with ${label} "${value}"`),
  ];
}
