import { describe, expect, it } from "vitest";
import { askedRange, coverageOf } from "../../src/http/time-range.ts";

const NOW = Date.parse("2026-03-10T12:30:10Z") * 1e3;
const micros = (text: string) => Date.parse(text) * 1e3;
const NOTHING = { from: undefined, until: undefined, window: undefined };

describe("what an answer covers", () => {
  const asked = askedRange({ ...NOTHING, from: micros("2026-03-10T08:30:20Z"), until: NOW }, NOW);

  it("is what was asked for if it is whole minutes more", () => {
    const covered = {
      fromMicros: micros("2026-03-10T08:30:00Z"),
      untilMicros: micros("2026-03-10T12:31:00Z"),
    };
    expect(coverageOf(asked, { range: covered, unfinished: [] })).toEqual({
      ...{ from: "2026-03-10T08:30:00Z", until: "2026-03-10T12:31:00Z" },
      ...{ complete: true, incomplete_reason: null },
    });
  });

  it("is not if hours stand for minutes at either end", () => {
    const [from, until] = [micros("2026-03-10T08:30:00Z"), micros("2026-03-10T12:31:00Z")];
    for (const covered of [
      { fromMicros: micros("2026-03-10T08:00:00Z"), untilMicros: until },
      { fromMicros: from, untilMicros: micros("2026-03-10T13:00:00Z") },
    ]) {
      const { complete, incomplete_reason } = coverageOf(asked, { range: covered, unfinished: [] });
      expect({ complete, incomplete_reason }).toEqual({
        complete: false,
        incomplete_reason: "minutes are not kept for so long: the range was widened to whole hours",
      });
    }
  });

  it("is not if its beginning is gone, of a range or of all there ever was", () => {
    const covered = { fromMicros: micros("2026-03-10T09:00:00Z"), untilMicros: 4e15 };
    for (const range of [asked, askedRange({ ...NOTHING, window: 86_400e6 }, NOW), undefined]) {
      expect(coverageOf(range, { range: covered, unfinished: [] })).toMatchObject({
        ...{ from: "2026-03-10T09:00:00Z", complete: false },
        incomplete_reason: "sums of a range, and by team, are kept since 2026-03-10T09:00:00Z",
      });
    }
  });

  it("is all there ever was without a range, also if it is added up from a range", () => {
    const all = { from: null, until: null, complete: true, incomplete_reason: null };
    expect(coverageOf(undefined, { range: undefined, unfinished: [] })).toEqual(all);
    const range = { fromMicros: 0, untilMicros: 4e15 };
    expect(coverageOf(undefined, { range, unfinished: [] })).toEqual(all);
  });

  it("is not complete while the last requests of an exporter that is gone are in no sum", () => {
    const { complete, incomplete_reason } = coverageOf(undefined, {
      range: undefined,
      unfinished: ["pod-1"],
    });
    expect(complete).toBe(false);
    expect(incomplete_reason).toMatch(/pod-1$/);
  });
});
