/**
 * Sums in memory: minutes, hours, days and running totals, and how a checkpoint brings them up to date. A period that
 * can be seen never changes: a checkpoint makes new ones beside them and puts all in their place at once. Who took
 * periods before goes on in a world of one moment, and a checkpoint that fails has changed nothing.
 */

import { EncodedMerge } from "../../ledger/encoded-merge.ts";
import { RESOLUTIONS, type Resolution, type Span } from "../../query/rollup-plan.ts";
import { rollupDimensions } from "../cell-reader.ts";
import type { Checkpoint, MinuteCell, RetentionCut, SeriesCell, StoreShape } from "../event-store.ts";
import { cellOf, type LabelSet, Period, type Shape } from "./period.ts";

/** The longest first: hours and minutes share the labels of their day. */
const BY_LENGTH = Object.keys(RESOLUTIONS) as Resolution[];

type Periods = Readonly<Record<Resolution, Map<number, Period>>>;
/** Totals of label sets without teams, and what they were counted under. */
type Totals = { readonly shape: Shape; readonly sums: Period };

export class Rollups {
  /** Number of the last record that is in the sums; 0 before the first checkpoint. */
  seq = 0;
  notes: Readonly<Record<string, string>> = {};
  /** Minutes, and hours and days, that start before these instants may have been dropped; `undefined` if none were. */
  minutesSinceMicros: number | undefined;
  hoursSinceMicros: number | undefined;
  readonly #merge = new EncodedMerge();
  readonly #periods = noPeriods();
  #periodBytes = 0;
  #totals: Totals | undefined;
  readonly #shapes = new Map<string, Shape>();
  #shape: Shape | undefined;

  /** An estimate: bytes of chunks, and so many for each row. */
  get bytes(): number {
    return this.#periodBytes + (this.#totals?.sums.bytes ?? 0);
  }

  /** Cells are of this shape from now on. */
  open({ fingerprint, labelNames }: StoreShape): void {
    const key = JSON.stringify([fingerprint, labelNames]);
    const dimensions = rollupDimensions(labelNames);
    this.#shape = this.#shapes.get(key) ?? { number: this.#shapes.size, fingerprint, dimensions };
    this.#shapes.set(key, this.#shape);
  }

  /** Totals of the shape; none if they were counted under another one. */
  get series(): readonly SeriesCell[] {
    if (this.#totals?.shape !== this.#shape) return [];
    const rows = this.#totals?.sums.rows.values() ?? [];
    return Array.from(rows, (row) => ({ labelValues: row.labels.labelValues, cell: cellOf(row).slice() }));
  }

  /** The periods of the span that there are now. */
  periods({ resolution, fromMicros, untilMicros }: Span): readonly Period[] {
    const found: Period[] = [];
    for (const [startMicros, period] of this.#periods[resolution]) {
      if (startMicros >= fromMicros && startMicros < untilMicros) found.push(period);
    }
    return found;
  }

  /** One that is not beyond the last has been taken before. Throws a RangeError for bytes that are no cell. */
  *checkpoint({ seq, cells, notes }: Checkpoint): Generator<void> {
    if (seq <= this.seq) return;
    const shape = this.#shape!;
    const drafts = noPeriods();
    const sums = new Period(0);
    // Totals of another shape lack from now on what is counted under this one.
    if (this.#totals?.shape === shape) yield* sums.takeOver(this.#totals.sums);
    for (const cell of cells) {
      yield* this.#add(drafts, shape, cell);
      const { labelValues } = cell;
      const labels = { key: JSON.stringify(labelValues), shape, labelValues, team: "" };
      sums.add(labels, cell.cell, this.#merge);
      yield;
    }
    for (const resolution of BY_LENGTH) {
      for (const draft of drafts[resolution].values()) this.#replace(resolution, draft);
    }
    this.#totals = { shape, sums };
    this.notes = { ...notes };
    this.seq = seq;
  }

  /** Drops periods that have ended, at most so many of each length; how many there were. */
  dropPast({ minutesBeforeMicros, hoursBeforeMicros }: RetentionCut, most: number): number {
    const drop = (resolution: Resolution, beforeMicros: number) => {
      let dropped = 0;
      for (const startMicros of this.#periods[resolution].keys()) {
        if (startMicros + RESOLUTIONS[resolution] > beforeMicros) continue;
        this.#drop(resolution, startMicros);
        dropped += 1;
        if (dropped === most) break;
      }
      return dropped;
    };
    const minutes = drop("minute", minutesBeforeMicros);
    const hours = drop("hour", hoursBeforeMicros) + drop("day", hoursBeforeMicros);
    if (minutes > 0) this.#lackMinutes(minutesBeforeMicros);
    if (hours > 0) this.#lackHours(hoursBeforeMicros);
    return minutes + hours;
  }

  /**
   * Drops the oldest minutes until so many bytes are free or there is none, then the oldest hours and days; how many there
   * were. A day goes with its first hour: what is told begins after that one.
   */
  dropOldest(bytes: number): number {
    const aim = this.bytes - bytes;
    let dropped = 0;
    for (const { resolution, startMicros } of [...this.#oldest("minute"), ...this.#oldest("day", "hour")]) {
      if (this.bytes <= aim) break;
      this.#drop(resolution, startMicros);
      if (resolution === "minute") this.#lackMinutes(startMicros + RESOLUTIONS.minute);
      else this.#lackHours(startMicros + RESOLUTIONS.hour);
      dropped += 1;
    }
    return dropped;
  }

  /** The earliest first; of those that begin together, in the order of the resolutions. */
  #oldest(...resolutions: Resolution[]) {
    return resolutions
      .flatMap((resolution) =>
        Array.from(this.#periods[resolution].keys(), (startMicros) => ({ resolution, startMicros })),
      )
      .sort((one, other) => one.startMicros - other.startMicros);
  }

  #lackMinutes(beforeMicros: number): void {
    this.minutesSinceMicros = Math.max(this.minutesSinceMicros ?? 0, beforeMicros);
  }

  #lackHours(beforeMicros: number): void {
    this.hoursSinceMicros = Math.max(this.hoursSinceMicros ?? 0, beforeMicros);
  }

  /** Adds a cell to its minute, hour and day as this checkpoint leaves them. */
  *#add(
    drafts: Periods,
    shape: Shape,
    { minuteMicros, labelValues, team, cell }: MinuteCell,
  ): Generator<void> {
    const key = `${shape.number} ${JSON.stringify([team, ...labelValues])}`;
    let labels: LabelSet = { key, shape, labelValues, team };
    for (const resolution of BY_LENGTH) {
      const length = RESOLUTIONS[resolution];
      // A minute may be split: its parts start where they do.
      const startMicros = resolution === "minute" ? minuteMicros : Math.floor(minuteMicros / length) * length;
      let draft = drafts[resolution].get(startMicros);
      if (draft === undefined) {
        draft = new Period(startMicros);
        drafts[resolution].set(startMicros, draft);
        const known = this.#periods[resolution].get(startMicros);
        if (known !== undefined) yield* draft.takeOver(known);
      }
      labels = draft.add(labels, cell, this.#merge);
    }
  }

  #replace(resolution: Resolution, period: Period): void {
    const { startMicros } = period;
    this.#periodBytes += period.bytes - (this.#periods[resolution].get(startMicros)?.bytes ?? 0);
    this.#periods[resolution].set(startMicros, period);
  }

  #drop(resolution: Resolution, startMicros: number): void {
    this.#periodBytes -= this.#periods[resolution].get(startMicros)!.bytes;
    this.#periods[resolution].delete(startMicros);
  }
}

function noPeriods(): Periods {
  return { day: new Map(), hour: new Map(), minute: new Map() };
}
