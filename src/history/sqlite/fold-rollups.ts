/** Sums over the rollups of a SQLite store, of all shapes of cells that it holds. */
import { addEncodedSums, encodeCell } from "../../ledger/cell-codec.ts";
import { hasSums, SUMS_LAYOUT } from "../../ledger/cell-layout.ts";
import { Fold, type Place } from "../../query/fold.ts";
import type { Span } from "../../query/rollup-plan.ts";
import { rollupDimensions } from "../cell-reader.ts";
import type { FoldQuestion } from "../event-store.ts";
import type { Connection, Row } from "./connection.ts";
import { checkpointSeq } from "./rollups.ts";

/** Groups side by side: between threads, many small arrays cost more than one. */
export type GroupColumns = {
  readonly seq: number;
  readonly isTooLarge: boolean;
  readonly startMicros: Float64Array;
  readonly values: readonly (readonly string[])[];
  /** Cells one after the other, and where each ends. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array;
};

/** Where the cells of label sets belong, by shape, labels and team. */
type Places = Map<string, Map<string, Place | undefined>>;

/** The answer is of one moment: the number and the rollups are read in one transaction. */
export function foldRollups(connection: Connection, instance: string, question: FoldQuestion): GroupColumns {
  const fold = new Fold(question);
  const seq = connection.snapshot(() => {
    const shapes = new Map<number, { readonly names: readonly string[]; readonly places: Places }>();
    for (const { shape, fingerprint, label_names } of connection.all("SELECT * FROM shape")) {
      if (!hasSums(String(fingerprint))) continue;
      const labelNames = JSON.parse(String(label_names)) as string[];
      shapes.set(Number(shape), { names: rollupDimensions(labelNames), places: new Map() });
    }
    /** Worked out once for each label set, however many rollups it has. */
    const placeOf = (shape: number, labels: string, team: string): Place | undefined => {
      const known = shapes.get(shape);
      if (known === undefined) return undefined;
      let teams = known.places.get(labels);
      if (teams === undefined) {
        teams = new Map();
        known.places.set(labels, teams);
      }
      if (teams.has(team)) return teams.get(team);
      const place = fold.place(known.names, [instance, team, ...(JSON.parse(labels) as string[])]);
      teams.set(team, place);
      return place;
    };
    for (const span of question.spans ?? []) addSpan(connection, span, fold, placeOf);
    return checkpointSeq(connection);
  });
  return columnsOf(fold, seq);
}

function addSpan(
  connection: Connection,
  { resolution, fromMicros, untilMicros }: Span,
  fold: Fold,
  placeOf: (shape: number, labels: string, team: string) => Place | undefined,
): void {
  const rows = connection
    .statement(
      `SELECT start_micros, shape, labels, team, cell FROM ${resolution} WHERE start_micros >= ? AND start_micros < ?`,
    )
    .iterate(fromMicros, untilMicros) as Iterable<Row>;
  for (const { start_micros, shape, labels, team, cell } of rows) {
    // An answer that will not be given is not worth the rest of the work.
    if (fold.isTooLarge) return;
    const place = placeOf(shape as number, labels as string, team as string);
    if (place !== undefined) addEncodedSums(fold.cell(place, start_micros as number), cell as Uint8Array);
  }
}

function columnsOf({ groups, isTooLarge }: Fold, seq: number): GroupColumns {
  const cells = groups.map(({ cell }) => encodeCell(cell, SUMS_LAYOUT));
  const ends = new Uint32Array(cells.length);
  let end = 0;
  cells.forEach((cell, index) => {
    end += cell.length;
    ends[index] = end;
  });
  const bytes = new Uint8Array(end);
  cells.forEach((cell, index) => {
    bytes.set(cell, ends[index]! - cell.length);
  });
  const startMicros = Float64Array.from(groups, (group) => group.startMicros);
  return { seq, isTooLarge, startMicros, values: groups.map(({ values }) => values), bytes, ends };
}
