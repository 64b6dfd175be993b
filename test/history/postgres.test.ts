/** The PostgreSQL store on a real server, which stops, starts and drops connections. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { BASE_LABELS } from "../../src/catalogue/families.ts";
import {
  type EventStore,
  type FoldAnswer,
  type KeptRecord,
  type MinuteCell,
  type RowsQuestion,
  StoreError,
} from "../../src/history/event-store.ts";
import { encodeRecord } from "../../src/history/log-record.ts";
import { type PostgresOptions, postgresStore } from "../../src/history/postgres/store.ts";
import { zeroCell } from "../../src/ledger/cell.ts";
import { addEncodedSums } from "../../src/ledger/cell-codec.ts";
import { cellLayout, SLOT, SUMS_LAYOUT } from "../../src/ledger/cell-layout.ts";
import { INSTANCE, type RangeQuestion, TEAM } from "../../src/query/question.ts";
import type { Resolution, Span } from "../../src/query/rollup-plan.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { priceByReport } from "../pricing/pricers.ts";
import { eventually } from "../system/programs.ts";
import {
  BOUNDS,
  CHAT,
  checkpoint,
  DAY,
  DAY_MICROS,
  encoded,
  event,
  HOUR_MICROS,
  kept,
  keptFromTo,
  LAYOUT,
  LIMITS,
  minuteCell,
  NOTHING_PAST,
  OTHER_BOUNDS,
  retainAll,
  SHAPE,
  storeConformance,
} from "./conformance.ts";
import { foldConformance } from "./fold-conformance.ts";
import { ask, Breaker, PASSWORD, PostgresServer, serverPrograms } from "./postgres-server.ts";

const ALL_PAST = {
  ...{ eventsBeforeMicros: 4e15, minutesBeforeMicros: 4e15, hoursBeforeMicros: 4e15 },
  idsBeforeMicros: 4e15,
};
const EVERYTHING = { fromMicros: 0, untilMicros: 4e15, afterSeq: 0, limit: 100_000 };

/** Rows as the conformance suite looks at them. */
async function rowsIn(url: string, instance: string, table: Resolution): Promise<MinuteCell[]> {
  const rows = await ask(
    url,
    `SELECT start_micros, label_values, team, cell FROM llm_exporter.${table} r
      JOIN llm_exporter.label_set USING (label_set)
      JOIN llm_exporter.instance i ON i.instance = r.instance WHERE i.name = $1`,
    [instance],
  );
  return rows.map(({ start_micros, label_values, team, cell }) => ({
    minuteMicros: Number(start_micros),
    labelValues: label_values as string[],
    team: team as string,
    cell: cell as Buffer,
  }));
}

function storeOf(url: string, options: Partial<PostgresOptions> = {}): EventStore {
  return postgresStore({ url, instance: "a", layout: LAYOUT, lockTimeoutMillis: 500, ...options });
}

/** A store that is open, and closed with the test. */
async function openStore(url: string, options: Partial<PostgresOptions> = {}): Promise<EventStore> {
  const store = storeOf(url, options);
  onTestFinished(() => store.close());
  await store.open(SHAPE, LIMITS);
  return store;
}

async function failureOf(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

async function textsIn(url: string, options: Partial<PostgresOptions> = {}): Promise<readonly string[]> {
  const store = storeOf(url, options);
  try {
    return (await store.open(SHAPE, LIMITS)).since;
  } finally {
    await store.close();
  }
}

/** A caller as the exporter is one: what was rejected is forgotten, and its numbers are given to others. */
class Caller {
  readonly acknowledged: string[] = [];
  rejected = 0;
  #attempts = 0;

  async append(store: EventStore, size: number): Promise<StoreError | undefined> {
    this.#attempts += 1;
    const records = Array.from({ length: size }, (_, index): KeptRecord => {
      const seq = this.acknowledged.length + index + 1;
      return kept(seq, { text: `[${seq},"attempt ${this.#attempts}"]` });
    });
    try {
      await store.append(records);
      this.acknowledged.push(...records.map(({ text }) => text));
      return undefined;
    } catch (error) {
      this.rejected += 1;
      return error as StoreError;
    }
  }
}

const hasServer = serverPrograms() !== undefined;

describe.skipIf(!hasServer)(`PostgreSQL${hasServer ? "" : " (needs Debian's postgresql)"}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.create();
  });
  afterAll(() => server.remove());

  let instances = 0;
  let shared: string | undefined;
  storeConformance("PostgreSQL", async () => {
    shared ??= await server.database();
    const url = shared;
    instances += 1;
    const instance = `conformance ${instances}`;
    const make = (bounds = BOUNDS) => storeOf(url, { instance, layout: cellLayout(bounds) });
    return {
      store: make(),
      instance,
      reopen: async (bounds) => make(bounds),
      rows: (table) => rowsIn(url, instance, table),
    };
  });

  foldConformance("PostgreSQL", async () => {
    const url = await server.database();
    const make = (bounds = BOUNDS) => storeOf(url, { layout: cellLayout(bounds) });
    return { store: make(), instance: "a", reopen: async (bounds) => make(bounds) };
  });

  describe("a connection that breaks", () => {
    test("under appends and checkpoints, at random moments: nothing acknowledged is lost, nothing is there twice", async () => {
      const url = await server.database();
      const store = await openStore(url);
      const caller = new Caller();
      const until = Date.now() + 4_000;
      let terminated = 0;
      let checkpointSeq = 0;
      const terminating = (async () => {
        while (Date.now() < until) {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
          const rows = await server.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ 'writer$|keeper$'",
          );
          terminated += rows.length;
        }
      })();
      const appending = (async () => {
        while (Date.now() < until) await caller.append(store, 1 + Math.floor(Math.random() * 50));
      })();
      const checkpointing = (async () => {
        while (Date.now() < until) {
          const seq = caller.acknowledged.length;
          const isKept = await store.checkpoint({ seq, cells: [], notes: {} }).then(
            () => true,
            () => false,
          );
          // One that failed may have been kept: it is repeated as it was.
          if (!isKept) await store.checkpoint({ seq, cells: [], notes: {} }).catch(() => undefined);
          checkpointSeq = seq;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      })();
      await Promise.all([terminating, appending, checkpointing]);
      expect(terminated).toBeGreaterThan(20);
      expect(checkpointSeq).toBeGreaterThan(0);
      expect(caller.acknowledged.length).toBeGreaterThan(100);
      expect((await store.read(EVERYTHING)).map(({ text }) => text)).toEqual(caller.acknowledged);
      await store.close();
      expect(await ask(url, "SELECT text FROM llm_exporter.event ORDER BY seq")).toEqual(
        caller.acknowledged.map((text) => ({ text })),
      );
    });

    /** A store behind a breaker, with one record appended. */
    async function behindBreaker() {
      const direct = await server.database();
      const breaker = new Breaker(server.port);
      await breaker.start();
      onTestFinished(() => breaker.stop());
      const url = server.url(new URL(direct).pathname.slice(1), breaker.port);
      const store = await openStore(url, { appendTimeoutMillis: 1_500, connectTimeoutMillis: 500 });
      await store.append([kept(1)]);
      return { breaker, store, direct, texts: () => textsIn(direct), close: () => store.close() };
    }

    test("after the commit, before the answer: the append was kept and is acknowledged, not sent again", async () => {
      const { breaker, store, texts, close, direct } = await behindBreaker();
      await ask(direct, "CREATE TABLE inserted (seq bigint)");
      await ask(
        direct,
        `CREATE FUNCTION note_insert() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN INSERT INTO inserted VALUES (NEW.seq); RETURN NEW; END $$`,
      );
      await ask(
        direct,
        "CREATE TRIGGER n AFTER INSERT ON llm_exporter.event FOR EACH ROW EXECUTE FUNCTION note_insert()",
      );
      breaker.breakAt("MARK", { passOn: true });
      await store.append([kept(2, { text: '"MARK"' })]);
      await store.append([kept(3)]);
      await close();
      expect(await texts()).toEqual([kept(1).text, '"MARK"', kept(3).text]);
      expect(await ask(direct, "SELECT seq FROM inserted")).toEqual([{ seq: "2" }, { seq: "3" }]);
    });

    test("before the server got the append: it is sent again", async () => {
      const { breaker, store, texts, close } = await behindBreaker();
      breaker.breakAt("MARK", { passOn: false });
      await store.append([kept(2, { text: '"MARK"' }), kept(3)]);
      await close();
      expect(await texts()).toEqual([kept(1).text, '"MARK"', kept(3).text]);
    });

    test("after the commit, and nobody can be asked: it is rejected as away, given to nobody, and gone with the next append", async () => {
      const { breaker, store, texts, close } = await behindBreaker();
      breaker.breakAt("MARK", { passOn: true, stayAway: true });
      const rejected = [kept(2, { text: '"MARK"' }), kept(3, { text: '"lost"' })];
      const failure = await failureOf(store.append(rejected));
      expect(failure.failure).toBe("away");
      await breaker.start();
      expect((await store.read(EVERYTHING)).map(({ seq }) => seq)).toEqual([1]);
      await store.append([kept(2)]);
      await store.append([kept(3)]);
      await close();
      expect(await texts()).toEqual([1, 2, 3].map((seq) => kept(seq).text));
    });

    test("after the commit of a checkpoint: it counts once", async () => {
      const { breaker, store } = await behindBreaker();
      breaker.breakAt("COMMIT", { passOn: true });
      await store.checkpoint({ seq: 1, cells: [], notes: { n: "1" } });
      expect((await store.status()).events).toBe(1);
      await store.append([kept(2)]);
      breaker.breakAt("COMMIT", { passOn: true, stayAway: true });
      const again = { seq: 2, cells: [], notes: { n: "2" } };
      expect((await failureOf(store.checkpoint(again))).failure).toBe("away");
      await breaker.start();
      await store.append([kept(3)]);
      const other = await failureOf(store.checkpoint({ seq: 3, cells: [], notes: {} }));
      expect(other.message).toContain("expected checkpoint 2 to be repeated, got 3");
      await store.checkpoint(again);
      await store.checkpoint({ seq: 3, cells: [], notes: { n: "3" } });
      expect((await store.status()).events).toBe(3);
    });
  });

  describe("a server that stops", () => {
    test.each(["SIGINT", "SIGQUIT"] as const)(
      "by %s under appends: they are rejected as away, and go on by themselves when it is back",
      async (signal) => {
        const url = await server.database();
        const store = await openStore(url, { appendTimeoutMillis: 500 });
        const caller = new Caller();
        const failures = new Set<string>();
        let isBack = false;
        const restarting = (async () => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          await server.stop(signal);
          await new Promise((resolve) => setTimeout(resolve, 1_500));
          await server.start();
          isBack = true;
        })();
        let before = 0;
        for (let after = 0; after < 20; ) {
          const error = await caller.append(store, 10);
          if (error !== undefined) failures.add(error.failure);
          else if (isBack) after += 1;
          else before += 1;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await restarting;
        expect(before).toBeGreaterThan(0);
        expect(caller.rejected).toBeGreaterThan(0);
        expect(failures).toEqual(new Set(["away"]));
        expect((await store.status()).events).toBe(caller.acknowledged.length);
        await store.close();
        expect(await textsIn(url)).toEqual(caller.acknowledged);
      },
    );

    test("a server that is not there is away, and can be opened later", async () => {
      const url = await server.database();
      await server.stop();
      const store = storeOf(url);
      onTestFinished(() => store.close());
      expect((await failureOf(store.open(SHAPE, LIMITS))).failure).toBe("away");
      await server.start();
      expect((await store.open(SHAPE, LIMITS)).lastSeq).toBe(0);
      await store.append([kept(1)]);
    });
  });

  describe("several exporters", () => {
    test("share a database, each with its own records, totals and status", async () => {
      const url = await server.database();
      const [a, b] = [await openStore(url), await openStore(url, { instance: "b" })];
      await Promise.all([a.append(keptFromTo(1, 5)), b.append(keptFromTo(1, 2))]);
      await Promise.all([1, 2].map((seq) => a.checkpoint({ seq, cells: [], notes: { of: "a" } })));
      await b.checkpoint({ seq: 1, cells: [], notes: { of: "b" } });
      await retainAll(a, { ...ALL_PAST, bytesMax: 0 });
      expect([(await a.status()).events, (await b.status()).events]).toEqual([3, 2]);
      await Promise.all([a.close(), b.close()]);
      const recovered = await (await reopened(url, "b")).recovery;
      expect(recovered).toMatchObject({ lastSeq: 2, notes: { of: "b" }, since: [kept(2).text] });
      expect((await (await reopened(url, "a")).recovery).since.length).toBe(3);
    });

    async function reopened(url: string, instance: string) {
      const store = storeOf(url, { instance });
      onTestFinished(() => store.close());
      return { store, recovery: store.open(SHAPE, LIMITS) };
    }

    test("that start at once on an empty database all get their tables", async () => {
      const url = await server.database();
      const names = ["a", "b", "c", "d", "e"];
      const stores = names.map((instance) => storeOf(url, { instance, lockTimeoutMillis: 10_000 }));
      onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))));
      const recoveries = await Promise.all(stores.map((store) => store.open(SHAPE, LIMITS)));
      expect(recoveries.map(({ lastSeq }) => lastSeq)).toEqual([0, 0, 0, 0, 0]);
    });

    test("of one name: the second is refused while the first lives", async () => {
      const url = await server.database();
      const first = await openStore(url);
      await first.append([kept(1)]);
      const failure = await failureOf(storeOf(url).open(SHAPE, LIMITS));
      expect(failure).toMatchObject({ failure: "failed" });
      expect(failure.message).toContain('another process is writing as instance "a"');
      await first.append([kept(2)]);
      await first.close();
      expect((await textsIn(url)).length).toBe(2);
    });

    test("of one name: a process that lost its lock to another one does not write again", async () => {
      const url = await server.database();
      const first = await openStore(url);
      await first.append([kept(1)]);
      await server.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ 'writer$'",
      );
      const second = await openStore(url);
      await second.append([kept(2)]);
      const refused = await failureOf(first.append([kept(2, { text: "[]" })]));
      expect(refused.message).toContain("another process is writing");
      expect((await failureOf(first.checkpoint({ seq: 1, cells: [], notes: {} }))).message).toContain(
        "another process",
      );
      await second.close();
      expect((await failureOf(first.append([kept(2)]))).message).toContain("another process has written");
      expect(await textsIn(url)).toEqual([kept(1).text, kept(2).text]);
    });
  });

  describe("a fleet", () => {
    const question = (fields: Partial<RangeQuestion> & { spans?: readonly Span[] } = {}) => ({
      ...{ by: [INSTANCE], where: [], cellsMax: 1_000, stepMicros: undefined },
      ...{ fromMicros: DAY, untilMicros: DAY + DAY_MICROS },
      spans: [{ resolution: "day" as const, fromMicros: DAY, untilMicros: DAY + DAY_MICROS }],
      ...fields,
    });
    const totals = (by: readonly string[]) => ({ by, where: [], cellsMax: 1_000, spans: undefined });
    /** How many requests there are in each group. */
    const countsOf = ({ groups }: FoldAnswer) =>
      groups
        .map(({ values, cell }): [string, number] => {
          const sum = zeroCell(SUMS_LAYOUT);
          addEncodedSums(sum, cell);
          const [plain, streamed] = sum.values.slice(SLOT.durationCount);
          return [values.join(), plain! + streamed!];
        })
        .sort();

    /** The first with the usual labels and buckets, the second with others, each after a checkpoint. */
    async function unlikePair(url: string) {
      const a = await openStore(url);
      const layout = cellLayout(OTHER_BOUNDS);
      const b = storeOf(url, { instance: "b", layout });
      onTestFinished(() => b.close());
      await b.open({ fingerprint: layout.fingerprint, labelNames: [...BASE_LABELS, "region"] }, LIMITS);
      await a.append(keptFromTo(1, 3));
      await a.checkpoint(checkpoint(2, [minuteCell(DAY, { durations: [1, 2] })]));
      await b.append(keptFromTo(1, 9));
      const cell = encoded(
        [1, 20_000, 5].map((duration_ms) => event(DAY, { duration_ms })),
        layout,
      );
      const eu = { minuteMicros: DAY, labelValues: [...CHAT, "eu"], team: "search", cell };
      await b.checkpoint(checkpoint(9, [eu, { ...eu, labelValues: [...CHAT, "us"] }]));
      return { a, b };
    }

    test("is added up by each of them, whatever the labels and buckets of the others", async () => {
      const { a, b } = await unlikePair(await server.database());
      for (const resolution of ["minute", "hour", "day"] as const) {
        const spans = [{ resolution, fromMicros: DAY, untilMicros: DAY + DAY_MICROS }];
        const answers = [await a.fold(question({ spans })), await b.fold(question({ spans }))];
        expect(answers.map(({ seq }) => seq)).toEqual([2, 9]);
        for (const answer of answers) {
          expect(countsOf(answer)).toEqual([
            ["a", 2],
            ["b", 6],
          ]);
        }
      }
      expect(countsOf(await a.fold(question({ by: ["region", TEAM] })))).toEqual([
        [",", 2],
        ["eu,search", 3],
        ["us,search", 3],
      ]);
      const where = [{ dimension: "region", kind: "is" as const, values: ["us"] }];
      expect(countsOf(await a.fold(question({ where })))).toEqual([["b", 3]]);
    });

    test("totals are those of the others, of what they count today", async () => {
      const url = await server.database();
      const { a, b } = await unlikePair(url);
      expect(countsOf(await a.fold(totals([INSTANCE, "region"])))).toEqual([
        ["b,eu", 3],
        ["b,us", 3],
      ]);
      expect(countsOf(await b.fold(totals([INSTANCE, "region"])))).toEqual([["a,", 2]]);
      expect(await a.fold(totals([]))).toMatchObject({ seq: 2, isTooLarge: false });
      await b.close();
      const again = await openStore(url, { instance: "b" });
      await again.append(keptFromTo(10, 10));
      await again.checkpoint(checkpoint(10, [minuteCell(DAY, { durations: [1] })]));
      expect(countsOf(await a.fold(totals([INSTANCE])))).toEqual([["b", 1]]);
      expect(countsOf(await a.fold(question()))).toEqual([
        ["a", 2],
        ["b", 7],
      ]);
    });

    test("an answer is of one moment, also while the others take checkpoints", async () => {
      const url = await server.database();
      const [a, b] = [await openStore(url), await openStore(url, { instance: "b" })];
      await b.append(keptFromTo(1, 25));
      const ends = [
        DAY,
        DAY + DAY_MICROS,
        DAY + DAY_MICROS + HOUR_MICROS,
        DAY + DAY_MICROS + 2 * HOUR_MICROS,
      ];
      const spans = (["day", "hour", "minute"] as const).map((resolution, at) => ({
        ...{ resolution, fromMicros: ends[at]!, untilMicros: ends[at + 1]! },
      }));
      let taken = 0;
      const checkpointing = (async () => {
        for (let seq = 1; seq <= 25; seq++) {
          await b.checkpoint(
            checkpoint(
              seq,
              ends.slice(0, 3).map((at) => minuteCell(at, { durations: [1] })),
            ),
          );
          taken = seq;
        }
      })();
      const seen = new Set<number>();
      while (taken < 25) {
        const [[, count] = ["", 0]] = countsOf(await a.fold(question({ spans, untilMicros: ends[3]! })));
        expect(count % 3).toBe(0);
        seen.add(count);
      }
      await checkpointing;
      expect(seen.size).toBeGreaterThan(2);
      expect(countsOf(await a.fold(question({ spans, untilMicros: ends[3]! })))).toEqual([["b", 75]]);
    });

    test("is not answered for while the server is away, and is again by itself when it is back", async () => {
      const a = await openStore(await server.database());
      const rows = rowsQuestion();
      await a.append([ended(1, 1)]);
      await a.checkpoint(checkpoint(1, [minuteCell(DAY, { durations: [1] })]));
      await Promise.all([a.fold(question()), a.rows(rows)]);
      await server.stop();
      expect((await failureOf(a.fold(question()))).failure).toBe("away");
      expect((await failureOf(a.rows(rows))).failure).toBe("away");
      await server.start();
      expect((await a.fold(question())).groups.length).toBe(1);
      expect((await a.rows(rows)).rows.length).toBe(1);
    });

    const MONTH = DAY - 30 * DAY_MICROS;
    const rowsQuestion = (fields: Partial<RowsQuestion> = {}): RowsQuestion => ({
      ...{ where: [], fromMicros: 0, untilMicros: 4e15, costMin: undefined, durationMinNanos: undefined },
      ...{ limit: 100, scanMax: 1_000, cursor: undefined },
      ...fields,
    });
    /** An ended request that arrived so many seconds after the month began. */
    const ended = (seq: number, arrivalSeconds: number, atSeconds = arrivalSeconds): KeptRecord => {
      const atMicros = MONTH + atSeconds * 1e6;
      const of = eventOf({ timestamp: atMicros / 1e3, provider: "openai", model: "gpt-4o" });
      const text = encodeRecord({ kind: "end", event: of, price: priceByReport(of) });
      return kept(seq, { atMicros, arrivalMicros: MONTH + arrivalSeconds * 1e6, text });
    };
    /** What is found, page after page: instance and number. `between` is done after each. */
    async function paged(store: EventStore, fields: Partial<RowsQuestion>, between = async () => {}) {
      const found: (readonly [string, number])[] = [];
      let cursor: string | undefined;
      do {
        const answer = await store.rows(rowsQuestion({ ...fields, cursor }));
        found.push(...answer.rows.map(({ instance, seq }) => [instance, seq] as const));
        cursor = answer.next;
        await between();
      } while (cursor !== undefined);
      return found;
    }

    test("its records come by arrival, each once, while others arrive", async () => {
      const url = await server.database();
      const [a, b] = [await openStore(url), await openStore(url, { instance: "b" })];
      await a.append([1, 3, 5, 6, 7, 20].map((seconds, at) => ended(at + 1, seconds)));
      await b.append([2, 3, 4, 30].map((seconds, at) => ended(at + 1, seconds)));
      const byArrival = [
        ...[
          ["b", 4],
          ["a", 6],
          ["a", 5],
          ["a", 4],
          ["a", 3],
        ],
        ...[
          ["b", 3],
          ["a", 2],
          ["b", 2],
          ["b", 1],
          ["a", 1],
        ],
      ];
      expect(await paged(b, {})).toEqual(byArrival);
      let later = 4;
      const append = async () => {
        later += 1;
        await b.append([ended(later, 30 + later)]);
        if (later === 5) await (await openStore(url, { instance: "c" })).append([ended(1, 40)]);
      };
      for (const limit of [1, 3, 10]) {
        const wanted = await paged(a, { limit: 1_000 });
        expect(wanted.slice(-byArrival.length)).toEqual(byArrival);
        expect(await paged(a, { limit }, append)).toEqual(wanted);
      }
      const where = [{ dimension: INSTANCE, kind: "is" as const, values: ["a"] }];
      expect((await paged(b, { where, limit: 2 })).map(([, seq]) => seq)).toEqual([6, 5, 4, 3, 2, 1]);
    });

    test("each of its records comes once where a clock was set back", async () => {
      const url = await server.database();
      const [a, b] = [await openStore(url), await openStore(url, { instance: "b" })];
      await a.append([100, 101, 50, 51, 102].map((seconds, at) => ended(at + 1, seconds)));
      await b.append([49, 60, 101].map((seconds, at) => ended(at + 1, seconds)));
      for (const limit of [1, 2, 100]) {
        const found = await paged(a, { limit });
        expect(found.filter(([instance]) => instance === "a").map(([, seq]) => seq)).toEqual([5, 4, 3, 2, 1]);
        expect(found.filter(([instance]) => instance === "b").map(([, seq]) => seq)).toEqual([3, 2, 1]);
      }
    });

    test("its records are found by their own time, however late they came and whatever was dropped", async () => {
      const url = await server.database();
      const [a, b] = [await openStore(url), await openStore(url, { instance: "b" })];
      const hours = (count: number) => count * 3_600;
      const records = Array.from({ length: 400 }, (_, at) =>
        // Every seventh is of three days before its arrival.
        ended(at + 1, hours(at), hours(at % 7 === 0 ? at - 72 : at)),
      );
      await a.append(records);
      await b.append(records.slice(0, 200));
      await a.checkpoint(checkpoint(400));
      await retainAll(a, { eventsBeforeMicros: MONTH + hours(90) * 1e6 });
      const range = { fromMicros: MONTH + hours(120) * 1e6, untilMicros: MONTH + hours(190) * 1e6 };
      const wanted = records
        .filter(({ atMicros }) => atMicros >= range.fromMicros && atMicros < range.untilMicros)
        .map(({ seq }) => seq)
        .reverse();
      for (const limit of [7, 1_000]) {
        const found = await paged(b, { ...range, limit });
        const seqsOf = (name: string) =>
          found.filter(([instance]) => instance === name).map(([, seq]) => seq);
        expect(seqsOf("a")).toEqual(wanted);
        expect(seqsOf("b")).toEqual(wanted.filter((seq) => seq <= 200));
      }
    });

    test("own records that were not acknowledged are not among them", async () => {
      const direct = await server.database();
      const breaker = new Breaker(server.port);
      await breaker.start();
      onTestFinished(() => breaker.stop());
      const url = server.url(new URL(direct).pathname.slice(1), breaker.port);
      const store = await openStore(url, { appendTimeoutMillis: 300, connectTimeoutMillis: 300 });
      await store.append([ended(1, 1)]);
      breaker.breakAt("MARK", { passOn: true, stayAway: true });
      expect((await failureOf(store.append([{ ...ended(2, 2), pool: "MARK" }]))).failure).toBe("away");
      await breaker.start();
      expect((await store.rows(rowsQuestion())).rows.map(({ seq }) => seq)).toEqual([1]);
    });
  });

  describe("an exporter that is gone", () => {
    /** Its connections end, as those of a process that was killed. */
    async function lose(url: string, instance: string, role = "") {
      const ended = await ask(
        url,
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity, llm_exporter.instance
          WHERE name = $1 AND application_name LIKE 'llm-exporter ' || holder || ' %' || $2`,
        [instance, role],
      );
      expect(ended.length).toBeGreaterThan(0);
    }
    const spans = [{ resolution: "minute" as const, fromMicros: DAY, untilMicros: DAY + DAY_MICROS }];
    const total = { by: [], where: [], cellsMax: 10 };
    const range = {
      ...{ ...total, spans, stepMicros: undefined },
      ...{ fromMicros: DAY, untilMicros: DAY + DAY_MICROS },
    };
    const since = { ...total, spans: undefined };
    const isOf = (name: string) => [{ dimension: INSTANCE, kind: "is" as const, values: [name] }];
    const rowsQuestion: RowsQuestion = {
      ...{ where: [], fromMicros: 0, untilMicros: 4e15, costMin: undefined, durationMinNanos: undefined },
      ...{ limit: 2, scanMax: 1_000, cursor: undefined },
    };
    const durations = ({ groups }: FoldAnswer) =>
      groups.map(({ cell }) => {
        const sum = zeroCell(SUMS_LAYOUT);
        addEncodedSums(sum, cell);
        return sum.values[SLOT.durationCount]! + sum.values[SLOT.durationCount + 1]!;
      });
    /** Of minutes of a day, arrived then. */
    const ended = (seq: number): KeptRecord => {
      const atMicros = DAY + seq * 60e6;
      const of = eventOf({ timestamp: atMicros / 1e3, provider: "openai", model: "gpt-4o" });
      const text = encodeRecord({ kind: "end", event: of, price: priceByReport(of) });
      return kept(seq, { atMicros, arrivalMicros: atMicros, text });
    };
    const minutes = (...at: number[]) =>
      at.map((minute) => minuteCell(DAY + minute * 60e6, { durations: [minute] }));
    /** Five records of each, three of which are counted. */
    async function pair() {
      const url = await server.database();
      const [a, gone] = [await openStore(url), await openStore(url, { instance: "gone" })];
      for (const store of [a, gone]) {
        await store.append([1, 2, 3, 4, 5].map(ended));
        await store.checkpoint(checkpoint(3, minutes(1, 2, 3)));
      }
      return { url, a, gone };
    }
    const rowOf = async (url: string) => {
      const [row] = await ask(
        url,
        `SELECT events::int, ids::int, bytes::int, (SELECT sum(160 + octet_length(cell))::int FROM llm_exporter.series s
            WHERE s.instance = i.instance) AS series_bytes,
          (SELECT count(*)::int FROM llm_exporter.event e WHERE e.instance = i.instance) AS event_rows,
          (SELECT count(*)::int FROM llm_exporter.ended_id e WHERE e.instance = i.instance) AS id_rows,
          (SELECT count(*)::int FROM llm_exporter.open_request o WHERE o.instance = i.instance) AS open_rows
        FROM llm_exporter.instance i WHERE name = 'gone'`,
      );
      const tables = await Promise.all(
        (["minute", "hour", "day"] as const).map((table) => rowsIn(url, "gone", table)),
      );
      return { ...row, rollups: tables.map((rows) => rows.length) } as Record<string, unknown>;
    };

    test("is named by sums that lack its last records, until somebody counts them", async () => {
      const { url, a } = await pair();
      expect((await a.fold(range)).unfinished).toBeUndefined();
      await lose(url, "gone");
      for (const question of [range, since, { ...range, where: isOf("gone") }]) {
        expect((await a.fold(question)).unfinished).toEqual(["gone"]);
      }
      const later = { fromMicros: DAY + HOUR_MICROS, untilMicros: DAY + DAY_MICROS };
      for (const question of [
        { ...range, ...later },
        { ...range, where: isOf("a") },
      ]) {
        expect((await a.fold(question)).unfinished).toBeUndefined();
      }
      const found = await a.rows({ ...rowsQuestion, where: isOf("gone"), limit: 9 });
      expect(found.rows.map(({ seq }) => seq)).toEqual([5, 4, 3, 2, 1]);
      const again = storeOf(url, { instance: "gone" });
      onTestFinished(() => again.close());
      const { lastSeq, series, since: uncounted } = await again.open(SHAPE, LIMITS);
      expect([lastSeq, series.length, uncounted]).toEqual([5, 1, [4, 5].map((seq) => ended(seq).text)]);
      expect((await a.fold(range)).unfinished).toBeUndefined();
      await again.checkpoint(checkpoint(5, minutes(4, 5)));
      await again.close();
      expect((await a.fold(range)).unfinished).toBeUndefined();
      expect(durations(await a.fold({ ...range, where: isOf("gone") }))).toEqual([5]);
      expect(durations(await a.fold(since))).toEqual([5]);
    });

    test("has what is past of it dropped by others, and nothing else", async () => {
      const { url, a, gone } = await pair();
      const late = { ...ended(6), atMicros: DAY };
      await gone.append([late]);
      await lose(url, "gone");
      const before = await rowOf(url);
      await retainAll(a, { eventsBeforeMicros: DAY + 2.5 * 60e6, idsBeforeMicros: DAY + 1.5 * 60e6 });
      const some = await rowOf(url);
      expect(some).toMatchObject({ events: 1, event_rows: 4, ids: 2, id_rows: 2, rollups: [3, 1, 1] });
      expect(some.bytes).toBeLessThan(before.bytes as number);
      await retainAll(a, { eventsBeforeMicros: DAY + 4.5 * 60e6, minutesBeforeMicros: DAY + 3 * 60e6 });
      expect(await rowOf(url)).toMatchObject({ events: 0, event_rows: 2, id_rows: 2, rollups: [1, 1, 1] });
      expect((await a.fold(range)).unfinished).toEqual(["gone"]);
      const bytesMax = (await rowOf(url)).bytes as number;
      await retainAll(a, { bytesMax: bytesMax - 1 });
      expect(await rowOf(url)).toMatchObject({ bytes: bytesMax, event_rows: 2 });
    });

    test("keeps its running totals for ever, and its name goes on with them when all else was dropped", async () => {
      const { url, a, gone } = await pair();
      await gone.append([{ ...ended(6), id: "open", kind: "report" }]);
      await lose(url, "gone");
      await retainAll(a, ALL_PAST);
      const nothing = { events: 0, ids: 0, event_rows: 0, id_rows: 0, open_rows: 0, rollups: [0, 0, 0] };
      const row = await rowOf(url);
      expect(row).toMatchObject({ ...nothing, bytes: row.series_bytes });
      expect(durations(await a.fold(since))).toEqual([3]);
      expect((await a.fold(since)).unfinished).toBeUndefined();
      const again = storeOf(url, { instance: "gone" });
      onTestFinished(() => again.close());
      const { lastSeq, series, since: uncounted } = await again.open(SHAPE, LIMITS);
      expect([lastSeq, series.length, uncounted]).toEqual([6, 1, []]);
      await again.append([ended(7)]);
      await again.checkpoint(checkpoint(7, minutes(7)));
      expect(durations(await a.fold(since))).toEqual([4]);
      expect(await rowOf(url)).toMatchObject({ events: 1, ids: 1 });
    });

    test("has more than one piece dropped", async () => {
      const { url, a, gone } = await pair();
      await gone.append(Array.from({ length: 5_100 }, (_, at) => ({ ...ended(1), seq: 6 + at })));
      await gone.checkpoint(checkpoint(5_105));
      await lose(url, "gone");
      const c = await openStore(url, { instance: "c" });
      expect(await c.retain({ ...ALL_PAST, bytesMax: 1e12 })).toBe(true);
      expect((await rowOf(url)).event_rows).toBe(105);
      await retainAll(c, ALL_PAST);
      expect((await a.status()).events).toBe(5);
      expect(await rowOf(url)).toMatchObject({ events: 0, event_rows: 0, ids: 0, id_rows: 0 });
    });

    test("takes its name again while others drop what it had", async () => {
      const { url, a } = await pair();
      await lose(url, "gone");
      await ask(
        url,
        `CREATE FUNCTION dwell() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN PERFORM pg_sleep(0.2); RETURN OLD; END $$`,
      );
      await ask(
        url,
        "CREATE TRIGGER d BEFORE DELETE ON llm_exporter.event FOR EACH ROW EXECUTE FUNCTION dwell()",
      );
      const retaining = a.retain({ ...NOTHING_PAST, eventsBeforeMicros: DAY + 2.5 * 60e6 });
      await eventually("the row to be locked", async () => {
        const free = await ask(
          url,
          "SELECT 1 FROM llm_exporter.instance WHERE name = 'gone' FOR UPDATE SKIP LOCKED",
        );
        return free.length === 0 ? true : undefined;
      });
      const again = storeOf(url, { instance: "gone", lockTimeoutMillis: 50 });
      onTestFinished(() => again.close());
      expect(await again.open(SHAPE, LIMITS)).toMatchObject({ lastSeq: 5 });
      await retaining;
      expect(await again.status()).toMatchObject({ events: 3 });
    });

    test("only seemed to be, and counts what others dropped meanwhile", async () => {
      const { url, a, gone } = await pair();
      await lose(url, "gone");
      await retainAll(a, ALL_PAST);
      await gone.append([ended(6)]);
      await gone.checkpoint(checkpoint(6, minutes(4, 5, 6)));
      expect(durations(await a.fold(since))).toEqual([6]);
      expect(await gone.status()).toMatchObject({ events: 1 });
    });

    test("is not one that has nothing to append: its connection is made again", async () => {
      const { url, a, gone } = await pair();
      await lose(url, "gone", "writer");
      expect((await gone.fold(range)).unfinished).toBeUndefined();
      await gone.retain(NOTHING_PAST);
      await retainAll(a, ALL_PAST);
      expect(await rowOf(url)).toMatchObject({ events: 3, event_rows: 5, rollups: [3, 1, 1] });
      expect((await a.fold(range)).unfinished).toBeUndefined();
    });

    test("takes no room in the cursor when its records are read or dropped", async () => {
      const { url, a } = await pair();
      await lose(url, "gone");
      const first = await a.rows(rowsQuestion);
      expect(first.next!.split(".").length).toBe(2);
      await retainAll(a, { eventsBeforeMicros: DAY + 4.5 * 60e6 });
      const second = await a.rows({ ...rowsQuestion, limit: 3 });
      expect(second.rows.map(({ instance, seq }) => [instance, seq])).toEqual([
        ["a", 5],
        ["gone", 5],
        ["a", 4],
      ]);
      expect(second.next).toBeUndefined();
    });
  });

  test("rollups that one exporter dropped are known to all, of each table and exporter", async () => {
    const url = await server.database();
    const [a, b] = [await openStore(url), await openStore(url, { instance: "b" })];
    for (const store of [a, b]) {
      await store.append(keptFromTo(1, 1));
      await store.checkpoint(checkpoint(1, [minuteCell(DAY, { durations: [1] })]));
    }
    const sinceOf = async (instance: string[]) => {
      const where = instance.map((name) => ({ dimension: INSTANCE, kind: "is" as const, values: [name] }));
      const spans = [{ resolution: "day" as const, fromMicros: DAY, untilMicros: DAY + DAY_MICROS }];
      const answer = await a.fold({ ...{ by: [], where, cellsMax: 10 }, spans });
      return [answer.minutesSinceMicros, answer.hoursSinceMicros];
    };
    await retainAll(b, { minutesBeforeMicros: DAY, hoursBeforeMicros: DAY });
    expect(await sinceOf([])).toEqual([undefined, undefined]);
    await retainAll(b, { minutesBeforeMicros: DAY + 90e6 });
    await retainAll(b, { minutesBeforeMicros: DAY + HOUR_MICROS });
    expect(await sinceOf([])).toEqual([DAY + 90e6, undefined]);
    await retainAll(b, { hoursBeforeMicros: DAY + HOUR_MICROS });
    expect(await sinceOf([])).toEqual([DAY + 90e6, DAY + HOUR_MICROS]);
    expect(await sinceOf(["a"])).toEqual([undefined, undefined]);
    await retainAll(a, { minutesBeforeMicros: DAY + DAY_MICROS });
    expect(await sinceOf([])).toEqual([DAY + DAY_MICROS, DAY + HOUR_MICROS]);
    expect(await sinceOf(["b"])).toEqual([DAY + 90e6, DAY + HOUR_MICROS]);
  });

  describe("tables of version 1", () => {
    /** Takes away what version 2 added. */
    async function backToVersion1(url: string) {
      await ask(url, "DROP TABLE llm_exporter.day");
      await ask(
        url,
        "ALTER TABLE llm_exporter.instance DROP COLUMN days_seq, DROP COLUMN dropped_seq, DROP COLUMN minutes_since_micros, DROP COLUMN hours_since_micros",
      );
      await ask(url, "DELETE FROM llm_exporter.schema_version WHERE version > 1");
    }
    const cells = [0, 1, 23, 24, 25].map((hour) =>
      minuteCell(DAY + hour * HOUR_MICROS, { durations: [hour], team: hour === 1 ? "search" : "" }),
    );
    const days = async (url: string, instance: string) => sortedRows(await rowsIn(url, instance, "day"));
    const sortedRows = (rows: readonly MinuteCell[]) =>
      rows
        .map(({ minuteMicros, labelValues, team, cell }) =>
          JSON.stringify([minuteMicros, labelValues, team, Buffer.from(cell).toString("hex")]),
        )
        .sort();
    const bytesOf = async (url: string) =>
      (await ask(url, "SELECT name, bytes FROM llm_exporter.instance ORDER BY name")).map(({ bytes }) =>
        Number(bytes),
      );

    test("get their days from the hours, of all instances, by exporters that start at once", async () => {
      const url = await server.database();
      for (const instance of ["a", "b", "gone"]) {
        const store = await openStore(url, { instance });
        await store.append(keptFromTo(1, 5));
        await store.checkpoint(checkpoint(5, instance === "b" ? cells.slice(2) : cells));
        await store.close();
      }
      const [wanted, wantedOfB] = [await days(url, "a"), await days(url, "b")];
      expect([wanted.length, wantedOfB.length]).toEqual([3, 2]);
      const bytes = await bytesOf(url);
      const dayBytes = await ask(
        url,
        "SELECT sum(160 + octet_length(cell)) AS bytes FROM llm_exporter.day GROUP BY instance ORDER BY instance",
      );
      await backToVersion1(url);
      for (const [at, { bytes: size }] of dayBytes.entries()) {
        await ask(url, "UPDATE llm_exporter.instance SET bytes = bytes - $1 WHERE name = $2", [
          ...[Number(size), ["a", "b", "gone"][at]],
        ]);
      }
      await Promise.all([openStore(url), openStore(url, { instance: "b" })]);
      expect(await days(url, "a")).toEqual(wanted);
      expect(await days(url, "b")).toEqual(wantedOfB);
      expect(await days(url, "gone")).toEqual(wanted);
      expect(await bytesOf(url)).toEqual(bytes);
    });

    test("a program of before days may go on beside newer ones: nothing is missed, and its days are made when it is newer", async () => {
      const url = await server.database();
      const [a, old] = [await openStore(url), await openStore(url, { instance: "old" })];
      await old.append(keptFromTo(1, 2));
      await old.checkpoint(checkpoint(1, cells.slice(0, 2)));
      // As if the program knew nothing of days.
      const before = await days(url, "old");
      await old.checkpoint(checkpoint(2, cells.slice(2)));
      await ask(url, "UPDATE llm_exporter.instance SET days_seq = 1 WHERE name = 'old'");
      await ask(
        url,
        "DELETE FROM llm_exporter.day d USING llm_exporter.instance i WHERE i.instance = d.instance AND name = 'old'",
      );
      expect(before.length).toBe(2);
      const spans = [{ resolution: "day" as const, fromMicros: DAY, untilMicros: DAY + 2 * DAY_MICROS }];
      const range = { fromMicros: DAY, untilMicros: DAY + 2 * DAY_MICROS, stepMicros: DAY_MICROS };
      const asked = { by: [INSTANCE, TEAM], where: [], cellsMax: 100, spans, ...range };
      const answer = await a.fold(asked);
      expect(answer.groups.length).toBe(3);
      await old.close();
      await openStore(url, { instance: "old" });
      expect((await days(url, "old")).length).toBe(3);
      expect(sortedGroups(await a.fold(asked))).toEqual(sortedGroups(answer));
    });

    test("an exporter that starts waits for another one that fills its days", async () => {
      const url = await server.database();
      await (await openStore(url)).close();
      const busy = ask(
        url,
        "SELECT pg_sleep(0.8) FROM (SELECT 1 FROM llm_exporter.instance WHERE name = 'a' FOR UPDATE) AS locked",
      );
      await eventually("the row to be locked", async () => {
        const free = await ask(url, "SELECT 1 FROM llm_exporter.instance FOR UPDATE SKIP LOCKED");
        return free.length === 0 ? true : undefined;
      });
      await openStore(url, { lockTimeoutMillis: 100 });
      await busy;
    });

    const sortedGroups = ({ groups }: FoldAnswer) => groups.map((group) => JSON.stringify(group)).sort();
  });

  describe("what goes wrong", () => {
    test("tables of a newer program are refused and left alone", async () => {
      const url = await server.database();
      await (await openStore(url)).close();
      await ask(url, "INSERT INTO llm_exporter.schema_version (version) VALUES (99)");
      const failure = await failureOf(storeOf(url).open(SHAPE, LIMITS));
      expect(failure).toMatchObject({ failure: "failed" });
      expect(failure.message).toMatch(/tables of version \d+ or older, got 99: they were made by a newer/);
    });

    test("a disk that is full says so, and nothing of the append is kept", async () => {
      const url = await server.database();
      const store = await openStore(url);
      await ask(
        url,
        `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            IF NEW.seq = 3 THEN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END IF;
            RETURN NEW;
          END $$`,
      );
      await ask(
        url,
        "CREATE TRIGGER f BEFORE INSERT ON llm_exporter.event FOR EACH ROW EXECUTE FUNCTION full_disk()",
      );
      expect((await failureOf(store.append(keptFromTo(1, 3)))).failure).toBe("full");
      await store.append(keptFromTo(1, 2));
      expect((await store.read(EVERYTHING)).length).toBe(2);
    });

    test("no message says the password", async () => {
      const url = await server.database();
      const wrong = new URL(url);
      wrong.password = `${PASSWORD}-wrong`;
      const failures = [
        await failureOf(storeOf(wrong.href).open(SHAPE, LIMITS)),
        await failureOf(storeOf(url.replace(/test_\d+/, "nowhere")).open(SHAPE, LIMITS)),
        await failureOf(storeOf(url.replace("127.0.0.1", "no-such-host.invalid")).open(SHAPE, LIMITS)),
        await failureOf((async () => storeOf(`mysql://root:${PASSWORD}@localhost/x`))()),
        await failureOf(storeOf(`postgres://root:${PASSWORD}@local host:x/x`).open(SHAPE, LIMITS)),
      ];
      expect(failures.map(({ failure }) => failure)).toEqual([
        "failed",
        "failed",
        "away",
        "failed",
        "failed",
      ]);
      for (const failure of failures)
        expect(`${failure.message} ${String(failure.cause)}`).not.toContain(PASSWORD);
    });

    test("calls after close are rejected", async () => {
      const store = await openStore(await server.database());
      await store.append([kept(1)]);
      await store.close();
      await store.close();
      expect((await failureOf(store.append([kept(2)]))).message).toContain("closed");
      expect((await failureOf(store.status())).message).toContain("closed");
    });
  });
});
