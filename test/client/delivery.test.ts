/** When a client sends, how often it tries, and what it gives up. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  type ClientProblem,
  createClient,
  type LlmClient,
} from "../../src/client/index.ts";
import { type Answering, acceptAll, type FakeExporter, fakeExporter, problem } from "./fake-exporter.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Scene = {
  readonly client: LlmClient;
  readonly exporter: FakeExporter;
  readonly problems: ClientProblem[];
};

function scene(options: Partial<ClientOptions> = {}, answering?: Answering): Scene {
  const exporter = fakeExporter(answering);
  const problems: ClientProblem[] = [];
  const client = createClient({
    ...{ url: "http://exporter.test/", fetch: exporter.fetch, random: () => 0.5 },
    ...{ onError: (one: ClientProblem) => void problems.push(one), ...options },
  });
  return { client, exporter, problems };
}

function trackMany(client: LlmClient, count: number, from = 0): void {
  for (let n = from; n < from + count; n++) client.track({ id: String(n) });
}

const sizes = ({ bodies }: FakeExporter) => bodies.map(({ length }) => length);
const ids = ({ bodies }: FakeExporter) => bodies.flat().map(({ id }) => id);

describe("sends", () => {
  test("what came within the interval together, when it is over", async () => {
    const { client, exporter } = scene({ flushIntervalMillis: 1_000 });
    client.track({ id: "a" });
    await vi.advanceTimersByTimeAsync(600);
    client.track({ id: "b" });
    await vi.advanceTimersByTimeAsync(399);
    expect(exporter.bodies).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(ids(exporter)).toEqual(["a", "b"]);
  });

  test("a full batch at once, and the rest when its interval is over", async () => {
    const { client, exporter } = scene({ maxBatch: 10 });
    trackMany(client, 25);
    await vi.advanceTimersByTimeAsync(0);
    expect(sizes(exporter)).toEqual([10, 10]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sizes(exporter)).toEqual([10, 10, 5]);
  });

  test("no body of more than a megabyte", async () => {
    const { client, exporter } = scene();
    const tags = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`t${n}`, "é".repeat(130)]));
    for (let n = 0; n < 40; n++) client.track({ tags });
    await client.flush();
    const bytes = exporter.bodies.map((body) => Buffer.byteLength(JSON.stringify(body)));
    expect(exporter.bodies.length).toBeGreaterThan(1);
    expect(Math.max(...bytes)).toBeLessThan(1_048_576);
  });

  test("to the events route below the path of the URL, with token and headers", async () => {
    const { client, exporter } = scene({
      ...{ url: "http://exporter.test/behind/a/proxy", token: "s3cret", headers: { "x-tenant": "a" } },
    });
    client.track({});
    await client.flush();
    const [request] = exporter.requests;
    expect(request?.url).toBe("http://exporter.test/behind/a/proxy/v1/events");
    expect(request?.headers.get("authorization")).toBe("Bearer s3cret");
    expect(request?.headers.get("x-tenant")).toBe("a");
    expect(request?.headers.get("content-type")).toBe("application/x-ndjson");
  });
});

describe("tries again", () => {
  test("with pauses that double up to their limit, at random below", async () => {
    const at: number[] = [];
    const began = Date.now();
    const { client } = scene({ retry: { baseMillis: 100, maxMillis: 1_000 }, maxBatch: 1 }, (body) => {
      at.push(Date.now() - began);
      return at.length < 7 ? new Response("", { status: 503 }) : acceptAll(body);
    });
    client.track({});
    await vi.advanceTimersByTimeAsync(10_000);
    expect(at).toEqual([0, 50, 150, 350, 750, 1_250, 1_750]);
  });

  test.each([
    { name: "seconds", header: () => "7" },
    { name: "a date", header: () => new Date(Date.now() + 7_000).toUTCString() },
  ])("not before Retry-After in $name, not even for a flush", async ({ header }) => {
    vi.setSystemTime("2026-03-01T12:00:00Z");
    const { client, exporter } = scene({}, (body, request) =>
      request === 1 ? problem(429, "overloaded", { "retry-after": header() }) : acceptAll(body),
    );
    client.track({});
    const flushed = client.flush();
    await vi.advanceTimersByTimeAsync(1);
    const again = client.flush();
    await vi.advanceTimersByTimeAsync(6_998);
    expect(exporter.bodies).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(exporter.bodies).toHaveLength(2);
    expect([await flushed, await again]).toEqual([{ left: 0 }, { left: 0 }]);
  });

  test("at once for a flush, when nobody asked for a pause", async () => {
    const { client, exporter } = scene({ retry: { baseMillis: 20_000 }, maxBatch: 1 }, (body, request) =>
      request === 1 ? new Response("", { status: 503 }) : acceptAll(body),
    );
    client.track({});
    await vi.advanceTimersByTimeAsync(1);
    await client.flush();
    expect(exporter.bodies).toHaveLength(2);
  });

  test("seldom when the token is wrong, and loses nothing by it", async () => {
    let token = "wrong";
    const { client, exporter, problems } = scene({ retry: { maxMillis: 10_000 } }, (body) =>
      token === "wrong" ? problem(401, "unauthorized") : acceptAll(body),
    );
    trackMany(client, 3);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(exporter.bodies).toHaveLength(3);
    expect(problems.map(({ code }) => code)).toEqual(["refused", "refused", "refused"]);
    token = "right";
    await client.flush();
    expect(client.stats).toMatchObject({ accepted: 3, dropped: 0 });
  });

  test("not for ever with what may have been counted a day ago", async () => {
    let isAway = true;
    const { client } = scene({}, (body) => {
      if (isAway) throw new Error("reset");
      return acceptAll(body);
    });
    client.track({ id: "unsure" });
    await vi.advanceTimersByTimeAsync(23 * 3_600_000 - 60_000);
    client.track({ id: "sure" });
    isAway = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.stats).toMatchObject({ accepted: 2, dropped: 0 });
    isAway = true;
    client.track({ id: "unsure too" });
    await vi.advanceTimersByTimeAsync(23 * 3_600_000 + 60_000);
    client.track({ id: "late" });
    isAway = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.stats).toMatchObject({ accepted: 3, droppedBy: { unsure: 1 } });
  });
});

describe("gives up", () => {
  test("the newest when the queue is full, and says so once until there is room", async () => {
    const { client, exporter, problems } = scene({ maxQueue: 3, maxBatch: 500 }, (body, request) =>
      request === 1 ? problem(503, "store_away") : acceptAll(body),
    );
    trackMany(client, 5);
    expect(client.dropped).toBe(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ids(exporter).slice(-3)).toEqual(["0", "1", "2"]);
    trackMany(client, 5);
    expect(client.stats).toMatchObject({ tracked: 10, queued: 3, droppedBy: { queue_full: 4 } });
    expect(problems.filter(({ code }) => code === "queue_full")).toHaveLength(2);
  });

  test("what exceeds the bytes of the queue", () => {
    const { client } = scene({ maxQueueBytes: 1_000 });
    trackMany(client, 100);
    expect(client.stats.queued).toBeGreaterThan(10);
    expect(client.stats.queued).toBeLessThan(50);
    expect(client.stats.queued + client.dropped).toBe(100);
  });

  test("an event that alone is too large for the exporter; bodies are halved until the others pass", async () => {
    const { client, exporter } = scene({}, (body) =>
      body.length > 4 || body.some(({ id }) => id === "13")
        ? problem(413, "body_too_large")
        : acceptAll(body),
    );
    trackMany(client, 20);
    await client.flush();
    expect(client.stats).toMatchObject({ accepted: 19, droppedBy: { too_large: 1 }, queued: 0 });
    expect(sizes(exporter).slice(0, 4)).toEqual([20, 10, 5, 3]);
    expect(exporter.bodies.length).toBeLessThan(20);
  });

  test("events that the exporter rejects, by their codes; those beside them count", async () => {
    const errors = [
      { index: 0, path: "a", code: "conflict", message: "a: expected x" },
      { index: 0, path: "b", code: "out_of_range", message: "b: expected y" },
      { index: 2, path: "c", code: "wrong_type", message: "c: expected z" },
    ];
    const { client, problems } = scene({}, () =>
      Response.json({ accepted: 1, duplicates: 1, rejected: 3, errors }),
    );
    trackMany(client, 5);
    expect(await client.flush()).toEqual({ left: 0 });
    expect(client.stats).toMatchObject({ accepted: 1, duplicates: 1, dropped: 3 });
    expect(client.stats.droppedBy).toEqual({ conflict: 1, wrong_type: 1, rejected: 1 });
    expect(problems).toEqual([{ code: "rejected", message: "3 events rejected: a: expected x", events: 3 }]);
  });

  test("a body that the exporter rejects whole, or cannot read", async () => {
    const errors = [{ index: 0, path: "", code: "in_future", message: "timestamp: expected" }];
    const { client } = scene({ maxBatch: 2 }, (_, request) =>
      request === 1
        ? Response.json({ accepted: 0, duplicates: 0, rejected: 2, errors }, { status: 422 })
        : problem(400, "too_deep"),
    );
    trackMany(client, 4);
    await client.flush();
    expect(client.stats).toMatchObject({ queued: 0, droppedBy: { in_future: 1, rejected: 1, too_deep: 2 } });
  });

  test("events of which the answer says nothing", async () => {
    const { client } = scene({}, () => Response.json({ accepted: 1 }));
    trackMany(client, 3);
    await client.flush();
    expect(client.stats).toMatchObject({ accepted: 1, droppedBy: { rejected: 2 } });
  });

  test("nothing for a 400 that is not the exporter's", async () => {
    const { client } = scene({}, (body, request) =>
      request === 1 ? new Response("plain HTTP sent to an HTTPS port", { status: 400 }) : acceptAll(body),
    );
    trackMany(client, 2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.stats).toMatchObject({ accepted: 2, dropped: 0 });
  });
});

describe("flush", () => {
  test("waits for what was tracked before it, not for what comes after", async () => {
    const { client, exporter } = scene({ maxBatch: 2 }, async (body) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return acceptAll(body);
    });
    trackMany(client, 3);
    let isFlushed = false;
    const flushed = client.flush().then(() => {
      isFlushed = true;
    });
    await vi.advanceTimersByTimeAsync(15);
    client.track({ id: "after" });
    expect(isFlushed).toBe(false);
    await vi.advanceTimersByTimeAsync(5);
    await flushed;
    expect(exporter.bodies.length).toBe(2);
  });

  test("has nothing to wait for when nothing waits", async () => {
    const { client, exporter } = scene();
    expect(await client.flush()).toEqual({ left: 0 });
    expect(exporter.bodies).toHaveLength(0);
  });

  test("ends at its time with what still waits, and it goes on waiting", async () => {
    let isAway = true;
    const { client } = scene({}, (body) => (isAway ? problem(503, "store_away") : acceptAll(body)));
    trackMany(client, 4);
    const flushed = client.flush(2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await flushed).toEqual({ left: 4 });
    isAway = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.stats).toMatchObject({ accepted: 4, queued: 0, dropped: 0 });
  });
});

describe("close", () => {
  test("sends what waits; what comes after is dropped", async () => {
    const { client, exporter } = scene();
    trackMany(client, 3);
    const closed = client.close();
    expect(client.track({ id: "late" })).toBeUndefined();
    expect(await closed).toEqual({ left: 0 });
    expect(await client.close()).toEqual({ left: 0 });
    expect(ids(exporter)).toEqual(["0", "1", "2"]);
    expect(client.stats.droppedBy).toEqual({ closed: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("gives up at its time, even on a server that never answers, and says what is left", async () => {
    const { client } = scene({ maxBatch: 2 }, () => new Promise(() => undefined));
    trackMany(client, 3);
    const closed = client.close(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await closed).toEqual({ left: 3 });
    expect(client.stats).toMatchObject({ queued: 0, droppedBy: { closed: 3 } });
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(client.stats.requests).toBe(1);
  });
});
