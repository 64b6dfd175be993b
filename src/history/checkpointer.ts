/**
 * Brings what records add up to into the store, a little after the records themselves: so a start reads sums and a few
 * records instead of all of them. A checkpoint that fails is tried again as it was; nothing is added twice.
 */
import { encodeCell } from "../ledger/cell-codec.ts";
import type { CellLayout } from "../ledger/cell-layout.ts";
import type { MinuteCells, MinuteEntry } from "../ledger/minute-cells.ts";
import type { Checkpoint, EventStore, MinuteCell } from "./event-store.ts";

export type CheckpointerParts = {
  readonly store: Pick<EventStore, "checkpoint">;
  readonly minutes: MinuteCells;
  readonly layout: CellLayout;
  /** Number of the last record that is in the cells. */
  readonly countedSeq: () => number;
  /** What else lives as long as the counters, as of this moment. */
  readonly notes: () => Readonly<Record<string, string>>;
  /** Number of the last record of the last checkpoint. */
  readonly lastSeq: number;
  readonly onSuccess: () => void;
  readonly onFailure: (error: unknown) => void;
};

/** Cells of one checkpoint, kept for as long as somebody reads rollups that may lack them. */
type Batch = {
  readonly seq: number;
  readonly entries: readonly MinuteEntry[];
  /** Readings that began before the store took it, which may not see it; `undefined`: it has not. */
  readingsBefore: number | undefined;
};

/** Cells encoded at a stretch: about three milliseconds. */
const CELLS_A_TURN = 100;

export class Checkpointer {
  taken = 0;
  failures = 0;
  readonly #parts: CheckpointerParts;
  #lastSeq: number;
  #failed: Checkpoint | undefined;
  #running: Promise<boolean> = Promise.resolve(true);
  /** Those that the store has not taken, or that a reading may not have seen. */
  #batches: Batch[] = [];
  #readingsBegun = 0;
  /** Numbers of those that go on, the oldest first. */
  readonly #readings = new Set<number>();

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
    this.#lastSeq = parts.lastSeq;
  }

  /** One after the other. False if the store did not take it; then the next one tries again. Never rejects. */
  take(): Promise<boolean> {
    this.#running = this.#running.then(() => this.#take());
    return this.#running;
  }

  /** Reads from the rollups, and says which cells were counted by the end of it and are not in what was read. */
  async beside<Answer extends { readonly seq: number }>(
    read: () => Promise<Answer>,
  ): Promise<{ readonly answer: Answer; readonly rest: readonly MinuteEntry[] }> {
    const reading = this.#readingsBegun;
    this.#readingsBegun += 1;
    this.#readings.add(reading);
    try {
      const answer = await read();
      const missing = this.#batches.filter(({ seq }) => seq > answer.seq).flatMap(({ entries }) => entries);
      return { answer, rest: [...missing, ...this.#parts.minutes.entries] };
    } finally {
      this.#readings.delete(reading);
      this.#forget();
    }
  }

  #forget(): void {
    const [oldest = Number.POSITIVE_INFINITY] = this.#readings;
    this.#batches = this.#batches.filter(
      ({ readingsBefore }) => readingsBefore === undefined || oldest < readingsBefore,
    );
  }

  async #take(): Promise<boolean> {
    try {
      if (this.#failed !== undefined) await this.#keep(this.#failed);
      const checkpoint = await this.#next();
      if (checkpoint !== undefined) await this.#keep(checkpoint);
      return true;
    } catch (error) {
      this.failures += 1;
      this.#parts.onFailure(error);
      return false;
    }
  }

  async #keep(checkpoint: Checkpoint): Promise<void> {
    this.#failed = checkpoint;
    await this.#parts.store.checkpoint(checkpoint);
    this.#failed = undefined;
    for (const batch of this.#batches) batch.readingsBefore ??= this.#readingsBegun;
    this.#forget();
    this.taken += 1;
    this.#parts.onSuccess();
  }

  /** Cells, notes and number are of one moment; encoding goes on while others are filled. */
  async #next(): Promise<Checkpoint | undefined> {
    const { minutes, countedSeq, notes, layout } = this.#parts;
    const seq = countedSeq();
    if (seq === this.#lastSeq) return undefined;
    const noted = notes();
    const entries = minutes.take();
    this.#batches.push({ seq, entries, readingsBefore: undefined });
    this.#lastSeq = seq;
    const cells: MinuteCell[] = [];
    for (let from = 0; from < entries.length; from += CELLS_A_TURN) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve));
      cells.push(...entries.slice(from, from + CELLS_A_TURN).map((entry) => minuteCell(entry, layout)));
    }
    return { seq, cells, notes: noted };
  }
}

function minuteCell({ minuteMicros, series, team, cell }: MinuteEntry, layout: CellLayout): MinuteCell {
  return { minuteMicros, labelValues: series.labelValues, team, cell: encodeCell(cell, layout) };
}
