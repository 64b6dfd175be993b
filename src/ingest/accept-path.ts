/**
 * What happens to events once they are parsed, in this order: repeats are set aside, the rest is priced and entered in
 * the ledger. Synchronous and arithmetic: each event is counted whole, whatever becomes of its neighbours.
 */
import { INFERENCE_BASES } from "../event/cache-convention.ts";
import { ISSUE_CODES, type IssueCode } from "../event/issue.ts";
import type { Money } from "../event/money.ts";
import type { Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import type { DedupeWindow } from "../history/dedupe-window.ts";
import type { ActiveRequests } from "../ledger/active-requests.ts";
import type { Ledger, Series } from "../ledger/ledger.ts";
import type { UnpricedModels } from "../pricing/unpriced-models.ts";
import { type Answer, answerOf, type Rejection } from "./answer.ts";

export type AcceptPathParts = {
  readonly ledger: Ledger;
  readonly active: ActiveRequests;
  /** Ids of ended requests. */
  readonly endedIds: DedupeWindow;
  /** Batches seen, one entry for each label set that they touch. */
  readonly batchIds: DedupeWindow;
  readonly price: (event: RequestEvent) => Price;
  readonly unpriced: UnpricedModels;
  /** Whom a known cost is told. */
  readonly spend: (event: RequestEvent, cost: Money) => void;
};

/** The forms in which events arrive. */
export const DIALECTS = ["events"] as const;
export type Dialect = (typeof DIALECTS)[number];

/** What became of the events of one dialect. */
export type DialectTally = { accepted: number; duplicate: number; rejected: number };

export class AcceptPath {
  readonly tallies: ReadonlyMap<Dialect, DialectTally> = new Map(
    DIALECTS.map((dialect) => [dialect, { accepted: 0, duplicate: 0, rejected: 0 }]),
  );
  /** Rejected events by the code of their first issue. */
  readonly rejectedByCode = new Map(Object.keys(ISSUE_CODES).map((code) => [code as IssueCode, 0]));
  labelValuesAltered = 0;
  unknownFields = 0;
  readonly conventionsInferred = new Map(INFERENCE_BASES.map((basis) => [basis, 0]));

  readonly #parts: AcceptPathParts;

  constructor(parts: AcceptPathParts) {
    this.#parts = parts;
  }

  /** Counts each event once and says what became of all of them. */
  accept(
    dialect: Dialect,
    events: readonly RequestEvent[],
    rejections: readonly Rejection[],
    nowMicros: number,
  ): Answer {
    let accepted = 0;
    for (const event of events) if (this.#acceptOne(event, nowMicros)) accepted += 1;
    const duplicates = events.length - accepted;
    const tally = this.tallies.get(dialect)!;
    tally.accepted += accepted;
    tally.duplicate += duplicates;
    tally.rejected += rejections.length;
    for (const { issues } of rejections) {
      const { code } = issues[0]!;
      this.rejectedByCode.set(code, this.rejectedByCode.get(code)! + 1);
    }
    return answerOf(accepted, duplicates, rejections);
  }

  /** False if the event repeats one that was counted. */
  #acceptOne(event: RequestEvent, nowMicros: number): boolean {
    const { active, endedIds } = this.#parts;
    const { id, phase } = event;
    if (id !== undefined && endedIds.has(id, nowMicros)) return false;
    if (id !== undefined && phase === "start" && active.isStarted(id)) return false;
    if (id === undefined) this.#count(event, nowMicros);
    else if (phase === "end") {
      endedIds.add(id, nowMicros);
      this.#count(active.close(event), nowMicros);
    } else active.report(event, nowMicros);
    const { remarks } = event;
    this.labelValuesAltered += remarks.labelValuesAltered;
    this.unknownFields += remarks.unknownFields;
    const basis = remarks.conventionInferred;
    if (basis !== undefined) this.conventionsInferred.set(basis, this.conventionsInferred.get(basis)! + 1);
    return true;
  }

  #count(event: RequestEvent, nowMicros: number): void {
    const { ledger, unpriced, spend } = this.#parts;
    const series = ledger.seriesOf(event);
    const opensBatch = event.batchId !== undefined && this.#opensBatch(series, event.batchId, nowMicros);
    const price = this.#parts.price(event);
    ledger.enter(series, event, price, opensBatch);
    if (price.unpricedTokens > 0) unpriced.note(event, price);
    if (price.cost !== undefined) spend(event, price.cost);
  }

  #opensBatch({ index }: Series, batchId: string, nowMicros: number): boolean {
    const { batchIds } = this.#parts;
    const key = `${index} ${batchId}`;
    if (batchIds.has(key, nowMicros)) return false;
    batchIds.add(key, nowMicros);
    return true;
  }
}
