import { describe, expect, test } from "vitest";
import {
  type EventStore,
  type KeptRecord,
  type MinuteCell,
  StoreError,
} from "../../src/history/event-store.ts";
import { encodeRecord } from "../../src/history/log-record.ts";
import { cellOf, ROW_BYTES } from "../../src/history/memory/period.ts";
import { Rollups } from "../../src/history/memory/rollups.ts";
import { memoryStore, RECORD_BYTES } from "../../src/history/memory/store.ts";
import { zeroCell } from "../../src/ledger/cell.ts";
import { addEncodedSums, decodeCell } from "../../src/ledger/cell-codec.ts";
import { SLOT, SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import type { Resolution } from "../../src/query/rollup-plan.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByReport } from "../pricing/pricers.ts";
import {
  checkpoint,
  DAY,
  DAY_MICROS,
  EVERYTHING,
  HOUR,
  HOUR_MICROS,
  kept,
  keptFromTo,
  LAYOUT,
  LIMITS,
  MINUTE_MICROS,
  minuteCell,
  NOTHING_PAST,
  retainAll,
  SHAPE,
  type StoreUnderTest,
  storeConformance,
} from "./conformance.ts";
import { foldConformance } from "./fold-conformance.ts";

const ROWS = {
  ...{ where: [], fromMicros: 0, untilMicros: 4e15, costMin: undefined, durationMinNanos: undefined },
  ...{ limit: 1_000, scanMax: 10_000, cursor: undefined },
};

async function storeUnderTest(): Promise<StoreUnderTest> {
  const rollups = new Rollups();
  const store = memoryStore({ instance: "here", eventsMax: 10_000 }, rollups);
  return {
    store,
    instance: "here",
    forgetsIds: true,
    reopen: async () => store,
    rows: async (resolution) =>
      rollups.periods({ resolution, fromMicros: 0, untilMicros: 4e15 }).flatMap(({ startMicros, rows }) =>
        Array.from(rows.values(), (row) => {
          const { labelValues, team } = row.labels;
          return { minuteMicros: startMicros, labelValues, team, cell: cellOf(row) };
        }),
      ),
  };
}

storeConformance("memory", storeUnderTest);
foldConformance("memory", storeUnderTest);

async function openStore(eventsMax = 1_000): Promise<EventStore> {
  const store = memoryStore({ instance: "here", eventsMax });
  await store.open(SHAPE, LIMITS);
  return store;
}

async function seqsOf(store: EventStore): Promise<number[]> {
  return (await store.read(EVERYTHING)).map(({ seq }) => seq);
}

function seqs(first: number, last: number): number[] {
  return keptFromTo(first, last).map(({ seq }) => seq);
}

/** A record whose text is one. */
function recordOf(seq: number): KeptRecord {
  const timestamp = kept(seq).atMicros / 1e3;
  const event = eventOf({ id: `r-${seq}`, timestamp, provider: "openai", model: "gpt-4o" });
  return kept(seq, { text: encodeRecord({ kind: "end", event, price: priceByReport(event) }) });
}

/** Requests in each minute, hour or day, by its start. */
async function requestsOf(store: EventStore, resolution: Resolution): Promise<Map<number, number>> {
  const range = { fromMicros: DAY - DAY_MICROS, untilMicros: DAY + DAY_MICROS };
  const { groups } = await store.fold({
    ...{ by: [], where: [], cellsMax: 100_000, ...range, stepMicros: MINUTE_MICROS },
    spans: [{ resolution, ...range }],
  });
  return new Map(
    groups.map(({ startMicros, cell }) => {
      const sum = zeroCell(SUMS_LAYOUT);
      addEncodedSums(sum, cell);
      return [startMicros, sum.values[SLOT.requests]! + sum.values[SLOT.requests + 1]!];
    }),
  );
}

/** Cells of one minute, each of another pool. */
function poolCells(count: number): MinuteCell[] {
  return Array.from({ length: count }, (_, at) =>
    minuteCell(DAY, { durations: [at], labelValues: ["openai", "gpt-4o", `pool ${at}`] }),
  );
}

describe("bounds", () => {
  test.each([1, 10, 100, 1_000])(
    "of at most %d ended requests the latest stay, counted or not",
    async (max) => {
      const store = await openStore(max);
      await store.append(keptFromTo(1, 2 * max));
      await store.checkpoint(checkpoint(2 * max));
      for (let seq = 2 * max + 1; seq <= 3 * max; seq++) {
        await store.append([kept(seq)]);
        expect((await store.status()).events).toBeLessThanOrEqual(max);
      }
      const left = await seqsOf(store);
      expect(left).toEqual(seqs(3 * max - left.length + 1, 3 * max));
      expect(left.length).toBeGreaterThan(0.95 * max - 1);
      expect((await store.status()).oldestMicros).toBe(kept(left[0]!).atMicros);
    },
  );

  test("ended requests push out none that is open; of too many of these the longest silent one goes first", async () => {
    const store = await openStore(10);
    await store.append([...keptFromTo(1, 11, { kind: "report" }), ...keptFromTo(12, 40)]);
    await store.append([kept(41, { kind: "report", id: "r-2" }), kept(42, { kind: "report" })]);
    await store.checkpoint(checkpoint(42));
    expect((await store.open(SHAPE, LIMITS)).open).toEqual(
      [4, 5, 6, 7, 8, 9, 10, 11, 41, 42].map((seq) => kept(seq).text),
    );
  });

  test("a request that ended and is reported anew is open", async () => {
    const store = await openStore();
    await store.append([kept(1, { id: "a" }), kept(2, { id: "a", kind: "report" })]);
    await store.checkpoint(checkpoint(2));
    expect((await store.open(SHAPE, LIMITS)).open).toEqual([kept(2).text]);
  });

  test("reports that no checkpoint takes are at most twice as many as may be open", async () => {
    const store = await openStore(10);
    for (let seq = 1; seq <= 100; seq++) {
      await store.append([kept(seq, { kind: "report" })]);
      expect((await store.status()).bytes).toBeLessThanOrEqual(20 * RECORD_BYTES);
    }
    expect((await store.open(SHAPE, LIMITS)).since.at(-1)).toBe(kept(100).text);
  });

  test("a minute is past when it has ended", async () => {
    const store = await openStore();
    const minutes = [0, 1].map((minute) => minuteCell(DAY + minute * MINUTE_MICROS, { durations: [1] }));
    await store.checkpoint(checkpoint(1, minutes));
    await retainAll(store, { minutesBeforeMicros: DAY + MINUTE_MICROS });
    expect(Array.from((await requestsOf(store, "minute")).keys())).toEqual([DAY + MINUTE_MICROS]);
  });

  test("requests that never end do not stay for ever", async () => {
    const store = await openStore();
    const reports = keptFromTo(1, 2, { kind: "report" });
    await store.append(reports);
    await store.checkpoint(checkpoint(2));
    await retainAll(store, { eventsBeforeMicros: reports[1]!.atMicros });
    expect((await store.open(SHAPE, LIMITS)).open).toEqual([reports[1]!.text]);
  });

  test("of what is too much the oldest records go, when there are none the oldest minutes, then hours and days", async () => {
    const store = await openStore();
    await store.append(keptFromTo(1, 20));
    const minutes = [3, 1, 2].map((minute) => minuteCell(DAY + minute * MINUTE_MICROS, { durations: [1] }));
    await store.checkpoint(checkpoint(20, minutes));
    const { bytes } = await store.status();
    await retainAll(store, { bytesMax: bytes - 4.5 * RECORD_BYTES });
    expect(await seqsOf(store)).toEqual(seqs(6, 20));
    expect((await requestsOf(store, "minute")).size).toBe(3);
    await retainAll(store, { bytesMax: bytes - 20 * RECORD_BYTES - 1 });
    expect(await seqsOf(store)).toEqual([]);
    expect(Array.from((await requestsOf(store, "minute")).keys()).sort()).toEqual([
      DAY + 2 * MINUTE_MICROS,
      DAY + 3 * MINUTE_MICROS,
    ]);
    const minutesSinceMicros = DAY + 2 * MINUTE_MICROS;
    const span = { resolution: "minute", fromMicros: 0, untilMicros: 4e15 } as const;
    const question = { by: [], where: [], cellsMax: 10, spans: [span] };
    expect(await store.fold(question)).toMatchObject({ minutesSinceMicros });
    expect((await store.fold(question)).hoursSinceMicros).toBeUndefined();
    expect((await requestsOf(store, "hour")).size).toBe(1);
    await retainAll(store, { bytesMax: 0 });
    for (const resolution of ["minute", "hour", "day"] as const) {
      expect((await requestsOf(store, resolution)).size).toBe(0);
    }
    expect(await store.fold(question)).toMatchObject({ hoursSinceMicros: DAY + HOUR_MICROS });
    expect((await store.open(SHAPE, LIMITS)).series.length).toBe(1);
  });

  test("hours go from the oldest on, and a day with its first hour, which nothing is told of any more", async () => {
    const store = await openStore();
    const hours = [-20, -3, 5, 0];
    const cells = hours.map((hour) => minuteCell(DAY + hour * HOUR_MICROS, { durations: [1] }));
    await store.checkpoint(checkpoint(1, cells));
    const range = { by: [], where: [], cellsMax: 10, spans: [] };
    const left = async () => ({
      days: Array.from((await requestsOf(store, "day")).keys(), (day) => (day - DAY) / DAY_MICROS),
      hours: Array.from((await requestsOf(store, "hour")).keys(), (hour) => (hour - DAY) / HOUR_MICROS).sort(
        (one, other) => one - other,
      ),
      since: (((await store.fold(range)).hoursSinceMicros ?? 0) - DAY) / HOUR_MICROS,
    });
    // One byte too many drops one period more.
    const dropOne = async () => store.retain({ ...NOTHING_PAST, bytesMax: (await store.status()).bytes - 1 });
    for (const _minute of hours) await dropOne();
    expect(await left()).toMatchObject({ days: [-1, 0], hours: [-20, -3, 0, 5] });
    await dropOne();
    expect(await left()).toEqual({ days: [0], hours: [-20, -3, 0, 5], since: -23 });
    await dropOne();
    expect(await left()).toEqual({ days: [0], hours: [-3, 0, 5], since: -19 });
    await dropOne();
    expect(await left()).toEqual({ days: [0], hours: [0, 5], since: -2 });
    await dropOne();
    expect(await left()).toEqual({ days: [], hours: [0, 5], since: 1 });
    await dropOne();
    expect(await left()).toEqual({ days: [], hours: [5], since: 1 });
  });

  test("bytes are those of what is there, however it came and went", async () => {
    const store = await openStore();
    const empty = (await store.status()).bytes;
    await store.append([...keptFromTo(1, 3), kept(4, { kind: "report" }), kept(5, { kind: "report" })]);
    expect((await store.status()).bytes).toBe(empty + 5 * RECORD_BYTES);
    await store.checkpoint(checkpoint(3, poolCells(4)));
    const one = (await store.status()).bytes;
    // A cell of a sum takes more than those of its parts by itself, and less than both.
    await store.append([kept(6, { id: "r-4" })]);
    await store.checkpoint(checkpoint(6, poolCells(4)));
    const two = (await store.status()).bytes;
    expect(two).toBeGreaterThan(one);
    expect(two).toBeLessThan(one + 1_000);
    await store.open({ ...SHAPE, labelNames: ["provider"] }, LIMITS);
    await store.checkpoint(checkpoint(7));
    const past = { minutesBeforeMicros: 4e15, hoursBeforeMicros: 4e15, eventsBeforeMicros: 4e15 };
    await retainAll(store, past);
    expect((await store.status()).bytes).toBe(empty);
  });
});

test("sums that are added to again and again take no more room for it, and bytes say how much", async () => {
  const rollups = new Rollups();
  const store = memoryStore({ instance: "here", eventsMax: 10 }, rollups);
  await store.open(SHAPE, LIMITS);
  const cells = poolCells(50);
  // Of each checkpoint the sum of one label set is the last that it gets.
  for (let seq = 1; seq <= 50; seq++) await store.checkpoint(checkpoint(seq, cells.slice(seq - 1)));
  const all = { fromMicros: DAY, untilMicros: DAY + DAY_MICROS };
  const rows = (["minute", "hour", "day"] as const).flatMap((resolution) =>
    rollups.periods({ resolution, ...all }).flatMap((period) => Array.from(period.rows.values())),
  );
  expect(rows.length).toBe(150);
  const sum = (lengths: number[]) => lengths.reduce((one, other) => one + other);
  const used = sum(rows.map(({ start, end }) => end - start));
  const room = sum(Array.from(new Set(rows.map(({ chunk }) => chunk)), ({ length }) => length));
  expect(room).toBeLessThan(4 * used);
  expect(rollups.bytes).toBeGreaterThanOrEqual(room + (rows.length + cells.length) * ROW_BYTES);
  expect(await requestsOf(store, "minute")).toEqual(new Map([[DAY, (50 * 51) / 2]]));
  const series = (await store.open(SHAPE, LIMITS)).series.map(({ cell }) => decodeCell(cell, LAYOUT));
  expect(series.map(({ values }) => values[SLOT.requests])).toEqual(seqs(1, 50));
});

describe("beside the accept path", () => {
  test("an append is done when it returns", async () => {
    const store = await openStore();
    const records = keptFromTo(1, 3);
    void store.append(records);
    records.length = 0;
    const read = store.read(EVERYTHING);
    void store.append(keptFromTo(4, 4));
    expect((await read).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test("a record can be handed over by itself; one that does not follow is refused with what is expected", async () => {
    const store = memoryStore({ instance: "here", eventsMax: 10 });
    expect(() => store.add(kept(1))).toThrow(StoreError);
    await store.open(SHAPE, LIMITS);
    store.add(kept(1));
    store.add(kept(2, { kind: "report" }));
    await store.append([kept(3)]);
    expect(() => store.add(kept(5))).toThrow(/expected records from number 4 on, got 5/);
    expect(() => store.add(kept(3))).toThrow(StoreError);
    store.add(kept(4));
    expect(await seqsOf(store)).toEqual([1, 3, 4]);
    expect((await store.open(SHAPE, LIMITS)).lastSeq).toBe(4);
  });

  test("texts are made for who reads them, and for nobody else", async () => {
    const made: number[] = [];
    const lazy = (seq: number, kind: KeptRecord["kind"]): KeptRecord => {
      const { text, ...fields } = recordOf(seq);
      return {
        ...fields,
        kind,
        get text() {
          made.push(seq);
          return text;
        },
      };
    };
    const store = await openStore(100);
    await store.append(seqs(1, 150).map((seq) => lazy(seq, seq % 3 === 0 ? "report" : "end")));
    await store.checkpoint(checkpoint(140, [minuteCell(DAY, { durations: [1] })]));
    await store.status();
    await retainAll(store, { eventsBeforeMicros: kept(100).atMicros });
    const ask = { ...ROWS, limit: 2 };
    await store.rows({ ...ask, where: [{ dimension: "provider", kind: "is", values: ["vllm"] }] });
    expect(made).toEqual([]);
    await store.rows(ask);
    expect(made).toEqual([149, 148]);
    made.length = 0;
    await store.read({ ...EVERYTHING, limit: 2, afterSeq: 120 });
    expect(made).toEqual([121, 122]);
  });

  test("who reads goes on with what there was when records are dropped meanwhile", async () => {
    const store = await openStore();
    const all = { ...NOTHING_PAST, eventsBeforeMicros: 4e15 };
    const dropsAll = (seq: number): KeptRecord => {
      const { text, ...fields } = recordOf(seq);
      return {
        ...fields,
        get text() {
          void store.retain(all);
          return text;
        },
      };
    };
    await store.append([...seqs(1, 199).map(recordOf), dropsAll(200)]);
    await store.checkpoint(checkpoint(200));
    expect((await store.rows(ROWS)).rows.map(({ seq }) => seq)).toEqual(seqs(1, 200).reverse());
    expect(await seqsOf(store)).toEqual([]);
    await store.append([dropsAll(201), ...seqs(202, 400).map(recordOf)]);
    await store.checkpoint(checkpoint(400));
    expect(await seqsOf(store)).toEqual(seqs(201, 400));
    expect((await store.status()).events).toBe(0);
  });

  test("who reads goes on with what there was when records push others out meanwhile", async () => {
    const store = await openStore(10);
    const { text, ...fields } = kept(1);
    let next = 11;
    const pushes = {
      ...fields,
      get text() {
        void store.append(keptFromTo(next, next + 2));
        next += 3;
        return text;
      },
    };
    await store.append([pushes, ...keptFromTo(2, 10)]);
    expect(await seqsOf(store)).toEqual(seqs(1, 10));
    expect(await seqsOf(store)).toEqual(seqs(4, 13));
  });

  test("a range of time begins with the request at its instant and ends before the other", async () => {
    const store = await openStore();
    await store.append(keptFromTo(1, 50));
    for (const [from, until] of [
      [15, 16],
      [16, 31],
      [1, 50],
    ] as const) {
      const range = { fromMicros: kept(from).atMicros, untilMicros: kept(until).atMicros };
      const read = await store.read({ ...EVERYTHING, ...range });
      expect(read.map(({ seq }) => seq)).toEqual(seqs(from, until - 1));
    }
  });

  test("a checkpoint and a fold let others have their turn, and the fold sees one moment", async () => {
    const store = await openStore();
    const cells = poolCells(1_500);
    await store.append(keptFromTo(1, 2));
    await store.checkpoint(checkpoint(1, cells));
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const range = { fromMicros: DAY, untilMicros: DAY + DAY_MICROS };
    const ask = () =>
      store.fold({
        ...{ by: ["pool"], where: [], cellsMax: 100_000, ...range, stepMicros: undefined },
        spans: [
          { resolution: "minute", ...range },
          { resolution: "day", ...range },
        ],
      });
    const before = await ask();
    expect(turns).toBeGreaterThan(1);
    turns = 0;
    const taking = store.checkpoint(checkpoint(2, cells.toReversed()));
    const beside = [ask()];
    while (beside.length < 5) {
      await new Promise((resolve) => setImmediate(resolve));
      beside.push(ask());
    }
    await taking;
    isDone = true;
    expect(turns).toBeGreaterThan(1);
    const after = await ask();
    expect([before.seq, after.seq]).toEqual([1, 2]);
    for (const answer of await Promise.all(beside)) expect(answer).toEqual(answer.seq === 1 ? before : after);
  });

  test("a checkpoint with bytes that are no cell changes nothing, and can be taken again without them", async () => {
    const store = await openStore();
    await store.append(keptFromTo(1, 2));
    await store.checkpoint(checkpoint(1, [minuteCell(HOUR, { durations: [1] })], { budgets: "1" }));
    const before = await store.open(SHAPE, LIMITS);
    const good = minuteCell(HOUR, { durations: [2] });
    const bad = { ...good, cell: good.cell.subarray(0, 5) };
    await expect(store.checkpoint(checkpoint(2, [good, bad], { budgets: "2" }))).rejects.toThrow(
      /ends early/,
    );
    expect(await store.open(SHAPE, LIMITS)).toEqual(before);
    await store.checkpoint(checkpoint(2, [good]));
    expect(await requestsOf(store, "day")).toEqual(
      new Map([[Math.floor(HOUR / DAY_MICROS) * DAY_MICROS, 2]]),
    );
  });

  test("records that do not follow, and calls after the end, are refused with what is expected", async () => {
    const store = await openStore();
    await store.append(keptFromTo(1, 2));
    await expect(store.append(keptFromTo(4, 4))).rejects.toThrow(/expected records from number 3 on, got 4/);
    await store.close();
    const closed = [store.append(keptFromTo(3, 3)), store.checkpoint(checkpoint(2)), store.status()];
    for (const call of [...closed, store.retain(NOTHING_PAST), store.read(EVERYTHING)]) {
      await expect(call).rejects.toBeInstanceOf(StoreError);
    }
    await store.open(SHAPE, LIMITS);
    expect(await seqsOf(store)).toEqual([1, 2]);
  });
});
