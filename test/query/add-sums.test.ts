import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeCell } from "../../src/ledger/cell-codec.ts";
import { addSums } from "../../src/query/add-sums.ts";
import { arbitraryCell, LAYOUT, mergeOf, sumsOf } from "./sample-cells.ts";

describe("adding sums", () => {
  it("is what merging cells is, whether they are cells or encoded", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(arbitraryCell, fc.boolean()), { maxLength: 6 }), (parts) => {
        const into = mergeOf([]);
        for (const [cell, isEncoded] of parts) addSums(into, isEncoded ? encodeCell(cell, LAYOUT) : cell);
        expect(sumsOf(into)).toEqual(sumsOf(mergeOf(parts.map(([cell]) => cell))));
      }),
    );
  });

  it("leaves what is added as it is", () => {
    fc.assert(
      fc.property(arbitraryCell, arbitraryCell, (one, other) => {
        const before = sumsOf(one);
        const into = mergeOf([]);
        addSums(into, one);
        addSums(into, other);
        expect(sumsOf(one)).toEqual(before);
      }),
    );
  });

  it("refuses bytes that are no cell", () => {
    expect(() => addSums(mergeOf([]), new Uint8Array([7, 1]))).toThrow(RangeError);
  });
});
