/**
 * Ended requests of all instances, the latest arrival first. The log of each instance is in the order of arrival, so logs
 * are merged from their ends backwards, and an answer goes on where the one before stopped in each. What has arrived
 * since then is not in it.
 */
import type { Client } from "pg";
import { INSTANCE, matcherOf } from "../../query/question.ts";
import { type Row, type RowsAnswer, type RowsQuestion, StoreError } from "../event-store.ts";
import { decodeRecord } from "../log-record.ts";
import { recordFilter } from "../record-filter.ts";

/** Records decoded at a stretch: some two milliseconds. */
const ROWS_IN_A_SLICE = 200;
/** An event that lies further ahead of its arrival may not be found by its own time. */
const AHEAD_MICROS = 86_400e6;
const CURSOR_SHOWN_MAX = 40;

/** The log of an instance: what is left to look at goes from `firstSeq` on, up to the record before `endSeq`. */
type Log = {
  readonly instance: number;
  readonly name: string;
  readonly firstSeq: number;
  endSeq: number;
};

/** The instance that asks, and the last of its records that was acknowledged. */
export type Asking = { readonly instance: number; readonly lastSeq: number };

/** Rejects with what `pg` says, or a StoreError for a cursor that is none. */
export async function findRows(client: Client, asking: Asking, question: RowsQuestion): Promise<RowsAnswer> {
  const { limit, scanMax, cursor } = question;
  const ends = cursor === undefined ? undefined : endsOf(cursor);
  const logs = await withFirst(client, await readLogs(client, asking, question, ends), question.fromMicros);
  const matches = recordFilter(question);
  const rows: Row[] = [];
  for (let looked = 0; logs.length > 0 && rows.length < limit && looked < scanMax; ) {
    const most = Math.min(looked === 0 ? limit : ROWS_IN_A_SLICE, ROWS_IN_A_SLICE, scanMax - looked);
    const slice = await readSlice(client, logs, question, most);
    for (const { log, seq, arrivalMicros, text } of slice) {
      if (rows.length === limit) return { rows, next: cursorOf(logs) };
      const { name } = logs[log]!;
      logs[log]!.endSeq = seq;
      looked += 1;
      if (matches(decodeRecord(text))) rows.push({ instance: name, seq, arrivalMicros, text });
    }
    if (slice.length < most) return { rows, next: undefined };
  }
  return { rows, next: cursorOf(logs) };
}

/** By name. `ends`: of the answer before; an instance that had no records then is none of these. */
async function readLogs(
  client: Client,
  asking: Asking,
  { where }: RowsQuestion,
  ends: ReadonlyMap<number, number> | undefined,
): Promise<Log[]> {
  const { rows } = await client.query(
    `SELECT i.instance, i.name, log."firstSeq", log."endSeq" FROM llm_exporter.instance i, LATERAL (
        SELECT min(seq) AS "firstSeq", max(seq) + 1 AS "endSeq" FROM llm_exporter.event e
          WHERE e.instance = i.instance) log
      WHERE log."firstSeq" IS NOT NULL ORDER BY i.name`,
  );
  const matchers = where.filter(({ dimension }) => dimension === INSTANCE).map(matcherOf);
  return (rows as Log[])
    .filter(({ name }) => matchers.every((matches) => matches(name)))
    .map((log) => {
      const endSeq = ends === undefined ? log.endSeq : (ends.get(log.instance) ?? 0);
      const isOwn = log.instance === asking.instance;
      return { ...log, endSeq: isOwn ? Math.min(endSeq, asking.lastSeq + 1) : endSeq };
    })
    .filter(({ firstSeq, endSeq }) => firstSeq < endSeq);
}

/**
 * Logs without what arrived so long before an instant that it cannot be of events since then. By bisection: some twenty
 * look-ups in the index for each log.
 */
async function withFirst(client: Client, logs: readonly Log[], fromMicros: number): Promise<Log[]> {
  if (fromMicros <= AHEAD_MICROS || logs.length === 0) return [...logs];
  const { rows } = await client.query(
    `WITH RECURSIVE search (instance, first, last) AS (
        SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[])
      UNION ALL
        SELECT s.instance, CASE WHEN arrival_micros < $4 THEN seq + 1 ELSE first END,
            CASE WHEN arrival_micros < $4 THEN last ELSE middle END
          FROM search s, LATERAL (SELECT (first + last) / 2 AS middle) half, LATERAL (
            SELECT seq, arrival_micros FROM llm_exporter.event e
              WHERE e.instance = s.instance AND e.seq >= middle ORDER BY e.seq LIMIT 1) probe
          WHERE first < last)
      SELECT instance, max(first) AS "firstSeq" FROM search GROUP BY instance`,
    [
      logs.map(({ instance }) => instance),
      logs.map(({ firstSeq }) => firstSeq),
      logs.map(({ endSeq }) => endSeq),
      fromMicros - AHEAD_MICROS,
    ],
  );
  const first = new Map(
    (rows as Log[]).map(({ instance, firstSeq }): [number, number] => [instance, firstSeq]),
  );
  return logs
    .map((log) => ({ ...log, firstSeq: first.get(log.instance) ?? log.firstSeq }))
    .filter(({ firstSeq, endSeq }) => firstSeq < endSeq);
}

/** `log` is an index. */
type SliceRow = {
  readonly log: number;
  readonly seq: number;
  readonly arrivalMicros: number;
  readonly text: string;
};

/**
 * The next rows of all logs together. Of each log they are a piece without gaps, also where a clock was set back: a row
 * counts as no later than those that follow it.
 */
async function readSlice(
  client: Client,
  logs: readonly Log[],
  { fromMicros, untilMicros }: RowsQuestion,
  most: number,
): Promise<readonly SliceRow[]> {
  const { rows } = await client.query(
    `WITH latest AS (
        SELECT log, instance, seq, min(arrival_micros) OVER (PARTITION BY log ORDER BY seq DESC) AS rank_micros
          FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
              AS logs (instance, first_seq, end_seq, log),
            LATERAL (SELECT seq, arrival_micros FROM llm_exporter.event e
              WHERE e.instance = logs.instance AND e.seq >= first_seq AND e.seq < end_seq AND e.is_end
                AND e.at_micros >= $4 AND e.at_micros < $5 ORDER BY e.seq DESC LIMIT $6) records
          ORDER BY rank_micros DESC, log, seq DESC LIMIT $6)
      SELECT (log - 1)::integer AS log, seq, e.arrival_micros AS "arrivalMicros", e.text
        FROM latest JOIN llm_exporter.event e USING (instance, seq)
        ORDER BY rank_micros DESC, log, seq DESC`,
    [
      logs.map(({ instance }) => instance),
      logs.map(({ firstSeq }) => firstSeq),
      logs.map(({ endSeq }) => endSeq),
      fromMicros,
      untilMicros,
      most,
    ],
  );
  return rows as SliceRow[];
}

/** Where to go on in each log that has more to look at: `2-17.5-901`. */
function cursorOf(logs: readonly Log[]): string | undefined {
  const left = logs.filter(({ firstSeq, endSeq }) => firstSeq < endSeq);
  return left.length === 0
    ? undefined
    : left.map(({ instance, endSeq }) => `${instance}-${endSeq}`).join(".");
}

function endsOf(cursor: string): ReadonlyMap<number, number> {
  if (!/^\d{1,10}-\d{1,16}(\.\d{1,10}-\d{1,16})*$/.test(cursor)) {
    throw new StoreError(
      "failed",
      `expected a cursor of an answer before, got ${JSON.stringify(cursor.slice(0, CURSOR_SHOWN_MAX))}`,
    );
  }
  return new Map(
    cursor.split(".").map((log): [number, number] => {
      const [instance, endSeq] = log.split("-").map(Number);
      return [instance!, endSeq!];
    }),
  );
}
