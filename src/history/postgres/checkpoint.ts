/**
 * Brings a checkpoint into the tables, in one transaction: cells are merged into minutes, hours and series; ids of ended
 * requests and the latest reports of open ones are taken from the events that it sums up. Rows are read, merged and
 * written back without locks of their own: the row of the instance is locked all the while.
 */
import { createHash } from "node:crypto";
import type { Client } from "pg";
import { merge } from "../../ledger/cell.ts";
import { decodeCell, encodeCell } from "../../ledger/cell-codec.ts";
import type { CellLayout } from "../../ledger/cell-layout.ts";
import { type Checkpoint, type MinuteCell, StoreError, type StoreShape } from "../event-store.ts";
import { type Holding, lockInstance, measureEvents, ROW_BYTES, sameShape } from "./queries.ts";

const HOUR_MICROS = 3_600e6;
/** Rows merged at a stretch: some ten milliseconds. */
const MERGED_AT_ONCE = 200;

/** A row of minutes, hours or series, and the cells to be merged into it. */
type Entry = {
  readonly startMicros: number;
  readonly labelSet: number;
  readonly team: string;
  readonly cells: Uint8Array[];
};

export type CheckpointParts = {
  readonly holding: Holding;
  readonly layout: CellLayout;
  readonly shape: StoreShape;
  /** The last checkpoint that this process knows to be kept. */
  readonly knownSeq: number;
};

/** In a transaction. A checkpoint that is not beyond the last one has been taken before: it changes nothing. */
export async function takeCheckpoint(
  client: Client,
  { holding, layout, shape, knownSeq }: CheckpointParts,
  { seq, cells, notes }: Checkpoint,
): Promise<void> {
  const { instance } = holding;
  const row = await lockInstance(client, holding);
  if (seq <= row.checkpoint_seq) return;
  if (row.checkpoint_seq !== knownSeq) {
    throw new StoreError(
      "failed",
      `expected checkpoint ${row.checkpoint_seq} to be repeated, got ${seq}: the former was kept though its answer was lost`,
    );
  }
  const shapeId = (await sameShape(client, row.shape, shape))
    ? row.shape!
    : await changeShape(client, instance, shape);
  const labelSets = await labelSetsOf(client, instance, shapeId, cells);
  const entries = (startOf: (cell: MinuteCell) => number, teamOf: (cell: MinuteCell) => string) =>
    grouped(cells, (cell) => ({
      startMicros: startOf(cell),
      labelSet: labelSets.get(JSON.stringify(cell.labelValues))!,
      team: teamOf(cell),
    }));
  const minutes = entries(
    ({ minuteMicros }) => minuteMicros,
    ({ team }) => team,
  );
  const hours = entries(
    ({ minuteMicros }) => Math.floor(minuteMicros / HOUR_MICROS) * HOUR_MICROS,
    ({ team }) => team,
  );
  const series = entries(
    () => 0,
    () => "",
  );
  let bytes = await mergePeriods(client, "minute", instance, minutes, layout);
  bytes += await mergePeriods(client, "hour", instance, hours, layout);
  bytes += await mergeSeries(client, instance, series, layout);
  const events = await measureEvents(client, instance, row.checkpoint_seq, seq);
  const ids = await keepIds(client, instance, row.checkpoint_seq, seq);
  await keepOpen(client, instance, row.checkpoint_seq, seq);
  await client.query(
    `UPDATE llm_exporter.instance SET checkpoint_seq = $2, shape = $3, notes = $4, events = events + $5,
      ids = ids + $6, bytes = bytes + $7 WHERE instance = $1`,
    [instance, seq, shapeId, JSON.stringify(notes), events.rows, ids.rows, bytes + events.bytes + ids.bytes],
  );
}

/**
 * Minutes and hours of a shape that comes back go on in their rows; its series begin anew, for they lack what was
 * counted under another one.
 */
async function changeShape(
  client: Client,
  instance: number,
  { fingerprint, labelNames }: StoreShape,
): Promise<number> {
  const known = await client.query(
    `SELECT shape FROM llm_exporter.shape WHERE instance = $1 AND fingerprint = $2 AND label_names = $3::text[]`,
    [instance, fingerprint, labelNames],
  );
  const [found] = known.rows as { shape: number }[];
  if (found !== undefined) {
    await client.query(
      `DELETE FROM llm_exporter.series WHERE instance = $1
        AND label_set IN (SELECT label_set FROM llm_exporter.label_set WHERE shape = $2)`,
      [instance, found.shape],
    );
    return found.shape;
  }
  const made = await client.query(
    "INSERT INTO llm_exporter.shape (instance, fingerprint, label_names) VALUES ($1, $2, $3) RETURNING shape",
    [instance, fingerprint, labelNames],
  );
  return (made.rows[0] as { shape: number }).shape;
}

/** Ids of the label sets of cells, by their values as JSON. */
async function labelSetsOf(
  client: Client,
  instance: number,
  shape: number,
  cells: readonly MinuteCell[],
): Promise<Map<string, number>> {
  const keys = Array.from(new Set(cells.map(({ labelValues }) => JSON.stringify(labelValues))));
  const digests = keys.map((key) => createHash("sha256").update(key).digest());
  await client.query(
    `INSERT INTO llm_exporter.label_set (instance, shape, digest, label_values)
      SELECT $1, $2, digest, ARRAY(SELECT json_array_elements_text(key::json))
        FROM unnest($3::bytea[], $4::text[]) AS new (digest, key)
        WHERE NOT EXISTS (SELECT FROM llm_exporter.label_set l WHERE l.shape = $2 AND l.digest = new.digest)`,
    [instance, shape, digests, keys],
  );
  const { rows } = await client.query(
    `SELECT key, label_set FROM unnest($2::bytea[], $3::text[]) AS known (digest, key)
      JOIN llm_exporter.label_set USING (digest) WHERE shape = $1`,
    [shape, digests, keys],
  );
  return new Map(
    (rows as { key: string; label_set: number }[]).map(({ key, label_set }) => [key, label_set]),
  );
}

function grouped(cells: readonly MinuteCell[], rowOf: (cell: MinuteCell) => Omit<Entry, "cells">): Entry[] {
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
async function mergePeriods(
  client: Client,
  table: "minute" | "hour",
  instance: number,
  entries: readonly Entry[],
  layout: CellLayout,
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
    const { cells, grownBytes } = merged(stretch, rows as KnownCell[], layout);
    await client.query(
      `INSERT INTO llm_exporter.${table} (instance, start_micros, label_set, team, cell)
        SELECT $1, * FROM unnest($2::bigint[], $3::integer[], $4::text[], $5::bytea[])
        ON CONFLICT (instance, start_micros, label_set, team) DO UPDATE SET cell = excluded.cell`,
      [...values, cells],
    );
    return grownBytes;
  });
}

async function mergeSeries(
  client: Client,
  instance: number,
  entries: readonly Entry[],
  layout: CellLayout,
): Promise<number> {
  return inStretches(entries, async (stretch) => {
    const labelSets = stretch.map(({ labelSet }) => labelSet);
    const { rows } = await client.query(
      `SELECT row::integer, cell FROM unnest($2::integer[]) WITH ORDINALITY AS new (label_set, row)
        JOIN llm_exporter.series USING (label_set) WHERE instance = $1`,
      [instance, labelSets],
    );
    const { cells, grownBytes } = merged(stretch, rows as KnownCell[], layout);
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
  layout: CellLayout,
): { cells: Uint8Array[]; grownBytes: number } {
  const knownCells = new Map(known.map(({ row, cell }) => [row - 1, cell]));
  let grownBytes = 0;
  const cells = entries.map((entry, index) => {
    const before = knownCells.get(index);
    const cell = mergedCell(before === undefined ? entry.cells : [before, ...entry.cells], layout);
    grownBytes += cell.length - (before === undefined ? -ROW_BYTES : before.length);
    return cell;
  });
  return { cells, grownBytes };
}

function mergedCell([first, ...others]: readonly Uint8Array[], layout: CellLayout): Uint8Array {
  if (others.length === 0) return first!;
  const into = decodeCell(first!, layout);
  for (const other of others) merge(into, decodeCell(other, layout), layout);
  return encodeCell(into, layout);
}

async function keepIds(client: Client, instance: number, afterSeq: number, upToSeq: number) {
  const { rows } = await client.query(
    `WITH kept AS (
        INSERT INTO llm_exporter.ended_id (instance, seq, arrival_micros, id)
          SELECT instance, seq, arrival_micros, id FROM llm_exporter.event
            WHERE instance = $1 AND seq > $2 AND seq <= $3 AND is_end AND id IS NOT NULL
          RETURNING ${ROW_BYTES} + octet_length(id) AS bytes)
      SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM kept`,
    [instance, afterSeq, upToSeq],
  );
  return rows[0] as { rows: number; bytes: number };
}

/** Reports first, then the ends that came after them. */
async function keepOpen(client: Client, instance: number, afterSeq: number, upToSeq: number): Promise<void> {
  const between = [instance, afterSeq, upToSeq];
  await client.query(
    `INSERT INTO llm_exporter.open_request (instance, id, seq, at_micros, text)
      SELECT DISTINCT ON (id) instance, id, seq, at_micros, text FROM llm_exporter.event
        WHERE instance = $1 AND seq > $2 AND seq <= $3 AND NOT is_end AND id IS NOT NULL ORDER BY id, seq DESC
      ON CONFLICT (instance, id) DO UPDATE
        SET seq = excluded.seq, at_micros = excluded.at_micros, text = excluded.text`,
    between,
  );
  await client.query(
    `DELETE FROM llm_exporter.open_request o USING llm_exporter.event e
      WHERE o.instance = $1 AND e.instance = $1 AND e.seq > $2 AND e.seq <= $3 AND e.is_end AND e.id = o.id
        AND e.seq > o.seq`,
    between,
  );
}
