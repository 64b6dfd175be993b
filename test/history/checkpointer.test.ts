/** Checkpoints beside readings and failures. */
import { describe, expect, test } from "vitest";
import { Checkpointer } from "../../src/history/checkpointer.ts";
import type { Checkpoint } from "../../src/history/event-store.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { MinuteCells } from "../../src/ledger/minute-cells.ts";
import { seriesKeys } from "../../src/ledger/series-key.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByReport } from "../pricing/pricers.ts";
import { LAYOUT } from "./conformance.ts";

/** A checkpointer, what the store was given, and what went well or wrong. */
function working(take: (checkpoint: Checkpoint) => Promise<void> = async () => undefined) {
  const ledger = new Ledger(LAYOUT, seriesKeys([]), { seriesMax: 10, valuesPerLabelMax: 10 });
  const minutes = new MinuteCells(LAYOUT, () => 10);
  const said: string[] = [];
  let seq = 0;
  const checkpoints = new Checkpointer({
    store: { checkpoint: take },
    ...{ minutes, layout: LAYOUT, countedSeq: () => seq, notes: () => ({}), lastSeq: 0 },
    onSuccess: () => said.push("success"),
    onFailure: () => said.push("failure"),
  });
  const count = () => {
    const event = eventOf({});
    minutes.enter(ledger.seriesOf(event), event, priceByReport(event), false);
    seq += 1;
  };
  return { checkpoints, count, said };
}

/** A reading that ends when it is told to, and what it lacks then. */
function reading(checkpoints: Checkpointer, seq: number) {
  let end: (answer: { seq: number }) => void = () => undefined;
  const answer = new Promise<{ seq: number }>((resolve) => {
    end = resolve;
  });
  const lacking = checkpoints.beside(() => answer).then(({ rest }) => rest.length);
  return { end: () => end({ seq }), lacking };
}

describe("a checkpointer", () => {
  test("tells a reading the cells that were taken after it looked, and no others", async () => {
    const { checkpoints, count } = working();
    count();
    const early = reading(checkpoints, 0);
    await checkpoints.take();
    count();
    const late = reading(checkpoints, 1);
    early.end();
    late.end();
    expect(await early.lacking).toBe(2);
    expect(await late.lacking).toBe(1);
  });

  test("forgets cells that no reading can lack any more, though some reading always goes on", async () => {
    const { checkpoints, count } = working();
    let open = reading(checkpoints, 0);
    let lacked = 0;
    for (let seq = 1; seq <= 50; seq++) {
      count();
      await checkpoints.take();
      const next = reading(checkpoints, 0);
      open.end();
      lacked = await open.lacking;
      open = next;
    }
    // Of a reading that saw nothing at all there are only those since the one before it began.
    expect(lacked).toBeLessThanOrEqual(2);
    open.end();
    await open.lacking;
  });

  test("repeats what failed as it was, and says that it works again", async () => {
    const given: Checkpoint[] = [];
    let isAway = true;
    const { checkpoints, count, said } = working(async (checkpoint) => {
      given.push(checkpoint);
      if (isAway) throw new Error("away");
    });
    count();
    expect(await checkpoints.take()).toBe(false);
    isAway = false;
    expect(await checkpoints.take()).toBe(true);
    expect(given[1]).toBe(given[0]);
    expect(given).toHaveLength(2);
    expect(said).toEqual(["failure", "success"]);
    expect(checkpoints.taken).toBe(1);
  });
});
