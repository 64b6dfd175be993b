/** Events as they are counted: ended ones in the cells of a ledger, started ones among the open requests. */
import { ActiveRequests } from "../../src/ledger/active-requests.ts";
import { merge } from "../../src/ledger/cell.ts";
import { cellLayout, SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { seriesKeys } from "../../src/ledger/series-key.ts";
import { Fold, type Group } from "../../src/query/fold.ts";
import { eventOf, NOW_MICROS } from "../ledger/sample-events.ts";
import { priceByBook } from "../pricing/pricers.ts";

export type Counted = { readonly groups: readonly Group[]; readonly active: ActiveRequests };

/** Groups are those of each provider and model. */
export function counted(events: readonly Record<string, unknown>[]): Counted {
  const layout = cellLayout({ duration: [1], timeToFirstToken: [1], timePerOutputToken: [1] });
  const ledger = new Ledger(layout, seriesKeys([]), { seriesMax: 1_000, valuesPerLabelMax: 1_000 });
  const active = new ActiveRequests(ledger, { requestsMax: 1_000, timeoutMicros: 900e6 });
  for (const fields of events) {
    const event = eventOf(fields);
    if (event.phase === "end") ledger.enter(ledger.seriesOf(event), event, priceByBook(event), false);
    else active.report(event, NOW_MICROS);
  }
  const fold = new Fold({ by: ["provider", "model"], where: [], cellsMax: 1_000 });
  for (const { labelValues, cell } of ledger.series) {
    merge(fold.cell(fold.place(ledger.keys.names, labelValues)!, 0), cell, SUMS_LAYOUT);
  }
  return { groups: fold.groups, active };
}
