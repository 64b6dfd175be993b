/** A checkpoint on its way to the thread: side by side, since many small arrays would hold the loop that sends them. */
import type { Checkpoint } from "../event-store.ts";

/** Cells packed between two chances to be interrupted. */
const CELLS_A_PIECE = 100;

export type CheckpointColumns = Omit<Checkpoint, "cells"> & {
  readonly minuteMicros: Float64Array<ArrayBuffer>;
  /** Label values of each cell, as a line of JSON; all in one text. */
  readonly labels: string;
  /** JSON of all of them. */
  readonly teams: string;
  /** Cells one after the other, and where each ends. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
};

/** A cell as it is written: label values as the text that they are kept as. */
export type CellRow = {
  readonly minuteMicros: number;
  readonly labels: string;
  readonly team: string;
  readonly cell: Uint8Array;
};

/** Says where it may be interrupted. */
export function* checkpointColumns({ seq, cells, notes }: Checkpoint): Generator<void, CheckpointColumns> {
  const bytes = new Uint8Array(cells.reduce((sum, { cell }) => sum + cell.length, 0));
  const ends = new Uint32Array(cells.length);
  const minuteMicros = new Float64Array(cells.length);
  const labels: string[] = [];
  const teams: string[] = [];
  let end = 0;
  for (const [index, { labelValues, team, cell, minuteMicros: micros }] of cells.entries()) {
    bytes.set(cell, end);
    end += cell.length;
    ends[index] = end;
    minuteMicros[index] = micros;
    labels.push(JSON.stringify(labelValues));
    teams.push(team);
    if (index % CELLS_A_PIECE === CELLS_A_PIECE - 1) yield;
  }
  return { seq, notes, minuteMicros, labels: labels.join("\n"), teams: JSON.stringify(teams), bytes, ends };
}

/** What need not be copied to be sent. */
export function buffersOf({ minuteMicros, bytes, ends }: CheckpointColumns): readonly ArrayBuffer[] {
  return [minuteMicros.buffer, bytes.buffer, ends.buffer];
}

/** In the order of their labels: neighbours lie on the same pages of a table. */
export function rowsByLabels({ minuteMicros, labels, teams, bytes, ends }: CheckpointColumns): CellRow[] {
  const lines = labels.split("\n");
  return (JSON.parse(teams) as string[])
    .map((team, at) => ({
      ...{ minuteMicros: minuteMicros[at]!, labels: lines[at]!, team },
      cell: bytes.subarray(ends[at - 1] ?? 0, ends[at]),
    }))
    .sort((one, other) => (one.labels < other.labels ? -1 : 1));
}
