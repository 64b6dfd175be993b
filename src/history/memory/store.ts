/**
 * The store of an exporter that keeps nothing: rollups and the latest requests, for as long as the process lives. Opened
 * again, it has what it had. It works on the loop that accepts events, in turns of a few milliseconds.
 */
import {
  type EventStore,
  type KeptRecord,
  type Recovery,
  type RecoveryLimits,
  type RetentionCut,
  StoreError,
} from "../event-store.ts";
import { inTurns } from "../turns.ts";
import { EndedRequests } from "./ended-requests.ts";
import { OpenRequests } from "./open-requests.ts";
import { findRows, foldRollups, readEnded } from "./queries.ts";
import { Rollups } from "./rollups.ts";

export type MemoryStoreParts = {
  /** Name of this exporter, in answers. */
  readonly instance: string;
  /** Most ended requests that are kept, counted or not: the oldest go first. As many may be open. */
  readonly eventsMax: number;
};

/** What a record takes, about: an event, its price and what is around them. Its text is not made to be measured. */
export const RECORD_BYTES = 1_200;
/** Records, and periods of each length, dropped in one call. */
const DROPPED_AT_ONCE = 5_000;
const DONE = Promise.resolve();

export type MemoryStore = EventStore & {
  /** What `append` does, for one record, by the time it returns. Throws a StoreError. */
  readonly add: (record: KeptRecord) => void;
};

/**
 * Records are kept as the objects they are; `text` is read only when somebody asks for it. `append` has done its work when
 * it returns. Bytes of `status` are an estimate: so many for each record, whatever is in it, so many for each row of rollups,
 * and the room for their cells. `events` are ended requests. Ids are known for as long as their records are here: nothing
 * else opens what this one left. `rollups`: where it adds up; new ones unless told.
 */
export function memoryStore(
  { instance, eventsMax }: MemoryStoreParts,
  rollups: Rollups = new Rollups(),
): MemoryStore {
  const ended = new EndedRequests(eventsMax);
  const open = new OpenRequests(eventsMax);
  let lastSeq = 0;
  let isOpen = false;

  const bytes = () => (ended.size + open.size) * RECORD_BYTES + rollups.bytes;
  const refuseUnlessNext = (seq: number): void => {
    if (!isOpen) throw closedError();
    if (seq !== lastSeq + 1) {
      throw new StoreError("failed", `expected records from number ${lastSeq + 1} on, got ${seq}`);
    }
  };
  const keep = (record: KeptRecord): void => {
    (record.kind === "end" ? ended : open).add(record);
    lastSeq += 1;
  };
  const whenOpen = <Result>(work: () => Promise<Result>): Promise<Result> =>
    isOpen ? work() : Promise.reject(closedError());

  return {
    open: async (shape, limits) => {
      rollups.open(shape);
      isOpen = true;
      return recoveryOf({ ended, open, rollups, lastSeq }, limits);
    },
    add: (record) => {
      refuseUnlessNext(record.seq);
      keep(record);
    },
    append: (records) => {
      const [first] = records;
      if (first === undefined) return DONE;
      try {
        refuseUnlessNext(first.seq);
      } catch (error) {
        return Promise.reject(error);
      }
      for (const record of records) keep(record);
      return DONE;
    },
    checkpoint: (checkpoint) =>
      whenOpen(async () => {
        const { seq } = rollups;
        await inTurns(rollups.checkpoint(checkpoint));
        await inTurns(open.count(checkpoint.seq, between(ended, seq, checkpoint.seq)));
      }),
    retain: (cut) => whenOpen(async () => dropPast({ ended, open, rollups }, bytes, cut) > 0),
    status: () =>
      whenOpen(async () => {
        const { size: events, oldestMicros, newestMicros } = ended;
        return { events, bytes: bytes(), oldestMicros, newestMicros };
      }),
    read: (range) => whenOpen(() => inTurns(readEnded(ended.blocks, range))),
    fold: (question) => whenOpen(() => inTurns(foldRollups(rollups, instance, question))),
    rows: (question) => whenOpen(() => inTurns(findRows(ended.blocks, instance, question))),
    close: async () => {
      isOpen = false;
    },
  };
}

function closedError(): StoreError {
  return new StoreError("failed", "the store is closed");
}

type Held = { readonly ended: EndedRequests; readonly open: OpenRequests; readonly rollups: Rollups };

function recoveryOf(
  { ended, open, rollups, lastSeq }: Held & { readonly lastSeq: number },
  { idsMax, idsSinceMicros }: RecoveryLimits,
): Recovery {
  const textOf = ({ text }: KeptRecord) => text;
  const since = [...between(ended, rollups.seq, lastSeq), ...open.later].sort(
    (one, other) => one.seq - other.seq,
  );
  const endedIds: { readonly id: string; readonly arrivalMicros: number }[] = [];
  for (const { id, arrivalMicros } of between(ended, 0, rollups.seq)) {
    if (id !== undefined && arrivalMicros >= idsSinceMicros) endedIds.push({ id, arrivalMicros });
  }
  return {
    lastSeq: Math.max(lastSeq, rollups.seq),
    series: rollups.series,
    notes: rollups.notes,
    since: since.map(textOf),
    endedIds: endedIds.slice(Math.max(0, endedIds.length - idsMax)),
    open: Array.from(open.latest, textOf),
  };
}

/** Records after one number, up to another. */
function* between({ blocks }: EndedRequests, afterSeq: number, upToSeq: number): Generator<KeptRecord> {
  for (const { records } of blocks) {
    if (records.at(-1)!.seq <= afterSeq) continue;
    for (const record of records) {
      if (record.seq > upToSeq) return;
      if (record.seq > afterSeq) yield record;
    }
  }
}

/** A piece of it; how much there was. Of what is too much in bytes the requests go first, then minutes, then hours and days. */
function dropPast({ ended, open, rollups }: Held, bytes: () => number, cut: RetentionCut): number {
  let dropped = rollups.dropPast(cut, DROPPED_AT_ONCE);
  dropped += ended.dropBefore(cut.eventsBeforeMicros, rollups.seq, DROPPED_AT_ONCE);
  dropped += open.dropBefore(cut.eventsBeforeMicros, DROPPED_AT_ONCE);
  const excess = bytes() - cut.bytesMax;
  if (excess <= 0) return dropped;
  const records = ended.dropFirst(rollups.seq, Math.min(Math.ceil(excess / RECORD_BYTES), DROPPED_AT_ONCE));
  return dropped + (records > 0 ? records : rollups.dropOldest(excess));
}
