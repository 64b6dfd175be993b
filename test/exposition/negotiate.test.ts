import { expect, test } from "vitest";
import { acceptsGzip } from "../../src/exposition/negotiate.ts";

test.each([
  { header: undefined, gzip: false },
  { header: "", gzip: false },
  { header: "gzip", gzip: true },
  { header: "deflate, GZIP;q=0.5", gzip: true },
  { header: "gzip;q=0", gzip: false },
  { header: "gzip;q=0.000", gzip: false },
  { header: "*", gzip: true },
  { header: "*;q=1, gzip;q=0", gzip: false },
  { header: "identity", gzip: false },
  { header: "x-gzip-like", gzip: false },
])("Accept-Encoding $header allows gzip: $gzip", ({ header, gzip }) => {
  expect(acceptsGzip(header)).toBe(gzip);
});

test("no header takes long to read", () => {
  const startMillis = performance.now();
  acceptsGzip(`gzip;q=.${"1".repeat(1_000_000)}x`);
  acceptsGzip(`gzip${" ".repeat(1_000_000)}x`);
  expect(performance.now() - startMillis).toBeLessThan(200);
});
