/**
 * The lines of a family's samples: everything that the two formats have in common. A format adds its headers, and
 * OpenMetrics its exemplars.
 * What does not change from row to row is joined beforehand, so that a line costs a few concatenations.
 */
import type { Column, FamilyTable, Reading, Row } from "./family-table.ts";
import { writeNanos, writeValue } from "./write-labels.ts";

/** What follows a sample's value on its line: an exemplar, or nothing. Counts are not cumulative. */
export type WriteSuffix = (column: Column, row: Row, count: number) => string;

type Line = {
  /** Name and opening brace. */
  readonly head: string;
  /** Comma, labels of the column, closing brace and space. */
  readonly tail: string;
  /** The same with a zero and the end of the line. */
  readonly tailZero: string;
  readonly column: Column;
  readonly reading: Reading;
};

/** Rows in one chunk of text: small enough to be written within a few milliseconds. */
const ROWS_A_CHUNK = 64;

/** Chunks of sample lines, each of whole rows. */
export function* writeSamples(table: FamilyTable, suffix: WriteSuffix | undefined): Generator<string> {
  const bare = linesOf(table, false);
  const labelled = linesOf(table, true);
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

function linesOf({ family, columns }: FamilyTable, labelled: boolean): Line[] {
  return columns.map((column) => {
    const name = family.name + column.suffix;
    const braces = labelled || column.labels !== "";
    const comma = labelled && column.labels !== "" ? "," : "";
    const tail = braces ? `${comma}${column.labels}} ` : " ";
    return {
      head: braces ? `${name}{` : name,
      tail,
      tailZero: `${tail}0\n`,
      column,
      reading: column.reading,
    };
  });
}

function writeRow(lines: readonly Line[], row: Row, suffix: WriteSuffix | undefined): string {
  const { labels, values, base } = row;
  let text = "";
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
      text += line.head + labels + line.tail + printed;
    } else {
      value = reading.kind === "micros" ? values[base + reading.slot]! : sumOf(reading.slots, values, base);
      if (value === 0 && reading.kind !== "nanoPairs") {
        text += line.head + labels + line.tailZero;
        continue;
      }
      text += line.head + labels + line.tail + writeReading(reading, value, values, base);
    }
    if (suffix !== undefined && row.exemplars !== undefined) text += suffix(line.column, row, value);
    text += "\n";
  }
  return text;
}

function writeReading(reading: Reading, value: number, values: ArrayLike<number>, base: number): string {
  switch (reading.kind) {
    case "nanoPairs":
      return writeNanos(value, sumOf(reading.slots, values, base + 1));
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
