/**
 * Sums in the SQLite store: minutes, hours, days and running totals, and how a checkpoint brings them up to date. A large
 * one would hold commits for as long as it is written, so that it is done in transactions of some milliseconds: most of its
 * cells are put into `pending` first, count there as soon as the number of the checkpoint does, and are moved to
 * the sums after that. At any moment the sums and what counts of `pending` are all cells, each once.
 */
import { EncodedMerge } from "../../ledger/encoded-merge.ts";
import { RESOLUTIONS, type Resolution } from "../../query/rollup-plan.ts";
import type { RetentionCut } from "../event-store.ts";
import { type CellRow, type CheckpointColumns, rowsByLabels } from "./checkpoint-columns.ts";
import type { Connection } from "./connection.ts";

const { minute: MINUTE_MICROS, hour: HOUR_MICROS, day: DAY_MICROS } = RESOLUTIONS;
const CHECKPOINT_SEQ = "checkpoint_seq";
const MINUTES_SINCE = "minutes_since_micros";
const HOURS_SINCE = "hours_since_micros";
/** Cells brought into the sums, or put aside, in one transaction: some five milliseconds, or one. */
const SUMMED_AT_ONCE = 100;
const PUT_ASIDE_AT_ONCE = 500;

/** Tables of sums, and how a row of them is read and written, its key first. */
const ROLLUPS = {
  minute: {
    read: "SELECT cell FROM minute WHERE start_micros = ? AND shape = ? AND labels = ? AND team = ?",
    write: "INSERT OR REPLACE INTO minute VALUES (?, ?, ?, ?, ?)",
  },
  hour: {
    read: "SELECT cell FROM hour WHERE start_micros = ? AND shape = ? AND labels = ? AND team = ?",
    write: "INSERT OR REPLACE INTO hour VALUES (?, ?, ?, ?, ?)",
  },
  day: {
    read: "SELECT cell FROM day WHERE start_micros = ? AND shape = ? AND labels = ? AND team = ?",
    // Rows stay where they are, those of a day together.
    write: "INSERT INTO day VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET cell = excluded.cell",
  },
  series: {
    read: "SELECT cell FROM series WHERE shape = ? AND labels = ?",
    write: "INSERT OR REPLACE INTO series VALUES (?, ?, ?)",
  },
} as const;
type Rollup = keyof typeof ROLLUPS;
type Sum = { readonly table: Rollup; readonly key: readonly (string | number)[]; cell: Uint8Array };
type ShapedRow = CellRow & { readonly shape: number };

/** Number of the last record that is in the sums; 0 before the first checkpoint. */
export function checkpointSeq(connection: Connection): number {
  return Number(connection.meta(CHECKPOINT_SEQ) ?? 0);
}

/**
 * The work of a checkpoint, between whose pieces records may be appended. One that is not beyond the last has been taken
 * before. One that was interrupted has either counted or can be taken again; what it left is seen to first.
 */
export function* checkpointPieces(
  connection: Connection,
  shape: number,
  checkpoint: CheckpointColumns,
): Generator<void> {
  yield* sumPending(connection);
  const { seq, notes } = checkpoint;
  if (seq <= checkpointSeq(connection)) return;
  const rows = rowsByLabels(checkpoint).map((row) => ({ ...row, shape }));
  yield;
  const last = rows.splice(-SUMMED_AT_ONCE);
  for (let from = 0; from < rows.length; from += PUT_ASIDE_AT_ONCE) {
    connection.transaction(() => {
      for (const { minuteMicros, labels, team, cell } of rows.slice(from, from + PUT_ASIDE_AT_ONCE)) {
        connection.run(
          "INSERT INTO pending (checkpoint_seq, minute_micros, shape, labels, team, cell) VALUES (?, ?, ?, ?, ?, ?)",
          ...[seq, minuteMicros, shape, labels, team, cell],
        );
      }
    });
    yield;
  }
  connection.transaction(() => {
    // Totals of another shape lack from now on what is counted under this one.
    connection.run("DELETE FROM series WHERE shape <> ?", shape);
    addToSums(connection, last);
    for (const [name, value] of Object.entries(notes)) connection.setMeta(`note.${name}`, value);
    connection.setMeta(CHECKPOINT_SEQ, String(seq));
  });
  yield;
  yield* sumPending(connection);
}

/** Brings what was put aside into the sums, but for what is of a checkpoint that did not come to count. */
export function* sumPending(connection: Connection): Generator<void> {
  const counted = checkpointSeq(connection);
  for (;;) {
    const rows = connection.all(`SELECT * FROM pending ORDER BY number LIMIT ${SUMMED_AT_ONCE}`);
    const last = rows.at(-1);
    if (last === undefined) return;
    connection.transaction(() => {
      const cells = rows
        .filter(({ checkpoint_seq }) => Number(checkpoint_seq) <= counted)
        .map(({ minute_micros, shape, labels, team, cell }) => ({
          ...{ minuteMicros: Number(minute_micros), shape: Number(shape) },
          ...{ labels: String(labels), team: String(team), cell: cell as Uint8Array },
        }));
      addToSums(connection, cells);
      connection.run("DELETE FROM pending WHERE number <= ?", Number(last.number));
    });
    yield;
  }
}

function addToSums(connection: Connection, rows: readonly ShapedRow[]): void {
  const merge = new EncodedMerge();
  const sums = new Map<string, Sum>();
  /** Adds a cell to a sum, which begins with what the table has. */
  const add = (table: Rollup, key: Sum["key"], cell: Uint8Array) => {
    const name = `${table} ${key.join("\n")}`;
    const sum = sums.get(name);
    if (sum !== undefined) {
      sum.cell = merge.merge(sum.cell, cell).slice();
      return;
    }
    const [known] = connection.all(ROLLUPS[table].read, ...key);
    const whole = known === undefined ? cell : merge.merge(known.cell as Uint8Array, cell).slice();
    sums.set(name, { table, key, cell: whole });
  };
  for (const { minuteMicros, shape, labels, team, cell } of rows) {
    const hourMicros = Math.floor(minuteMicros / HOUR_MICROS) * HOUR_MICROS;
    const dayMicros = Math.floor(minuteMicros / DAY_MICROS) * DAY_MICROS;
    add("minute", [minuteMicros, shape, labels, team], cell);
    add("hour", [hourMicros, shape, labels, team], cell);
    add("day", [dayMicros, shape, labels, team], cell);
    add("series", [shape, labels], cell);
  }
  for (const { table, key, cell } of sums.values()) connection.run(ROLLUPS[table].write, ...key, cell);
}

/** From when on there are all rollups that were ever made; absent if none was dropped. See FoldAnswer. */
export function keptSince(connection: Connection): {
  readonly minutesSinceMicros?: number;
  readonly hoursSinceMicros?: number;
} {
  const minutes = connection.meta(MINUTES_SINCE);
  const hours = connection.meta(HOURS_SINCE);
  return {
    ...(minutes === undefined ? {} : { minutesSinceMicros: Number(minutes) }),
    ...(hours === undefined ? {} : { hoursSinceMicros: Number(hours) }),
  };
}

/** Drops at most so many rows of each table whose time has ended, and remembers it; how many there were. In a transaction. */
export function dropPeriods(
  connection: Connection,
  { minutesBeforeMicros, hoursBeforeMicros }: RetentionCut,
  most: number,
): number {
  const drop = (table: Resolution, lastStartMicros: number) =>
    connection.changes(
      `DELETE FROM ${table} WHERE (start_micros, shape, labels, team) IN
        (SELECT start_micros, shape, labels, team FROM ${table} WHERE start_micros <= ? LIMIT ${most})`,
      lastStartMicros,
    );
  const remember = (name: string, sinceMicros: number) =>
    connection.setMeta(name, String(Math.max(sinceMicros, Number(connection.meta(name) ?? 0))));
  const minutes = drop("minute", minutesBeforeMicros - MINUTE_MICROS);
  const hours = drop("hour", hoursBeforeMicros - HOUR_MICROS) + drop("day", hoursBeforeMicros - DAY_MICROS);
  if (minutes > 0) remember(MINUTES_SINCE, minutesBeforeMicros);
  if (hours > 0) remember(HOURS_SINCE, hoursBeforeMicros);
  return minutes + hours;
}
