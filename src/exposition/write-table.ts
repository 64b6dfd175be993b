/**
 * The lines of a family's samples: everything that the two formats have in common. A format adds its headers, and
 * OpenMetrics its exemplars.
 * What does not change from row to row is joined beforehand, so that a line costs a few concatenations.
 */
import { writeUsd } from "../event/money.ts";
import type { Column, FamilyTable, Reading, Row } from "./family-table.ts";
import { writeNanos, writeValue } from "./write-labels.ts";

/** What follows a sample's value on its line: an exemplar, or nothing. Counts are not cumulative. */
export type WriteSuffix = (column: Column, row: Row, count: number) => string;

type Line = {
  readonly column: Column;
  readonly reading: Reading;
  /** The slot, if the value is that of one slot and no more; else -1. */
  readonly slot: number;
  /** Comma, labels of the column, closing brace and space. */
  readonly tail: string;
  /** End of this line, then name and opening brace of the next one. */
  readonly end: string;
  /** `tail`, a zero and `end`: most samples are zero. */
  readonly zeroEnd: string;
};

/** The lines of a row; `head` begins the first one. */
type RowPlan = { readonly head: string; readonly lines: readonly Line[] };

/** Rows in one chunk of text: small enough to be written within a few milliseconds. */
const ROWS_A_CHUNK = 64;

/** Chunks of sample lines, each of whole rows. */
export function* writeSamples(table: FamilyTable, suffix: WriteSuffix | undefined): Generator<string> {
  const bare = planOf(table, false);
  const labelled = planOf(table, true);
  let chunk = "";
  let rows = 0;
  for (const row of table.rows) {
    if (table.presenceSlots !== undefined && !isPresent(table.presenceSlots, row)) continue;
    chunk += writeRow(row.labels === "" ? bare : labelled, row, suffix);
    rows += 1;
    if (rows % ROWS_A_CHUNK === 0) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
}

function planOf({ family, columns }: FamilyTable, labelled: boolean): RowPlan {
  const braced = columns.map((column) => labelled || column.labels !== "");
  const heads = columns.map((column, index) => `${family.name}${column.suffix}${braced[index] ? "{" : ""}`);
  const lines = columns.map((column, index): Line => {
    const { reading } = column;
    const comma = labelled && column.labels !== "" ? "," : "";
    const tail = braced[index] ? `${comma}${column.labels}} ` : " ";
    const end = `\n${heads[index + 1] ?? ""}`;
    const slot = reading.kind === "slots" && reading.slots.length === 1 ? reading.slots[0]! : -1;
    return { column, reading, slot, tail, end, zeroEnd: `${tail}0${end}` };
  });
  return { head: heads[0] ?? "", lines };
}

function writeRow({ head, lines }: RowPlan, row: Row, suffix: WriteSuffix | undefined): string {
  const { labels, values, base } = row;
  const withSuffix = row.exemplars === undefined ? undefined : suffix;
  let text = head;
  let cumulative = 0;
  // Neighbouring buckets often have one count: it is printed once.
  let printedCount = -1;
  let printed = "";
  for (const line of lines) {
    const { reading } = line;
    let value: number;
    if (reading.kind === "bucket") {
      value = values[base + reading.slot]!;
      cumulative += value;
      if (cumulative !== printedCount) {
        printedCount = cumulative;
        printed = String(cumulative);
      }
      text += labels + line.tail + printed;
    } else {
      value = line.slot >= 0 ? values[base + line.slot]! : firstPart(reading, values, base);
      if (value === 0 && reading.kind !== "nanoPairs" && reading.kind !== "money") {
        text += labels + line.zeroEnd;
        continue;
      }
      text += labels + line.tail + writeReading(reading, value, values, base);
    }
    text += withSuffix === undefined ? line.end : withSuffix(line.column, row, value) + line.end;
  }
  return text;
}

/** The value, or what decides whether it is zero: of pairs the whole units. */
function firstPart(reading: Reading, values: ArrayLike<number>, base: number): number {
  return "slots" in reading ? sumOf(reading.slots, values, base) : values[base + reading.slot]!;
}

function writeReading(reading: Reading, value: number, values: ArrayLike<number>, base: number): string {
  switch (reading.kind) {
    case "nanoPairs":
      return writeNanos(value, sumOf(reading.slots, values, base + 1));
    case "money":
      return writeUsd({ microUsd: value, picoUsd: values[base + reading.slot + 1]! });
    case "micros":
      return writeNanos(Math.floor(value / 1e6), (value % 1e6) * 1e3);
    default:
      return writeValue(value);
  }
}

function sumOf(slots: readonly number[], values: ArrayLike<number>, base: number): number {
  let sum = 0;
  for (const slot of slots) sum += values[base + slot]!;
  return sum;
}

function isPresent(slots: readonly number[], row: Row): boolean {
  for (const slot of slots) if (row.values[row.base + slot] !== 0) return true;
  return false;
}
