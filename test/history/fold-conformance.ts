/** What every event store answers to questions over its rollups and its records, beside storeConformance. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BASE_LABELS } from "../../src/catalogue/families.ts";
import {
  type EventStore,
  type FoldAnswer,
  type KeptRecord,
  type MinuteCell,
  type RowsAnswer,
  type RowsQuestion,
  StoreError,
} from "../../src/history/event-store.ts";
import { decodeRecord, encodeRecord } from "../../src/history/log-record.ts";
import { RECORD_DIMENSIONS, recordFilter } from "../../src/history/record-filter.ts";
import { type Cell, merge, zeroCell } from "../../src/ledger/cell.ts";
import { addEncodedSums, decodeCell, encodeCell } from "../../src/ledger/cell-codec.ts";
import { type CellLayout, cellLayout, SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import { type Condition, INSTANCE, matcherOf, type RangeQuestion, TEAM } from "../../src/query/question.ts";
import { planRollups, type Resolution, type Span } from "../../src/query/rollup-plan.ts";
import { arbitraryFields, eventOf } from "../ledger/sample-events.ts";
import { priceByReport } from "../pricing/pricers.ts";
import {
  CHAT,
  checkpoint,
  DAY,
  DAY_MICROS,
  encoded,
  event,
  HOUR,
  HOUR_MICROS,
  keptFromTo,
  LAYOUT,
  MINUTE_MICROS,
  minuteCell,
  OTHER_BOUNDS,
  OTHER_BUCKETS,
  openedStore,
  RAG,
  retainAll,
  SHAPE,
  type StoreUnderTest,
} from "./conformance.ts";

/** Days of the events of these tests: DAY is the last of them. */
const DAYS = 4;
const FIRST_DAY = DAY - (DAYS - 1) * DAY_MICROS;
const END = DAY + DAY_MICROS;
const ALL_KEPT = { minutesBeforeMicros: 0, hoursBeforeMicros: 0 };
const EVERY_DAY: Span = { resolution: "day", fromMicros: FIRST_DAY, untilMicros: END };
const EVERY_RESOLUTION: readonly Resolution[] = ["minute", "hour", "day"];
/** Labels that a shape has beside the usual ones. */
const WITH_REGION = { ...SHAPE, labelNames: [...BASE_LABELS, "region"] };
const WITH_TEAM = { ...SHAPE, labelNames: [...BASE_LABELS, TEAM] };
/** Cells of before the slots that all layouts have were what they are. */
const UNKNOWN_VERSION = { ...SHAPE, fingerprint: SHAPE.fingerprint.replace(/^[^|]*/, "1") };

type RangeFold = RangeQuestion & { readonly spans: readonly Span[] };

/** A cell, and what it is found by. */
type Known = {
  readonly minuteMicros: number;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly cell: Uint8Array;
  readonly layout: CellLayout;
};

function fold(question: Partial<RangeFold> = {}): RangeFold {
  return {
    ...{ by: [], where: [], cellsMax: 100_000, spans: [EVERY_DAY] },
    ...{ fromMicros: FIRST_DAY, untilMicros: END, stepMicros: undefined },
    ...question,
  };
}

/** What each cell of the shape of labels is found by. */
function known(
  instance: string,
  cells: readonly MinuteCell[],
  labelNames: readonly string[] = BASE_LABELS,
  layout = LAYOUT,
): Known[] {
  return cells.map(({ minuteMicros, labelValues, team, cell }) => {
    const labels = Object.fromEntries(labelNames.map((name, at) => [name, labelValues[at]!]));
    return { minuteMicros, dimensions: { ...labels, [TEAM]: team, [INSTANCE]: instance }, cell, layout };
  });
}

/** Each sum as text under its key, which is there once. */
function sumsOf(groups: readonly (readonly [key: readonly unknown[], cell: Cell])[]): Map<string, string> {
  const entries = groups.map(([key, cell]): [string, string] => [
    JSON.stringify(key),
    Buffer.from(encodeCell(cell, SUMS_LAYOUT)).toString("hex"),
  ]);
  expect(new Set(entries.map(([key]) => key)).size).toBe(entries.length);
  return new Map(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function answered({ groups }: FoldAnswer): Map<string, string> {
  return sumsOf(
    groups.map(({ startMicros, values, cell }) => {
      const sum = zeroCell(SUMS_LAYOUT);
      addEncodedSums(sum, cell);
      return [[startMicros, values], sum];
    }),
  );
}

/** The answer as it is to be: every cell by itself, looked at and added. */
function expected(cells: readonly Known[], question: RangeFold): Map<string, string> {
  const { by, where, spans, fromMicros, stepMicros } = question;
  const groups = new Map<string, [readonly unknown[], Cell]>();
  for (const { minuteMicros, dimensions, cell, layout } of cells) {
    const isIn = (span: Span) => minuteMicros >= span.fromMicros && minuteMicros < span.untilMicros;
    if (!spans.some(isIn)) continue;
    if (!where.every((condition) => matcherOf(condition)(dimensions[condition.dimension] ?? ""))) continue;
    const step = stepMicros ?? 1e16;
    const startMicros = fromMicros + Math.floor((minuteMicros - fromMicros) / step) * step;
    const key = [startMicros, by.map((dimension) => dimensions[dimension] ?? "")];
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? [key, zeroCell(SUMS_LAYOUT)];
    groups.set(name, group);
    merge(group[1], decodeCell(cell, layout), SUMS_LAYOUT);
  }
  return sumsOf(Array.from(groups.values()));
}

/** A minute of the days: any, and often one at an end of an hour or of a day. */
const arbitraryMinute = fc
  .oneof(
    fc.nat({ max: DAYS * 1_440 - 1 }),
    fc.constantFrom(0, 59, 60, 719, 1_439, 1_440, 2_879, 2_880, DAYS * 1_440 - 1),
  )
  .map((minute) => FIRST_DAY + minute * MINUTE_MICROS);

const arbitraryCell: fc.Arbitrary<MinuteCell> = fc
  .record({
    minuteMicros: arbitraryMinute,
    fields: arbitraryFields,
    team: fc.constantFrom("", "search", "Search ads", "ops"),
  })
  .map(({ minuteMicros, fields, team }) => {
    const of = eventOf({ ...fields, timestamp: minuteMicros / 1e3 + 30_000 });
    return { minuteMicros, labelValues: [of.provider, of.model, of.pool], team, cell: encoded([of]) };
  });

const DIMENSIONS = [INSTANCE, TEAM, ...BASE_LABELS];
const VALUES = {
  is: ["openai", "anthropic", "gpt-4o", "chat", "search", "", "nobody"],
  like: ["*", "OPEN*", "*-4?*", "?hat", "search*", "rag", "*e*a*"],
  contains: ["a", "4", "SEARCH", "ll", "*", ""],
};
const arbitraryCondition: fc.Arbitrary<Condition> = fc
  .constantFrom("is" as const, "like" as const, "contains" as const)
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      dimension: fc.constantFrom(...DIMENSIONS),
      values: fc.subarray(VALUES[kind], { minLength: 1, maxLength: 4 }),
    }),
  );

const arbitraryQuestion: fc.Arbitrary<RangeFold> = fc
  .record({
    by: fc.shuffledSubarray(DIMENSIONS),
    where: fc.array(arbitraryCondition, { maxLength: 2 }),
    ends: fc.tuple(arbitraryMinute, arbitraryMinute),
    into: fc.constantFrom(0, 1, 29_999_999),
    stepMicros: fc.option(
      fc.constantFrom(7 * MINUTE_MICROS, HOUR_MICROS, 6 * HOUR_MICROS, DAY_MICROS, 2 * DAY_MICROS),
      { nil: undefined },
    ),
  })
  .map(({ by, where, ends, into, stepMicros }) => {
    const fromMicros = Math.min(...ends) + into;
    const plan = planRollups({ fromMicros, untilMicros: Math.max(...ends) + 1, stepMicros }, ALL_KEPT);
    return { by, where, cellsMax: 100_000, ...plan };
  });

/** An ended request, or a report of one that goes on: a second after the one before. */
function keptEvent(
  seq: number,
  fields: Record<string, unknown> = {},
  kind: KeptRecord["kind"] = "end",
): KeptRecord {
  const timestamp = HOUR / 1e3 + seq * 1e3;
  const phase = kind === "end" ? "end" : "update";
  const of = eventOf({ id: `r-${seq}`, timestamp, phase, duration_ms: 700, ...fields });
  return {
    ...{ seq, kind, id: of.id, provider: of.provider, model: of.model, pool: of.pool },
    ...{ atMicros: of.timestampMicros, arrivalMicros: HOUR + seq * 1e6 + 250_000 },
    text: encodeRecord(
      kind === "end"
        ? { kind, event: of, price: priceByReport(of) }
        : { kind, event: of, startArrivalMicros: undefined },
    ),
  };
}

function rowsQuestion(question: Partial<RowsQuestion> = {}): RowsQuestion {
  return {
    ...{ where: [], fromMicros: 0, untilMicros: 4e15, costMin: undefined, durationMinNanos: undefined },
    ...{ limit: 1_000, scanMax: 10_000, cursor: undefined },
    ...question,
  };
}

function seqsOf({ rows }: RowsAnswer): number[] {
  return rows.map(({ seq }) => seq);
}

/** Asks until there is nothing earlier; all answers. `between` is done after each. */
async function pages(
  store: EventStore,
  question: Partial<RowsQuestion>,
  between: (page: number) => Promise<void> = async () => undefined,
): Promise<RowsAnswer[]> {
  const answers: RowsAnswer[] = [];
  let cursor: string | undefined;
  do {
    const answer = await store.rows(rowsQuestion({ ...question, cursor }));
    answers.push(answer);
    cursor = answer.next;
    await between(answers.length);
    if (answers.length > 5_000) throw new Error("expected an end of the rows after five thousand pages");
  } while (cursor !== undefined);
  return answers;
}

/** Everything that a record can be asked by, in the fields of an event. */
const arbitraryRow = fc.record(
  {
    timestamp: fc.integer({ min: HOUR / 1e3 - 5_000, max: HOUR / 1e3 + 5_000 }),
    id: fc.constantFrom("a-1", "b-2"),
    provider: fc.constantFrom("openai", "anthropic"),
    model: fc.constantFrom("gpt-4o", "claude-sonnet-4-5"),
    pool: fc.constantFrom("chat", "rag"),
    team: fc.constantFrom("search", "ops"),
    user: fc.constantFrom("ann", "bob"),
    end_user: fc.constantFrom("e-1", "e-2"),
    error_type: fc.constantFrom("rate_limit", "timeout"),
    operation: fc.constantFrom("chat", "embeddings"),
    requested_model: fc.constantFrom("gpt-4o", "latest"),
    trace_id: fc.constantFrom("0af7651916cd43dd8448eb211c80319c", "5b8efff798038103d269b633813fc60c"),
    duration_ms: fc.constantFrom(0, 5, 700),
    cost_usd: fc.constantFrom(0, 0.5, 2),
  },
  { requiredKeys: [] },
);

const arbitraryRowsQuestion: fc.Arbitrary<Partial<RowsQuestion>> = fc.record(
  {
    where: fc.array(
      fc.record({
        dimension: fc.constantFrom(...RECORD_DIMENSIONS),
        kind: fc.constantFrom("is" as const, "like" as const, "contains" as const),
        values: fc.subarray(["openai", "ann", "ops", "*a*", "timeout", "-", "", "success", "gpt-4o"], {
          minLength: 1,
          maxLength: 5,
        }),
      }),
      { maxLength: 2 },
    ),
    fromMicros: fc.constantFrom(0, HOUR - 2e6, HOUR),
    untilMicros: fc.constantFrom(HOUR, HOUR + 2e6, 4e15),
    costMin: fc.constantFrom({ microUsd: 0, picoUsd: 0 }, { microUsd: 500_000, picoUsd: 0 }),
    durationMinNanos: fc.constantFrom(0, 5e6, 5e6 + 1),
    limit: fc.constantFrom(1, 3, 100),
    scanMax: fc.constantFrom(1, 7, 1_000),
  },
  { requiredKeys: ["limit", "scanMax"] },
);

/** The store is alone: nobody else is asked by its questions. */
export function foldConformance(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  const opened = () => openedStore(makeStore);

  describe(`${name}: sums over rollups`, () => {
    test("a store of nothing answers with nothing", async () => {
      const { store } = await opened();
      expect(await store.fold(fold())).toEqual({ seq: 0, groups: [], isTooLarge: false });
      expect(await store.fold(fold({ spans: [] }))).toEqual({ seq: 0, groups: [], isTooLarge: false });
    });

    test("they are the merge of the events, however these were checkpointed and whatever is asked", async () => {
      const questions = fc.array(arbitraryQuestion, { minLength: 20, maxLength: 20 });
      const checkpoints = fc.array(fc.array(arbitraryCell, { maxLength: 25 }), {
        minLength: 1,
        maxLength: 4,
      });
      await fc.assert(
        fc.asyncProperty(checkpoints, questions, async (parts, asked) => {
          const { store, close, instance } = await opened();
          await store.append(keptFromTo(1, parts.length));
          for (const [at, cells] of parts.entries()) await store.checkpoint(checkpoint(at + 1, cells));
          const cells = known(instance, parts.flat());
          for (const question of asked) {
            const answer = await store.fold(question);
            expect(answered(answer)).toEqual(expected(cells, question));
            expect(answer).toMatchObject({ seq: parts.length, isTooLarge: false });
          }
          await close();
        }),
        { numRuns: 8 },
      );
    });

    test("each resolution gives the same sums", async () => {
      const { store } = await opened();
      await store.append(keptFromTo(1, 1));
      const minutes = [0, 59, 60, 1_439, 1_440, 3_000].map((minute) => FIRST_DAY + minute * MINUTE_MICROS);
      const cells = minutes.map((minute, at) => minuteCell(minute, { durations: [at + 1] }));
      await store.checkpoint(checkpoint(1, cells));
      for (const resolution of EVERY_RESOLUTION) {
        const question = fold({ stepMicros: DAY_MICROS, spans: [{ ...EVERY_DAY, resolution }] });
        expect(answered(await store.fold(question))).toEqual(expected(known("", cells), question));
      }
    });

    test("a minute that is split has its parts, and a range may begin with the second", async () => {
      const { store } = await opened();
      await store.append(keptFromTo(1, 1));
      const cut = DAY + 12_345_678;
      const cells = [DAY, cut, DAY + MINUTE_MICROS].map((minute, at) =>
        minuteCell(minute, { durations: [at + 1] }),
      );
      await store.checkpoint(checkpoint(1, cells));
      const range = { fromMicros: cut, untilMicros: DAY + HOUR_MICROS, stepMicros: undefined };
      const question = fold({ ...range, ...planRollups(range, { ...ALL_KEPT, cutMicros: cut }) });
      const answer = answered(await store.fold(question));
      expect(answer).toEqual(expected(known("", cells), question));
      expect(answer).toEqual(expected(known("", cells.slice(1)), question));
    });

    test("they are split by the name of the instance and the own team, and found by them", async () => {
      const { store, instance } = await opened();
      await store.append(keptFromTo(1, 1));
      const cells = [
        minuteCell(DAY, { durations: [1], team: "search" }),
        minuteCell(DAY, { durations: [2] }),
        minuteCell(DAY, { durations: [3], labelValues: RAG, team: "ops" }),
      ];
      await store.checkpoint(checkpoint(1, cells));
      const where = (dimension: string, ...values: string[]) => [{ dimension, kind: "is" as const, values }];
      for (const question of [
        fold({ by: ["provider", INSTANCE, TEAM] }),
        fold({ by: [TEAM], where: where(INSTANCE, "nobody", instance) }),
        fold({ by: [TEAM], where: where(INSTANCE, "nobody") }),
        fold({ by: ["no label"], where: where(TEAM, "", "ops") }),
      ]) {
        const answer = await store.fold(question);
        expect(answered(answer)).toEqual(expected(known(instance, cells), question));
      }
      const [group] = (await store.fold(fold({ by: [INSTANCE] }))).groups;
      expect(group?.values).toEqual([instance]);
    });

    test("the number is that of the last record that is in them, not of the last one that is kept", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 5));
      expect((await store.fold(fold())).seq).toBe(0);
      await store.checkpoint(checkpoint(3, [minuteCell(DAY, { durations: [1] })]));
      expect((await store.fold(fold())).seq).toBe(3);
      expect((await store.fold(fold({ spans: [] }))).seq).toBe(3);
      await store.append(keptFromTo(6, 7));
      await store.checkpoint(checkpoint(7));
      expect((await store.fold(fold())).seq).toBe(7);
      expect((await (await again()).store.fold(fold())).seq).toBe(7);
    });

    test("they are of one moment, also while checkpoints are taken", async () => {
      const { store } = await opened();
      const rounds = 12;
      await store.append(keptFromTo(1, rounds));
      // Each of the spans has a part of the cells.
      const [hour, minute] = [DAY + HOUR_MICROS, DAY + HOUR_MICROS + 10 * MINUTE_MICROS];
      const question = fold({
        ...{ by: ["pool"], untilMicros: minute },
        spans: [
          { resolution: "day", fromMicros: FIRST_DAY, untilMicros: DAY },
          { resolution: "hour", fromMicros: DAY, untilMicros: hour },
          { resolution: "minute", fromMicros: hour, untilMicros: minute },
        ],
      });
      const cellsOf = (count: number, durationMillis: number) =>
        Array.from({ length: count }, (_, at) => {
          const labelValues = ["openai", `model ${at}`, `pool ${at % 2}`];
          return minuteCell([FIRST_DAY, DAY, hour][at % 3]!, { durations: [durationMillis], labelValues });
        });
      const parts = Array.from({ length: rounds }, (_, at) => cellsOf(at === 0 ? 600 : 30, at + 1));
      await store.checkpoint(checkpoint(1, parts[0]));
      const sums = parts.map((_, at) => expected(known("", parts.slice(0, at + 1).flat()), question));
      const ask = async () => {
        const answer = await store.fold(question);
        expect(answered(answer)).toEqual(sums[answer.seq - 1]);
        return answer.seq;
      };
      expect(await ask()).toBe(1);
      let isTaken = false;
      const taking = (async () => {
        for (let seq = 2; seq <= rounds; seq++) await store.checkpoint(checkpoint(seq, parts[seq - 1]));
        isTaken = true;
      })();
      while (!isTaken) await ask();
      await taking;
      expect(await ask()).toBe(rounds);
    });

    test("an answer of more cells than were asked for says so", async () => {
      const { store } = await opened();
      await store.append(keptFromTo(1, 1));
      const cells = [0, 1, 2].flatMap((day) =>
        [CHAT, RAG].map((labelValues) =>
          minuteCell(FIRST_DAY + day * DAY_MICROS, { durations: [day], labelValues }),
        ),
      );
      await store.checkpoint(checkpoint(1, cells));
      const ask = (cellsMax: number) =>
        store.fold(fold({ by: ["provider"], stepMicros: DAY_MICROS, cellsMax }));
      expect(await ask(6)).toMatchObject({ isTooLarge: false, groups: { length: 6 } });
      const answer = await ask(5);
      expect(answer.isTooLarge).toBe(true);
      expect(answer.groups.length).toBeLessThanOrEqual(5);
    });

    test("cells of other buckets are added up with them", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 2));
      const cells = [minuteCell(DAY, { durations: [5, 700] }), minuteCell(DAY, { durations: [9_000] })];
      await store.checkpoint(checkpoint(1, cells));
      const { store: second } = await again({ shape: OTHER_BUCKETS, bounds: OTHER_BOUNDS });
      const other = cellLayout(OTHER_BOUNDS);
      const cell = encoded([event(DAY, { duration_ms: 6_000 }), event(DAY, { cost_usd: 1.5 })], other);
      const others = [{ minuteMicros: DAY, labelValues: CHAT, team: "", cell }];
      await second.checkpoint(checkpoint(2, others));
      const all = [...known("", cells), ...known("", others, BASE_LABELS, other)];
      for (const resolution of EVERY_RESOLUTION) {
        const question = fold({ by: ["model"], spans: [{ ...EVERY_DAY, resolution }] });
        const answer = await second.fold(question);
        expect(answered(answer)).toEqual(expected(all, question));
        expect(answer.seq).toBe(2);
      }
    });

    test("a label that cells of another shape lack is empty there", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 2));
      const cells = [minuteCell(DAY, { durations: [5] })];
      await store.checkpoint(checkpoint(1, cells));
      const { store: second } = await again({ shape: WITH_REGION });
      const others = ["eu", ""].map((region) =>
        minuteCell(DAY, { durations: [6], labelValues: [...CHAT, region] }),
      );
      await second.checkpoint(checkpoint(2, others));
      const all = [...known("", cells), ...known("", others, WITH_REGION.labelNames)];
      const where = [{ dimension: "region", kind: "is" as const, values: [""] }];
      for (const question of [fold({ by: ["region", "pool"] }), fold({ by: ["pool"], where })]) {
        expect(answered(await second.fold(question))).toEqual(expected(all, question));
      }
    });

    test("the own team goes before a label of that name, which may be folded", async () => {
      const { again } = await opened();
      const { store } = await again({ shape: WITH_TEAM });
      await store.append(keptFromTo(1, 1));
      const cells = ["search", "ops"].map((team) =>
        minuteCell(DAY, { durations: [6], labelValues: [...CHAT, "other"], team }),
      );
      await store.checkpoint(checkpoint(1, cells));
      const question = fold({ by: [TEAM] });
      expect(answered(await store.fold(question))).toEqual(expected(known("", cells), question));
    });

    test("cells of a version that is not known are left out", async () => {
      const { again } = await opened();
      const { store } = await again({ shape: UNKNOWN_VERSION });
      await store.append(keptFromTo(1, 2));
      await store.checkpoint(checkpoint(1, [minuteCell(DAY, { durations: [5] })]));
      const { store: second } = await again();
      const cells = [minuteCell(DAY, { durations: [6] })];
      await second.checkpoint(checkpoint(2, cells));
      expect(answered(await second.fold(fold()))).toEqual(expected(known("", cells), fold()));
    });

    test("days stay for as long as hours do", async () => {
      const { store } = await opened();
      await store.append(keptFromTo(1, 1));
      const cells = [-1, 0].flatMap((day) =>
        [1, 20].map((hour) => minuteCell(DAY + day * DAY_MICROS + hour * HOUR_MICROS, { durations: [hour] })),
      );
      await store.checkpoint(checkpoint(1, cells));
      const [, , early, late] = cells;
      await retainAll(store, {
        minutesBeforeMicros: DAY + 10 * HOUR_MICROS,
        hoursBeforeMicros: DAY + 10 * HOUR_MICROS,
      });
      const left = { day: [early!, late!], hour: [late!], minute: [late!] };
      for (const resolution of EVERY_RESOLUTION) {
        const question = fold({ spans: [{ ...EVERY_DAY, resolution }] });
        expect(answered(await store.fold(question))).toEqual(expected(known("", left[resolution]), question));
      }
    });

    test("an answer says from when on there are rollups once some were dropped, also after a new start", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 2));
      const cells = [1, 2, 30].map((hour) =>
        minuteCell(FIRST_DAY + hour * HOUR_MICROS, { durations: [hour] }),
      );
      await store.checkpoint(checkpoint(1, cells));
      const sinceOf = async (of: EventStore) => {
        const { minutesSinceMicros, hoursSinceMicros } = await of.fold(fold());
        return { minutesSinceMicros, hoursSinceMicros };
      };
      // Nothing is as old as that.
      await retainAll(store, { minutesBeforeMicros: FIRST_DAY, hoursBeforeMicros: FIRST_DAY });
      expect(await sinceOf(store)).toEqual({ minutesSinceMicros: undefined, hoursSinceMicros: undefined });
      const minutesBeforeMicros = FIRST_DAY + 2 * HOUR_MICROS;
      await retainAll(store, { minutesBeforeMicros });
      const minutes = { minutesSinceMicros: minutesBeforeMicros, hoursSinceMicros: undefined };
      expect(await sinceOf(store)).toEqual(minutes);
      const { store: second } = await again();
      expect(await sinceOf(second)).toEqual(minutes);
      const hoursBeforeMicros = FIRST_DAY + 3 * HOUR_MICROS;
      await retainAll(second, { minutesBeforeMicros, hoursBeforeMicros });
      const both = { minutesSinceMicros: minutesBeforeMicros, hoursSinceMicros: hoursBeforeMicros };
      expect(await sinceOf(second)).toEqual(both);
      // More is kept from now on, and what arrives late goes by the new bounds; what is gone stays gone.
      await second.checkpoint(checkpoint(2, [minuteCell(FIRST_DAY, { durations: [1] })]));
      await retainAll(second, {
        minutesBeforeMicros: FIRST_DAY + HOUR_MICROS,
        hoursBeforeMicros: FIRST_DAY + HOUR_MICROS,
      });
      expect(await sinceOf(second)).toEqual(both);
      const { store: third } = await again();
      expect(await sinceOf(third)).toEqual(both);
    });

    test("totals of other instances are none where there is no other", async () => {
      const { store, again } = await opened();
      await store.append(keptFromTo(1, 1));
      await store.checkpoint(checkpoint(1, [minuteCell(DAY, { durations: [5] })]));
      const question = { by: ["pool", INSTANCE], where: [], cellsMax: 10, spans: undefined };
      expect(await store.fold(question)).toMatchObject({ groups: [], isTooLarge: false });
      const { store: second } = await again({ shape: OTHER_BUCKETS, bounds: OTHER_BOUNDS });
      expect(await second.fold(question)).toMatchObject({ groups: [], isTooLarge: false });
    });
  });

  describe(`${name}: rows`, () => {
    test("a store of nothing has no rows", async () => {
      const { store } = await opened();
      expect(await store.rows(rowsQuestion())).toEqual({ rows: [], next: undefined });
    });

    test("the latest arrival comes first, checkpointed or not, with what is known of it", async () => {
      const { store, instance } = await opened();
      const records = [1, 2, 3, 4].map((seq) => keptEvent(seq));
      await store.append(records.slice(0, 2));
      await store.checkpoint(checkpoint(2));
      await store.append(records.slice(2));
      const { rows, next } = await store.rows(rowsQuestion());
      expect(rows).toEqual(
        records.map(({ seq, arrivalMicros, text }) => ({ instance, seq, arrivalMicros, text })).reverse(),
      );
      expect(next).toBeUndefined();
    });

    test("reports of requests that go on never come", async () => {
      const { store } = await opened();
      await store.append([
        keptEvent(1),
        keptEvent(2, {}, "report"),
        keptEvent(3),
        keptEvent(4, {}, "report"),
      ]);
      expect(seqsOf(await store.rows(rowsQuestion()))).toEqual([3, 1]);
    });

    test("page after page gives each row once and all of them, also while others arrive", async () => {
      const { store } = await opened();
      const records = Array.from({ length: 60 }, (_, at) => keptEvent(at + 1));
      await store.append(records.slice(0, 40));
      const answers = await pages(store, { limit: 7 }, async (page) => {
        if (page <= 4) await store.append(records.slice(36 + 4 * page, 40 + 4 * page));
      });
      expect(answers.every(({ rows }) => rows.length <= 7)).toBe(true);
      expect(answers.flatMap(seqsOf)).toEqual(
        records
          .slice(0, 40)
          .map(({ seq }) => seq)
          .reverse(),
      );
    });

    test("they are those that the filter lets through, whatever is asked", async () => {
      const { store, instance } = await opened();
      const isReport = fc.integer({ min: 0, max: 9 }).map((one) => one === 0);
      const some = fc.sample(fc.tuple(arbitraryRow, isReport), { numRuns: 300, seed: 7 });
      const records = some.map(([fields, report], at) =>
        report ? keptEvent(at + 1, { ...fields, id: "open" }, "report") : keptEvent(at + 1, fields),
      );
      await store.append(records);
      await fc.assert(
        fc.asyncProperty(arbitraryRowsQuestion, async (question) => {
          const matches = recordFilter(rowsQuestion(question));
          const wanted = records.filter(({ text }) => matches(decodeRecord(text))).reverse();
          const rows = (await pages(store, question)).flatMap((answer) => answer.rows);
          expect(rows).toEqual(
            wanted.map(({ seq, arrivalMicros, text }) => ({ instance, seq, arrivalMicros, text })),
          );
        }),
        { numRuns: 40 },
      );
    });

    test("they are found by the name of the instance", async () => {
      const { store, instance } = await opened();
      await store.append([keptEvent(1)]);
      const ask = async (kind: Condition["kind"], ...values: string[]) =>
        seqsOf(await store.rows(rowsQuestion({ where: [{ dimension: INSTANCE, kind, values }] })));
      expect(await ask("is", instance)).toEqual([1]);
      expect(await ask("contains", instance.slice(1).toUpperCase())).toEqual([1]);
      expect(await ask("is", "nobody")).toEqual([]);
    });

    test("a call looks at no more records than it may; what is rare is found by going on", async () => {
      const { store } = await opened();
      const rare = { team: "rare" };
      const records = Array.from({ length: 1_000 }, (_, at) =>
        keptEvent(at + 1, at === 2 || at === 500 ? rare : {}),
      );
      await store.append(records);
      const question = {
        where: [{ dimension: TEAM, kind: "is" as const, values: ["rare"] }],
        ...{ limit: 10, scanMax: 100 },
      };
      const first = await store.rows(rowsQuestion(question));
      expect(first.rows).toEqual([]);
      expect(first.next).toBeDefined();
      const answers = await pages(store, question);
      expect(answers.flatMap(seqsOf)).toEqual([501, 3]);
      expect(answers.length).toBeGreaterThanOrEqual(10);
      expect(answers.length).toBeLessThan(30);
    });

    test("a cursor that came from no answer is refused, and says what is expected", async () => {
      const { store } = await opened();
      await store.append([keptEvent(1)]);
      for (const cursor of ["", "nonsense", "{}", "-1", "1e99", "0x10", "é"]) {
        const refused = store.rows(rowsQuestion({ cursor }));
        await expect(refused).rejects.toThrow(/expected a cursor of an answer before/);
        await expect(refused).rejects.toBeInstanceOf(StoreError);
        await expect(refused).rejects.toMatchObject({ failure: "failed" });
      }
      expect(seqsOf(await store.rows(rowsQuestion()))).toEqual([1]);
    });

    test("what was dropped is not there, and going on from a dropped row ends", async () => {
      const { store } = await opened();
      await store.append([1, 2, 3, 4, 5, 6].map((seq) => keptEvent(seq)));
      await store.checkpoint(checkpoint(6));
      const first = await store.rows(rowsQuestion({ limit: 2 }));
      expect(seqsOf(first)).toEqual([6, 5]);
      await retainAll(store, { eventsBeforeMicros: keptEvent(6).atMicros });
      expect((await store.rows(rowsQuestion({ limit: 2, cursor: first.next }))).rows).toEqual([]);
      expect(seqsOf(await store.rows(rowsQuestion()))).toEqual([6]);
    });
  });
}
