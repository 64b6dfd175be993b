/**
 * Renders expositions: one instant of the ledger, written in slices between which the event loop runs, and at most
 * once at a time. Scrapes that come while one is being rendered share the next one, or the running one if nothing has
 * changed since it began; so nobody gets numbers older than the scrape.
 */
import type { Ledger, LedgerSnapshot } from "../ledger/ledger.ts";
import type { FamilyTable } from "./family-table.ts";
import { LedgerFamilies } from "./ledger-families.ts";
import type { ExpositionFormat } from "./negotiate.ts";
import { writeOpenMetrics } from "./write-openmetrics.ts";
import { writeText } from "./write-text.ts";

/** The whole of an exposition in UTF-8. */
export type Exposition = { readonly format: ExpositionFormat; readonly chunks: readonly Buffer[] };

export type ScraperParts = {
  readonly ledger: Ledger;
  /** The exporter's own families at this moment. */
  readonly selfTables: () => Promise<FamilyTable[]>;
  readonly observeScrape: (seconds: number) => void;
};

const WRITERS = { text: writeText, openmetrics: writeOpenMetrics } as const;
/** How long the loop is held at a stretch. */
const SLICE_MILLIS = 3;
const CHUNK_LENGTH = 65_536;

export class Scraper {
  readonly #parts: ScraperParts;
  readonly #families: LedgerFamilies;
  /** Its pages are written again by the next render: only one runs at a time. */
  #snapshot: LedgerSnapshot | undefined;
  #running:
    | { readonly format: ExpositionFormat; version: number; readonly exposition: Promise<Exposition> }
    | undefined;
  readonly #waiting = new Map<ExpositionFormat, Promise<Exposition>>();

  constructor(parts: ScraperParts) {
    this.#parts = parts;
    this.#families = new LedgerFamilies(parts.ledger.layout, parts.ledger.keys.names);
  }

  scrape(format: ExpositionFormat): Promise<Exposition> {
    const running = this.#running;
    if (running === undefined) return this.#start(format);
    if (running.format === format && running.version === this.#parts.ledger.version)
      return running.exposition;
    const waiting = this.#waiting.get(format);
    if (waiting !== undefined) return waiting;
    const next = this.#afterRunning(format);
    this.#waiting.set(format, next);
    return next;
  }

  async #afterRunning(format: ExpositionFormat): Promise<Exposition> {
    while (this.#running !== undefined) await this.#running.exposition.catch(() => undefined);
    this.#waiting.delete(format);
    return this.#start(format);
  }

  #start(format: ExpositionFormat): Promise<Exposition> {
    const running = { format, version: this.#parts.ledger.version, exposition: this.#render(format) };
    this.#running = running;
    const done = () => {
      this.#running = undefined;
    };
    running.exposition.then(done, done);
    return running.exposition;
  }

  async #render(format: ExpositionFormat): Promise<Exposition> {
    const startedMillis = performance.now();
    const { ledger, selfTables, observeScrape } = this.#parts;
    const self = await selfTables();
    this.#families.prepare(ledger.series);
    await nextTurn();
    this.#snapshot = ledger.snapshot(this.#snapshot);
    if (this.#running !== undefined) this.#running.version = this.#snapshot.version;
    const tables = [...this.#families.tables(this.#snapshot), ...self];

    const chunks: Buffer[] = [];
    let text = "";
    let sliceStartMillis = performance.now();
    for (const piece of WRITERS[format](tables)) {
      text += piece;
      if (text.length >= CHUNK_LENGTH) {
        chunks.push(Buffer.from(text));
        text = "";
      }
      if (performance.now() - sliceStartMillis >= SLICE_MILLIS) {
        await nextTurn();
        sliceStartMillis = performance.now();
      }
    }
    chunks.push(Buffer.from(text));
    observeScrape((performance.now() - startedMillis) / 1e3);
    return { format, chunks };
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
