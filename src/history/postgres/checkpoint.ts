/**
 * Brings a checkpoint into the tables, in one transaction: cells are merged into minutes, hours and series; ids of ended
 * requests and the latest reports of open ones are taken from the events that it sums up. Rows are read, merged and
 * written back without locks of their own: the row of the instance is locked all the while.
 */
import { createHash } from "node:crypto";
import type { Client } from "pg";
import type { CellLayout } from "../../ledger/cell-layout.ts";
import { type Checkpoint, type MinuteCell, StoreError, type StoreShape } from "../event-store.ts";
import { grouped, mergePeriods, mergeSeries } from "./cell-rows.ts";
import {
  type Holding,
  lockInstance,
  measureEvents,
  ROW_BYTES,
  type Size,
  sameShape,
  sizeOf,
} from "./queries.ts";

const HOUR_MICROS = 3_600e6;

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
