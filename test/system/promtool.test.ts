/** The whole scrape of a driven exporter, its own families included, in the eyes of the linter that everybody uses. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { exchange, NDJSON_TYPE } from "../http/exchange.ts";
import { startExporter } from "../http/exporter.ts";
import { isInstalled } from "./programs.ts";

test.skipIf(!isInstalled("promtool"))(
  "promtool finds nothing to say about a scrape (needs promtool)",
  async () => {
    const exporter = await startExporter();
    const events = [
      { model: "a", ttft_ms: 5, tool_use_count: 1, cache_hit: true },
      { model: "b", error: true },
    ];
    const body = events.map((event) => JSON.stringify(event)).join("\n");
    await exchange(exporter, "/v1/events", { method: "POST", headers: NDJSON_TYPE, body });
    await exchange(exporter, "/metrics");
    const { text } = await exchange(exporter, "/metrics");
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: text,
      encoding: "utf8",
    });
    expect(`${stdout}${stderr}`).toBe("");
    expect(status).toBe(0);
  },
);
