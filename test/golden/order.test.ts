import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryFields } from "../ledger/sample-events.ts";
import { Pipeline } from "../pipeline.ts";

test("no order and no batching of events changes a byte of a scrape", () => {
  const scenario = fc
    .array(arbitraryFields, { minLength: 1, maxLength: 20 })
    .map((all) => all.map((fields, index) => ({ ...fields, id: `id-${index}` })))
    .chain((all) =>
      fc.record({
        all: fc.constant(all),
        shuffled: fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        batch: fc.integer({ min: 1, max: all.length }),
        repeats: fc.subarray(all),
      }),
    );
  fc.assert(
    fc.property(scenario, ({ all, shuffled, batch, repeats }) => {
      const whole = new Pipeline();
      whole.send(JSON.stringify(all), "json");
      const parts = new Pipeline();
      for (let from = 0; from < shuffled.length; from += batch) {
        const events = [...shuffled.slice(from, from + batch)];
        parts.send(events.map((event) => JSON.stringify(event)).join("\n"), "ndjson");
      }
      // Repeats are duplicates wherever they come.
      expect(parts.send(JSON.stringify({ events: repeats }), "json").duplicates).toBe(repeats.length);
      expect(parts.text()).toBe(whole.text());
      expect(parts.openMetrics()).toBe(whole.openMetrics());
    }),
    { numRuns: 200 },
  );
});
