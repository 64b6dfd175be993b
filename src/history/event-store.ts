/**
 * Where accepted events are kept. A store takes records in their order, many in one transaction, and what they add up to
 * a little later; at start it gives back the sums and the records that came after them. What it cannot keep it
 * refuses whole.
 *
 * Records are numbered by the caller, without gaps, from `Recovery.lastSeq + 1` on.
 */
import type { Money } from "../event/money.ts";
import type { Condition, Question, RangeQuestion } from "../query/question.ts";
import type { Span } from "../query/rollup-plan.ts";

/** A record as the log keeps it: one line of JSON (see log-record.ts), and what a store needs to know of it by itself. */
export type KeptRecord = {
  readonly seq: number;
  /** Time of the event, and of its arrival, in integer microseconds since the epoch. */
  readonly atMicros: number;
  readonly arrivalMicros: number;
  /** Of an ended request: to be remembered so that a repeat is recognised. Of a report: which request it opens. */
  readonly id: string | undefined;
  /** `end`: counted, and closes its request. `report`: the request stays open, with this as what is known of it. */
  readonly kind: "end" | "report";
  readonly provider: string;
  readonly model: string;
  readonly pool: string;
  readonly text: string;
};

/** Cells of the events of one minute, one label set and one team, in their compact form. */
export type MinuteCell = {
  /** Start of the minute, or of its part after a cut, by the events' own time, in integer microseconds. */
  readonly minuteMicros: number;
  /** In the order of the label names of the store's shape. */
  readonly labelValues: readonly string[];
  readonly team: string;
  readonly cell: Uint8Array;
};

/** What the records up to `seq` added since the checkpoint before. Stores merge cells; nothing is counted twice. */
export type Checkpoint = {
  readonly seq: number;
  readonly cells: readonly MinuteCell[];
  /** What else lives as long as the counters, by name: replaced as a whole. JSON. */
  readonly notes: Readonly<Record<string, string>>;
};

/** Running totals of a label set since the beginning. */
export type SeriesCell = { readonly labelValues: readonly string[]; readonly cell: Uint8Array };

/** What acknowledged records left. */
export type Recovery = {
  /** Number of the last record; 0 for a new store. */
  readonly lastSeq: number;
  /** Totals of the last checkpoint. Empty if they were of other labels or buckets than the shape's. */
  readonly series: readonly SeriesCell[];
  readonly notes: Readonly<Record<string, string>>;
  /** Records after the last checkpoint, in their order. */
  readonly since: readonly string[];
  /** Ids of requests that ended up to the last checkpoint, inside the window, oldest first. */
  readonly endedIds: readonly { readonly id: string; readonly arrivalMicros: number }[];
  /** The latest report of each request that was open at the last checkpoint, or later. */
  readonly open: readonly string[];
  /** Why the store begins empty though there was one, which was moved aside; absent if it does not. */
  readonly lost?: string;
};

/** How today's cells are laid out. Kept totals of another kind cannot be continued. */
export type StoreShape = {
  /** `CellLayout.fingerprint` */
  readonly fingerprint: string;
  readonly labelNames: readonly string[];
};

export type RecoveryLimits = {
  /** Most ids to return, the latest ones, and from when on. */
  readonly idsMax: number;
  readonly idsSinceMicros: number;
};

export type StoreStatus = {
  readonly events: number;
  readonly bytes: number;
  /** By the events' own time; `undefined` without events. */
  readonly oldestMicros: number | undefined;
  readonly newestMicros: number | undefined;
  /** What the file system has left; `undefined`: the store has no file of its own. */
  readonly freeBytes?: number;
};

/** What is dropped: records and minutes and hours that end before these instants, in microseconds. */
export type RetentionCut = {
  readonly eventsBeforeMicros: number;
  readonly minutesBeforeMicros: number;
  readonly hoursBeforeMicros: number;
  /** Ids of ended requests are dropped by their arrival. */
  readonly idsBeforeMicros: number;
  /** Events are dropped, the oldest first, until the store takes no more than this. */
  readonly bytesMax: number;
};

/** Sums asked of what checkpoints brought: of spans of time, or since the beginning. */
export type FoldQuestion = (Question | RangeQuestion) & {
  /** Which rollups to add up; `undefined`: running totals, of the other instances that share the store. */
  readonly spans: readonly Span[] | undefined;
};

export type FoldAnswer = {
  /** The last record of this instance that is in the rollups that were read. */
  readonly seq: number;
  /** Encoded cells that have at least the slots of SUMS_LAYOUT; see Group. */
  readonly groups: readonly {
    readonly startMicros: number;
    readonly values: readonly string[];
    readonly cell: Uint8Array;
  }[];
  /** There were more than `cellsMax`; what is here is not all. */
  readonly isTooLarge: boolean;
  /** Rollups by the minute, and by the hour and day, that ended before these instants were dropped; absent if none were. */
  readonly minutesSinceMicros?: number;
  readonly hoursSinceMicros?: number;
  /** Exporters that are gone and whose last records are in no sum; absent if there is none. */
  readonly unfinished?: readonly string[];
};

/** Ended requests, the latest arrival first. */
export type RowsQuestion = {
  /** All must hold. Dimensions: RECORD_DIMENSIONS (record-filter.ts) and INSTANCE. */
  readonly where: readonly Condition[];
  /** By the requests' own time. */
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly costMin: Money | undefined;
  readonly durationMinNanos: number | undefined;
  readonly limit: number;
  /** Most records to look at: what is rare is found in several goes. */
  readonly scanMax: number;
  /** `next` of the answer before. */
  readonly cursor: string | undefined;
};

export type Row = {
  readonly instance: string;
  readonly seq: number;
  readonly arrivalMicros: number;
  readonly text: string;
};

export type RowsAnswer = {
  readonly rows: readonly Row[];
  /** Where to go on; `undefined`: there are no earlier ones. */
  readonly next: string | undefined;
};

export type EventStore = {
  /** Opens the store, brings its schema up to date and reads what it holds. */
  readonly open: (shape: StoreShape, limits: RecoveryLimits) => Promise<Recovery>;
  /** Keeps all records in one transaction. Resolves when they are on disk; rejects with a StoreError and keeps none. */
  readonly append: (records: readonly KeptRecord[]) => Promise<void>;
  /** Counts whole or not at all. Calls never overlap each other; they may overlap `append`. */
  readonly checkpoint: (checkpoint: Checkpoint) => Promise<void>;
  /** Drops a bounded piece of what is past; true if there is more to drop. */
  readonly retain: (cut: RetentionCut) => Promise<boolean>;
  readonly status: () => Promise<StoreStatus>;
  /** Ended requests in a range of their own time, in order of arrival, as lines of JSON; `after`: those after a seq. */
  readonly read: (range: {
    readonly fromMicros: number;
    readonly untilMicros: number;
    readonly afterSeq: number;
    readonly limit: number;
  }) => Promise<readonly { readonly seq: number; readonly text: string }[]>;
  /** Adds up rollups of all label sets and buckets that there were, and of all instances that share the store. */
  readonly fold: (question: FoldQuestion) => Promise<FoldAnswer>;
  readonly rows: (question: RowsQuestion) => Promise<RowsAnswer>;
  readonly close: () => Promise<void>;
};

/** `full`: no room until somebody makes some. `away`: not reachable now. `lost`: damaged. `failed`: anything else that it says. */
export type StoreFailure = "full" | "away" | "lost" | "failed";

/** A store that did not keep what it was given, and why. */
export class StoreError extends Error {
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}
