/**
 * What happens to events once they are parsed, in this order: repeats are set aside, the rest is priced, kept by the
 * store and entered in the ledger; with a store that forgets with the process the other way round. Each event is counted
 * whole, whatever becomes of its neighbours, and nothing is counted that is not kept.
 */
import { INFERENCE_BASES } from "../event/cache-convention.ts";
import { ISSUE_CODES, type IssueCode } from "../event/issue.ts";
import type { Money } from "../event/money.ts";
import type { Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import type { DedupeWindow } from "../history/dedupe-window.ts";
import type { KeptRecord } from "../history/event-store.ts";
import { encodeRecord, type LogRecord } from "../history/log-record.ts";
import type { ActiveRequests } from "../ledger/active-requests.ts";
import type { Ledger, Series } from "../ledger/ledger.ts";
import type { MinuteCells } from "../ledger/minute-cells.ts";
import type { UnpricedModels } from "../pricing/unpriced-models.ts";
import { type Answer, answerOf, type Rejection } from "./answer.ts";
import { IGNORED_REASONS, type IgnoredReason } from "./dialect.ts";
import { type GroupCommit, type Kept, QueueFullError } from "./group-commit.ts";

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
  /** Absent: nothing is kept. */
  readonly history?: AcceptHistory;
};

export type AcceptHistory = {
  /** `undefined`: the store takes records at once, and events are counted without waiting for it. */
  readonly groupCommit: GroupCommit | undefined;
  readonly keepNow: (record: KeptRecord) => void;
  /** What the next checkpoint will add to the rollups. */
  readonly minutes: MinuteCells;
  /** Number of the last record that is counted. */
  countedSeq: number;
  /** Events before this instant are counted, and soon dropped from the store. */
  readonly keptSinceMicros: number;
  /** Events that were older than that when they came. */
  tooOld: number;
  statisticsSinceMicros: number;
};

/** The forms in which events arrive. */
export const DIALECTS = [
  "events",
  "otlp_traces",
  "otlp_logs",
  "otlp_metrics",
  "litellm",
  "modelmesh",
  "cost_tracker",
] as const;
export type Dialect = (typeof DIALECTS)[number];

/** What became of the events of one dialect. */
export type DialectTally = { accepted: number; duplicate: number; rejected: number };

export class AcceptPath {
  readonly tallies: ReadonlyMap<Dialect, DialectTally> = new Map(
    DIALECTS.map((dialect) => [dialect, { accepted: 0, duplicate: 0, rejected: 0 }]),
  );
  /** What was left out of bodies of other dialects, and why. */
  readonly ignored: ReadonlyMap<Dialect, Map<IgnoredReason, number>> = new Map(
    DIALECTS.filter((dialect) => dialect !== "events").map((dialect) => [
      dialect,
      new Map((Object.keys(IGNORED_REASONS) as IgnoredReason[]).map((reason) => [reason, 0])),
    ]),
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

  /**
   * Counts each event once and says what became of all of them: at once, or when a store has kept them. Then it rejects
   * with what the store says, or throws a QueueFullError, and nothing has changed.
   */
  accept(
    dialect: Dialect,
    events: readonly RequestEvent[],
    rejections: readonly Rejection[],
    nowMicros: number,
  ): Answer | Promise<Answer> {
    const { history } = this.#parts;
    if (history?.groupCommit === undefined) {
      let accepted = 0;
      for (const event of events) if (this.#acceptNow(event, nowMicros)) accepted += 1;
      return this.#answer(dialect, accepted, events.length - accepted, rejections);
    }
    const { groupCommit } = history;
    if (!groupCommit.hasRoomFor(events.length)) throw new QueueFullError(groupCommit.limits.recordsMax);
    const admitted: Kept[] = [];
    for (const event of events) {
      const kept = this.#admit(event, nowMicros, history);
      if (kept !== undefined) admitted.push(kept);
    }
    const duplicates = events.length - admitted.length;
    const answer = () => this.#answer(dialect, admitted.length, duplicates, rejections);
    // What a repeat repeats may still be on its way to the disk.
    const isDone = admitted.length === 0 && (duplicates === 0 || groupCommit.size === 0);
    return isDone ? answer() : groupCommit.keep(admitted).then(answer);
  }

  /** Counts what a body held beside events. */
  noteIgnored(dialect: Dialect, ignored: ReadonlyMap<IgnoredReason, number>): void {
    const counts = this.ignored.get(dialect)!;
    for (const [reason, count] of ignored) counts.set(reason, counts.get(reason)! + count);
  }

  /** Counts a record that was kept before and is in no total yet. */
  replay(record: LogRecord, nowMicros: number): void {
    const { active, endedIds, history } = this.#parts;
    if (record.kind === "mark") return;
    if (record.kind === "reset") {
      if (history !== undefined) history.statisticsSinceMicros = record.sinceMicros;
      return;
    }
    const { event } = record;
    if (record.kind === "rotation") {
      this.#countRotation(event);
      return;
    }
    if (record.kind === "report") {
      const { startArrivalMicros } = record;
      const series = this.#parts.ledger.seriesOf(event);
      // One that was silent for too long before the restart is dropped soon after it.
      const lastSeenMicros = Math.min(event.timestampMicros, nowMicros);
      active.restore(event.id!, { event, series, startArrivalMicros, lastSeenMicros });
      return;
    }
    if (event.id !== undefined) {
      endedIds.add(event.id, nowMicros);
      active.restore(event.id, undefined);
    }
    this.#count(event, record.price, nowMicros);
  }

  /** False if the event repeats one that was counted. */
  #acceptNow(event: RequestEvent, nowMicros: number): boolean {
    if (this.#isRepeat(event, nowMicros)) return false;
    const { active, endedIds } = this.#parts;
    const { id, phase } = event;
    if (phase === "rotation") this.#countRotation(event);
    else if (id === undefined) this.#countNow(event, nowMicros);
    else if (phase === "end") {
      endedIds.add(id, nowMicros);
      this.#countNow(active.close(event), nowMicros);
    } else active.report(event, nowMicros);
    this.#countRemarks(event);
    return true;
  }

  #countNow(event: RequestEvent, nowMicros: number): void {
    const { history } = this.#parts;
    const price = this.#parts.price(event);
    this.#count(event, price, nowMicros);
    if (history === undefined) return;
    history.countedSeq += 1;
    if (event.timestampMicros < history.keptSinceMicros) history.tooOld += 1;
    history.keepNow(new CountedRecord(history.countedSeq, { event, price, arrivalMicros: nowMicros }));
  }

  /** What is to be kept of an event, and what happens then; `undefined` if it repeats one that was admitted. */
  #admit(event: RequestEvent, nowMicros: number, history: AcceptHistory): Kept | undefined {
    if (event.phase === "rotation") return this.#admitRotation(event, nowMicros, history);
    if (this.#isRepeat(event, nowMicros)) return undefined;
    const { active, endedIds, price } = this.#parts;
    const { id, phase } = event;
    const before = id === undefined ? undefined : active.get(id);
    if (phase !== "end") {
      active.report(event, nowMicros);
      const { event: whole, startArrivalMicros } = active.get(id!)!;
      return {
        record: keptRecord({ kind: "report", event: whole, startArrivalMicros }, nowMicros),
        onKept: (seq) => {
          history.countedSeq = seq;
          this.#countRemarks(event);
        },
        onDropped: () => active.restore(id!, before),
      };
    }
    let whole = event;
    if (id !== undefined) {
      endedIds.add(id, nowMicros);
      whole = active.close(event);
    }
    const found = price(whole);
    return {
      record: keptRecord({ kind: "end", event: whole, price: found }, nowMicros),
      onKept: (seq) => {
        history.countedSeq = seq;
        if (whole.timestampMicros < history.keptSinceMicros) history.tooOld += 1;
        this.#count(whole, found, nowMicros);
        this.#countRemarks(event);
      },
      onDropped: () => {
        if (id === undefined) return;
        endedIds.delete(id);
        active.restore(id, before);
      },
    };
  }

  #admitRotation(event: RequestEvent, nowMicros: number, history: AcceptHistory): Kept {
    return {
      record: keptRecord({ kind: "rotation", event }, nowMicros),
      onKept: (seq) => {
        history.countedSeq = seq;
        this.#countRotation(event);
        this.#countRemarks(event);
      },
      onDropped: () => undefined,
    };
  }

  #isRepeat({ id, phase }: RequestEvent, nowMicros: number): boolean {
    if (id === undefined) return false;
    const { active, endedIds } = this.#parts;
    return endedIds.has(id, nowMicros) || (phase === "start" && active.isStarted(id));
  }

  #answer(dialect: Dialect, accepted: number, duplicates: number, rejections: readonly Rejection[]): Answer {
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

  #countRemarks({ remarks }: RequestEvent): void {
    this.labelValuesAltered += remarks.labelValuesAltered;
    this.unknownFields += remarks.unknownFields;
    const basis = remarks.conventionInferred;
    if (basis !== undefined) this.conventionsInferred.set(basis, this.conventionsInferred.get(basis)! + 1);
  }

  #count(event: RequestEvent, price: Price, nowMicros: number): void {
    const { ledger, unpriced, spend, history } = this.#parts;
    const series = ledger.seriesOf(event);
    const opensBatch = event.batchId !== undefined && this.#opensBatch(series, event.batchId, nowMicros);
    ledger.enter(series, event, price, opensBatch);
    history?.minutes.enter(series, event, price, opensBatch);
    if (price.unpricedTokens > 0) unpriced.note(event, price);
    if (price.cost !== undefined) spend(event, price.cost);
  }

  #countRotation(event: RequestEvent): void {
    const { ledger, history } = this.#parts;
    const series = ledger.seriesOf(event);
    ledger.enterRotation(series);
    history?.minutes.enterRotation(series, event);
  }

  #opensBatch({ key }: Series, batchId: string, nowMicros: number): boolean {
    const { batchIds } = this.#parts;
    const batchKey = `${key} ${batchId}`;
    if (batchIds.has(batchKey, nowMicros)) return false;
    batchIds.add(batchKey, nowMicros);
    return true;
  }
}

/** An event that is counted, for a store that forgets. Few are ever asked for: they are written then. */
class CountedRecord implements KeptRecord {
  readonly kind = "end";
  readonly seq: number;
  readonly arrivalMicros: number;
  readonly #event: RequestEvent;
  readonly #price: Price;

  constructor(
    seq: number,
    { event, price, arrivalMicros }: { event: RequestEvent; price: Price; arrivalMicros: number },
  ) {
    this.seq = seq;
    this.arrivalMicros = arrivalMicros;
    this.#event = event;
    this.#price = price;
  }

  get atMicros(): number {
    return this.#event.timestampMicros;
  }

  get id(): string | undefined {
    return this.#event.id;
  }

  get provider(): string {
    return this.#event.provider;
  }

  get model(): string {
    return this.#event.model;
  }

  get pool(): string {
    return this.#event.pool;
  }

  get text(): string {
    return encodeRecord({ kind: "end", event: this.#event, price: this.#price });
  }
}

function keptRecord(
  record: Extract<LogRecord, { event: RequestEvent }>,
  arrivalMicros: number,
): Kept["record"] {
  const { id, timestampMicros, provider, model, pool } = record.event;
  const text = encodeRecord(record);
  // What is of no ended request is found by its id alone.
  const kind = record.kind === "end" ? "end" : "report";
  return { atMicros: timestampMicros, arrivalMicros, id, kind, provider, model, pool, text };
}
