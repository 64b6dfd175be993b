/** Records of a SQLite store by what they are, from the latest one back, and by their time, page after page. */
import { INSTANCE, matcherOf } from "../../query/question.ts";
import type { EventStore, Row, RowsAnswer, RowsQuestion } from "../event-store.ts";
import { decodeRecord } from "../log-record.ts";
import { recordFilter } from "../record-filter.ts";
import type { Connection, Row as SqlRow } from "./connection.ts";

type Read = Parameters<EventStore["read"]>[0];
type Range = { readonly fromMicros: number; readonly untilMicros: number };
type SeqRange = Range & { readonly firstSeq: number; readonly lastSeq: number };

/** Records of before a range that are looked at until it is asked whether that was all of it. */
const BEFORE_A_CHECK = 100;
/** The number of a record. */
const CURSOR = /^\d{1,15}$/;
const CURSOR_SHOWN_MAX = 40;

export class EventRows {
  readonly #connection: Connection;
  readonly #instance: string;
  #range: SeqRange | undefined;

  constructor(connection: Connection, instance: string) {
    this.#connection = connection;
    this.#instance = instance;
  }

  read({ fromMicros, untilMicros, afterSeq, limit }: Read): readonly { seq: number; text: string }[] {
    // The first page of a range works it out anew; what comes after that is in the next reading.
    if (afterSeq === 0) this.#range = undefined;
    const { firstSeq, lastSeq } = this.#seqsOf({ fromMicros, untilMicros });
    return this.#connection
      .all(
        `SELECT seq, text FROM event
        WHERE seq > ? AND seq <= ? AND at_micros >= ? AND at_micros < ? AND is_end = 1 ORDER BY seq LIMIT ?`,
        Math.max(afterSeq, firstSeq - 1),
        lastSeq,
        fromMicros,
        untilMicros,
        limit,
      )
      .map(({ seq, text }) => ({ seq: Number(seq), text: String(text) }));
  }

  /** The cursor is the number of the record that was looked at last. */
  rows(question: RowsQuestion): RowsAnswer {
    const { where, fromMicros, untilMicros, limit, scanMax, cursor } = question;
    if (cursor !== undefined && !CURSOR.test(cursor)) {
      const shown = JSON.stringify(cursor.slice(0, CURSOR_SHOWN_MAX));
      throw new Error(`expected a cursor of an answer before, got ${shown}`);
    }
    const isAsked = where.every(
      (condition) => condition.dimension !== INSTANCE || matcherOf(condition)(this.#instance),
    );
    if (!isAsked) return { rows: [], next: undefined };
    const matches = recordFilter(question);
    const scanned = this.#connection
      .statement(
        "SELECT seq, at_micros, arrival_micros, is_end, text FROM event WHERE seq < ? ORDER BY seq DESC LIMIT ?",
      )
      .iterate(cursor === undefined ? this.#endOf(question) : Number(cursor), scanMax) as Iterable<SqlRow>;
    const rows: Row[] = [];
    let looked = 0;
    let before = 0;
    let last = 0;
    for (const { seq, at_micros, arrival_micros, is_end, text } of scanned) {
      looked += 1;
      last = Number(seq);
      const at = Number(at_micros);
      if (at < fromMicros) {
        before += 1;
        if (before % BEFORE_A_CHECK === 1 && !this.#hasEarlier(question, last)) break;
      }
      if (is_end !== 1 || at < fromMicros || at >= untilMicros || !matches(decodeRecord(String(text))))
        continue;
      rows.push({
        ...{ instance: this.#instance, seq: last },
        ...{ arrivalMicros: Number(arrival_micros), text: String(text) },
      });
      if (rows.length >= limit) break;
    }
    const isCut = looked >= scanMax || rows.length >= limit;
    return { rows, next: isCut && this.#hasEarlier(question, last) ? String(last) : undefined };
  }

  /** A number beyond those of the records of a range. Most ranges go on until now. */
  #endOf({ fromMicros, untilMicros }: Range): number {
    const [newest] = this.#connection.all("SELECT max(at_micros) AS at_micros FROM event");
    if (Number(newest?.at_micros ?? 0) < untilMicros) return Number.MAX_SAFE_INTEGER;
    const [row] = this.#connection.all(
      "SELECT max(seq) AS seq FROM event INDEXED BY event_at WHERE at_micros >= ? AND at_micros < ?",
      fromMicros,
      untilMicros,
    );
    return Number(row?.seq ?? 0) + 1;
  }

  /** Whether records of a range lie before one. Those of its beginning do, if any: nearly all arrive in order. */
  #hasEarlier({ fromMicros, untilMicros }: Range, seq: number): boolean {
    const earlier = this.#connection.all(
      "SELECT 1 FROM event INDEXED BY event_at WHERE at_micros >= ? AND at_micros < ? AND seq < ? LIMIT 1",
      fromMicros,
      untilMicros,
      seq,
    );
    return earlier.length > 0;
  }

  /** Whether no record is outside a range. */
  #isAll({ fromMicros, untilMicros }: Range): boolean {
    const [row] = this.#connection.all(
      "SELECT (SELECT min(at_micros) FROM event) AS oldest, (SELECT max(at_micros) FROM event) AS newest",
    );
    return Number(row!.oldest ?? fromMicros) >= fromMicros && Number(row!.newest ?? 0) < untilMicros;
  }

  /**
   * Between which records those of a range of time lie. Events come nearly in order, so that an hour of a year is found
   * without walking through the year. Worked out once for all pages of a range.
   */
  #seqsOf({ fromMicros, untilMicros }: Range): SeqRange {
    const known = this.#range;
    if (known?.fromMicros === fromMicros && known.untilMicros === untilMicros) return known;
    if (this.#isAll({ fromMicros, untilMicros })) {
      return { fromMicros, untilMicros, firstSeq: 0, lastSeq: Number.MAX_SAFE_INTEGER };
    }
    const [row] = this.#connection.all(
      "SELECT min(seq) AS first_seq, max(seq) AS last_seq FROM event WHERE at_micros >= ? AND at_micros < ?",
      fromMicros,
      untilMicros,
    );
    const lastSeq = row!.last_seq === null ? 0 : Number(row!.last_seq);
    this.#range = { fromMicros, untilMicros, firstSeq: Number(row!.first_seq ?? 0), lastSeq };
    return this.#range;
  }
}
