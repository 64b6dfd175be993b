/** Rows of rollups and series: read, merged with new cells, written back. The row of the instance is locked. */
import type { Client } from "pg";
import { merge } from "../../ledger/cell.ts";
import { decodeCell, encodeCell } from "../../ledger/cell-codec.ts";
import type { CellLayout } from "../../ledger/cell-layout.ts";
import type { Resolution } from "../../query/rollup-plan.ts";
import type { MinuteCell } from "../event-store.ts";
import { ROW_BYTES } from "./queries.ts";

/** Rows merged at a stretch: some ten milliseconds. */
const MERGED_AT_ONCE = 200;

/** A row of minutes, hours, days or series, and the cells to be merged into it. */
export type Entry = {
  readonly startMicros: number;
  readonly labelSet: number;
  readonly team: string;
  readonly cells: Uint8Array[];
};

/** The sum of encoded cells. */
export type Merge = (cells: readonly Uint8Array[]) => Uint8Array;

export function mergeOf(layout: CellLayout): Merge {
  return ([first, ...others]) => {
    const into = decodeCell(first!, layout);
    for (const other of others) merge(into, decodeCell(other, layout), layout);
    return encodeCell(into, layout);
  };
}

export function grouped(
  cells: readonly MinuteCell[],
  rowOf: (cell: MinuteCell) => Omit<Entry, "cells">,
): Entry[] {
  const entries = new Map<string, Entry>();
  for (const cell of cells) {
    const row = rowOf(cell);
    const key = `${row.startMicros}/${row.labelSet}/${row.team}`;
    const entry = entries.get(key);
    if (entry === undefined) entries.set(key, { ...row, cells: [cell.cell] });
    else entry.cells.push(cell.cell);
  }
  return Array.from(entries.values());
}

/** Adds the bytes by which the table grew. Each stretch leaves the loop to others while the server works. */
export async function mergePeriods(
  client: Client,
  table: Resolution,
  instance: number,
  entries: readonly Entry[],
  merge: Merge,
): Promise<number> {
  const keys = "unnest($2::bigint[], $3::integer[], $4::text[])";
  return inStretches(entries, async (stretch) => {
    const values = [
      instance,
      stretch.map(({ startMicros }) => startMicros),
      stretch.map(({ labelSet }) => labelSet),
      stretch.map(({ team }) => team),
    ];
    const { rows } = await client.query(
      `SELECT row::integer, cell FROM ${keys} WITH ORDINALITY AS new (start_micros, label_set, team, row)
        JOIN llm_exporter.${table} USING (start_micros, label_set, team) WHERE instance = $1`,
      values,
    );
    const { cells, grownBytes } = merged(stretch, rows as KnownCell[], merge);
    await client.query(
      `INSERT INTO llm_exporter.${table} (instance, start_micros, label_set, team, cell)
        SELECT $1, * FROM unnest($2::bigint[], $3::integer[], $4::text[], $5::bytea[])
        ON CONFLICT (instance, start_micros, label_set, team) DO UPDATE SET cell = excluded.cell`,
      [...values, cells],
    );
    return grownBytes;
  });
}

export async function mergeSeries(
  client: Client,
  instance: number,
  entries: readonly Entry[],
  merge: Merge,
): Promise<number> {
  return inStretches(entries, async (stretch) => {
    const labelSets = stretch.map(({ labelSet }) => labelSet);
    const { rows } = await client.query(
      `SELECT row::integer, cell FROM unnest($2::integer[]) WITH ORDINALITY AS new (label_set, row)
        JOIN llm_exporter.series USING (label_set) WHERE instance = $1`,
      [instance, labelSets],
    );
    const { cells, grownBytes } = merged(stretch, rows as KnownCell[], merge);
    await client.query(
      `INSERT INTO llm_exporter.series (instance, label_set, cell)
        SELECT $1, * FROM unnest($2::integer[], $3::bytea[])
        ON CONFLICT (instance, label_set) DO UPDATE SET cell = excluded.cell`,
      [instance, labelSets, cells],
    );
    return grownBytes;
  });
}

async function inStretches(
  entries: readonly Entry[],
  work: (stretch: readonly Entry[]) => Promise<number>,
): Promise<number> {
  let bytes = 0;
  for (let from = 0; from < entries.length; from += MERGED_AT_ONCE) {
    bytes += await work(entries.slice(from, from + MERGED_AT_ONCE));
  }
  return bytes;
}

/** `row` counts from 1. */
type KnownCell = { readonly row: number; readonly cell: Buffer };

function merged(
  entries: readonly Entry[],
  known: readonly KnownCell[],
  merge: Merge,
): { cells: Uint8Array[]; grownBytes: number } {
  const knownCells = new Map(known.map(({ row, cell }) => [row - 1, cell]));
  let grownBytes = 0;
  const cells = entries.map((entry, index) => {
    const before = knownCells.get(index);
    const cells = before === undefined ? entry.cells : [before, ...entry.cells];
    const cell = cells.length === 1 ? cells[0]! : merge(cells);
    grownBytes += cell.length - (before === undefined ? -ROW_BYTES : before.length);
    return cell;
  });
  return { cells, grownBytes };
}
