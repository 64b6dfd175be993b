import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cell } from "../../src/ledger/cell.ts";
import { encodeCell } from "../../src/ledger/cell-codec.ts";
import { SLOT } from "../../src/ledger/cell-layout.ts";
import type { Part } from "../../src/query/fold.ts";
import { ORDERS, type TotalsNode, type TreeBounds, totalsTree } from "../../src/query/totals-tree.ts";
import { arbitraryCell, LAYOUT, mergeOf, sumsOf } from "./sample-cells.ts";

const ALL: TreeBounds = { childrenMax: 100, nodesMax: 1_000, order: "requests" };

type Plain = { readonly values: readonly string[]; readonly cell: Cell; readonly isEncoded: boolean };
const value = fc.constantFrom("a", "b", "c", "other");
const arbitraryParts: fc.Arbitrary<readonly Plain[]> = fc.array(
  fc.record({ values: fc.tuple(value, value, value), cell: arbitraryCell, isEncoded: fc.boolean() }),
  { maxLength: 12 },
);
const arbitraryBounds: fc.Arbitrary<TreeBounds> = fc.record({
  childrenMax: fc.integer({ min: 1, max: 5 }),
  nodesMax: fc.integer({ min: 1, max: 30 }),
  order: fc.constantFrom(...ORDERS),
});

/** With cells of their own: those of the tree are used again. */
function treeOf(parts: readonly Plain[], bounds: TreeBounds): TotalsNode<Cell> {
  const all = parts.map(
    ({ values, cell, isEncoded }): Part => ({
      startMicros: 0,
      values,
      sums: isEncoded ? encodeCell(cell, LAYOUT) : cell,
    }),
  );
  const work = totalsTree(all, bounds, (cell) => mergeOf([cell]));
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

type Visited = { readonly node: TotalsNode<Cell>; readonly path: readonly string[] };

function visited(node: TotalsNode<Cell>, path: readonly string[] = []): readonly Visited[] {
  return [{ node, path }, ...node.children.flatMap((child) => visited(child, [...path, child.value]))];
}

const requestsOf = ({ values, base }: Cell) =>
  values.subarray(base + SLOT.requests, base + SLOT.requests + 6).reduce((sum, count) => sum + count, 0);
const below = (parts: readonly Plain[], path: readonly string[]) =>
  parts.filter(({ values }) => path.every((name, level) => values[level] === name));

describe("a tree of totals", () => {
  it("has parents that are the merge of their children and of what is not shown", () => {
    fc.assert(
      fc.property(arbitraryParts, arbitraryBounds, (parts, bounds) => {
        for (const { node } of visited(treeOf(parts, bounds))) {
          const { children, rest, sums } = node;
          if (children.length === 0 && rest === undefined) continue;
          const cells = [...children.map((child) => child.sums), ...(rest === undefined ? [] : [rest.sums])];
          expect(sumsOf(mergeOf(cells))).toEqual(sumsOf(sums));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("has nodes that are the merge of all parts below them, whatever is shown", () => {
    fc.assert(
      fc.property(arbitraryParts, arbitraryBounds, (parts, bounds) => {
        for (const { node, path } of visited(treeOf(parts, bounds))) {
          expect(sumsOf(node.sums)).toEqual(sumsOf(mergeOf(below(parts, path).map(({ cell }) => cell))));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("stays inside its bounds, and says how many it does not show", () => {
    fc.assert(
      fc.property(arbitraryParts, arbitraryBounds, (parts, bounds) => {
        const nodes = visited(treeOf(parts, bounds));
        expect(nodes.length - 1).toBeLessThanOrEqual(bounds.nodesMax);
        for (const { node, path } of nodes) {
          expect(node.children.length).toBeLessThanOrEqual(bounds.childrenMax);
          if (path.length === 3) continue;
          const there = new Set(below(parts, path).map(({ values }) => values[path.length]));
          expect(node.children.length + (node.rest?.groups ?? 0)).toBe(there.size);
        }
      }),
    );
  });

  it("shows those with the most requests, and of as many those whose names come first", () => {
    fc.assert(
      fc.property(arbitraryParts, arbitraryBounds, (parts, bounds) => {
        for (const { node, path } of visited(treeOf(parts, { ...bounds, order: "requests" }))) {
          const names = new Set(below(parts, path).map(({ values }) => values[path.length]!));
          const ranked = Array.from(names, (name) => ({
            name,
            requests: requestsOf(mergeOf(below(parts, [...path, name]).map(({ cell }) => cell))),
          })).sort((one, other) => other.requests - one.requests || (one.name < other.name ? -1 : 1));
          const shown = node.children.map((child) => child.value);
          expect(shown).toEqual(ranked.slice(0, shown.length).map(({ name }) => name));
        }
      }),
    );
  });

  it("presents a part that grows as what is added to its parents", () => {
    const growing = mergeOf([]);
    growing.values[SLOT.requests] = 1;
    const parts = [
      { startMicros: 0, values: ["a"], sums: growing },
      { startMicros: 0, values: ["b"], sums: mergeOf([growing]) },
    ];
    const work = totalsTree(parts, ALL, requestsOf);
    for (;;) {
      const step = work.next();
      growing.values[SLOT.requests]! += 1;
      if (step.done !== true) continue;
      const { sums, children } = step.value;
      expect(sums).toBe(children.reduce((sum, child) => sum + child.sums, 0));
      return;
    }
  });

  it("of nothing has a root without children", () => {
    const { children, rest, sums } = treeOf([], ALL);
    expect({ children, rest, requests: requestsOf(sums) }).toEqual({
      children: [],
      rest: undefined,
      requests: 0,
    });
  });
});
