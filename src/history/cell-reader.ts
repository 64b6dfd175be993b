/**
 * Answers questions about sums, since the beginning or of a range of time: what the ledger has, what the store has, and
 * what was counted since the store's last checkpoint, each once. Everything that is counted when the answer begins is in it.
 */
import type { Ledger } from "../ledger/ledger.ts";
import type { MinuteEntry } from "../ledger/minute-cells.ts";
import { addSums } from "../query/add-sums.ts";
import { Fold, type Group, type Part, selectors } from "../query/fold.ts";
import { END_MICROS, INSTANCE, type Question, type RangeQuestion, TEAM } from "../query/question.ts";
import { planRollups, type RollupsGone } from "../query/rollup-plan.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { EventStore, FoldAnswer } from "./event-store.ts";

export type CellReaderParts = {
  readonly ledger: Ledger;
  readonly store: Pick<EventStore, "fold">;
  readonly checkpoints: Pick<Checkpointer, "beside">;
  /** Name of this exporter among those that share the store. */
  readonly instance: string;
  /** See RollupsGone. */
  readonly cutMicros: () => number;
};

export type Covered = {
  /** What is covered: at least what was asked for and kept. `undefined`: since the beginning, until now. */
  readonly range: { readonly fromMicros: number; readonly untilMicros: number } | undefined;
  /** Periods are at least as long as was asked. */
  readonly stepMicros: number | undefined;
  /** There would have been more cells than `cellsMax`; these are not all. */
  readonly isTooLarge: boolean;
  /** Exporters that are gone and whose last second or so is in no sum. */
  readonly unfinished: readonly string[];
};

export type CellAnswer = Covered & { readonly groups: readonly Group[] };

/** The same before it is added up. Those of the ledger go on growing: whoever reads one twice may find more in it. */
export type PartsAnswer = Covered & { readonly parts: readonly Part[] };

/** Cells merged at a stretch: a millisecond or two. */
const CELLS_A_TURN = 500;

export class CellReader {
  readonly #parts: CellReaderParts;
  /** What the store said it dropped. */
  #gone: RollupsGone = { minutesBeforeMicros: 0, hoursBeforeMicros: 0 };

  constructor(parts: CellReaderParts) {
    this.#parts = parts;
  }

  /** Since the beginning. By a dimension that totals do not have, from as far back as there are rollups. */
  async totals(question: Question): Promise<CellAnswer> {
    return folded(question, await this.totalParts(question));
  }

  async range(question: RangeQuestion): Promise<CellAnswer> {
    return folded(question, await this.rangeParts(question));
  }

  /** What `totals` adds up. Parts of one label set may be several. */
  async totalParts(question: Question): Promise<PartsAnswer> {
    const { ledger, store, instance } = this.#parts;
    const known = [...ledger.keys.names, INSTANCE];
    // As a label a team may be folded into others: it is always told from rollups, which know its own name.
    const answerable = known.filter((name) => name !== TEAM);
    const asked = [...question.by, ...question.where.map(({ dimension }) => dimension)];
    if (!asked.every((dimension) => answerable.includes(dimension))) {
      return this.rangeParts({ ...question, fromMicros: 0, untilMicros: END_MICROS, stepMicros: undefined });
    }
    const others = await store.fold({ ...question, spans: undefined });
    const parts = others.groups.map(partOf);
    const isByInstance = asked.includes(INSTANCE);
    const selected = selectors(question)(isByInstance ? known : ledger.keys.names);
    await inTurns(ledger.series, ({ labelValues, cell }) => {
      const values = selected(isByInstance ? [...labelValues, instance] : labelValues);
      if (values !== undefined) parts.push({ startMicros: 0, values, sums: cell });
    });
    return {
      ...{ parts, range: undefined, stepMicros: undefined },
      ...{ isTooLarge: others.isTooLarge, unfinished: others.unfinished ?? [] },
    };
  }

  /** What `range` adds up. */
  async rangeParts(question: RangeQuestion): Promise<PartsAnswer> {
    const { store, checkpoints, cutMicros } = this.#parts;
    const gone = {
      ...this.#gone,
      ...(question.mayBeginAtReset === true && { cutMicros: cutMicros() }),
    };
    const { spans, ...range } = planRollups(question, gone);
    const { fromMicros, untilMicros, stepMicros } = range;
    const { answer, rest } = await checkpoints.beside(() => store.fold({ ...question, ...range, spans }));
    // Rollups were dropped that the plan counts on: it is made anew, without them.
    if (this.#learn(answer)) return this.rangeParts(question);
    const parts = answer.groups.map(partOf);
    await this.#addEntries(parts, { ...question, ...range }, rest);
    return {
      ...{ parts, range: { fromMicros, untilMicros }, stepMicros },
      ...{ isTooLarge: answer.isTooLarge, unfinished: answer.unfinished ?? [] },
    };
  }

  /** What is gone stays gone. True if it is news. */
  #learn({ minutesSinceMicros = 0, hoursSinceMicros = 0 }: FoldAnswer): boolean {
    const { minutesBeforeMicros, hoursBeforeMicros } = this.#gone;
    if (minutesSinceMicros <= minutesBeforeMicros && hoursSinceMicros <= hoursBeforeMicros) return false;
    this.#gone = {
      minutesBeforeMicros: Math.max(minutesBeforeMicros, minutesSinceMicros),
      hoursBeforeMicros: Math.max(hoursBeforeMicros, hoursSinceMicros),
    };
    return true;
  }

  async #addEntries(parts: Part[], question: RangeQuestion, entries: readonly MinuteEntry[]): Promise<void> {
    const { ledger, instance } = this.#parts;
    const { fromMicros, untilMicros } = question;
    const selected = selectors(question)(rollupDimensions(ledger.keys.names));
    await inTurns(entries, ({ minuteMicros: startMicros, series, team, cell }) => {
      if (startMicros < fromMicros || startMicros >= untilMicros) return;
      const values = selected([instance, team, ...series.labelValues]);
      if (values !== undefined) parts.push({ startMicros, values, sums: cell });
    });
  }
}

/** Names of what a rollup is known by, in this order: its own team goes before a label of that name, which may be folded. */
export function rollupDimensions(labelNames: readonly string[]): readonly string[] {
  return [INSTANCE, TEAM, ...labelNames];
}

function partOf({ startMicros, values, cell }: FoldAnswer["groups"][number]): Part {
  return { startMicros, values, sums: cell };
}

async function folded(question: Question, { parts, ...covered }: PartsAnswer): Promise<CellAnswer> {
  const { range, stepMicros } = covered;
  const fold = new Fold({
    ...question,
    ...(range === undefined ? {} : { fromMicros: range.fromMicros }),
    stepMicros,
  });
  await inTurns(parts, ({ values, startMicros, sums }) => {
    addSums(fold.cell(fold.placeOf(values), startMicros), sums);
  });
  return { ...covered, groups: fold.groups, isTooLarge: covered.isTooLarge || fold.isTooLarge };
}

/** Does the work for each, and lets others have their turn between. */
async function inTurns<Of>(items: readonly Of[], work: (item: Of) => void): Promise<void> {
  for (let from = 0; from < items.length; from += CELLS_A_TURN) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    const end = Math.min(from + CELLS_A_TURN, items.length);
    for (let at = from; at < end; at++) work(items[at]!);
  }
}
