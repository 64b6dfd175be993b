/**
 * Sums as a tree, a level for each dimension of the question: every sum is the merge of those below it, and what there is
 * no room for is one sum beside them. What is shown is found out before anything is merged, and each sum is presented as
 * soon as it is complete: an answer from ten thousand label sets takes a few cells, and not ten thousand.
 */
import { type Cell, zeroCell } from "../ledger/cell.ts";
import { SLOT, SUMS_LAYOUT } from "../ledger/cell-layout.ts";
import { SEPARATOR } from "../ledger/series-key.ts";
import { addSums } from "./add-sums.ts";
import type { Part } from "./fold.ts";
import { clear, type SumMemo } from "./sum-memo.ts";

/** By what sums are ranked. By name, those with the most requests are shown. */
export const ORDERS = ["requests", "cost", "errors", "name"] as const;
export type Order = (typeof ORDERS)[number];

export type TreeBounds = {
  /** Of one sum. */
  readonly childrenMax: number;
  /** In the tree, without its root and the sums of what is not shown. */
  readonly nodesMax: number;
  readonly order: Order;
};

export type TotalsNode<Shown> = {
  /** Of the dimension of its level; "" of the root. */
  readonly value: string;
  readonly sums: Shown;
  readonly children: readonly TotalsNode<Shown>[];
  /** Children that are not shown; `undefined`: all are. */
  readonly rest: { readonly groups: number; readonly sums: Shown } | undefined;
};

/** Parts and branches that are worked on between two chances to be interrupted. */
const A_PIECE = 64;
/** Cells whose sum is remembered together, and added up anew at a stretch. */
const BUNDLE_MIN = 4;
const BUNDLE_MAX = 64;

/**
 * A generator that says where it may be interrupted. Parts may grow meanwhile: all sums are of what they were when read.
 * `present` gets a cell of which nothing may be kept. `memo`: of the same question without conditions, asked before; parts
 * that live on come in the same order each time.
 */
export function* totalsTree<Shown>(
  parts: readonly Part[],
  bounds: TreeBounds,
  present: (cell: Cell) => Shown,
  memo?: SumMemo,
): Generator<void, TotalsNode<Shown>> {
  const root = new Branch("", undefined);
  const weigh = scale(bounds.order);
  for (let at = 0; at < parts.length; at++) {
    if (at % A_PIECE === 0) yield;
    const part = parts[at]!;
    let leaf = root;
    for (const value of part.values) leaf = leaf.child(value);
    leaf.weight += weigh(part.sums);
    leaf.parts.push(part);
  }
  yield* choose(root, bounds);
  return yield* new Summing(bounds.order, present, memo).sum(root, 0, undefined);
}

/** Of the many leaves none has children: they share these. */
const NO_CHILDREN: ReadonlyMap<string, Branch> = new Map();
const NONE: readonly Branch[] = [];

/** A sum before it is added up. */
class Branch {
  readonly value: string;
  /** `undefined` of the root. */
  readonly parent: Branch | undefined;
  #children: Map<string, Branch> | undefined;
  children: ReadonlyMap<string, Branch> = NO_CHILDREN;
  /** Of a branch without children. */
  readonly parts: Part[] = [];
  /** Of all parts in it. */
  weight = 0;
  /** Children for which there is room beside each other. */
  ranked: readonly Branch[] = NONE;
  isShown = false;

  constructor(value: string, parent: Branch | undefined) {
    this.value = value;
    this.parent = parent;
  }

  child(value: string): Branch {
    let child = this.children.get(value);
    if (child === undefined) {
      child = new Branch(value, this);
      this.#children ??= new Map();
      this.#children.set(value, child);
      this.children = this.#children;
    }
    return child;
  }
}

/** What a part weighs. Encoded ones are read into one cell, again and again. */
function scale(order: Order): (sums: Part["sums"]) => number {
  const scratch = zeroCell(SUMS_LAYOUT);
  return (sums) => {
    if (!(sums instanceof Uint8Array)) return weightOf(sums, order);
    addSums(clear(scratch), sums);
    return weightOf(scratch, order);
  };
}

function weightOf({ values, base }: Cell, order: Order): number {
  const first = base + SLOT.requests;
  switch (order) {
    case "cost":
      return values[base + SLOT.cost]! + values[base + SLOT.cost + 1]! / 1e6;
    case "errors":
      return values[first + 2]! + values[first + 3]!;
    default: {
      let requests = 0;
      for (let slot = first; slot < first + 6; slot++) requests += values[slot]!;
      return requests;
    }
  }
}

/** A sum weighs no less than one below it, and comes before it: what is shown hangs together. */
function* choose(root: Branch, { childrenMax, nodesMax }: TreeBounds): Generator<void> {
  for (const level of levelsOf(root).toReversed()) {
    for (const branch of level) if (branch.parent !== undefined) branch.parent.weight += branch.weight;
    yield;
  }
  let chosen: Branch[] = [];
  for (let level: Branch[] = [root]; level.length > 0; ) {
    const below: Branch[] = [];
    for (const [index, branch] of level.entries()) {
      if (index % A_PIECE === 0) yield;
      if (branch.children.size === 0) continue;
      branch.ranked = Array.from(branch.children.values()).sort(byWeight).slice(0, childrenMax);
      for (const child of branch.ranked) below.push(child);
    }
    chosen = chosen.concat(below);
    level = below;
  }
  // The sort is stable: of the same weight, the upper ones come first.
  if (chosen.length > nodesMax) chosen.sort((one, other) => other.weight - one.weight);
  yield;
  for (const branch of chosen.slice(0, nodesMax)) branch.isShown = true;
}

/** The root, its children, theirs, and so on. */
function levelsOf(root: Branch): readonly (readonly Branch[])[] {
  const levels: Branch[][] = [];
  for (let level = [root]; level.length > 0; ) {
    levels.push(level);
    const below: Branch[] = [];
    for (const branch of level) for (const child of branch.children.values()) below.push(child);
    level = below;
  }
  return levels;
}

function byWeight(one: Branch, other: Branch): number {
  return other.weight - one.weight || byName(one, other);
}

function byName(one: { readonly value: string }, other: { readonly value: string }): number {
  return one.value < other.value ? -1 : one.value > other.value ? 1 : 0;
}

/** Depth first, with one cell for each level: it is presented, added to the one above, and used again. */
class Summing<Shown> {
  readonly #order: Order;
  readonly #present: (cell: Cell) => Shown;
  readonly #cells: Cell[] = [];
  readonly #rests: Cell[] = [];
  readonly #memo: SumMemo | undefined;
  #added = 0;

  constructor(order: Order, present: (cell: Cell) => Shown, memo: SumMemo | undefined) {
    this.#order = order;
    this.#present = present;
    this.#memo = memo;
  }

  *sum(branch: Branch, depth: number, above: Cell | undefined): Generator<void, TotalsNode<Shown>> {
    const { value } = branch;
    const shown = branch.ranked.filter(({ isShown }) => isShown);
    const groups = branch.children.size - shown.length;
    if (shown.length === 0) {
      const sums = yield* this.#sumOf(this.#unitsOf([branch]), cellAt(this.#cells, depth), above);
      return { value, sums, children: [], rest: groups === 0 ? undefined : { groups, sums } };
    }
    const cell = clear(cellAt(this.#cells, depth));
    const children: TotalsNode<Shown>[] = [];
    for (const child of shown) children.push(yield* this.sum(child, depth + 1, cell));
    if (this.#order === "name") children.sort(byName);
    let rest: TotalsNode<Shown>["rest"];
    if (groups > 0) {
      const hidden = Array.from(branch.children.values()).filter(({ isShown }) => !isShown);
      const sums = yield* this.#sumOf(this.#unitsOf(hidden), cellAt(this.#rests, depth), cell);
      rest = { groups, sums };
    }
    if (above !== undefined) addSums(above, cell);
    return { value, sums: this.#present(cell), children, rest };
  }

  *#sumOf(units: readonly Unit[], cell: Cell, above: Cell | undefined): Generator<void, Shown> {
    const [only] = units;
    if (only !== undefined && units.length === 1) {
      yield;
      const sums = this.#sumsOf(only);
      if (!(sums instanceof Uint8Array)) {
        // Without a pause between, or it would be presented as more than is added.
        if (above !== undefined) addSums(above, sums);
        return this.#present(sums);
      }
    }
    clear(cell);
    for (const unit of units) {
      this.#added += "parts" in unit ? unit.parts.length : 1;
      if (this.#added >= A_PIECE) {
        this.#added = 0;
        yield;
      }
      addSums(cell, this.#sumsOf(unit));
    }
    yield;
    if (above !== undefined) addSums(above, cell);
    return this.#present(cell);
  }

  #sumsOf(unit: Unit): Cell | Uint8Array {
    return "parts" in unit ? this.#memo!.of(unit.key, unit.parts) : unit.sums;
  }

  /** All that is to be added, in bundles whose sums may be at hand where there is a memo. */
  #unitsOf(branches: readonly Branch[]): readonly Unit[] {
    const units: Unit[] = [];
    const add = (branch: Branch) => {
      if (this.#memo === undefined || !isLowest(branch)) {
        for (const part of branch.parts) units.push(part);
        for (const child of branch.children.values()) add(child);
        return;
      }
      const parts = partsBelow([branch]);
      const live = parts.flatMap(({ sums }) => (sums instanceof Uint8Array ? [] : [sums]));
      if (live.length < BUNDLE_MIN || live.length < parts.length) {
        units.push(...parts);
        return;
      }
      for (let from = 0; from < live.length; from += BUNDLE_MAX) {
        const key = `${pathOf(branch)}${SEPARATOR}${from}`;
        units.push({ key, parts: live.slice(from, from + BUNDLE_MAX) });
      }
    };
    for (const branch of branches) add(branch);
    return units;
  }
}

/** A part, or cells whose sum is asked of the memo. */
type Unit = Part | { readonly key: string; readonly parts: readonly Cell[] };

/** Whether nothing but leaves is below it. */
function isLowest({ children }: Branch): boolean {
  for (const child of children.values()) if (child.children.size > 0) return false;
  return true;
}

function pathOf({ value, parent }: Branch): string {
  return parent === undefined ? value : `${pathOf(parent)}${SEPARATOR}${value}`;
}

function partsBelow(branches: readonly Branch[]): readonly Part[] {
  const below: Part[] = [];
  const add = ({ parts, children }: Branch) => {
    for (const part of parts) below.push(part);
    for (const child of children.values()) add(child);
  };
  for (const branch of branches) add(branch);
  return below;
}

function cellAt(cells: Cell[], depth: number): Cell {
  cells[depth] ??= zeroCell(SUMS_LAYOUT);
  return cells[depth];
}
