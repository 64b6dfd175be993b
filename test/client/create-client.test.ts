/** What `track()` makes of an event, and that nothing which an application may do to a client throws. */
import { context, ROOT_CONTEXT, type SpanContext, trace } from "@opentelemetry/api";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  type ClientProblem,
  createClient,
  type LlmEvent,
} from "../../src/client/index.ts";
import { FIELDS } from "../../src/event/fields.ts";
import { fakeExporter } from "./fake-exporter.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

/** The events as they are sent. */
async function sent(...events: unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const exporter = fakeExporter();
  const client = createClient({
    ...{ url: "http://exporter.test", fetch: exporter.fetch, now: () => NOW, onError: () => {} },
  });
  for (const event of events) client.track(event as LlmEvent);
  await client.flush();
  return exporter.bodies.flat();
}

describe("an event", () => {
  test("gets an id and the time of the call", async () => {
    const [first, second] = await sent({ model: "m" }, { id: null, request_id: "", model: "m" });
    expect(first).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), timestamp: NOW, model: "m" });
    expect(second).toEqual({ id: expect.any(String), timestamp: NOW, model: "m" });
    expect(first?.id).not.toBe(second?.id);
  });

  test("is known by the id that track() answers with", async () => {
    const exporter = fakeExporter();
    const client = createClient({ url: "http://exporter.test", fetch: exporter.fetch });
    const id = client.track({ model: "m" });
    await client.flush();
    expect(exporter.bodies).toMatchObject([[{ id }]]);
  });

  test("gets an id also where the runtime has no crypto", async () => {
    vi.stubGlobal("crypto", undefined);
    const [first, second] = await sent({}, {}).finally(() => vi.unstubAllGlobals());
    expect(first?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(first?.id).not.toBe(second?.id);
  });

  test.each<{ name: string; event: LlmEvent }>([
    { name: "an id and a time", event: { id: "a", timestamp: "2026-01-01T00:00:00Z" } },
    { name: "them under their other names", event: { request_id: "a", end_time: 1_767_225_600 } },
    { name: "a start and a duration", event: { id: "a", start_time: 1_767_225_600, duration_ms: 20 } },
  ])("that has $name keeps them, and gets no others", async ({ event }) => {
    expect(await sent(event)).toEqual([event]);
  });

  test("is sent as it was when it was tracked", async () => {
    const exporter = fakeExporter();
    const client = createClient({ url: "http://exporter.test", fetch: exporter.fetch });
    const event = { id: "a", timestamp: NOW, tags: { route: "/before" } };
    expect(client.track(event)).toBe("a");
    event.tags.route = "/after";
    await client.flush();
    expect(exporter.bodies[0]?.[0]?.tags).toEqual({ route: "/before" });
  });

  test("leaves what is no field of an event in the process, and so the text of an error", async () => {
    const secret = "my prompt";
    const events = await sent(
      { id: "a", timestamp: NOW, prompt: secret, messages: [secret], error: secret },
      { id: "b", timestamp: NOW, error: { type: "rate_limit", message: secret, param: secret } },
      { id: "c", timestamp: NOW, error: new Error(secret) },
    );
    expect(JSON.stringify(events)).not.toContain(secret);
    expect(events.map(({ error }) => error)).toEqual([true, { type: "rate_limit" }, {}]);
  });

  test("leaves what is no value of a field in the process, whichever field it stands in", async () => {
    class RequestError extends Error {
      readonly config = { headers: { authorization: "sk-secret" }, data: "secret prompt" };
      toJSON() {
        return { message: "secret", config: this.config };
      }
    }
    const cyclic: Record<string, unknown> = { text: ["secret"] };
    cyclic.self = cyclic;
    const values = [
      ...[
        { content: ["secret"] },
        ["secret"],
        new RequestError("secret"),
        cyclic,
        [{ role: "user" }, "secret"],
      ],
      ...[Object.assign(() => "secret", { toJSON: () => "secret" }), new String("secret")],
      { a: { text: "secret" }, type: ["secret"], code: ["secret"], toJSON: () => "secret" },
    ];
    const names = FIELDS.flatMap((field) => field.names);
    const events = values.flatMap((value) =>
      names.map((name) => ({ id: "a", timestamp: NOW, [name]: value })),
    );
    const lines = await sent(...events);
    expect(lines).toHaveLength(events.length);
    expect(lines.filter((line) => JSON.stringify(line).includes("secret"))).toEqual([]);
    const text = "secret prompt sk-4711";
    const inWords = FIELDS.filter(({ kind }) => kind !== "label" && kind !== "id" && kind !== "tags");
    const worded = await sent(
      ...inWords.flatMap((field) => field.names.map((name) => ({ id: "a", [name]: text }))),
      { id: "a", error: { type: text, code: text } },
    );
    expect(worded.filter((line) => JSON.stringify(line).includes("secret"))).toEqual([]);
  });

  test("that failed stays a failure, by a word of the vocabulary", async () => {
    const events = await sent(
      ...[new Error("secret"), "Invalid: my prompt", "RateLimitError", 529, ""].map((error_type) => ({
        error_type,
      })),
      { error: { type: "my prompt", code: "insufficient_quota" } },
    );
    expect(events.map(({ error_type, error }) => error_type ?? error)).toEqual([
      ...["other", "other", "rate_limit", 529, "", { code: "quota" }],
    ]);
  });

  test("keeps tags that are values, dates as times, and reasons of a rotation", async () => {
    const [event] = await sent({
      ...{ id: "a", tags: { route: "/a", retried: false, shard: 3, nested: { text: "secret" } } },
      ...{ timestamp: new Date(NOW), rotation: "quota", trace_id: "a".repeat(32), status: "error" },
    });
    expect(event).toEqual({
      ...{ id: "a", tags: { route: "/a", retried: false, shard: 3 } },
      ...{
        timestamp: "2026-03-01T12:00:00.000Z",
        rotation: "quota",
        trace_id: "a".repeat(32),
        status: "error",
      },
    });
  });

  test("that loses a field is sent, and onError is told of it", async () => {
    const problems: ClientProblem[] = [];
    const exporter = fakeExporter();
    const client = createClient({
      ...{ url: "http://exporter.test", fetch: exporter.fetch, onError: (one) => void problems.push(one) },
    });
    client.track({ id: "a", timestamp: NOW, input_tokens: "12", model: "m" } as unknown as LlmEvent);
    await client.flush();
    expect(exporter.bodies).toEqual([[{ id: "a", timestamp: NOW, model: "m" }]]);
    expect(problems).toMatchObject([
      { code: "bad_event", events: 0, message: expect.stringContaining("input_tokens") },
    ]);
  });

  test("may have every field that the exporter takes, by the types of the client", async () => {
    const all: Required<{ [Name in keyof LlmEvent as string extends Name ? never : Name]: true }> = {
      ...{
        id: true,
        phase: true,
        timestamp: true,
        start_time: true,
        provider: true,
        model: true,
        pool: true,
      },
      ...{ requested_model: true, operation: true, service_tier: true, status: true, success: true },
      ...{ error_type: true, error: true, http_status: true, stream: true, duration_ms: true },
      ...{ duration_seconds: true, time_to_first_token_ms: true, input_tokens: true, output_tokens: true },
      ...{ cache_read_tokens: true, cache_creation_tokens: true, cache_write_1h_tokens: true },
      ...{ reasoning_tokens: true, input_includes_cache: true, cost_usd: true, team: true, user: true },
      ...{ end_user: true, tags: true, tool_use_count: true, tool_result_count: true, tool_call_count: true },
      ...{ message_count: true, request_size: true, response_size: true, cache_hit: true, batch_id: true },
      ...{ batch_size: true, rotation: true, attempt: true, trace_id: true, span_id: true },
    };
    expect(Object.keys(all).sort()).toEqual(FIELDS.map(({ names: [name] }) => name).sort());
  });
});

describe("the active span", () => {
  afterEach(() => {
    context.disable();
    Reflect.deleteProperty(globalThis, Symbol.for("opentelemetry.js.api.1"));
  });

  function activate(span: Partial<SpanContext>): void {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const whole: SpanContext = { traceId, spanId: "b7ad6b7169203331", traceFlags: 1, ...span };
    const active = trace.setSpanContext(ROOT_CONTEXT, whole);
    context.setGlobalContextManager({
      active: () => active,
      with: (_, call, self, ...args) => call.apply(self as never, args),
      bind: (_, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
  }

  test("of @opentelemetry/api goes with the event", async () => {
    activate({});
    expect(await sent({})).toMatchObject([
      { trace_id: "0af7651916cd43dd8448eb211c80319c", span_id: "b7ad6b7169203331" },
    ]);
  });

  test("is the one that was active when a wrapped call began", async () => {
    const exporter = fakeExporter();
    const client = createClient({ url: "http://exporter.test", fetch: exporter.fetch });
    activate({});
    const trace_id = "1".repeat(32);
    const calls = [{}, { trace_id }].map((fields) => client.wrap(fields, () => Promise.resolve()));
    context.disable();
    activate({ spanId: "2".repeat(16) });
    await Promise.all(calls);
    await client.flush();
    const [first, second] = exporter.bodies.flat();
    expect(first).toMatchObject({ span_id: "b7ad6b7169203331" });
    expect(second).toMatchObject({ trace_id });
    expect(second).not.toHaveProperty("span_id");
  });

  test("does not hide a trace that the event names", async () => {
    activate({});
    const [event] = await sent({ trace_id: "1".repeat(32) });
    expect(event).toMatchObject({ trace_id: "1".repeat(32) });
    expect(event).not.toHaveProperty("span_id");
  });

  test.each([
    { name: "no valid trace", arrange: () => activate({ traceId: "0".repeat(32) }) },
    { name: "ids that are none", arrange: () => activate({ spanId: "span" }) },
    {
      name: "an API that throws",
      arrange: () =>
        Object.assign(globalThis, {
          [Symbol.for("opentelemetry.js.api.1")]: {
            get context() {
              throw new Error("broken");
            },
          },
        }),
    },
    {
      name: "an API of another form",
      arrange: () => Object.assign(globalThis, { [Symbol.for("opentelemetry.js.api.1")]: { context: 1 } }),
    },
  ])("is left out where there is $name", async ({ arrange }) => {
    arrange();
    const [event] = await sent({ model: "m" });
    expect(event).toEqual({ id: expect.any(String), timestamp: NOW, model: "m" });
  });
});

describe("nothing throws into the application:", () => {
  const UNUSABLE = [
    { name: "nothing", event: undefined, reason: "not_an_object" },
    { name: "null", event: null, reason: "not_an_object" },
    { name: "a string", event: "event", reason: "not_an_object" },
    { name: "an array", event: [{}], reason: "not_an_object" },
    { name: "a bigint", event: { input_tokens: 1n }, reason: "not_json" },
    {
      name: "a getter that throws",
      event: {
        get model(): string {
          throw new Error("broken");
        },
      },
      reason: "not_json",
    },
    {
      name: "a proxy that throws",
      event: new Proxy(
        {},
        {
          ownKeys() {
            throw new Error("broken");
          },
        },
      ),
      reason: "not_json",
    },
    { name: "100 KB", event: { user: "é".repeat(50_000) }, reason: "too_large" },
  ];
  test.each(UNUSABLE)(
    "not $name in the place of an event, which is counted as dropped",
    ({ event, reason }) => {
      const problems: ClientProblem[] = [];
      const client = createClient({ url: "http://exporter.test", onError: (one) => void problems.push(one) });
      expect(client.track(event as LlmEvent)).toBeUndefined();
      expect(client.stats).toMatchObject({ tracked: 1, queued: 0, dropped: 1, droppedBy: { [reason]: 1 } });
      expect(problems).toMatchObject([{ code: "bad_event", events: 1 }]);
    },
  );

  test.each([undefined, "", "exporter:9464", "ftp://exporter", "http://", 7])(
    "not the URL %j, to which nothing is sent",
    async (url) => {
      const problems: ClientProblem[] = [];
      const client = createClient({ url: url as string, onError: (one) => void problems.push(one) });
      client.track({});
      expect(await client.close()).toEqual({ left: 0 });
      expect(client.stats.droppedBy).toEqual({ bad_url: 1 });
      expect(problems).toMatchObject([{ code: "bad_option" }]);
    },
  );

  test("not options that cannot be, in whose place the defaults hold", async () => {
    const problems: string[] = [];
    const exporter = fakeExporter();
    const client = createClient({
      ...{ url: "http://exporter.test", fetch: exporter.fetch },
      ...({
        maxQueue: -1,
        maxBatch: Number.NaN,
        flushIntervalMillis: "1s",
      } as unknown as Partial<ClientOptions>),
      ...{ timeoutMillis: Number.POSITIVE_INFINITY, onError: ({ message }) => void problems.push(message) },
    });
    client.track({});
    await client.flush();
    expect(problems.map((message) => message.split(":")[0])).toEqual([
      ...["maxQueue", "timeoutMillis", "maxBatch", "flushIntervalMillis"],
    ]);
    expect(client.stats).toMatchObject({ accepted: 1 });
  });

  test("not a client without options", () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect(() => createClient(undefined as unknown as ClientOptions).track({})).not.toThrow();
    expect(console.warn).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
  });

  test("not a listener for problems that throws", () => {
    const client = createClient({
      url: "http://exporter.test",
      onError: () => {
        throw new Error("broken");
      },
    });
    expect(() => client.track(null as unknown as LlmEvent)).not.toThrow();
  });

  test("not a fetch that throws before it returns", async () => {
    let calls = 0;
    const client = createClient({
      ...{ url: "http://exporter.test", retry: { baseMillis: 1, maxMillis: 1 }, onError: () => {} },
      fetch: (url, init) => {
        calls += 1;
        if (calls < 3) throw new Error("broken");
        return fakeExporter().fetch(url, init);
      },
    });
    client.track({});
    await client.flush();
    expect(client.stats).toMatchObject({ accepted: 1, failedRequests: 2 });
  });
});
