import { describe, expect, test } from "vitest";
import type { KeptRecord } from "../../src/history/event-store.ts";
import { GroupCommit, type Kept } from "../../src/ingest/group-commit.ts";
import { kept } from "./conformance.ts";

/** A store that keeps when it is told to. */
class Gate {
  readonly appended: number[][] = [];
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  append = (records: readonly KeptRecord[]): Promise<void> => {
    this.appended.push(records.map(({ seq }) => seq));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  };

  async let(error?: Error): Promise<void> {
    while (this.#waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const { resolve, reject } = this.#waiting.shift()!;
    if (error === undefined) resolve();
    else reject(error);
    await new Promise((settled) => setImmediate(settled));
  }
}

function setUp(limits: { recordsMax?: number; transactionRecordsMax?: number } = {}) {
  const gate = new Gate();
  const told: string[] = [];
  const commit = new GroupCommit(gate, {
    lastSeq: 7,
    limits: { recordsMax: 100, transactionRecordsMax: 100, ...limits },
    observe: () => undefined,
  });
  const item = (name: string): Kept => {
    const { seq: _seq, ...record } = kept(0);
    return {
      record,
      onKept: (seq) => told.push(`${name} kept as ${seq}`),
      onDropped: () => told.push(`${name} dropped`),
    };
  };
  const keep = (...names: string[]) => commit.keep(names.map(item));
  return { gate, told, commit, keep };
}

describe("requests that wait for the store", () => {
  test("share a transaction with those of the same turn, and with those that came during the one before", async () => {
    const { gate, told, keep } = setUp();
    const first = [keep("a"), keep("b", "c")];
    await new Promise((resolve) => setImmediate(resolve));
    const second = [keep("d"), keep("e")];
    await gate.let();
    await Promise.all(first);
    expect(told).toEqual(["a kept as 8", "b kept as 9", "c kept as 10"]);
    await gate.let();
    await Promise.all(second);
    expect(gate.appended).toEqual([
      [8, 9, 10],
      [11, 12],
    ]);
  });

  test("are told before anything is counted that came after them", async () => {
    const { gate, told, keep } = setUp();
    const answered = keep("a").then(() => told.push("a answered"));
    await gate.let();
    await answered;
    expect(told).toEqual(["a kept as 8", "a answered"]);
  });

  test("all fail with the one that failed, the last one first, and their numbers are given again", async () => {
    const { gate, told, keep, commit } = setUp();
    const failing = keep("a", "b").catch((error: Error) => error.message);
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = keep("c").catch((error: Error) => error.message);
    await gate.let(new Error("no room"));
    expect(await Promise.all([failing, waiting])).toEqual(["no room", "no room"]);
    expect(told).toEqual(["c dropped", "b dropped", "a dropped"]);
    expect(commit.size).toBe(0);
    const again = keep("d");
    await gate.let();
    await again;
    expect(gate.appended.at(-1)).toEqual([8]);
  });

  test("with nothing to keep wait for what came before", async () => {
    const { gate, told, keep } = setUp();
    void keep("a");
    const repeat = keep().then(() => told.push("repeat answered"));
    await gate.let();
    await repeat;
    expect(told).toEqual(["a kept as 8", "repeat answered"]);
  });

  test("are bounded, but for one that is larger than the bound by itself", async () => {
    const { gate, keep, commit } = setUp({ recordsMax: 2 });
    expect(commit.hasRoomFor(50)).toBe(true);
    const kept = keep("a", "b");
    expect(commit.hasRoomFor(1)).toBe(false);
    await gate.let();
    await kept;
    expect(commit.hasRoomFor(1)).toBe(true);
  });

  test("are cut into transactions of a size", async () => {
    const { gate, keep } = setUp({ transactionRecordsMax: 2 });
    const all = [keep("a", "b"), keep("c"), keep("d", "e", "f")];
    for (let left = 3; left > 0; left--) await gate.let();
    await Promise.all(all);
    expect(gate.appended.map(({ length }) => length)).toEqual([2, 1, 3]);
  });

  test("are settled when none is left", async () => {
    const { gate, keep, commit } = setUp();
    const kept = keep("a");
    const settled = commit.settled();
    await gate.let();
    await Promise.all([kept, settled]);
    expect(commit.size).toBe(0);
  });
});
