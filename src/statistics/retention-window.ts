/**
 * What was counted in the last days, by scope and name: a cell for each period, so that the oldest can be dropped. All
 * but the latest are kept encoded, and their sum at hand, so that reading takes the merging of two cells.
 * It has no clock of its own.
 */
import { type Cell, merge, zeroCell } from "../ledger/cell.ts";
import { addEncodedSums, decodeCell, encodeCell } from "../ledger/cell-codec.ts";
import { SUMS_LAYOUT } from "../ledger/cell-layout.ts";
import { MINUTE_MICROS } from "../ledger/minute-cells.ts";
import type { StatsScope } from "./stats-scope.ts";

/** Of seven days, a period is an hour. */
const PERIODS = 168;

type Kept = {
  /** Start of the latest period, and what was counted in it. */
  startMicros: number;
  latest: Cell;
  /** Encoded cells of earlier periods, by start. */
  readonly earlier: Map<number, Uint8Array>;
  /** The sum of `earlier`; `undefined` until it is asked for again. */
  sum: Cell | undefined;
};

export class RetentionWindow {
  /** Length of a period: the window is up to so much longer than it was asked to be. */
  readonly periodMicros: number;
  readonly #retentionMicros: number;
  readonly #byScope = new Map<StatsScope, Map<string, Kept>>();
  /** What began before it is no longer there. */
  #cutMicros = Number.NEGATIVE_INFINITY;

  constructor(retentionMicros: number) {
    this.#retentionMicros = retentionMicros;
    this.periodMicros = Math.ceil(retentionMicros / PERIODS / MINUTE_MICROS) * MINUTE_MICROS;
  }

  /** Adds a cell of a minute. */
  add(scope: StatsScope, name: string, minuteMicros: number, cell: Cell): void {
    const startMicros = this.#startOf(minuteMicros);
    const names = this.#namesOf(scope);
    let kept = names.get(name);
    if (kept === undefined) {
      kept = { startMicros, latest: zeroCell(SUMS_LAYOUT), earlier: new Map(), sum: undefined };
      names.set(name, kept);
    }
    if (startMicros > kept.startMicros) {
      kept.earlier.set(kept.startMicros, encodeCell(kept.latest, SUMS_LAYOUT));
      kept.sum = undefined;
      kept.startMicros = startMicros;
      kept.latest = zeroCell(SUMS_LAYOUT);
    }
    if (startMicros === kept.startMicros) merge(kept.latest, cell, SUMS_LAYOUT);
    else addEarlier(kept, startMicros, cell);
  }

  /** Drops the periods that ended before the window; names that nothing is left of are forgotten. */
  expire(nowMicros: number): void {
    const cutMicros = this.#startOf(nowMicros - this.#retentionMicros);
    if (cutMicros === this.#cutMicros) return;
    this.#cutMicros = cutMicros;
    for (const names of this.#byScope.values()) {
      for (const [name, kept] of names) {
        if (kept.startMicros < cutMicros) names.delete(name);
        else dropEarlier(kept, cutMicros);
      }
    }
  }

  /** The sum of all periods, of SUMS_LAYOUT; `undefined` if nothing was counted in them. */
  read(scope: StatsScope, name: string): Cell | undefined {
    const kept = this.#byScope.get(scope)?.get(name);
    if (kept === undefined) return undefined;
    const cell = zeroCell(SUMS_LAYOUT);
    merge(cell, sumOfEarlier(kept), SUMS_LAYOUT);
    merge(cell, kept.latest, SUMS_LAYOUT);
    return cell;
  }

  /** In the order in which they were first seen. */
  names(scope: StatsScope): readonly string[] {
    return Array.from(this.#byScope.get(scope)?.keys() ?? []);
  }

  clear(): void {
    this.#byScope.clear();
  }

  #startOf(micros: number): number {
    return Math.floor(micros / this.periodMicros) * this.periodMicros;
  }

  #namesOf(scope: StatsScope): Map<string, Kept> {
    let names = this.#byScope.get(scope);
    if (names === undefined) {
      names = new Map();
      this.#byScope.set(scope, names);
    }
    return names;
  }
}

function sumOfEarlier(kept: Kept): Cell {
  if (kept.sum === undefined) {
    kept.sum = zeroCell(SUMS_LAYOUT);
    for (const bytes of kept.earlier.values()) addEncodedSums(kept.sum, bytes);
  }
  return kept.sum;
}

/** The clock was set back. */
function addEarlier(kept: Kept, startMicros: number, cell: Cell): void {
  const bytes = kept.earlier.get(startMicros);
  const sum = bytes === undefined ? zeroCell(SUMS_LAYOUT) : decodeCell(bytes, SUMS_LAYOUT);
  merge(sum, cell, SUMS_LAYOUT);
  kept.earlier.set(startMicros, encodeCell(sum, SUMS_LAYOUT));
  kept.sum = undefined;
}

function dropEarlier(kept: Kept, cutMicros: number): void {
  for (const startMicros of kept.earlier.keys()) {
    if (startMicros >= cutMicros) continue;
    kept.earlier.delete(startMicros);
    kept.sum = undefined;
  }
}
