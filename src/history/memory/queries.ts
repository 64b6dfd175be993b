/** What is asked of a store in memory. Generators that say where they may be interrupted; what they read is of one moment. */
import { addEncodedSums, encodeCell } from "../../ledger/cell-codec.ts";
import { hasSums, SUMS_LAYOUT } from "../../ledger/cell-layout.ts";
import { Fold, type Place } from "../../query/fold.ts";
import { INSTANCE, matcherOf } from "../../query/question.ts";
import {
  type EventStore,
  type FoldAnswer,
  type FoldQuestion,
  type KeptRecord,
  type Row,
  type RowsAnswer,
  type RowsQuestion,
  StoreError,
} from "../event-store.ts";
import { decodeRecord } from "../log-record.ts";
import { recordFilter } from "../record-filter.ts";
import type { Block } from "./ended-requests.ts";
import { cellOf, type LabelSet } from "./period.ts";
import type { Rollups } from "./rollups.ts";

/** Records passed over between two chances to be interrupted. */
const RECORDS_A_PIECE = 64;
/** The number of a record. */
const CURSOR = /^[1-9][0-9]{0,15}$/;

/** What a record says of itself beside its text. */
const OPEN_FIELDS = ["id", "provider", "model", "pool"] as const;

type ReadRange = Parameters<EventStore["read"]>[0];
type ReadRecord = Awaited<ReturnType<EventStore["read"]>>[number];

/** Nobody else shares the store: running totals of others are none. */
export function* foldRollups(
  rollups: Rollups,
  instance: string,
  question: FoldQuestion,
): Generator<void, FoldAnswer> {
  const { seq, minutesSinceMicros, hoursSinceMicros } = rollups;
  const periods = (question.spans ?? []).flatMap((span) => rollups.periods(span));
  const fold = new Fold(question);
  const places = new Map<LabelSet, Place | undefined>();
  const placeOf = (labels: LabelSet): Place | undefined => {
    if (places.has(labels)) return places.get(labels);
    const { shape, team, labelValues } = labels;
    const place = hasSums(shape.fingerprint)
      ? fold.place(shape.dimensions, [instance, team, ...labelValues])
      : undefined;
    places.set(labels, place);
    return place;
  };
  for (const { startMicros, rows } of periods) {
    for (const row of rows.values()) {
      const place = placeOf(row.labels);
      if (place !== undefined) addEncodedSums(fold.cell(place, startMicros), cellOf(row));
      if (fold.isTooLarge) return { seq, groups: [], isTooLarge: true };
      yield;
    }
  }
  const groups: FoldAnswer["groups"][number][] = [];
  for (const { startMicros, values, cell } of fold.groups) {
    groups.push({ startMicros, values, cell: encodeCell(cell, SUMS_LAYOUT) });
    yield;
  }
  return {
    ...{ seq, groups, isTooLarge: false },
    ...(minutesSinceMicros === undefined ? {} : { minutesSinceMicros }),
    ...(hoursSinceMicros === undefined ? {} : { hoursSinceMicros }),
  };
}

/** The latest first. Throws a StoreError for a cursor that no answer gave. */
export function* findRows(
  blocks: readonly Block[],
  instance: string,
  question: RowsQuestion,
): Generator<void, RowsAnswer> {
  const { cursor, limit, scanMax, where } = question;
  if (cursor !== undefined && !CURSOR.test(cursor)) {
    throw new StoreError("failed", `expected a cursor of an answer before, got ${JSON.stringify(cursor)}`);
  }
  const conditions = where.map((condition) => ({ ...condition, matches: matcherOf(condition) }));
  if (!conditions.every(({ dimension, matches }) => dimension !== INSTANCE || matches(instance))) {
    return { rows: [], next: undefined };
  }
  // Most records are told by what lies open, without their text being made and read.
  const glances = conditions.flatMap(({ dimension, matches }) =>
    isOpenField(dimension) ? [(record: KeptRecord) => matches(record[dimension] ?? "")] : [],
  );
  const matches = recordFilter(question);
  const rows: Row[] = [];
  let looked = 0;
  for (const record of latestFirst(blocks, question, Number(cursor ?? Number.POSITIVE_INFINITY))) {
    const { seq, arrivalMicros } = record;
    if (rows.length === limit || looked === scanMax) return { rows, next: String(seq + 1) };
    looked += 1;
    if (glances.every((glance) => glance(record))) {
      const { text } = record;
      if (matches(decodeRecord(text))) rows.push({ instance, seq, arrivalMicros, text });
    }
    yield;
  }
  return { rows, next: undefined };
}

/** In the order of their numbers. */
export function* readEnded(
  blocks: readonly Block[],
  { fromMicros, untilMicros, afterSeq, limit }: ReadRange,
): Generator<void, readonly ReadRecord[]> {
  const found: ReadRecord[] = [];
  let looked = 0;
  for (const block of blocks) {
    if (block.records.at(-1)!.seq <= afterSeq || !touches(block, { fromMicros, untilMicros })) continue;
    for (const record of block.records) {
      const { seq, atMicros } = record;
      if (found.length === limit) return found;
      looked += 1;
      if (looked % RECORDS_A_PIECE === 0) yield;
      if (seq <= afterSeq || atMicros < fromMicros || atMicros >= untilMicros) continue;
      found.push({ seq, text: record.text });
    }
  }
  return found;
}

/** Of blocks that have some of a range of time. */
function* latestFirst(
  blocks: readonly Block[],
  range: Pick<ReadRange, "fromMicros" | "untilMicros">,
  beforeSeq: number,
): Generator<KeptRecord> {
  for (const block of blocks.toReversed()) {
    const { records } = block;
    if (records[0]!.seq >= beforeSeq || !touches(block, range)) continue;
    for (let at = records.length - 1; at >= 0; at--) {
      if (records[at]!.seq < beforeSeq) yield records[at]!;
    }
  }
}

function touches(
  { oldestMicros, newestMicros }: Block,
  { fromMicros, untilMicros }: Pick<ReadRange, "fromMicros" | "untilMicros">,
): boolean {
  return oldestMicros < untilMicros && newestMicros >= fromMicros;
}

function isOpenField(dimension: string): dimension is (typeof OPEN_FIELDS)[number] {
  return (OPEN_FIELDS as readonly string[]).includes(dimension);
}
