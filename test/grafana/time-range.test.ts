import { expect, test } from "vitest";
import { fromSeconds } from "./time-range.ts";

const UNTIL = Date.parse("2026-03-01T12:30:00Z") / 1e3;

test.each([
  { from: "now-6h", begins: "2026-03-01T06:30:00Z" },
  { from: "1d12h", begins: "2026-02-28T00:30:00Z" },
  { from: "now/d", begins: "2026-03-01T00:00:00Z" },
])("$from begins at $begins", ({ from, begins }) => {
  expect(fromSeconds(from, UNTIL)).toBe(Date.parse(begins) / 1e3);
});

test("what is no range is an error", () => {
  expect(() => fromSeconds("yesterday", UNTIL)).toThrow("got yesterday");
});
