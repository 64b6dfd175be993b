import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { microsOfEpoch, microsOfRfc3339 } from "../../src/event/timestamp.ts";

const day = Date.UTC(2026, 10, 20) * 1e3;
const noon = day + 12 * 3_600e6;

describe("RFC 3339", () => {
  test.each([
    { text: "2026-11-20T12:00:00Z", micros: noon },
    { text: "2026-11-20t12:00:00z", micros: noon },
    { text: "2026-11-20 12:00:00Z", micros: noon },
    { text: "2026-11-20T12:00:00", micros: noon },
    { text: "2026-11-20T12:00:00.5Z", micros: noon + 500_000 },
    { text: "2026-11-20T12:00:00.123456Z", micros: noon + 123_456 },
    { text: "2026-11-20T12:00:00.123456999Z", micros: noon + 123_456 },
    { text: "2026-11-20T13:30:00+01:30", micros: noon },
    { text: "2026-11-20T13:30:00+0130", micros: noon },
    { text: "2026-11-20T04:00:00-08:00", micros: noon },
    { text: "2024-02-29T00:00:00Z", micros: Date.UTC(2024, 1, 29) * 1e3 },
    { text: "2026-11-20T23:59:60Z", micros: day + 86_400e6 },
  ])("reads $text", ({ text, micros }) => {
    expect(microsOfRfc3339(text)).toBe(micros);
  });

  test.each([
    "",
    "now",
    "2026-11-20",
    "2026-11-20T12:00Z",
    "2026-02-29T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T12:60:00Z",
    "2026-11-20T12:00:61Z",
    "2026-11-20T12:00:00.Z",
    "2026-11-20T12:00:00Zulu",
    "2026-11-20T12:00:00+25:00",
    "2026-11-20T12:00:00+01",
    "2026/11/20T12:00:00Z",
    "1969-12-31T23:59:59Z",
    "９９９９-11-20T12:00:00Z",
    "Fri, 20 Nov 2026 12:00:00 GMT",
  ])("refuses %j", (text) => {
    expect(microsOfRfc3339(text)).toBeUndefined();
  });

  test("agrees with the runtime on every instant", () => {
    const instants = fc.date({ min: new Date(0), max: new Date("2250-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (instant) => {
        expect(microsOfRfc3339(instant.toISOString())).toBe(instant.getTime() * 1e3);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("epochs", () => {
  test.each([
    { name: "seconds", value: 1_795_000_000, micros: 1_795_000_000e6 },
    { name: "seconds with microseconds", value: 1_795_000_000.123456, micros: 1_795_000_000_123_456 },
    { name: "milliseconds", value: 1_795_000_000_123, micros: 1_795_000_000_123_000 },
    { name: "microseconds are beyond what is read", value: 1_795_000_000_123_456, micros: undefined },
    { name: "negative", value: -1, micros: undefined },
    { name: "infinite", value: Number.POSITIVE_INFINITY, micros: undefined },
  ])("$name", ({ value, micros }) => {
    expect(microsOfEpoch(value)).toBe(micros);
  });
});
