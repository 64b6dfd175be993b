/** The examples of docs/pricing.md, as a reader would try them. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { priceEntries, priceFileSchema } from "../../src/config/price-file.ts";
import { configSchema } from "../../src/config/schema.ts";
import { parseYaml } from "../../src/config/yaml-file.ts";
import { writeUsd } from "../../src/event/money.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByBook } from "./pricers.ts";

const text = readFileSync(new URL("../../docs/pricing.md", import.meta.url), "utf8");
/** Each event with what the text after it says that it costs. */
const EXAMPLES = [...text.matchAll(/```json\n([\s\S]*?)```[\s\S]*?`cost_usd` ([\d.]+)/g)].map(
  ([, event, cost]) => ({
    event: JSON.parse(event!) as Record<string, unknown>,
    cost: cost!.replace(/\.$/, ""),
  }),
);
const YAML = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml!);

describe("docs/pricing.md", () => {
  test("has an example for each convention, for reasoning and for a part without a rate", () => {
    expect(EXAMPLES).toHaveLength(4);
  });

  test.each(EXAMPLES)("prices $event.provider $event.model at $cost", ({ event, cost }) => {
    expect(writeUsd(priceByBook(eventOf(event)).cost!)).toBe(cost);
  });

  test("has tables whose costs are tokens times rates, and add up", () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \| (?:[^|]*= )?(\d+) \| ([\d.]+)[^|]* \| ([\d.]+) \|$/gm)];
    expect(rows.length).toBeGreaterThan(10);
    for (const [, , tokens, rate, cost] of rows) {
      expect((Number(tokens) * Number(rate)) / 1e6).toBeCloseTo(Number(cost), 12);
    }
  });

  test("has configuration and price files that are in order", () => {
    for (const yaml of YAML) {
      const value = parse(yaml) as Record<string, unknown>;
      const isPriceFile = Array.isArray(value.prices);
      if (isPriceFile) {
        expect(priceEntries(parseYaml("prices.yml", yaml, priceFileSchema)).length).toBe(3);
      } else parseYaml("llm-exporter.yml", yaml, configSchema);
    }
    expect(YAML).toHaveLength(3);
  });
});
