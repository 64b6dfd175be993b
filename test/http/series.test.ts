/** `/v1/series` as a client meets it. What it answers to which events: test/cases. */
import { expect, it } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter, steppedClock } from "./exporter.ts";

type Series = {
  readonly labels: unknown;
  readonly groups: number;
  readonly points: readonly [number, number][];
};

async function seriesOf(exporter: Exporter, query: string): Promise<readonly Series[]> {
  const { status, text } = await exchange(exporter, `/v1/series${query}`);
  expect(status, text).toBe(200);
  return (JSON.parse(text) as { readonly series: readonly Series[] }).series;
}

const sumOf = (series: readonly Series[]) =>
  series.flatMap(({ points }) => points).reduce((sum, [, value]) => sum + value, 0);

it("gives a hundred series at most and 11,000 points, and all others as one", async () => {
  const { nowMicros } = steppedClock();
  const exporter = await startExporter({ nowMicros });
  const events = Array.from({ length: 7_260 }, (_, index) => ({
    provider: "x",
    model: `model-${Math.floor((Math.sqrt(8 * index + 1) - 1) / 2)}`,
  }));
  await postEvents(exporter, events);
  const byQuarters = await seriesOf(exporter, "?by=model");
  expect(byQuarters).toHaveLength(100);
  expect(byQuarters[0]).toMatchObject({ labels: { model: "model-119" }, groups: 1 });
  expect(byQuarters.at(-1)).toMatchObject({ labels: null, groups: 21 });
  const byMinutes = await seriesOf(exporter, "?by=model&step=1m");
  expect(byMinutes).toHaveLength(7);
  for (const series of [byQuarters, byMinutes]) {
    expect(series.reduce((sum, { groups }) => sum + groups, 0)).toBe(120);
    expect(series.flatMap(({ points }) => points).length).toBeLessThanOrEqual(11_000);
    expect(sumOf(series)).toBe(7_260);
  }
});

it("chooses steps that give 120 points at most", async () => {
  const { nowMicros } = steppedClock();
  const exporter = await startExporter({ nowMicros });
  const stepOf = async (from: string) => {
    const { text } = await exchange(exporter, `/v1/series?from=${from}`);
    return (JSON.parse(text) as { readonly step_seconds: number }).step_seconds;
  };
  expect(await stepOf("2026-03-01T11:00:00Z")).toBe(60);
  expect(await stepOf("2026-03-01T02:00:01Z")).toBe(300);
  expect(await stepOf("2026-02-28T12:00:00Z")).toBe(900);
  expect(await stepOf("2026-02-25T12:00:00Z")).toBe(3_600);
  expect(await stepOf("2026-02-01")).toBe(21_600);
  expect(await stepOf("2026-01-01")).toBe(86_400);
  expect(await stepOf("2025-06-01")).toBe(3 * 86_400);
});
