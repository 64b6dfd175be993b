/** The way of an event and of a scrape without a server: bodies in, expositions out. */
import { FAMILIES } from "../src/catalogue/families.ts";
import type { FamilyTable } from "../src/exposition/family-table.ts";
import { LedgerFamilies } from "../src/exposition/ledger-families.ts";
import { writeOpenMetrics } from "../src/exposition/write-openmetrics.ts";
import { writeText } from "../src/exposition/write-text.ts";
import { DedupeWindow } from "../src/history/dedupe-window.ts";
import { AcceptPath } from "../src/ingest/accept-path.ts";
import type { Answer } from "../src/ingest/answer.ts";
import { type BodyKind, parseEventsBody } from "../src/ingest/events-dialect.ts";
import { ActiveRequests } from "../src/ledger/active-requests.ts";
import { cellLayout } from "../src/ledger/cell-layout.ts";
import { Ledger } from "../src/ledger/ledger.ts";
import { seriesKeys } from "../src/ledger/series-key.ts";
import { UnpricedModels } from "../src/pricing/unpriced-models.ts";
import { eventParser, NOW_MICROS } from "./ledger/sample-events.ts";
import { priceByBook } from "./pricing/pricers.ts";

export class Pipeline {
  readonly ledger = new Ledger(
    cellLayout({
      duration: FAMILIES.duration.buckets,
      timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
      timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
    }),
    seriesKeys([]),
    { seriesMax: 10_000, valuesPerLabelMax: 2_000 },
  );
  readonly #parser = eventParser();
  readonly #families = new LedgerFamilies(this.ledger.layout, this.ledger.keys.names);
  readonly #acceptPath = new AcceptPath({
    ledger: this.ledger,
    active: new ActiveRequests(this.ledger, { requestsMax: 1_000, timeoutMicros: 900e6 }),
    endedIds: new DedupeWindow({ idsMax: 10_000, windowMicros: 86_400e6 }, NOW_MICROS),
    batchIds: new DedupeWindow({ idsMax: 10_000, windowMicros: 86_400e6 }, NOW_MICROS),
    price: priceByBook,
    unpriced: new UnpricedModels({ modelsMax: 100 }),
    spend: () => undefined,
  });

  /** Throws if the body as a whole cannot be read. */
  send(text: string, kind: BodyKind): Answer {
    const body = parseEventsBody(text, this.#parser, {
      kind,
      eventsMax: 10_000,
      receivedAtMicros: NOW_MICROS,
    });
    if ("code" in body) throw new Error(`${body.code}: ${body.detail}`);
    const answer = this.#acceptPath.accept("events", body.events, body.rejections, NOW_MICROS);
    if (answer instanceof Promise) throw new Error("there is no store to wait for");
    return answer;
  }

  text(): string {
    return Array.from(writeText(this.#tables())).join("");
  }

  openMetrics(): string {
    return Array.from(writeOpenMetrics(this.#tables())).join("");
  }

  #tables(): FamilyTable[] {
    return this.#families.tables(this.ledger.snapshot([]));
  }
}
