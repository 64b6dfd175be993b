/** Makes a store of many events and label sets, as an exporter would have left it. Args: path, events, label sets. */
import { FAMILIES } from "../src/catalogue/families.ts";
import { EventParser } from "../src/event/parse-event.ts";
import { encodeRecord } from "../src/history/log-record.ts";
import { SqliteDatabase } from "../src/history/sqlite/queries.ts";
import { record, zeroCell } from "../src/ledger/cell.ts";
import { encodeCell } from "../src/ledger/cell-codec.ts";
import { cellLayout } from "../src/ledger/cell-layout.ts";
import { genaiPricesBook } from "../src/pricing/genai-prices-book.ts";
import { Pricer } from "../src/pricing/pricer.ts";
import { EVENTS_A_LABEL_SET, sampleEvents } from "./sample-events.ts";

const A_TRANSACTION = 10_000;
/** Events lie so far apart. */
const STEP_MICROS = 8_000;

const [path, events, labelSets] = process.argv.slice(2) as [string, string, string];
const layout = cellLayout({
  duration: FAMILIES.duration.buckets,
  timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
  timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
});
const parser = new EventParser({ labelBytesMax: 128, futureToleranceMicros: 60e6, depthMax: 8 });
const pricer = new Pricer([await genaiPricesBook()], { modelsMax: 100_000 });
const nowMicros = Date.now() * 1e3;
const records = sampleEvents(Number(labelSets) * EVENTS_A_LABEL_SET, Number(labelSets)).map((text) => {
  const parsed = parser.parse(JSON.parse(text), nowMicros);
  if (!parsed.ok) throw new Error(`the bench's own event is refused: ${JSON.stringify(parsed.issues)}`);
  return { kind: "end" as const, event: parsed.event, price: pricer.price(parsed.event) };
});
const texts = records.map(encodeRecord);

const database = new SqliteDatabase(path, layout);
database.open(
  { fingerprint: layout.fingerprint, labelNames: ["provider", "model", "pool"] },
  { idsMax: 1, idsSinceMicros: 0 },
);
const count = Number(events);
for (let from = 0; from < count; from += A_TRANSACTION) {
  const size = Math.min(A_TRANSACTION, count - from);
  const indices = Array.from({ length: size }, (_, index) => from + index);
  const atMicros = Float64Array.from(indices, (index) => nowMicros - (count - index) * STEP_MICROS);
  database.append({
    firstSeq: from + 1,
    atMicros,
    arrivalMicros: atMicros,
    isEnd: new Uint8Array(size).fill(1),
    ids: indices.map((index) => `req-${index.toString(16).padStart(12, "0")}`),
    texts: indices.map((index) => texts[index % texts.length]!),
  });
}
const cells = new Map<string, { labelValues: string[]; cell: ReturnType<typeof zeroCell> }>();
for (const { event, price } of records) {
  const labelValues = [event.provider, event.model, event.pool];
  const key = labelValues.join("\n");
  const entry = cells.get(key) ?? { labelValues, cell: zeroCell(layout) };
  cells.set(key, entry);
  record(entry.cell, layout, event, price, false);
}
const pieces = database.checkpoint({
  seq: count,
  notes: {},
  cells: Array.from(cells.values(), ({ labelValues, cell }) => ({
    minuteMicros: Math.floor(nowMicros / 60e6) * 60e6,
    labelValues,
    team: "",
    cell: encodeCell(cell, layout),
  })),
});
while (!pieces.next().done);
database.close();
