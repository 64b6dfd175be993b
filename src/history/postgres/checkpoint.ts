/**
 * Brings a checkpoint into the tables, in one transaction: cells are merged into minutes, hours, days and series; ids of
 * ended requests and the latest reports of open ones are taken from the events that it sums up. Rows are read, merged and
 * written back without locks of their own: the row of the instance is locked all the while.
 */
import { createHash } from "node:crypto";
import type { Client } from "pg";
import type { CellLayout } from "../../ledger/cell-layout.ts";
import { RESOLUTIONS, type Resolution } from "../../query/rollup-plan.ts";
import { type Checkpoint, type MinuteCell, StoreError, type StoreShape } from "../event-store.ts";
import { grouped, mergeOf, mergePeriods, mergeSeries } from "./cell-rows.ts";
import {
  type Holding,
  lockInstance,
  measureEvents,
  ROW_BYTES,
  type Size,
  sameShape,
  sizeOf,
} from "./queries.ts";

const ROLLUPS = Object.keys(RESOLUTIONS) as readonly Resolution[];

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
  const entries = (microsOf: (cell: MinuteCell) => number, teamOf: (cell: MinuteCell) => string) =>
    grouped(cells, (cell) => ({
      startMicros: microsOf(cell),
      labelSet: labelSets.get(JSON.stringify(cell.labelValues))!,
      team: teamOf(cell),
    }));
  const series = entries(
    () => 0,
    () => "",
  );
  const merge = mergeOf(layout);
  let bytes = await mergeSeries(client, instance, series, merge);
  for (const table of ROLLUPS) {
    const periods = entries(
      ({ minuteMicros }) => startOf(table, minuteMicros),
      ({ team }) => team,
    );
    bytes += await mergePeriods(client, table, instance, periods, merge);
  }
  const events = await measureEvents(client, instance, row.checkpoint_seq, seq);
  const ids = await keepIds(client, instance, row.checkpoint_seq, seq);
  await keepOpen(client, instance, row.checkpoint_seq, seq);
  await client.query(
    `UPDATE llm_exporter.instance SET checkpoint_seq = $2, days_seq = $2, shape = $3, notes = $4, events = events + $5,
      ids = ids + $6, bytes = bytes + $7 WHERE instance = $1`,
    [instance, seq, shapeId, JSON.stringify(notes), events.rows, ids.rows, bytes + events.bytes + ids.bytes],
  );
}

/** A minute that is split has rows of its parts. */
function startOf(table: Resolution, minuteMicros: number): number {
  const unit = RESOLUTIONS[table];
  return table === "minute" ? minuteMicros : Math.floor(minuteMicros / unit) * unit;
}

/** Rollups of a shape that comes back go on; its series begin anew, for they lack what was counted under another one. */
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

function keepIds(client: Client, instance: number, afterSeq: number, upToSeq: number): Promise<Size> {
  return sizeOf(
    client,
    `WITH kept AS (
        INSERT INTO llm_exporter.ended_id (instance, seq, arrival_micros, id)
          SELECT instance, seq, arrival_micros, id FROM llm_exporter.event
            WHERE instance = $1 AND seq > $2 AND seq <= $3 AND is_end AND id IS NOT NULL
          RETURNING ${ROW_BYTES} + octet_length(id) AS bytes)
      SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM kept`,
    [instance, afterSeq, upToSeq],
  );
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
