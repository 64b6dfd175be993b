/** Drops what is past, piece by piece. */
import type { Client } from "pg";
import { RESOLUTIONS, type Resolution } from "../../query/rollup-plan.ts";
import type { RetentionCut } from "../event-store.ts";
import {
  EVENT_BYTES,
  type Holding,
  type InstanceRow,
  lockInstance,
  ROW_BYTES,
  type Size,
  sizeOf,
  statusOf,
} from "./queries.ts";

/** Rows of each table that are dropped in one transaction. */
export const DROPPED_AT_ONCE = 5_000;
const GONE = "SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone";

/** Drops a piece of what is past of this exporter, in a transaction; true if there is more. */
export async function dropPast(
  client: Client,
  holding: Holding,
  idsMax: number,
  cut: RetentionCut,
): Promise<boolean> {
  const row = await lockInstance(client, holding);
  const dropped = await dropPiece(client, holding.instance, row, idsMax, cut);
  return dropped.some((rows) => rows === DROPPED_AT_ONCE);
}

/**
 * In a transaction that has locked the row; how many rows there were of each kind. Records that no checkpoint has counted
 * stay. Ids are dropped by their age, and those beyond the latest `idsMax`. A request that is open since before the cut
 * is given up.
 */
export async function dropPiece(
  client: Client,
  instance: number,
  row: InstanceRow,
  idsMax: number,
  { eventsBeforeMicros, minutesBeforeMicros, hoursBeforeMicros, idsBeforeMicros, bytesMax }: RetentionCut,
): Promise<readonly number[]> {
  const at = DROPPED_AT_ONCE;
  const old = await sizeOf(
    client,
    `WITH gone AS (DELETE FROM llm_exporter.event WHERE instance = $1 AND seq IN (
        SELECT seq FROM llm_exporter.event WHERE instance = $1 AND at_micros < $2 AND seq <= $3
          ORDER BY at_micros LIMIT ${at}) RETURNING ${EVENT_BYTES} AS bytes) ${GONE}`,
    [instance, eventsBeforeMicros, row.checkpoint_seq],
  );
  const minutes = await dropPeriods(client, "minute", instance, minutesBeforeMicros);
  const hours = await dropPeriods(client, "hour", instance, hoursBeforeMicros);
  const days = await dropPeriods(client, "day", instance, hoursBeforeMicros);
  const ids = await sizeOf(
    client,
    `WITH oldest AS (SELECT seq, arrival_micros, row_number() OVER (ORDER BY seq) AS number
          FROM llm_exporter.ended_id WHERE instance = $1 ORDER BY seq LIMIT ${at}),
      gone AS (DELETE FROM llm_exporter.ended_id WHERE instance = $1 AND seq IN (
        SELECT seq FROM oldest WHERE number <= $2 OR arrival_micros < $3)
      RETURNING ${ROW_BYTES} + octet_length(id) AS bytes) ${GONE}`,
    [instance, row.ids - idsMax, idsBeforeMicros],
  );
  const open = await client.query(
    "DELETE FROM llm_exporter.open_request WHERE instance = $1 AND at_micros < $2",
    [instance, eventsBeforeMicros],
  );
  const freed = old.bytes + minutes.bytes + hours.bytes + days.bytes + ids.bytes;
  const later = (await statusOf(client, instance)).bytes - row.bytes;
  const excess = await sizeOf(
    client,
    `WITH oldest AS (SELECT seq, bytes, sum(bytes) OVER (ORDER BY seq) AS total FROM (
        SELECT seq, ${EVENT_BYTES} AS bytes FROM llm_exporter.event WHERE instance = $1 AND seq <= $2
          ORDER BY seq LIMIT ${at}) candidates),
      gone AS (DELETE FROM llm_exporter.event e USING oldest
        WHERE e.instance = $1 AND e.seq = oldest.seq AND oldest.total - oldest.bytes < $3::float8 RETURNING oldest.bytes) ${GONE}`,
    [instance, row.checkpoint_seq, row.bytes + later - freed - bytesMax],
  );
  await client.query(
    `UPDATE llm_exporter.instance SET events = events - $2, ids = ids - $3, bytes = bytes - $4,
      minutes_since_micros = greatest(minutes_since_micros, $5::bigint),
      hours_since_micros = greatest(hours_since_micros, $6::bigint) WHERE instance = $1`,
    [
      instance,
      old.rows + excess.rows,
      ids.rows,
      freed + excess.bytes,
      minutes.rows > 0 ? minutesBeforeMicros : 0,
      hours.rows + days.rows > 0 ? hoursBeforeMicros : 0,
    ],
  );
  return [...[old, minutes, hours, days, ids, excess].map(({ rows }) => rows), open.rowCount ?? 0];
}

/** Those that ended before or at an instant. */
function dropPeriods(
  client: Client,
  table: Resolution,
  instance: number,
  beforeMicros: number,
): Promise<Size> {
  return sizeOf(
    client,
    `WITH gone AS (DELETE FROM llm_exporter.${table} WHERE ctid IN (
        SELECT ctid FROM llm_exporter.${table} WHERE instance = $1 AND start_micros <= $2
          ORDER BY start_micros LIMIT ${DROPPED_AT_ONCE})
      RETURNING ${ROW_BYTES} + octet_length(cell) AS bytes) ${GONE}`,
    [instance, beforeMicros - RESOLUTIONS[table]],
  );
}
