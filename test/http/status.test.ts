import { expect, it } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { startExporter, steppedClock, VERSION } from "./exporter.ts";

it("says what the exporter is, and how it is", async () => {
  const { nowMicros, advance } = steppedClock();
  const exporter = await startExporter({ nowMicros, config: "limits: {series: 100}" });
  await postEvents(exporter, [
    { provider: "openai", model: "gpt-4o" },
    { provider: "openai", model: "o3", id: "open", phase: "start" },
  ]);
  advance(90);
  expect(JSON.parse((await exchange(exporter, "/v1/status")).text)).toMatchObject({
    version: VERSION,
    started: "2026-03-01T12:00:00Z",
    uptime_seconds: 90,
    ready: true,
    state: "serving",
    store: { kind: "off", failure: null },
    price_books: [{ name: "genai-prices" }],
    series: { used: 2, limit: 100 },
    open_requests: 1,
  });
});
