/**
 * Answers questions about sums, since the beginning or of a range of time: what the ledger has, what the store has, and
 * what was counted since the store's last checkpoint, each once. Everything that is counted when the answer begins is in it.
 */
import { merge } from "../ledger/cell.ts";
import { addEncodedSums } from "../ledger/cell-codec.ts";
import { SUMS_LAYOUT } from "../ledger/cell-layout.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MinuteEntry } from "../ledger/minute-cells.ts";
import { Fold, type Group } from "../query/fold.ts";
import { INSTANCE, type Question, type RangeQuestion, TEAM } from "../query/question.ts";
import { planRollups } from "../query/rollup-plan.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { EventStore, RetentionCut } from "./event-store.ts";

export type CellReaderParts = {
  readonly ledger: Ledger;
  readonly store: Pick<EventStore, "fold">;
  readonly checkpoints: Pick<Checkpointer, "beside">;
  /** Name of this exporter among those that share the store. */
  readonly instance: string;
  readonly cut: () => RetentionCut;
  /** See RollupsKept. */
  readonly cutMicros: () => number;
};

export type CellAnswer = {
  readonly groups: readonly Group[];
  /** What is covered: at least what was asked for and kept. `undefined`: since the beginning, until now. */
  readonly range: { readonly fromMicros: number; readonly untilMicros: number } | undefined;
  /** Periods are at least as long as was asked. */
  readonly stepMicros: number | undefined;
  /** There would have been more than `cellsMax`; the groups are not all. */
  readonly isTooLarge: boolean;
};

/** Later than any event. */
const END_MICROS = 4e15;
/** Cells merged at a stretch: a millisecond or two. */
const CELLS_A_TURN = 1_000;

export class CellReader {
  readonly #parts: CellReaderParts;

  constructor(parts: CellReaderParts) {
    this.#parts = parts;
  }

  /** Since the beginning. By a dimension that totals do not have, from as far back as there are rollups. */
  async totals(question: Question): Promise<CellAnswer> {
    const { ledger, store, instance } = this.#parts;
    const known = [...ledger.keys.names, INSTANCE];
    const asked = [...question.by, ...question.where.map(({ dimension }) => dimension)];
    if (!asked.every((dimension) => known.includes(dimension))) {
      return this.range({ ...question, fromMicros: 0, untilMicros: END_MICROS, stepMicros: undefined });
    }
    const fold = new Fold(question);
    const others = await store.fold({ ...question, spans: undefined });
    addGroups(fold, others.groups);
    await inTurns(ledger.series, ({ labelValues, cell }) => {
      const place = fold.place(known, [...labelValues, instance]);
      if (place !== undefined) merge(fold.cell(place, 0), cell, SUMS_LAYOUT);
    });
    return answerOf(fold, others.isTooLarge, undefined, undefined);
  }

  async range(question: RangeQuestion): Promise<CellAnswer> {
    const { store, checkpoints, cut, cutMicros } = this.#parts;
    const { minutesBeforeMicros, hoursBeforeMicros } = cut();
    const kept = {
      minutesSinceMicros: minutesBeforeMicros,
      hoursSinceMicros: hoursBeforeMicros,
      cutMicros: cutMicros(),
    };
    const { spans, ...range } = planRollups(question, kept);
    const planned = { ...question, ...range };
    const { answer, rest } = await checkpoints.beside(() => store.fold({ ...planned, spans }));
    const fold = new Fold(planned);
    addGroups(fold, answer.groups);
    await this.#addEntries(fold, range, rest);
    return answerOf(fold, answer.isTooLarge, range, range.stepMicros);
  }

  async #addEntries(
    fold: Fold,
    { fromMicros, untilMicros }: { readonly fromMicros: number; readonly untilMicros: number },
    entries: readonly MinuteEntry[],
  ): Promise<void> {
    const { ledger, instance } = this.#parts;
    const names = rollupDimensions(ledger.keys.names);
    await inTurns(entries, ({ minuteMicros, series, team, cell }) => {
      if (minuteMicros < fromMicros || minuteMicros >= untilMicros) return;
      const place = fold.place(names, [instance, team, ...series.labelValues]);
      if (place !== undefined) merge(fold.cell(place, minuteMicros), cell, SUMS_LAYOUT);
    });
  }
}

/** Names of what a rollup is known by, in this order: its own team goes before a label of that name, which may be folded. */
export function rollupDimensions(labelNames: readonly string[]): readonly string[] {
  return [INSTANCE, TEAM, ...labelNames];
}

type Encoded = {
  readonly startMicros: number;
  readonly values: readonly string[];
  readonly cell: Uint8Array;
};

/** Groups of the same question are groups of the answer. */
function addGroups(fold: Fold, groups: readonly Encoded[]): void {
  for (const { startMicros, values, cell } of groups) {
    addEncodedSums(fold.cell(fold.placeOf(values), startMicros), cell);
  }
}

function answerOf(
  fold: Fold,
  isTooLarge: boolean,
  range: CellAnswer["range"],
  stepMicros: number | undefined,
): CellAnswer {
  return {
    groups: fold.groups,
    range: range && { fromMicros: range.fromMicros, untilMicros: range.untilMicros },
    stepMicros,
    isTooLarge: isTooLarge || fold.isTooLarge,
  };
}

/** Does the work for each, and lets others have their turn between. */
async function inTurns<Of>(items: readonly Of[], work: (item: Of) => void): Promise<void> {
  for (let from = 0; from < items.length; from += CELLS_A_TURN) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    const end = Math.min(from + CELLS_A_TURN, items.length);
    for (let at = from; at < end; at++) work(items[at]!);
  }
}
