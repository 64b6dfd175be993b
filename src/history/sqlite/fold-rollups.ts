/** Sums over the rollups of a SQLite store, of all shapes of cells that it holds. */
import { addEncodedSums, encodeCell } from "../../ledger/cell-codec.ts";
import { hasSums, SUMS_LAYOUT } from "../../ledger/cell-layout.ts";
import { Fold, type Place } from "../../query/fold.ts";
import { RESOLUTIONS, type Span } from "../../query/rollup-plan.ts";
import { rollupDimensions } from "../cell-reader.ts";
import type { FoldAnswer, FoldQuestion } from "../event-store.ts";
import type { Connection, Row } from "./connection.ts";
import { checkpointSeq, keptSince } from "./rollups.ts";

/** Groups side by side: between threads, many small arrays cost more than one. */
export type GroupColumns = Omit<FoldAnswer, "groups"> & {
  readonly startMicros: Float64Array;
  readonly values: readonly (readonly string[])[];
  /** Cells one after the other, and where each ends. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array;
};

/** Where the cells of label sets belong, by shape, labels and team. */
type Places = Map<string, Map<string, Place | undefined>>;
type PlaceOf = (shape: number, labels: string, team: string) => Place | undefined;

/** The answer is of one moment: the number, the rollups and what goes with them are read in one transaction. */
export function foldRollups(connection: Connection, instance: string, question: FoldQuestion): GroupColumns {
  const fold = new Fold(question);
  const known = connection.snapshot(() => {
    const shapes = new Map<number, { readonly names: readonly string[]; readonly places: Places }>();
    for (const { shape, fingerprint, label_names } of connection.all("SELECT * FROM shape")) {
      if (!hasSums(String(fingerprint))) continue;
      const labelNames = JSON.parse(String(label_names)) as string[];
      shapes.set(Number(shape), { names: rollupDimensions(labelNames), places: new Map() });
    }
    /** Worked out once for each label set, however many rollups it has. */
    const placeOf: PlaceOf = (shape, labels, team) => {
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
    const seq = checkpointSeq(connection);
    for (const span of question.spans ?? []) {
      addSpan(connection, span, fold, placeOf);
      addPending(connection, seq, span, fold, placeOf);
    }
    return { seq, ...keptSince(connection) };
  });
  return { ...known, ...columnsOf(fold) };
}

function addSpan(
  connection: Connection,
  { resolution, fromMicros, untilMicros }: Span,
  fold: Fold,
  placeOf: PlaceOf,
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

/** Cells that count and are not in the rollups yet, as if they were. */
function addPending(
  connection: Connection,
  seq: number,
  { resolution, fromMicros, untilMicros }: Span,
  fold: Fold,
  placeOf: PlaceOf,
): void {
  const rows = connection
    .statement(
      `SELECT minute_micros, shape, labels, team, cell FROM pending
        WHERE checkpoint_seq <= ? AND minute_micros >= ? AND minute_micros < ?`,
    )
    .iterate(seq, fromMicros, untilMicros) as Iterable<Row>;
  for (const { minute_micros, shape, labels, team, cell } of rows) {
    if (fold.isTooLarge) return;
    const place = placeOf(shape as number, labels as string, team as string);
    const minuteMicros = minute_micros as number;
    // A minute may be split: its parts start where they do.
    const into = resolution === "minute" ? 0 : minuteMicros % RESOLUTIONS[resolution];
    if (place !== undefined) addEncodedSums(fold.cell(place, minuteMicros - into), cell as Uint8Array);
  }
}

function columnsOf({ groups, isTooLarge }: Fold) {
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
  return { isTooLarge, startMicros, values: groups.map(({ values }) => values), bytes, ends };
}
