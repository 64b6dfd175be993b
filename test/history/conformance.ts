/** What every event store does. Each kind of store runs this suite on the real thing: a file, a server. */
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { BASE_LABELS } from "../../src/catalogue/families.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";
import {
  type Checkpoint,
  type EventStore,
  type KeptRecord,
  type MinuteCell,
  type Recovery,
  StoreError,
  type StoreShape,
} from "../../src/history/event-store.ts";
import { merge, record, zeroCell } from "../../src/ledger/cell.ts";
import { decodeCell, encodeCell } from "../../src/ledger/cell-codec.ts";
import { cellLayout, type HistogramBounds } from "../../src/ledger/cell-layout.ts";
import { RESOLUTIONS, type Resolution } from "../../src/query/rollup-plan.ts";
import { arbitraryEvent, eventOf, NOW_MICROS } from "../ledger/sample-events.ts";
import { priceByReport } from "../pricing/pricers.ts";

/** A new store, and what is needed to look at what it holds. No store given here has been opened. */
export type StoreUnderTest = {
  readonly store: EventStore;
  /** Name of the exporter that the store belongs to. */
  readonly instance: string;
  /** Another store over the same rows. The suite closes the one before. `bounds`: BOUNDS unless told. */
  readonly reopen: (bounds?: HistogramBounds) => Promise<EventStore>;
  /** Rows of rollups as they are kept; without it the tests that look at them are skipped. */
  readonly rows?: (table: Resolution) => Promise<readonly MinuteCell[]>;
  /** Ids are forgotten with their records; only where nothing else is opened over what a store left. */
  readonly forgetsIds?: boolean;
};

export const BOUNDS: HistogramBounds = {
  duration: [0.1, 1, 10],
  timeToFirstToken: [0.1, 1],
  timePerOutputToken: [0.01, 0.1],
};
export const OTHER_BOUNDS: HistogramBounds = { ...BOUNDS, duration: [0.5, 5] };
export const LAYOUT = cellLayout(BOUNDS);
export const SHAPE: StoreShape = { fingerprint: LAYOUT.fingerprint, labelNames: BASE_LABELS };
export const OTHER_BUCKETS = { ...SHAPE, fingerprint: cellLayout(OTHER_BOUNDS).fingerprint };
export const OTHER_LABELS = { ...SHAPE, labelNames: [...BASE_LABELS, "team"] };
export const LIMITS = { idsMax: 1_000, idsSinceMicros: 0 };
export const NOTHING_PAST = {
  eventsBeforeMicros: 0,
  minutesBeforeMicros: 0,
  hoursBeforeMicros: 0,
  idsBeforeMicros: 0,
  bytesMax: 1e12,
};
export const EVERYTHING = { fromMicros: 0, untilMicros: 4e15, afterSeq: 0, limit: 10_000 };
export const { minute: MINUTE_MICROS, hour: HOUR_MICROS, day: DAY_MICROS } = RESOLUTIONS;
/** Start of an hour, a day ago. */
export const HOUR = (Math.floor(NOW_MICROS / HOUR_MICROS) - 24) * HOUR_MICROS;
/** Start of a day. */
export const DAY = Math.floor(HOUR / DAY_MICROS) * DAY_MICROS;
export const CHAT = ["openai", "gpt-4o", "chat"];
export const RAG = ["anthropic", "claude-sonnet-4-5", "rag"];
/** What a store might take for something else: syntax of arrays and of SQL, other alphabets, what is no character. */
const ODD = ["", "NULL", 'a"b\\c', "{a,b}", "x'); --", "日本 🦀", "a\u0000b", "\ud800", "\ufffd", " "];

/** A record whose text says its number; of an event a second after the one before. */
export function kept(seq: number, fields: Partial<KeptRecord> = {}): KeptRecord {
  const atMicros = NOW_MICROS + seq * 1e6;
  const [provider, model, pool] = CHAT as [string, string, string];
  const names = { provider, model, pool };
  const text = `[${seq},"é ${"\\u0000"}"]`;
  return { seq, atMicros, arrivalMicros: atMicros, id: `r-${seq}`, kind: "end", ...names, text, ...fields };
}

export function keptFromTo(first: number, last: number, fields: Partial<KeptRecord> = {}): KeptRecord[] {
  return Array.from({ length: last - first + 1 }, (_, index) => kept(first + index, fields));
}

function seqsOf({ since }: Recovery): number[] {
  return since.map((text) => (JSON.parse(text) as [number])[0]);
}

/** An event of the minute that begins then. */
export function event(minuteMicros: number, fields: Record<string, unknown> = {}): RequestEvent {
  const timestamp = minuteMicros / 1e3 + 500;
  const [provider, model, pool] = CHAT;
  return eventOf({ timestamp, provider, model, pool, status: "success", duration_ms: 700, ...fields });
}

export function encoded(events: readonly RequestEvent[], layout = LAYOUT): Uint8Array {
  const cell = zeroCell(layout);
  for (const of of events) record(cell, layout, of, priceByReport(of), false);
  return encodeCell(cell, layout);
}

export function minuteCell(
  minuteMicros: number,
  fields: Partial<MinuteCell> & { durations: number[] },
): MinuteCell {
  const { durations, ...rest } = fields;
  const cell = encoded(durations.map((duration_ms) => event(minuteMicros, { duration_ms })));
  return { minuteMicros, labelValues: CHAT, team: "", cell, ...rest };
}

/** Cells added up by a key, and their bytes as text: equal for equal cells. */
export function summed<Of extends { readonly cell: Uint8Array }>(
  cells: readonly Of[],
  keyOf: (of: Of) => unknown,
): Map<string, string> {
  const sums = new Map<string, ReturnType<typeof zeroCell>>();
  for (const of of cells) {
    const key = JSON.stringify(keyOf(of));
    const into = sums.get(key) ?? zeroCell(LAYOUT);
    merge(into, decodeCell(of.cell, LAYOUT), LAYOUT);
    sums.set(key, into);
  }
  const entries = Array.from(sums, ([key, cell]): [string, string] => [
    key,
    Buffer.from(encodeCell(cell, LAYOUT)).toString("hex"),
  ]);
  return new Map(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

const byLabels = ({ labelValues }: { labelValues: readonly string[] }) => labelValues;
const byMinute = ({ minuteMicros, labelValues, team }: MinuteCell) => [minuteMicros, labelValues, team];
/** The key of the rollup that a minute belongs to. */
const byRollup =
  (table: Resolution) =>
  ({ minuteMicros, labelValues, team }: MinuteCell) => [
    Math.floor(minuteMicros / RESOLUTIONS[table]) * RESOLUTIONS[table],
    labelValues,
    team,
  ];
const ROLLUPS = Object.keys(RESOLUTIONS) as Resolution[];

/** Rows as they are, each under its key; a key that is there twice is a fault of the store. */
function rowsOf(rows: readonly MinuteCell[]): Map<string, string> {
  expect(new Set(rows.map((row) => JSON.stringify(byMinute(row)))).size).toBe(rows.length);
  return summed(rows, byMinute);
}

export function checkpoint(seq: number, cells: readonly MinuteCell[] = [], notes = {}): Checkpoint {
  return { seq, cells, notes };
}

/** Calls until there is no more to drop. */
export async function retainAll(store: EventStore, cut: Partial<typeof NOTHING_PAST>): Promise<void> {
  for (let calls = 0; calls < 1_000; calls++) {
    if (!(await store.retain({ ...NOTHING_PAST, ...cut }))) return;
  }
  throw new Error("expected retain to be done after a thousand calls");
}

async function seqsRead(store: EventStore, range: Partial<typeof EVERYTHING> = {}): Promise<number[]> {
  return (await store.read({ ...EVERYTHING, ...range })).map(({ seq }) => seq);
}

/** A new store that is open, and closed with the test; `again` closes it and opens it anew. */
export async function openedStore(makeStore: () => Promise<StoreUnderTest>) {
  const under = await makeStore();
  let store = under.store;
  let isOpen = true;
  const close = async () => {
    if (isOpen) await store.close();
    isOpen = false;
  };
  onTestFinished(close);
  const first = await store.open(SHAPE, LIMITS);
  const again = async ({ shape = SHAPE, limits = LIMITS, bounds = BOUNDS } = {}) => {
    await close();
    store = await under.reopen(bounds);
    isOpen = true;
    return { store, recovery: await store.open(shape, limits) };
  };
  const { rows, instance, forgetsIds = false } = under;
  return { store, first, again, close, rows, instance, forgetsIds };
}

export function storeConformance(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  const opened = () => openedStore(makeStore);

  describe(`${name}: records`, () => {
    test("a new store is empty and says so", async () => {
      const { store, first, again } = await opened();
      const nothing = { lastSeq: 0, series: [], notes: {}, since: [], endedIds: [], open: [] };
      expect(first).toEqual(nothing);
      const status = await store.status();
      expect(status).toMatchObject({ events: 0, oldestMicros: undefined, newestMicros: undefined });
      expect(await store.read(EVERYTHING)).toEqual([]);
      expect((await again()).recovery).toEqual(nothing);
    });

    test("records come back in their order and unchanged, however they were batched", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 1));
      await store.append([]);
      await store.append(keptFromTo(2, 1_500));
      await store.append(keptFromTo(1_501, 1_502));
      const { recovery } = await again();
      expect(recovery.lastSeq).toBe(1_502);
      expect(recovery.since).toEqual(keptFromTo(1, 1_502).map(({ text }) => text));
    });

    test("a store that was opened again goes on where it was", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 2));
      const { store: second } = await again();
      await second.append(keptFromTo(3, 4));
      expect(seqsOf((await again()).recovery)).toEqual([1, 2, 3, 4]);
    });

    test("an append with a number that is kept already is refused whole", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 2));
      await expect(store.append(keptFromTo(2, 3))).rejects.toBeInstanceOf(StoreError);
      await store.append(keptFromTo(3, 3));
      expect(seqsOf((await again()).recovery)).toEqual([1, 2, 3]);
    });

    test("ids, names and labels of any characters come back as they were", async () => {
      const { store, again } = await opened();
      // Label values and names have been made safe; ids are kept as they were sent.
      const safe = ODD.map((odd) => odd.toWellFormed().replace("\u0000", "\ufffd"));
      await store.append(
        ODD.map((id, at) =>
          kept(at + 1, { id, provider: safe[at]!, model: safe[at]!, text: JSON.stringify([at + 1, id]) }),
        ),
      );
      const cells = safe.map((value) =>
        minuteCell(HOUR, { durations: [1], labelValues: [value, value, value], team: value }),
      );
      await store.checkpoint(checkpoint(ODD.length, cells, { "a'b": '{"x":"\\u0000é"}' }));
      const { recovery, store: second } = await again();
      expect(recovery.endedIds.map(({ id }) => id)).toEqual(ODD);
      expect(summed(recovery.series, byLabels)).toEqual(summed(cells, byLabels));
      expect(recovery.notes).toEqual({ "a'b": '{"x":"\\u0000é"}' });
      expect((await second.read(EVERYTHING)).map(({ text }) => text)).toEqual(
        ODD.map((id, at) => JSON.stringify([at + 1, id])),
      );
    });
  });

  describe(`${name}: checkpoints`, () => {
    test("a start gives the sums of the checkpoint and the records after it", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 5));
      const cells = [
        minuteCell(HOUR, { durations: [5, 50] }),
        minuteCell(HOUR, { durations: [3], labelValues: RAG }),
      ];
      await store.checkpoint(checkpoint(3, cells, { budgets: "{}" }));
      await store.append(keptFromTo(6, 6));
      const { recovery } = await again();
      expect(recovery.lastSeq).toBe(6);
      expect(seqsOf(recovery)).toEqual([4, 5, 6]);
      expect(summed(recovery.series, byLabels)).toEqual(summed(cells, byLabels));
      expect(recovery.notes).toEqual({ budgets: "{}" });
      expect((await again()).recovery).toEqual(recovery);
    });

    test("series are the merge of all checkpoints, teams and minutes put together", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 9));
      const first = [
        minuteCell(HOUR, { durations: [5, 50] }),
        minuteCell(HOUR, { durations: [7], team: "search" }),
        minuteCell(HOUR - MINUTE_MICROS, { durations: [3], labelValues: RAG }),
      ];
      const second = [
        minuteCell(HOUR, { durations: [9_000] }),
        minuteCell(HOUR + MINUTE_MICROS, { durations: [1] }),
      ];
      await store.checkpoint(checkpoint(4, first));
      await store.checkpoint(checkpoint(9, second));
      const { recovery } = await again();
      expect(recovery.series.length).toBe(2);
      expect(summed(recovery.series, byLabels)).toEqual(summed([...first, ...second], byLabels));
    });

    test("minutes, hours and days are the merge of all cells of the same time, labels and team", async (context) => {
      const { store, rows } = await opened();
      if (rows === undefined) return context.skip("this store gives no look at its rows");
      await store.append(keptFromTo(1, 9));
      const first = [
        minuteCell(DAY, { durations: [5, 50] }),
        minuteCell(DAY, { durations: [7], team: "search" }),
        minuteCell(DAY - MINUTE_MICROS, { durations: [3] }),
        minuteCell(DAY + HOUR_MICROS, { durations: [11] }),
      ];
      const second = [
        minuteCell(DAY, { durations: [9_000] }),
        minuteCell(DAY + MINUTE_MICROS, { durations: [1] }),
      ];
      await store.checkpoint(checkpoint(4, first));
      await store.checkpoint(checkpoint(9, second));
      for (const table of ROLLUPS) {
        expect(rowsOf(await rows(table))).toEqual(summed([...first, ...second], byRollup(table)));
      }
    });

    test("two cells of one key in one checkpoint are merged", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 2));
      const cells = [minuteCell(HOUR, { durations: [5] }), minuteCell(HOUR, { durations: [6, 7] })];
      await store.checkpoint(checkpoint(2, cells));
      expect(summed((await again()).recovery.series, byLabels)).toEqual(summed(cells, byLabels));
    });

    test("a checkpoint that is repeated counts once, and after a new start too", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 3));
      const taken = checkpoint(3, [minuteCell(HOUR, { durations: [5] })], { budgets: "1" });
      await store.checkpoint(taken);
      await store.checkpoint(taken);
      const { store: second } = await again();
      await second.checkpoint(taken);
      const { recovery } = await again();
      expect(summed(recovery.series, byLabels)).toEqual(summed(taken.cells, byLabels));
      expect(recovery.since).toEqual([]);
      expect(recovery.lastSeq).toBe(3);
    });

    test("notes are replaced by those of the latest checkpoint", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 3));
      await store.checkpoint(checkpoint(1, [], { budgets: "[1]", overflow: "[2]" }));
      await store.checkpoint(checkpoint(2, [], { budgets: "[3]", overflow: "[4]" }));
      expect((await again()).recovery.notes).toEqual({ budgets: "[3]", overflow: "[4]" });
    });

    test("records may be appended while a checkpoint is taken", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 100));
      const cells = [minuteCell(HOUR, { durations: [5] })];
      await Promise.all([
        store.checkpoint(checkpoint(100, cells)),
        store.append(keptFromTo(101, 150)).then(() => store.append(keptFromTo(151, 200))),
      ]);
      const { recovery } = await again();
      expect(seqsOf(recovery)).toEqual(keptFromTo(101, 200).map(({ seq }) => seq));
      expect(summed(recovery.series, byLabels)).toEqual(summed(cells, byLabels));
    });

    test.each([
      { what: "other labels", shape: OTHER_LABELS, bounds: BOUNDS },
      { what: "other buckets", shape: OTHER_BUCKETS, bounds: OTHER_BOUNDS },
    ])("totals of $what are not continued; records, ids and notes are", async ({ shape, bounds }) => {
      const { store, again, rows } = await opened();
      await store.append(keptFromTo(1, 3));
      const cells = [minuteCell(HOUR, { durations: [5] })];
      await store.checkpoint(checkpoint(2, cells, { budgets: "1" }));
      const { recovery } = await again({ shape, bounds });
      expect(recovery).toMatchObject({ lastSeq: 3, series: [], notes: { budgets: "1" } });
      expect(seqsOf(recovery)).toEqual([3]);
      expect(recovery.endedIds.slice(0, 2).map(({ id }) => id)).toEqual(["r-1", "r-2"]);
      // Nothing was counted under the other shape: the totals of this one are still those of the last checkpoint.
      expect(summed((await again()).recovery.series, byLabels)).toEqual(summed(cells, byLabels));
      const { store: other } = await again({ shape, bounds });
      await other.checkpoint(checkpoint(3, [{ ...cells[0]!, labelValues: shape.labelNames }]));
      if (rows !== undefined) expect((await rows("minute")).length).toBe(2);
      expect((await again({ shape, bounds })).recovery.series.length).toBe(1);
      // By now the totals of the first shape lack what was counted under the other.
      const { store: back, recovery: returned } = await again();
      expect(returned).toMatchObject({ lastSeq: 3, series: [], since: [] });
      await back.append(keptFromTo(4, 4));
      const anew = [minuteCell(HOUR, { durations: [8] })];
      await back.checkpoint(checkpoint(4, anew));
      expect(summed((await again()).recovery.series, byLabels)).toEqual(summed(anew, byLabels));
    });
  });

  describe(`${name}: ids and open requests`, () => {
    test("ids of ended requests come back oldest first, inside the window and the limit", async () => {
      const { store, again } = await opened();
      await store.append([...keptFromTo(1, 9), kept(10, { id: undefined })]);
      await store.checkpoint(checkpoint(10));
      const ids = async (limits: typeof LIMITS) =>
        (await again({ limits })).recovery.endedIds.map(({ id, arrivalMicros }) => [id, arrivalMicros]);
      const [seven, eight, nine] = keptFromTo(7, 9).map(({ id, arrivalMicros }) => [id, arrivalMicros]);
      expect((await ids(LIMITS)).length).toBe(9);
      expect(await ids({ ...LIMITS, idsSinceMicros: kept(7).arrivalMicros })).toEqual([seven, eight, nine]);
      expect(await ids({ ...LIMITS, idsMax: 2 })).toEqual([eight, nine]);
    });

    test("an open request is known by its latest report, until it ends", async () => {
      const { store, again } = await opened();
      const report = (seq: number, id: string) => kept(seq, { id, kind: "report" });
      await store.append([report(1, "a"), report(2, "b"), report(3, "a"), report(4, "c")]);
      await store.append([kept(5, { id: "c" }), report(6, "b"), report(7, "d"), kept(8, { id: "d" })]);
      await store.checkpoint(checkpoint(8));
      const { recovery, store: second } = await again();
      expect(recovery.open).toEqual([kept(3).text, kept(6).text]);
      expect(recovery.endedIds.map(({ id }) => id)).toEqual(["c", "d"]);
      await second.append([kept(9, { id: "a" })]);
      await second.checkpoint(checkpoint(9));
      expect((await again()).recovery.open).toEqual([kept(6).text]);
    });

    test("ids and open requests are those of the last checkpoint or later; what came after it is in the records", async () => {
      const { store, again } = await opened();
      const report = (seq: number, id: string) => kept(seq, { id, kind: "report" });
      await store.append([report(1, "a"), report(2, "b"), kept(3, { id: "x" })]);
      await store.checkpoint(checkpoint(3));
      await store.append([kept(4, { id: "a" }), report(5, "b"), report(6, "c")]);
      const { recovery } = await again();
      const texts = (...seqs: number[]) => seqs.map((seq) => kept(seq).text);
      expect([texts(1, 2), texts(5, 6)]).toContainEqual(recovery.open);
      expect([["x"], ["x", "a"]]).toContainEqual(recovery.endedIds.map(({ id }) => id));
      expect(seqsOf(recovery)).toEqual([4, 5, 6]);
    });
  });

  describe(`${name}: reading and dropping`, () => {
    test("reading gives ended requests from an instant until another, by arrival, page after page", async () => {
      const { store } = await opened();
      const late = { atMicros: kept(3).atMicros };
      await store.append([...keptFromTo(1, 6), kept(7, { kind: "report" }), kept(8, late), kept(9)]);
      expect(await seqsRead(store)).toEqual([1, 2, 3, 4, 5, 6, 8, 9]);
      const range = { fromMicros: kept(3).atMicros, untilMicros: kept(6).atMicros };
      expect(await seqsRead(store, range)).toEqual([3, 4, 5, 8]);
      expect(await seqsRead(store, { ...range, limit: 2 })).toEqual([3, 4]);
      expect(await seqsRead(store, { ...range, limit: 2, afterSeq: 4 })).toEqual([5, 8]);
      expect(await seqsRead(store, { ...range, limit: 2, afterSeq: 8 })).toEqual([]);
      expect((await store.read({ ...range, afterSeq: 0, limit: 1 }))[0]).toEqual({
        seq: 3,
        text: kept(3).text,
      });
    });

    test("status counts the events and says from when until when they are", async () => {
      const { store, again } = await opened();
      const empty = await store.status();
      await store.append([kept(1), kept(2, { atMicros: 5_000_001 }), kept(3)]);
      const status = { events: 3, oldestMicros: 5_000_001, newestMicros: kept(3).atMicros };
      expect(await store.status()).toMatchObject(status);
      await store.append(keptFromTo(4, 1_000, { text: `[0,"${"x".repeat(1_000)}"]` }));
      expect((await store.status()).bytes - empty.bytes).toBeGreaterThan(500_000);
      await store.checkpoint(checkpoint(500));
      const { store: second } = await again();
      expect(await second.status()).toMatchObject({
        ...status,
        events: 1_000,
        newestMicros: kept(1_000).atMicros,
      });
    });

    test("records of before an instant are dropped, and nothing else", async () => {
      const { store, again } = await opened();
      await store.append([...keptFromTo(1, 9), kept(10, { atMicros: kept(1).atMicros })]);
      const cells = [minuteCell(HOUR, { durations: [5] })];
      await store.checkpoint(checkpoint(8, cells, { budgets: "1" }));
      await retainAll(store, { eventsBeforeMicros: kept(5).atMicros });
      expect(await seqsRead(store)).toEqual([5, 6, 7, 8, 9, 10]);
      expect((await store.status()).events).toBe(6);
      expect(await store.retain({ ...NOTHING_PAST, eventsBeforeMicros: kept(5).atMicros })).toBe(false);
      const { recovery } = await again();
      expect(recovery).toMatchObject({ lastSeq: 10, notes: { budgets: "1" } });
      expect(seqsOf(recovery)).toEqual([9, 10]);
      expect(summed(recovery.series, byLabels)).toEqual(summed(cells, byLabels));
    });

    test("ids stay for as long as a repeat may come, though their records were dropped, and no longer", async () => {
      const { store, again, forgetsIds } = await opened();
      for (const seq of [1, 2, 3, 4]) await store.append([kept(seq)]);
      await store.checkpoint(checkpoint(4));
      const eventsBeforeMicros = kept(1_000).atMicros;
      await retainAll(store, { eventsBeforeMicros });
      const { recovery, store: second } = await again();
      expect(await seqsRead(second)).toEqual([]);
      const ids = recovery.endedIds.map(({ id }) => id);
      expect(ids).toEqual(forgetsIds ? [] : ["r-1", "r-2", "r-3", "r-4"]);
      await retainAll(second, { eventsBeforeMicros, idsBeforeMicros: kept(3).arrivalMicros });
      const left = (await again()).recovery.endedIds.map(({ id }) => id);
      expect(left).toEqual(forgetsIds ? [] : ["r-3", "r-4"]);
    });

    test("records that no checkpoint counted are never dropped, and numbers go on after all were", async () => {
      const { store, again } = await opened();
      const all = { eventsBeforeMicros: kept(1_000).atMicros, bytesMax: 0 };
      await store.append(keptFromTo(1, 5));
      await retainAll(store, all);
      expect(await seqsRead(store)).toEqual([1, 2, 3, 4, 5]);
      await store.checkpoint(checkpoint(5));
      await retainAll(store, all);
      expect(await seqsRead(store)).toEqual([]);
      const { recovery, store: second } = await again();
      expect(recovery).toMatchObject({ lastSeq: 5, since: [] });
      await second.append(keptFromTo(6, 7));
      expect(seqsOf((await again()).recovery)).toEqual([6, 7]);
    });

    test("the oldest records go until the store takes no more than it may", async () => {
      const { store } = await opened();
      await store.append(keptFromTo(1, 2_000, { text: `[0,"${"x".repeat(2_000)}"]` }));
      await store.checkpoint(checkpoint(2_000));
      const { bytes } = await store.status();
      const bytesMax = Math.round(bytes / 2);
      await retainAll(store, { bytesMax });
      expect((await store.status()).bytes).toBeLessThanOrEqual(bytesMax);
      const left = await seqsRead(store);
      expect(left.length).toBeGreaterThan(0);
      expect(left).toEqual(keptFromTo(2_001 - left.length, 2_000).map(({ seq }) => seq));
    });

    test("minutes, hours and days that are past are dropped, and nothing else", async (context) => {
      const { store, again, rows } = await opened();
      if (rows === undefined) return context.skip("this store gives no look at its rows");
      await store.append(keptFromTo(1, 3));
      const minutes = [-2, -1, 0, 1, 61];
      const cells = minutes.map((minute) =>
        minuteCell(DAY + minute * MINUTE_MICROS, { durations: [minute + 3] }),
      );
      await store.checkpoint(checkpoint(3, cells));
      /** Starts of the rows of each table, in units of it since the day. */
      const starts = async () => {
        const found = await Promise.all(ROLLUPS.map(rows));
        return ROLLUPS.map((table, at) =>
          found[at]!.map((row) => (row.minuteMicros - DAY) / RESOLUTIONS[table]).sort((a, b) => a - b),
        );
      };
      expect(await starts()).toEqual([[-1, 0], [-1, 0, 1], minutes]);
      await retainAll(store, { minutesBeforeMicros: DAY + 0.5 * MINUTE_MICROS });
      expect(await starts()).toEqual([
        [-1, 0],
        [-1, 0, 1],
        [0, 1, 61],
      ]);
      await retainAll(store, { hoursBeforeMicros: DAY - 0.5 * HOUR_MICROS });
      expect(await starts()).toEqual([
        [-1, 0],
        [-1, 0, 1],
        [0, 1, 61],
      ]);
      await retainAll(store, { hoursBeforeMicros: DAY + 0.5 * HOUR_MICROS });
      expect(await starts()).toEqual([[0], [0, 1], [0, 1, 61]]);
      await retainAll(store, { hoursBeforeMicros: DAY + 23.5 * HOUR_MICROS });
      expect(await starts()).toEqual([[0], [], [0, 1, 61]]);
      const { recovery, store: second } = await again();
      expect(summed(recovery.series, byLabels)).toEqual(summed(cells, byLabels));
      expect(await seqsRead(second)).toEqual([1, 2, 3]);
    });
  });

  describe(`${name}: totals`, () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.array(arbitraryEvent, { minLength: 1, maxLength: 8 }) },
        { weight: 2, arbitrary: fc.constant("checkpoint" as const) },
        { weight: 1, arbitrary: fc.constant("reopen" as const) },
      ),
      { minLength: 1, maxLength: 12 },
    );

    test("sums and later records make up all events, whatever was appended, counted and reopened between", async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const { store: first, again, close, rows } = await opened();
          let store = first;
          const events: RequestEvent[] = [];
          let counted = 0;
          const cellsOf = (some: readonly RequestEvent[]): MinuteCell[] =>
            some.map((of) => ({
              minuteMicros: Math.floor(of.timestampMicros / MINUTE_MICROS) * MINUTE_MICROS,
              labelValues: [of.provider, of.model, of.pool],
              team: of.stream ? "s" : "",
              cell: encoded([of]),
            }));
          const check = async () => {
            const opened = await again();
            store = opened.store;
            const { lastSeq, series, since } = opened.recovery;
            expect(lastSeq).toBe(events.length);
            expect(since.length).toBe(events.length - counted);
            const later = seqsOf(opened.recovery).map((seq) => events[seq - 1]!);
            const found = [...series, ...cellsOf(later)];
            expect(summed(found, byLabels)).toEqual(summed(cellsOf(events), byLabels));
          };
          for (const step of plan) {
            if (step === "reopen") await check();
            else if (step === "checkpoint") {
              await store.checkpoint(checkpoint(events.length, cellsOf(events.slice(counted))));
              counted = events.length;
            } else {
              const records = step.map(({ timestampMicros }, at) =>
                kept(events.length + at + 1, { atMicros: timestampMicros }),
              );
              events.push(...step);
              await store.append(records);
            }
          }
          await check();
          if (rows !== undefined) {
            const all = cellsOf(events.slice(0, counted));
            for (const table of ROLLUPS) {
              expect(rowsOf(await rows(table))).toEqual(summed(all, byRollup(table)));
            }
          }
          await close();
        }),
        { numRuns: 20 },
      );
    });
  });
}
