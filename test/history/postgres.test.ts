/** The PostgreSQL store on a real server, which stops, starts and drops connections. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type EventStore,
  type KeptRecord,
  type MinuteCell,
  StoreError,
} from "../../src/history/event-store.ts";
import { type PostgresOptions, postgresStore } from "../../src/history/postgres/store.ts";
import { cellLayout } from "../../src/ledger/cell-layout.ts";
import { BOUNDS, kept, keptFromTo, LAYOUT, LIMITS, SHAPE, storeConformance } from "./conformance.ts";
import { ask, Breaker, PASSWORD, PostgresServer, serverPrograms } from "./postgres-server.ts";

const EVERYTHING = { fromMicros: 0, untilMicros: 4e15, afterSeq: 0, limit: 100_000 };

/** Rows as the conformance suite looks at them. */
async function rowsIn(url: string, instance: string, table: "minute" | "hour"): Promise<MinuteCell[]> {
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
      reopen: async (bounds) => make(bounds),
      rows: (table) => rowsIn(url, instance, table),
    };
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
      const cut = { eventsBeforeMicros: 4e15, minutesBeforeMicros: 0, hoursBeforeMicros: 0, bytesMax: 1e12 };
      await a.retain(cut);
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
