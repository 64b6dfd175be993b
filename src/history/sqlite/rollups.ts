/** Sums in the SQLite store: minutes, hours, days and running totals, and how a checkpoint brings them up to date. */
import { type Cell, merge, zeroCell } from "../../ledger/cell.ts";
import { decodeCell, encodeCell } from "../../ledger/cell-codec.ts";
import type { CellLayout } from "../../ledger/cell-layout.ts";
import { MINUTE_MICROS } from "../../ledger/minute-cells.ts";
import { RESOLUTIONS, type Resolution } from "../../query/rollup-plan.ts";
import type { Checkpoint, RetentionCut } from "../event-store.ts";
import type { Connection } from "./connection.ts";

const { hour: HOUR_MICROS, day: DAY_MICROS } = RESOLUTIONS;
const CHECKPOINT_SEQ = "checkpoint_seq";
/** Cells merged or encoded at a stretch. */
const CELLS_A_PIECE = 10;

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
type Sum = { readonly table: Rollup; readonly key: readonly (string | number)[]; readonly cell: Cell };

/** Number of the last record that is in the sums; 0 before the first checkpoint. */
export function checkpointSeq(connection: Connection): number {
  return Number(connection.meta(CHECKPOINT_SEQ) ?? 0);
}

/**
 * The work of a checkpoint in pieces of about a millisecond, between which records may be appended: rollups are
 * written by nobody else, so that they can be read and merged before the one transaction that writes them. One that is
 * not beyond the last has been taken before.
 */
export function* checkpointPieces(
  connection: Connection,
  { layout, shape }: { readonly layout: CellLayout; readonly shape: number },
  { seq, cells, notes }: Checkpoint,
): Generator<void> {
  if (seq <= checkpointSeq(connection)) return;
  const sums = new Map<string, Sum>();
  /** Adds a cell to a sum of this checkpoint, which begins with what the table has. */
  const add = (table: Rollup, key: Sum["key"], added: Cell) => {
    const name = `${table} ${key.join("\n")}`;
    let sum = sums.get(name);
    if (sum === undefined) {
      const [known] = connection.all(ROLLUPS[table].read, ...key);
      const cell = known === undefined ? zeroCell(layout) : decodeCell(known.cell as Uint8Array, layout);
      sum = { table, key, cell };
      sums.set(name, sum);
    }
    merge(sum.cell, added, layout);
  };
  for (const [index, { minuteMicros, labelValues, team, cell }] of cells.entries()) {
    const labels = JSON.stringify(labelValues);
    const hourMicros = Math.floor(minuteMicros / HOUR_MICROS) * HOUR_MICROS;
    const dayMicros = Math.floor(minuteMicros / DAY_MICROS) * DAY_MICROS;
    const added = decodeCell(cell, layout);
    add("minute", [minuteMicros, shape, labels, team], added);
    add("hour", [hourMicros, shape, labels, team], added);
    add("day", [dayMicros, shape, labels, team], added);
    add("series", [shape, labels], added);
    if (index % CELLS_A_PIECE === CELLS_A_PIECE - 1) yield;
  }
  const rows: { table: Rollup; key: Sum["key"]; cell: Uint8Array }[] = [];
  for (const { table, key, cell } of sums.values()) {
    rows.push({ table, key, cell: encodeCell(cell, layout) });
    if (rows.length % CELLS_A_PIECE === 0) yield;
  }
  connection.transaction(() => {
    // Totals of another shape lack from now on what is counted under this one.
    connection.run("DELETE FROM series WHERE shape <> ?", shape);
    for (const { table, key, cell } of rows) connection.run(ROLLUPS[table].write, ...key, cell);
    for (const [name, value] of Object.entries(notes)) connection.setMeta(`note.${name}`, value);
    connection.setMeta(CHECKPOINT_SEQ, String(seq));
  });
}

/** Drops at most so many rows of each table whose time has ended; how many there were. */
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
  return (
    drop("minute", minutesBeforeMicros - MINUTE_MICROS) +
    drop("hour", hoursBeforeMicros - HOUR_MICROS) +
    drop("day", hoursBeforeMicros - DAY_MICROS)
  );
}
