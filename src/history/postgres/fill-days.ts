/**
 * Days that were not written when their hours were: of before version 2 of the tables, or by a program of version 1 that
 * went on beside newer ones. They are made of the hours that are kept.
 */
import type { Client } from "pg";
import { mergeEncoded } from "../../ledger/cell-codec.ts";
import { RESOLUTIONS } from "../../query/rollup-plan.ts";
import { type Entry, mergePeriods } from "./cell-rows.ts";
import { ROW_BYTES, shapesWithSums, sizeOf } from "./queries.ts";
import { inSlices } from "./slices.ts";

type HourRow = readonly [startMicros: number, labelSet: number, team: string, cell: Buffer];

/** Instances whose days lack something. */
export async function instancesToFill(client: Client): Promise<readonly number[]> {
  const { rows } = await client.query(
    "SELECT instance FROM llm_exporter.instance WHERE days_seq <> checkpoint_seq ORDER BY instance",
  );
  return (rows as { instance: number }[]).map(({ instance }) => instance);
}

/**
 * In a transaction. Leaves an instance alone that somebody else is busy with: it is filled at the next start, its hours
 * are read until then. Hours of a version of cells that is not known make no days.
 */
export async function fillDays(client: Client, instance: number): Promise<void> {
  const locked = await client.query(
    `SELECT 1 FROM llm_exporter.instance WHERE instance = $1 AND days_seq <> checkpoint_seq
      FOR UPDATE SKIP LOCKED`,
    [instance],
  );
  if (locked.rowCount === 0) return;
  const gone = await sizeOf(
    client,
    `WITH gone AS (DELETE FROM llm_exporter.day WHERE instance = $1 RETURNING ${ROW_BYTES} + octet_length(cell) AS bytes)
      SELECT count(*) AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM gone`,
    [instance],
  );
  const bytes = await writeDays(client, instance);
  await client.query(
    "UPDATE llm_exporter.instance SET days_seq = checkpoint_seq, bytes = bytes + $2 WHERE instance = $1",
    [instance, bytes - gone.bytes],
  );
}

/** How many bytes they take. One day is held in memory at a time. */
async function writeDays(client: Client, instance: number): Promise<number> {
  let bytes = 0;
  let dayMicros = 0;
  let entries = new Map<string, Entry>();
  const write = async () => {
    bytes += await mergePeriods(client, "day", instance, Array.from(entries.values()), mergeEncoded);
    entries = new Map();
  };
  const shapes = await shapesWithSums(client);
  const hours = {
    text: `SELECT h.start_micros, h.label_set, h.team, h.cell FROM llm_exporter.hour h
      JOIN llm_exporter.label_set l USING (label_set) WHERE h.instance = $1 AND l.shape = ANY($2::integer[])
      ORDER BY h.start_micros`,
    values: [instance, Array.from(shapes.keys())],
  };
  await inSlices(client, hours, async (rows) => {
    for (const [hourMicros, labelSet, team, cell] of rows as readonly HourRow[]) {
      const startMicros = Math.floor(hourMicros / RESOLUTIONS.day) * RESOLUTIONS.day;
      if (startMicros !== dayMicros) await write();
      dayMicros = startMicros;
      const key = `${labelSet}/${team}`;
      const entry = entries.get(key) ?? { startMicros, labelSet, team, cells: [] };
      entries.set(key, entry);
      entry.cells.push(cell);
    }
  });
  await write();
  return bytes;
}
