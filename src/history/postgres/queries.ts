/** What the PostgreSQL store asks the server, apart from checkpoints. Every function may reject with what `pg` says. */
import type { Client } from "pg";
import { hasSums } from "../../ledger/cell-layout.ts";
import {
  type EventStore,
  type KeptRecord,
  type Recovery,
  type RecoveryLimits,
  StoreError,
  type StoreShape,
  type StoreStatus,
} from "../event-store.ts";

/** A row, its header and its entries in the indexes take about so much beside the values. */
export const ROW_BYTES = 160;
/** What a row of `event` takes, an estimate: a server gives back the room of dropped rows in its own time. */
export const EVENT_BYTES = `(${ROW_BYTES} + octet_length(text) + 2 * coalesce(octet_length(id), 0))`;
const READ_AT_ONCE = 10_000;

/** Whose rows, and which process writes them. */
export type Holding = { readonly instance: number; readonly holder: string };

/** The row of an instance, locked: one writer of sums at a time, be it one that died and was not told yet. */
export type InstanceRow = {
  readonly holder: string;
  readonly checkpoint_seq: number;
  readonly shape: number | null;
  readonly events: number;
  readonly ids: number;
  readonly bytes: number;
};

/** Columns of an InstanceRow. */
export const INSTANCE_ROW = "holder, checkpoint_seq, shape, events, ids, bytes";

/** Makes this process the one that writes the instance. The caller has the instance's lock. */
export async function takeOver(client: Client, name: string, holder: string): Promise<number> {
  const { rows } = await client.query(
    `INSERT INTO llm_exporter.instance (name, holder) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder RETURNING instance`,
    [name, holder],
  );
  return (rows[0] as { instance: number }).instance;
}

/** To be called first in a transaction. */
export async function lockInstance(client: Client, { instance, holder }: Holding): Promise<InstanceRow> {
  const { rows } = await client.query(
    `SELECT ${INSTANCE_ROW} FROM llm_exporter.instance WHERE instance = $1 FOR UPDATE`,
    [instance],
  );
  const row = rows[0] as InstanceRow | undefined;
  if (row?.holder !== holder) throw takenOver();
  return row;
}

export function takenOver(): StoreError {
  return new StoreError(
    "failed",
    "another process has written under this instance name since the connection broke: start this one anew",
  );
}

/** Number of the last record, be it kept or dropped. */
export async function lastSeq(
  client: Client,
  instance: number,
): Promise<{ holder: string; lastSeq: number }> {
  const { rows } = await client.query(
    `SELECT holder, greatest(checkpoint_seq, dropped_seq,
        (SELECT max(seq) FROM llm_exporter.event WHERE instance = $1)) AS "lastSeq"
      FROM llm_exporter.instance WHERE instance = $1`,
    [instance],
  );
  return rows[0] as { holder: string; lastSeq: number };
}

/** Undoes what was appended after a record. */
export async function dropAfter(client: Client, instance: number, seq: number): Promise<void> {
  await client.query(
    `WITH dropped AS (UPDATE llm_exporter.instance SET dropped_seq = $2 WHERE instance = $1 AND dropped_seq > $2)
      DELETE FROM llm_exporter.event WHERE instance = $1 AND seq > $2`,
    [instance, seq],
  );
}

/** One statement, so one transaction and one round trip. */
export async function insertEvents(
  client: Client,
  instance: number,
  records: readonly KeptRecord[],
): Promise<void> {
  await client.query({
    name: "append",
    text: `INSERT INTO llm_exporter.event
        (instance, seq, at_micros, arrival_micros, is_end, id, provider, model, pool, text)
      SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::text[], $7::text[],
        $8::text[], $9::text[], $10::text[])`,
    values: [
      instance,
      records.map(({ seq }) => seq),
      records.map(({ atMicros }) => atMicros),
      records.map(({ arrivalMicros }) => arrivalMicros),
      records.map(({ kind }) => kind === "end"),
      records.map(({ id }) => (id === undefined ? null : JSON.stringify(id))),
      records.map(({ provider }) => provider),
      records.map(({ model }) => model),
      records.map(({ pool }) => pool),
      records.map(({ text }) => text),
    ],
  });
}

/** The shape of the last checkpoint, if cells of `shape` can be added to it. */
export async function sameShape(
  client: Client,
  shapeId: number | null,
  { fingerprint, labelNames }: StoreShape,
): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT 1 FROM llm_exporter.shape WHERE shape = $1 AND fingerprint = $2 AND label_names = $3::text[]",
    [shapeId, fingerprint, labelNames],
  );
  return rowCount === 1;
}

/** Shapes whose cells can be added up, whatever their buckets, and the names of their labels. */
export async function shapesWithSums(client: Client): Promise<ReadonlyMap<number, readonly string[]>> {
  const { rows } = await client.query("SELECT shape, fingerprint, label_names FROM llm_exporter.shape");
  return new Map(
    (rows as { shape: number; fingerprint: string; label_names: string[] }[])
      .filter(({ fingerprint }) => hasSums(fingerprint))
      .map(({ shape, label_names }) => [shape, label_names]),
  );
}

/** What an instance holds. `row` is the one that lockInstance gave in this transaction. */
export async function recover(
  client: Client,
  instance: number,
  row: InstanceRow,
  shape: StoreShape,
  { idsMax, idsSinceMicros }: RecoveryLimits,
): Promise<Recovery> {
  const continues = await sameShape(client, row.shape, shape);
  const series = await client.query(
    `SELECT l.label_values, s.cell FROM llm_exporter.series s JOIN llm_exporter.label_set l USING (label_set)
      WHERE s.instance = $1 AND l.shape = $2 ORDER BY label_set`,
    [instance, continues ? row.shape : null],
  );
  const notes = await client.query("SELECT notes FROM llm_exporter.instance WHERE instance = $1", [instance]);
  const ids = await client.query(
    `SELECT id, arrival_micros FROM llm_exporter.ended_id WHERE instance = $1 AND arrival_micros >= $2
      ORDER BY seq DESC LIMIT $3`,
    [instance, idsSinceMicros, idsMax],
  );
  const open = await client.query(
    "SELECT text FROM llm_exporter.open_request WHERE instance = $1 ORDER BY seq",
    [instance],
  );
  return {
    lastSeq: (await lastSeq(client, instance)).lastSeq,
    series: (series.rows as { label_values: string[]; cell: Buffer }[]).map(({ label_values, cell }) => ({
      labelValues: label_values,
      cell: new Uint8Array(cell),
    })),
    notes: JSON.parse((notes.rows[0] as { notes: string }).notes) as Record<string, string>,
    since: await textsAfter(client, instance, row.checkpoint_seq),
    endedIds: (ids.rows as { id: string; arrival_micros: number }[])
      .map(({ id, arrival_micros }) => ({ id: JSON.parse(id) as string, arrivalMicros: arrival_micros }))
      .reverse(),
    open: (open.rows as { text: string }[]).map(({ text }) => text),
  };
}

async function textsAfter(client: Client, instance: number, checkpointSeq: number): Promise<string[]> {
  const texts: string[] = [];
  for (let after = checkpointSeq; ; ) {
    const { rows } = await client.query({
      text: "SELECT seq, text FROM llm_exporter.event WHERE instance = $1 AND seq > $2 ORDER BY seq LIMIT $3",
      values: [instance, after, READ_AT_ONCE],
      rowMode: "array",
    });
    const page = rows as [seq: number, text: string][];
    for (const [, text] of page) texts.push(text);
    if (page.length < READ_AT_ONCE) return texts;
    after = page.at(-1)![0];
  }
}

export async function readEvents(
  client: Client,
  instance: number,
  lastSeq: number,
  { fromMicros, untilMicros, afterSeq, limit }: Parameters<EventStore["read"]>[0],
): Promise<readonly { readonly seq: number; readonly text: string }[]> {
  const { rows } = await client.query(
    `SELECT seq, text FROM llm_exporter.event
      WHERE instance = $1 AND seq > $2 AND seq <= $3 AND at_micros >= $4 AND at_micros < $5 AND is_end
      ORDER BY seq LIMIT $6`,
    [instance, afterSeq, lastSeq, fromMicros, untilMicros, limit],
  );
  return rows as { seq: number; text: string }[];
}

/** Events up to the checkpoint have been counted; those after it are counted now. */
export async function statusOf(client: Client, instance: number): Promise<StoreStatus> {
  const { rows } = await client.query(
    `SELECT i.events + later.events AS events, i.bytes + later.bytes AS bytes,
        (SELECT min(at_micros) FROM llm_exporter.event WHERE instance = $1) AS oldest,
        (SELECT max(at_micros) FROM llm_exporter.event WHERE instance = $1) AS newest
      FROM llm_exporter.instance i, LATERAL (
        SELECT count(*) AS events, coalesce(sum(${EVENT_BYTES}), 0)::bigint AS bytes FROM llm_exporter.event
          WHERE instance = $1 AND seq > i.checkpoint_seq) later
      WHERE i.instance = $1`,
    [instance],
  );
  const { events, bytes, oldest, newest } = rows[0] as Record<
    "events" | "bytes" | "oldest" | "newest",
    number
  >;
  return { events, bytes, oldestMicros: oldest ?? undefined, newestMicros: newest ?? undefined };
}

/** Number and size of the events after one record up to another. */
export async function measureEvents(
  client: Client,
  instance: number,
  afterSeq: number,
  upToSeq: number,
): Promise<Size> {
  return sizeOf(
    client,
    `SELECT count(*) AS rows, coalesce(sum(${EVENT_BYTES}), 0)::bigint AS bytes FROM llm_exporter.event
      WHERE instance = $1 AND seq > $2 AND seq <= $3`,
    [instance, afterSeq, upToSeq],
  );
}

/** Rows and the bytes that they take. */
export type Size = { readonly rows: number; readonly bytes: number };

/** Of a statement that ends in one row with both. */
export async function sizeOf(client: Client, sql: string, values: readonly number[]): Promise<Size> {
  const { rows } = await client.query(sql, [...values]);
  return rows[0] as Size;
}
