/** Time per event of each step between the bytes and the ledger, in one process. Prints JSON: micros by step. */
import { FAMILIES } from "../src/catalogue/families.ts";
import { keysAtMost } from "../src/event/json-keys.ts";
import { EventParser } from "../src/event/parse-event.ts";
import { cellLayout } from "../src/ledger/cell-layout.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import { seriesKeys } from "../src/ledger/series-key.ts";
import { genaiPricesBook } from "../src/pricing/genai-prices-book.ts";
import { Pricer } from "../src/pricing/pricer.ts";
import { type JsonObject, observationOf } from "./peers/observation.ts";
import { otelRecorder } from "./peers/otel-recorder.ts";
import { promClientRecorder } from "./peers/prom-client-recorder.ts";
import { sampleEvents } from "./sample-events.ts";

const EVENTS = 3_000;
const LABEL_SETS = 100;
const PASSES = 40;
/** Of the passes, the last are measured: by then the code is compiled. */
const MEASURED_PASSES = 20;
const LABEL_BYTES_MAX = 128;

const texts = sampleEvents(EVENTS, LABEL_SETS);
const values = texts.map((text) => JSON.parse(text) as JsonObject);
const nowMicros = Date.now() * 1e3;

const parser = new EventParser({
  labelBytesMax: LABEL_BYTES_MAX,
  futureToleranceMicros: 60e6,
  depthMax: 8,
});
const events = values.map((value) => {
  const parsed = parser.parse(value, nowMicros);
  if (!parsed.ok) throw new Error(`the bench's own event is refused: ${JSON.stringify(parsed.issues)}`);
  return parsed.event;
});
const ledger = new Ledger(
  cellLayout({
    duration: FAMILIES.duration.buckets,
    timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
    timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
  }),
  seriesKeys([]),
  { seriesMax: 10_000, valuesPerLabelMax: 1_000 },
);
const pricer = new Pricer([await genaiPricesBook()], { modelsMax: 10_000 });
/** The same requests to models that the built-in book knows, their costs not reported. */
const PRICED_MODELS = ["gpt-4o", "gpt-5-mini", "gpt-4.1-2025-04-14", "o3"];
const toPrice = events.map((event, index) => ({
  ...event,
  provider: "openai",
  model: PRICED_MODELS[index % PRICED_MODELS.length]!,
  reportedCost: undefined,
}));
const observations = values.map(observationOf);
const promClient = promClientRecorder();
const otel = otelRecorder();

const STEPS: Readonly<Record<string, (index: number) => unknown>> = {
  "JSON.parse": (index) => JSON.parse(texts[index]!),
  "count keys in the text (src/event/json-keys.ts)": (index) => keysAtMost(texts[index]!),
  "read and check the event (src/event/parse-event.ts)": (index) => parser.parse(values[index], nowMicros),
  "price by report, the book compared (src/pricing/pricer.ts)": (index) => pricer.price(events[index]!),
  "price by the book (src/pricing/pricer.ts)": (index) => pricer.price(toPrice[index]!),
  "enter in the ledger (src/ledger/ledger.ts)": (index) => {
    const event = events[index]!;
    ledger.enter(ledger.seriesOf(event), event, pricer.price(event), false);
  },
  "peers: read the event": (index) => observationOf(values[index]!),
  "peer: record with prom-client": (index) => promClient.record(observations[index]!),
  "peer: record with the OTel SDK": (index) => otel.record(observations[index]!),
};

/** Keeps the results, so that no step is found to be without effect and dropped. */
let kept: unknown;
function microsAnEvent(step: (index: number) => unknown): number {
  let millis = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const started = performance.now();
    for (let index = 0; index < EVENTS; index++) kept = step(index);
    if (pass >= PASSES - MEASURED_PASSES) millis += performance.now() - started;
  }
  return (millis * 1e3) / (MEASURED_PASSES * EVENTS);
}

const micros = Object.entries(STEPS).map(([name, step]) => [name, microsAnEvent(step)]);
process.stdout.write(`${JSON.stringify({ micros, kept: typeof kept })}\n`);
