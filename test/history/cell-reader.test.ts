/** What the reader of cells does that no store does by itself. */
import { expect, test } from "vitest";
import { CellReader } from "../../src/history/cell-reader.ts";
import type { FoldQuestion } from "../../src/history/event-store.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { seriesKeys } from "../../src/ledger/series-key.ts";
import { LAYOUT } from "./conformance.ts";

const HOUR = 3_600e6;

test("a store that dropped minutes before their time is asked for hours, and the answer says what it covers", async () => {
  const asked: FoldQuestion[] = [];
  const minutesSinceMicros = 100 * HOUR + 30 * 60e6;
  const reader = new CellReader({
    ledger: new Ledger(LAYOUT, seriesKeys([]), { seriesMax: 10, valuesPerLabelMax: 10 }),
    store: {
      fold: async (question) => {
        asked.push(question);
        return { seq: 0, groups: [], isTooLarge: false, minutesSinceMicros };
      },
    },
    checkpoints: { beside: async (read) => ({ answer: await read(), rest: [] }) },
    instance: "here",
    cutMicros: () => 0,
  });
  const question = { by: [], where: [], cellsMax: 10, stepMicros: undefined };
  const fromMicros = 100 * HOUR + 10 * 60e6;
  const early = await reader.range({ ...question, fromMicros, untilMicros: 103 * HOUR });
  expect(early.range).toEqual({ fromMicros: 100 * HOUR, untilMicros: 103 * HOUR });
  expect(asked.at(-1)?.spans).toEqual([
    { resolution: "hour", fromMicros: 100 * HOUR, untilMicros: 103 * HOUR },
  ]);
  const late = await reader.range({ ...question, fromMicros: minutesSinceMicros, untilMicros: 103 * HOUR });
  expect(late.range?.fromMicros).toBe(minutesSinceMicros);
  expect(asked).toHaveLength(3);
});
