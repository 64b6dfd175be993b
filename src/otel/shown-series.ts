/**
 * What of a ledger is shown: its first label sets, and the rest of them folded into `other`. OpenTelemetry's printers hold
 * the event loop for as long as it takes, so there is a limit; sums stay exact. Label sets keep their places in a ledger,
 * so what is shown once is always shown.
 */
import { addCell, type Cell, zeroCell } from "../ledger/cell.ts";
import type { CellLayout } from "../ledger/cell-layout.ts";
import { type Ledger, OTHER } from "../ledger/ledger.ts";

export type ShownSeries = {
  /** In the order of the ledger's names. */
  readonly labelValues: readonly string[];
  readonly cell: Cell;
  /** What was counted before this run is in it. */
  readonly isOlder: boolean;
};

/**
 * At most `most` label sets, and the one that all others are folded into on top. `olderCount`: so many of the ledger were
 * there before this run.
 */
export function shownSeries(
  { series, layout, keys }: Ledger,
  most: number,
  olderCount: number,
): readonly ShownSeries[] {
  const shown = series.slice(0, most).map(({ labelValues, cell, index }) => {
    return { labelValues, cell, isOlder: index < olderCount };
  });
  if (series.length <= most) return shown;
  const rest = {
    labelValues: keys.names.map(() => OTHER),
    cell: zeroCell(layout),
    isOlder: most < olderCount,
  };
  for (let index = most; index < series.length; index++) addCell(rest.cell, series[index]!.cell, layout);
  return mergedBy([...shown, rest], layout, ({ labelValues }) => labelValues.join("\0"));
}

/** Of series with the same key one that has the sums of all, in the place of the first. Older ones are first anyway. */
export function mergedBy<Series extends ShownSeries>(
  series: readonly Series[],
  layout: CellLayout,
  keyOf: (series: Series) => string,
): Series[] {
  const merged = new Map<string, { first: Series; cell: Cell | undefined }>();
  for (const each of series) {
    const key = keyOf(each);
    const group = merged.get(key);
    if (group === undefined) {
      merged.set(key, { first: each, cell: undefined });
      continue;
    }
    // The cells of the ledger are left as they are.
    if (group.cell === undefined) {
      group.cell = zeroCell(layout);
      addCell(group.cell, group.first.cell, layout);
    }
    addCell(group.cell, each.cell, layout);
  }
  return Array.from(merged.values(), ({ first, cell }) => (cell === undefined ? first : { ...first, cell }));
}
