/**
 * Renders expositions: one instant of the ledger, written in slices between which the event loop runs, and at most
 * once at a time. Scrapes that come while one is being rendered share the next one, or the running one if it has not
 * read a number yet; so nobody gets numbers older than the scrape.
 */
import { type Ledger, PAGE_MASK } from "../ledger/ledger.ts";
import type { FamilyTable } from "./family-table.ts";
import { LedgerFamilies } from "./ledger-families.ts";
import type { ExpositionFormat } from "./negotiate.ts";
import { writeOpenMetrics } from "./write-openmetrics.ts";
import { writeText } from "./write-text.ts";

/** The whole of an exposition in UTF-8. */
export type Exposition = { readonly format: ExpositionFormat; readonly chunks: readonly Buffer[] };

type Rendering = {
  readonly format: ExpositionFormat;
  readonly exposition: Promise<Exposition>;
  /** Whether numbers have been read; from then on it is too late to share it. */
  hasRead: boolean;
};

export type ScraperParts = {
  readonly ledger: Ledger;
  /** Families that are not the ledger's, at this moment: budgets, the exporter's own. */
  readonly otherTables: () => Promise<FamilyTable[]>;
  readonly observeScrape: (seconds: number) => void;
};

const WRITERS = { text: writeText, openmetrics: writeOpenMetrics } as const;
/** How long the loop is held at a stretch. */
const SLICE_MILLIS = 3;
const CHUNK_LENGTH = 65_536;
/** New label sets printed and sorted at a stretch. */
const LABELS_A_TURN = 1_000;
const PAGES_A_TURN = 4;

export class Scraper {
  readonly #parts: ScraperParts;
  readonly #families: LedgerFamilies;
  /** Written again by each render: only one runs at a time. */
  readonly #sparePages: Float64Array[] = [];
  #running: Rendering | undefined;
  readonly #waiting = new Map<ExpositionFormat, Promise<Exposition>>();

  constructor(parts: ScraperParts) {
    this.#parts = parts;
    this.#families = new LedgerFamilies(parts.ledger.layout, parts.ledger.keys.names);
  }

  scrape(format: ExpositionFormat): Promise<Exposition> {
    const running = this.#running;
    if (running === undefined) return this.#start(format);
    if (running.format === format && !running.hasRead) return running.exposition;
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
    const rendering: Rendering = {
      format,
      hasRead: false,
      exposition: Promise.resolve().then(() => this.#render(rendering)),
    };
    const done = () => {
      this.#running = undefined;
    };
    this.#running = rendering;
    rendering.exposition.then(done, done);
    return rendering.exposition;
  }

  /** A slice of what new series need before they can be shown; true when nothing is left to do. */
  #prepare(): boolean {
    const { ledger } = this.#parts;
    const pages = Math.ceil(ledger.series.length / (PAGE_MASK + 1));
    for (let added = 0; added < PAGES_A_TURN && this.#sparePages.length < pages; added++) {
      this.#sparePages.push(ledger.sparePage());
    }
    return this.#families.prepare(ledger.series, LABELS_A_TURN) && this.#sparePages.length >= pages;
  }

  async #render(rendering: Rendering): Promise<Exposition> {
    const startedMillis = performance.now();
    const { format } = rendering;
    const { ledger, otherTables, observeScrape } = this.#parts;
    do await nextTurn();
    while (!this.#prepare());
    rendering.hasRead = true;
    // The last thing that this waits for are promises already settled, so that both are of one instant.
    const others = await otherTables();
    const snapshot = ledger.snapshot(this.#sparePages);
    await nextTurn();
    const tables = [...this.#families.tables(snapshot), ...others];
    await nextTurn();

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
