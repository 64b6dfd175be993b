import { describe, expect, test } from "vitest";
import { SLOT, SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import { Ledger, OTHER } from "../../src/ledger/ledger.ts";
import { MinuteCells } from "../../src/ledger/minute-cells.ts";
import { seriesKeys } from "../../src/ledger/series-key.ts";
import { priceByReport } from "../pricing/pricers.ts";
import { eventOf, NOW_MICROS } from "./sample-events.ts";

const MINUTE = 60e6;
const START = Math.floor(NOW_MICROS / MINUTE) * MINUTE - 60 * MINUTE;

/** Counts events of these teams at these microseconds after START. */
function counted(events: readonly { team?: string; at: number }[], { teamsMax = 100, cutMicros = 0 } = {}) {
  const ledger = new Ledger(SUMS_LAYOUT, seriesKeys([]), { seriesMax: 10, valuesPerLabelMax: 10 });
  const minutes = new MinuteCells(SUMS_LAYOUT, () => teamsMax);
  minutes.cutMicros = cutMicros;
  for (const { team, at } of events) {
    const event = eventOf({ timestamp: (START + at) / 1e3, ...(team === undefined ? {} : { team }) });
    minutes.enter(ledger.seriesOf(event), event, priceByReport(event), false);
  }
  return minutes;
}

const requestsOf = (minutes: MinuteCells) =>
  minutes.entries.map(({ minuteMicros, team, cell }) => [
    minuteMicros - START,
    team,
    cell.values[cell.base + SLOT.requests],
  ]);

describe("cells of minutes", () => {
  test("are those of each minute and team", () => {
    const minutes = counted([{ at: 0 }, { at: MINUTE - 1_000, team: "a" }, { at: MINUTE }, { at: 5_000 }]);
    expect(requestsOf(minutes)).toEqual([
      [0, "", 2],
      [0, "a", 1],
      [MINUTE, "", 1],
    ]);
  });

  test("of teams beyond the limit are together, and these are counted", () => {
    const teams = ["a", "b", "c", "d", "c", "a", OTHER];
    const minutes = counted(
      teams.map((team) => ({ team, at: 0 })),
      { teamsMax: 2 },
    );
    expect(requestsOf(minutes)).toEqual([
      [0, "a", 2],
      [0, "b", 1],
      [0, OTHER, 4],
    ]);
    expect(minutes.teamsFolded).toBe(3);
  });

  test("of the minute of a cut are two, before and after it", () => {
    const cut = 20e6;
    const at = [cut - 1_000, cut, MINUTE - 1_000, MINUTE];
    const minutes = counted(
      at.map((one) => ({ at: one })),
      { cutMicros: START + cut },
    );
    expect(requestsOf(minutes)).toEqual([
      [0, "", 1],
      [cut, "", 2],
      [MINUTE, "", 1],
    ]);
  });
});
