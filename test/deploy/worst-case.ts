/** The most that a label set can take in an exposition: every optional family present, every value at its widest. */
import { FAMILIES } from "../../src/catalogue/families.ts";
import type { Config } from "../../src/config/schema.ts";
import { EventParser } from "../../src/event/parse-event.ts";
import { LedgerFamilies } from "../../src/exposition/ledger-families.ts";
import { writeOpenMetrics } from "../../src/exposition/write-openmetrics.ts";
import { cellLayout } from "../../src/ledger/cell-layout.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { seriesKeys } from "../../src/ledger/series-key.ts";

export type Footprint = { readonly samples: number; readonly bytes: number };

/** A count that no counter reaches, and the widest that a double prints without an exponent. */
const WIDEST = 999_999_999_999_999;

export function worstFootprint({ buckets, limits }: Config): Footprint {
  const layout = cellLayout({
    duration: buckets[FAMILIES.duration.name],
    timeToFirstToken: buckets[FAMILIES.timeToFirstToken.name],
    timePerOutputToken: buckets[FAMILIES.timePerOutputToken.name],
  });
  const keys = seriesKeys([]);
  const ledger = new Ledger(layout, keys, { seriesMax: 1, valuesPerLabelMax: 1 });
  // A quotation mark takes two bytes when it is escaped.
  const value = '"'.repeat(limits.label_bytes);
  const parser = new EventParser({
    labelBytesMax: limits.label_bytes,
    futureToleranceMicros: 0,
    depthMax: 1,
  });
  const parsed = parser.parse({ provider: value, model: value, pool: value }, 0);
  if (!parsed.ok) throw new Error("expected an event");
  const { cell } = ledger.seriesOf(parsed.event);
  cell.values.fill(WIDEST, cell.base, cell.base + layout.size);
  const exemplar = {
    traceId: "f".repeat(32),
    spanId: "f".repeat(16),
    value: 1234.567890123,
    timestampMicros: 1_799_999_999_999_999,
  };
  cell.exemplars = new Map(Array.from({ length: layout.size }, (_, slot) => [slot, exemplar]));
  const tables = new LedgerFamilies(layout, keys.names).tables(ledger.snapshot([]));
  const lines = [...writeOpenMetrics(tables)]
    .join("")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return { samples: lines.length, bytes: Buffer.byteLength(`${lines.join("\n")}\n`) };
}
