/**
 * Drops what is past of exporters that are gone and may never come back: nobody else would. Their running totals stay for
 * ever.
 */
import type { Client } from "pg";
import { RESOLUTIONS } from "../../query/rollup-plan.ts";
import type { RetentionCut } from "../event-store.ts";
import { readPresence } from "./presence.ts";
import { INSTANCE_ROW, type InstanceRow } from "./queries.ts";
import { DROPPED_AT_ONCE, dropPiece } from "./retention.ts";

type GoneRow = InstanceRow & { readonly instance: number; readonly name: string };

/**
 * A piece of one of them, in a transaction; true if there may be more. The row of the instance is locked, not its name:
 * an exporter that starts under it waits for the row, and is not refused.
 */
export async function dropGone(
  client: Client,
  own: number,
  idsMax: number,
  cut: RetentionCut,
): Promise<boolean> {
  const isPresent = await readPresence(client);
  const { rows } = await client.query(
    "SELECT instance, name FROM llm_exporter.instance WHERE instance <> $1",
    [own],
  );
  const gone = (rows as GoneRow[]).filter(({ name }) => !isPresent(name));
  if (gone.length === 0) return false;
  const row = await lockOne(
    client,
    gone.map(({ instance }) => instance),
    idsMax,
    cut,
  );
  // Who came before the row was locked looks after it again. Who comes now waits for it.
  if (row === undefined || (await readPresence(client))(row.name)) return false;
  const uncounted = await dropUncounted(client, row, cut);
  const dropped = await dropPiece(client, row.instance, row, idsMax, cut);
  return uncounted > 0 || dropped.some((rows) => rows > 0);
}

/** One that has something to drop, and that nobody else is busy with. */
async function lockOne(
  client: Client,
  instances: readonly number[],
  idsMax: number,
  { eventsBeforeMicros, minutesBeforeMicros, hoursBeforeMicros, idsBeforeMicros, bytesMax }: RetentionCut,
): Promise<GoneRow | undefined> {
  const { rows } = await client.query(
    `SELECT instance, name, ${INSTANCE_ROW} FROM llm_exporter.instance i WHERE instance = ANY($1::integer[]) AND (
        EXISTS (SELECT FROM llm_exporter.event e WHERE e.instance = i.instance AND at_micros < $2
          AND (seq <= checkpoint_seq OR arrival_micros < $2))
        OR EXISTS (SELECT FROM llm_exporter.minute r WHERE r.instance = i.instance AND start_micros <= $3)
        OR EXISTS (SELECT FROM llm_exporter.hour r WHERE r.instance = i.instance AND start_micros <= $4)
        OR EXISTS (SELECT FROM llm_exporter.day r WHERE r.instance = i.instance AND start_micros <= $5)
        OR EXISTS (SELECT FROM llm_exporter.open_request o WHERE o.instance = i.instance AND at_micros < $2)
        OR ids > $6
        OR (SELECT arrival_micros FROM llm_exporter.ended_id d WHERE d.instance = i.instance ORDER BY seq LIMIT 1) < $7
        OR bytes > $8::float8 AND EXISTS (
          SELECT FROM llm_exporter.event e WHERE e.instance = i.instance AND seq <= checkpoint_seq))
      ORDER BY instance LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [
      instances,
      eventsBeforeMicros,
      minutesBeforeMicros - RESOLUTIONS.minute,
      hoursBeforeMicros - RESOLUTIONS.hour,
      hoursBeforeMicros - RESOLUTIONS.day,
      idsMax,
      idsBeforeMicros,
      bytesMax,
    ],
  );
  return rows[0] as GoneRow | undefined;
}

/**
 * Records that came after the last checkpoint, once they arrived so long ago that nobody will count them. Their numbers
 * are not given again.
 */
async function dropUncounted(
  client: Client,
  { instance, checkpoint_seq }: GoneRow,
  { eventsBeforeMicros }: RetentionCut,
): Promise<number> {
  const { rows } = await client.query(
    `WITH gone AS (DELETE FROM llm_exporter.event WHERE instance = $1 AND seq IN (
        SELECT seq FROM llm_exporter.event WHERE instance = $1 AND seq > $2 AND at_micros < $3 AND arrival_micros < $3
          ORDER BY seq LIMIT ${DROPPED_AT_ONCE}) RETURNING seq)
      SELECT count(*) AS rows, max(seq) AS "lastSeq" FROM gone`,
    [instance, checkpoint_seq, eventsBeforeMicros],
  );
  const { rows: dropped, lastSeq } = rows[0] as { rows: number; lastSeq: number | null };
  if (lastSeq !== null) {
    await client.query(
      "UPDATE llm_exporter.instance SET dropped_seq = greatest(dropped_seq, $2) WHERE instance = $1",
      [instance, lastSeq],
    );
  }
  return dropped;
}
