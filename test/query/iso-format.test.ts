import { expect, it } from "vitest";
import { isoFormat } from "../../src/query/iso-format.ts";

it.each([
  { micros: 0, text: "1970-01-01T00:00:00.000000+00:00" },
  { micros: Date.UTC(2026, 10, 18, 9, 15, 1, 842) * 1e3 + 7, text: "2026-11-18T09:15:01.842007+00:00" },
  { micros: 4e15, text: "2096-10-02T07:06:40.000000+00:00" },
])("an instant is written as Python does: $text", ({ micros, text }) => {
  expect(isoFormat(micros)).toBe(text);
});
