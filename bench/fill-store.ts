/**
 * Makes a store of many events and label sets, as an exporter would have left it: events evenly over some days until now,
 * and what they come to by the minute, hour and day. Args: path, events, label sets, days.
 */
import { FAMILIES } from "../src/catalogue/families.ts";
import { EventParser } from "../src/event/parse-event.ts";
import { encodeRecord } from "../src/history/log-record.ts";
import { checkpointColumns } from "../src/history/sqlite/checkpoint-columns.ts";
import { SqliteDatabase } from "../src/history/sqlite/queries.ts";
import { encodeCell } from "../src/ledger/cell-codec.ts";
import { cellLayout } from "../src/ledger/cell-layout.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import { MinuteCells } from "../src/ledger/minute-cells.ts";
import { seriesKeys } from "../src/ledger/series-key.ts";
import { genaiPricesBook } from "../src/pricing/genai-prices-book.ts";
import { Pricer } from "../src/pricing/pricer.ts";
import { EVENTS_A_LABEL_SET, sampleEvents } from "./sample-events.ts";

const A_TRANSACTION = 10_000;
const HOUR_MICROS = 3_600e6;
/** Rollups by the minute are kept for so long. */
const MINUTES_MICROS = 48 * HOUR_MICROS;

const [path, events, labelSets, days] = process.argv
  .slice(2)
  .map((text, at) => (at === 0 ? text : Number(text))) as [string, number, number, number];
const layout = cellLayout({
  duration: FAMILIES.duration.buckets,
  timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
  timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
});
const parser = new EventParser({ labelBytesMax: 128, futureToleranceMicros: 60e6, depthMax: 8 });
const pricer = new Pricer([await genaiPricesBook()], { modelsMax: 100_000 });
const nowMicros = Date.now() * 1e3;
const records = sampleEvents(labelSets * EVENTS_A_LABEL_SET, labelSets).map((text) => {
  const parsed = parser.parse(JSON.parse(text), nowMicros);
  if (!parsed.ok) throw new Error(`the bench's own event is refused: ${JSON.stringify(parsed.issues)}`);
  return { kind: "end" as const, event: parsed.event, price: pricer.price(parsed.event) };
});
const texts = records.map(encodeRecord);
const keys = seriesKeys([]);
const ledger = new Ledger(layout, keys, { seriesMax: labelSets, valuesPerLabelMax: labelSets });
const minutes = new MinuteCells(layout, () => labelSets);

const database = new SqliteDatabase(path);
database.open({ fingerprint: layout.fingerprint, labelNames: keys.names }, { idsMax: 1, idsSinceMicros: 0 });
const stepMicros = Math.floor((days * 24 * HOUR_MICROS) / events);
const atOf = (index: number) => nowMicros - (events - index) * stepMicros;

for (let from = 0; from < events; from += A_TRANSACTION) {
  const indices = Array.from({ length: Math.min(A_TRANSACTION, events - from) }, (_, index) => from + index);
  const atMicros = Float64Array.from(indices, atOf);
  database.append({
    firstSeq: from + 1,
    atMicros,
    arrivalMicros: atMicros,
    isEnd: new Uint8Array(indices.length).fill(1),
    ids: indices.map((index) => `req-${index.toString(16).padStart(12, "0")}`),
    texts: indices.map((index) => texts[index % texts.length]!),
  });
  for (const index of indices) {
    const { event, price } = records[index % records.length]!;
    const micros = atOf(index);
    // Of what is past no minutes are kept: its hours are made at once.
    const timestampMicros =
      micros < nowMicros - MINUTES_MICROS ? Math.floor(micros / HOUR_MICROS) * HOUR_MICROS : micros;
    minutes.enter(ledger.seriesOf(event), { ...event, timestampMicros }, price, false);
  }
  if (minutes.size > 100_000 || from + A_TRANSACTION >= events) checkpoint(from + indices.length);
}
const kept = {
  eventsBeforeMicros: 0,
  hoursBeforeMicros: 0,
  idsBeforeMicros: 0,
  bytesMax: Number.MAX_SAFE_INTEGER,
};
while (database.retain({ ...kept, minutesBeforeMicros: nowMicros - MINUTES_MICROS }));
database.close();

function checkpoint(seq: number): void {
  const cells = minutes.take().map(({ minuteMicros, series, team, cell }) => ({
    ...{ minuteMicros, team, labelValues: series.labelValues },
    cell: encodeCell(cell, layout),
  }));
  const pieces = database.checkpoint(finished(checkpointColumns({ seq, notes: {}, cells })));
  finished(pieces);
}

function finished<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
