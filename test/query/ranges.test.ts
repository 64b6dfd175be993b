/** What a reader of cells answers is what the events add up to, wherever they are by then: counted, on their way, stored. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { CellReader } from "../../src/history/cell-reader.ts";
import { Checkpointer } from "../../src/history/checkpointer.ts";
import type { RetentionCut } from "../../src/history/event-store.ts";
import { memoryStore } from "../../src/history/memory/store.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { MinuteCells } from "../../src/ledger/minute-cells.ts";
import { seriesKeys } from "../../src/ledger/series-key.ts";
import { type Condition, matcherOf, TEAM } from "../../src/query/question.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByBook } from "../pricing/pricers.ts";
import { cellOf, LAYOUT, mergeOf, sumsOf } from "./sample-cells.ts";

const MINUTE = 60e6;
const NOW = Date.UTC(2026, 2, 10, 12, 30) * 1e3;
const DAYS = 3;

const fields = fc.record({
  timestamp: fc.integer({ min: 0, max: DAYS * 86_400 }).map((seconds) => NOW / 1e3 - seconds * 1e3),
  provider: fc.constantFrom("openai", "azure"),
  model: fc.constantFrom("gpt-4o", "o3", "gpt-4o-mini"),
  pool: fc.constantFrom("chat", "rag"),
  team: fc.constantFrom("red", "blue", undefined),
  input_tokens: fc.nat({ max: 1e6 }),
  duration_ms: fc.nat({ max: 1e5 }),
  cost_usd: fc.nat({ max: 1e6 }).map((picos) => picos / 1e12),
  status: fc.constantFrom("success", "error", "cancelled"),
});
const arbitraryEvents = fc.array(
  fields.map(({ team, ...rest }) => eventOf(team === undefined ? rest : { ...rest, team })),
  { maxLength: 30 },
);
const condition = (dimension: string, ...values: string[]): Condition => ({
  dimension,
  kind: "like",
  values,
});
const arbitraryWhere = fc.subarray([
  condition("provider", "OPEN*"),
  condition("model", "gpt-4?", "o*"),
  condition("pool", "rag"),
  condition(TEAM, "", "r*"),
]);
const arbitraryBy = fc.subarray(["provider", "model", "pool", TEAM]);
const FIELDS: Readonly<Record<string, (event: RequestEvent) => string>> = {
  provider: ({ provider }) => provider,
  model: ({ model }) => model,
  pool: ({ pool }) => pool,
  [TEAM]: ({ team }) => team ?? "",
};

/** Counts events and takes a checkpoint after each piece but the last. */
async function readerOf(
  pieces: readonly (readonly RequestEvent[])[],
  dropped?: Pick<RetentionCut, "minutesBeforeMicros" | "hoursBeforeMicros">,
): Promise<CellReader> {
  const keys = seriesKeys([]);
  const ledger = new Ledger(LAYOUT, keys, { seriesMax: 1_000, valuesPerLabelMax: 1_000 });
  const store = memoryStore({ instance: "one", eventsMax: 1_000 });
  await store.open(
    { fingerprint: LAYOUT.fingerprint, labelNames: keys.names },
    { idsMax: 0, idsSinceMicros: 0 },
  );
  const minutes = new MinuteCells(LAYOUT, () => 1_000);
  let seq = 0;
  const checkpoints = new Checkpointer({
    ...{ store, minutes, layout: LAYOUT, lastSeq: 0 },
    countedSeq: () => seq,
    notes: () => ({}),
    onSuccess: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  for (const [index, events] of pieces.entries()) {
    for (const event of events) {
      const series = ledger.seriesOf(event);
      ledger.enter(series, event, priceByBook(event), false);
      minutes.enter(series, event, priceByBook(event), false);
      seq += 1;
    }
    if (index < pieces.length - 1) await checkpoints.take();
  }
  const kept = { eventsBeforeMicros: 0, idsBeforeMicros: 0, bytesMax: 1e12 };
  if (dropped !== undefined) while (await store.retain({ ...kept, ...dropped }));
  return new CellReader({ ledger, store, checkpoints, instance: "one", cutMicros: () => 0 });
}

/** Events by the values that they are asked by. */
function expected(events: readonly RequestEvent[], by: readonly string[], where: readonly Condition[]) {
  const groups = new Map<string, RequestEvent[]>();
  for (const event of events) {
    if (!where.every((one) => matcherOf(one)(FIELDS[one.dimension]!(event)))) continue;
    const key = JSON.stringify(by.map((dimension) => FIELDS[dimension]!(event)));
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return new Map(Array.from(groups, ([key, some]) => [key, sumsOf(cellOf(some))]));
}

describe("a reader of cells", () => {
  it("answers a range with what the events in it add up to, under every filter", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(arbitraryEvents, arbitraryEvents, arbitraryEvents),
        arbitraryBy,
        arbitraryWhere,
        fc.tuple(fc.nat({ max: DAYS * 1_440 }), fc.nat({ max: DAYS * 1_440 })),
        async (pieces, by, where, [one, other]) => {
          const reader = await readerOf(pieces);
          const fromMicros = NOW - Math.max(one, other) * MINUTE;
          const untilMicros = NOW - Math.min(one, other) * MINUTE;
          const question = { by, where, fromMicros, untilMicros, stepMicros: undefined, cellsMax: 1_000 };
          const { groups, range } = await reader.range(question);
          expect(range).toEqual({ fromMicros, untilMicros });
          const inside = pieces
            .flat()
            .filter(({ timestampMicros: at }) => at >= fromMicros && at < untilMicros);
          const answered = groups.map(({ values, cell }) => [JSON.stringify(values), sumsOf(cell)] as const);
          expect(new Map(answered)).toEqual(expected(inside, by, where));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("answers periods that add up to the range", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(arbitraryEvents, arbitraryEvents),
        fc.constantFrom(15 * MINUTE, 60 * MINUTE, 1_440 * MINUTE),
        async (pieces, stepMicros) => {
          const reader = await readerOf(pieces);
          const question = { by: [], where: [], fromMicros: NOW - DAYS * 1_440 * MINUTE, cellsMax: 1_000 };
          const { groups, range } = await reader.range({
            ...question,
            untilMicros: NOW + MINUTE,
            stepMicros,
          });
          const whole = await reader.range({ ...question, ...range!, stepMicros: undefined });
          expect(sumsOf(mergeOf(groups.map(({ cell }) => cell)))).toEqual(
            sumsOf(mergeOf(whole.groups.map(({ cell }) => cell))),
          );
          expect(groups.every(({ startMicros }) => startMicros % stepMicros === 0)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("answers for the range that it names where rollups were dropped, and names all that is left", async () => {
    const ago = fc.nat({ max: DAYS * 1_440 });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(arbitraryEvents, fc.constant([])),
        fc.tuple(ago, ago),
        fc.tuple(ago, ago),
        fc.constantFrom(undefined, 15 * MINUTE, 1_440 * MINUTE),
        async (pieces, ends, cuts, stepMicros) => {
          const dropped = {
            minutesBeforeMicros: NOW - Math.min(...cuts) * MINUTE,
            hoursBeforeMicros: NOW - Math.max(...cuts) * MINUTE,
          };
          const reader = await readerOf(pieces, dropped);
          const fromMicros = NOW - Math.max(...ends) * MINUTE;
          const untilMicros = NOW - Math.min(...ends) * MINUTE + MINUTE;
          const question = { by: [], where: [], fromMicros, untilMicros, stepMicros, cellsMax: 10_000 };
          const { groups, range } = await reader.range(question);
          const inside = pieces[0].filter(
            ({ timestampMicros: at }) => at >= range!.fromMicros && at < range!.untilMicros,
          );
          expect(sumsOf(mergeOf(groups.map(({ cell }) => cell)))).toEqual(sumsOf(cellOf(inside)));
          expect(range!.fromMicros).toBeLessThan(
            Math.max(fromMicros, dropped.hoursBeforeMicros) + 60 * MINUTE,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("answers totals with all events since the beginning, by any labels", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(arbitraryEvents, arbitraryEvents),
        arbitraryBy,
        arbitraryWhere,
        async (pieces, by, where) => {
          const reader = await readerOf(pieces);
          const { groups } = await reader.totals({ by, where, cellsMax: 1_000 });
          const answered = groups.map(({ values, cell }) => [JSON.stringify(values), sumsOf(cell)] as const);
          expect(new Map(answered)).toEqual(expected(pieces.flat(), by, where));
        },
      ),
      { numRuns: 60 },
    );
  });
});
