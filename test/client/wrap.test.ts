/** Calls that answer as a whole: what is read of them, and that they come through as they are. */
import { describe, expect, test } from "vitest";
import { createClient } from "../../src/client/index.ts";
import { acceptAll, fakeExporter } from "./fake-exporter.ts";
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  apiPromise,
} from "./sdk-shapes.ts";
import { wrapping } from "./wrapped.ts";

const FIELDS = { provider: "p", model: "asked", pool: "chat" };
const REPORTED = { provider: "p", model: "asked", pool: "chat", stream: false, duration_ms: 0 };
const SUCCESS = { ...REPORTED, status: "success" };

const ANSWERS = [
  {
    name: "a chat completion of OpenAI",
    answer: {
      ...{ id: "chatcmpl-1", object: "chat.completion", model: "gpt-4o-2024-08-06", service_tier: "flex" },
      choices: [
        {
          index: 0,
          finish_reason: "tool_calls",
          message: { role: "assistant", content: "secret", tool_calls: [{ id: "a" }, { id: "b" }] },
        },
      ],
      usage: {
        ...{ prompt_tokens: 1200, completion_tokens: 350, total_tokens: 1550 },
        prompt_tokens_details: { cached_tokens: 800, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 100 },
      },
    },
    event: {
      ...{ model: "gpt-4o-2024-08-06", requested_model: "asked", service_tier: "flex", tool_call_count: 2 },
      ...{ input_tokens: 1200, cache_read_tokens: 800, input_includes_cache: true },
      ...{ output_tokens: 350, reasoning_tokens: 100 },
    },
  },
  {
    name: "a server of that form whose output leaves reasoning out",
    answer: {
      ...{ model: "asked", choices: [{ message: { content: "secret" } }] },
      usage: {
        ...{ prompt_tokens: 10, completion_tokens: 5, total_tokens: 35 },
        completion_tokens_details: { reasoning_tokens: 20 },
      },
    },
    event: { input_tokens: 10, output_tokens: 25, reasoning_tokens: 20 },
  },
  {
    name: "a server of that form that counts what was cached beside the input",
    answer: {
      ...{
        choices: [],
        usage: { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 90 } },
      },
    },
    event: { input_tokens: 10, output_tokens: 5, cache_read_tokens: 90, input_includes_cache: false },
  },
  {
    name: "a response of OpenAI",
    answer: {
      ...{ id: "resp_1", object: "response", status: "completed", model: "gpt-5" },
      output: [
        { type: "reasoning" },
        { type: "function_call" },
        { type: "web_search_call" },
        { type: "message" },
      ],
      usage: {
        ...{ input_tokens: 300, output_tokens: 90, total_tokens: 390 },
        input_tokens_details: { cached_tokens: 200 },
        output_tokens_details: { reasoning_tokens: 64 },
      },
    },
    event: {
      ...{ model: "gpt-5", requested_model: "asked", tool_call_count: 2 },
      ...{ input_tokens: 300, cache_read_tokens: 200, input_includes_cache: true },
      ...{ output_tokens: 90, reasoning_tokens: 64 },
    },
  },
  {
    name: "a response of OpenAI that failed",
    answer: {
      object: "response",
      status: "failed",
      error: { code: "rate_limit_exceeded", message: "secret" },
    },
    event: { status: "error", error_type: "rate_limit" },
  },
  {
    name: "a completion that the content filter cut",
    answer: {
      choices: [{ finish_reason: "content_filter" }],
      usage: { prompt_tokens: 1, completion_tokens: 0 },
    },
    event: { status: undefined, error_type: "content_filter", input_tokens: 1, output_tokens: 0 },
  },
  {
    name: "a response of OpenAI that the content filter cut",
    answer: { object: "response", status: "incomplete", incomplete_details: { reason: "content_filter" } },
    event: { status: undefined, error_type: "content_filter" },
  },
  {
    name: "a response of OpenAI that was as long as it may be",
    answer: { object: "response", status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
    event: {},
  },
  {
    name: "a refusal of Anthropic",
    answer: { type: "message", stop_reason: "refusal" },
    event: { status: undefined, error_type: "content_filter" },
  },
  {
    name: "embeddings of OpenAI",
    answer: {
      ...{ object: "list", model: "text-embedding-3-small", usage: { prompt_tokens: 8, total_tokens: 8 } },
      data: [{ object: "embedding", index: 0, embedding: [0.1] }],
    },
    event: {
      ...{
        model: "text-embedding-3-small",
        requested_model: "asked",
        operation: "embeddings",
        input_tokens: 8,
      },
    },
  },
  {
    name: "a message of Anthropic",
    answer: {
      ...{ id: "msg_1", type: "message", model: "claude-sonnet-4-5", stop_reason: "tool_use" },
      content: [{ type: "text", text: "secret" }, { type: "tool_use" }, { type: "server_tool_use" }],
      usage: {
        ...{ input_tokens: 21, output_tokens: 393, service_tier: "standard" },
        ...{ cache_read_input_tokens: 1800, cache_creation_input_tokens: 500 },
        cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 200 },
      },
    },
    event: {
      ...{
        model: "claude-sonnet-4-5",
        requested_model: "asked",
        service_tier: "standard",
        tool_call_count: 2,
      },
      ...{ input_tokens: 21, output_tokens: 393, cache_read_tokens: 1800, cache_creation_tokens: 500 },
      ...{ cache_write_1h_tokens: 200, input_includes_cache: false },
    },
  },
  {
    name: "a message of Anthropic that caches nothing",
    answer: { type: "message", usage: { input_tokens: 5, output_tokens: 1, cache_read_input_tokens: 0 } },
    event: { input_tokens: 5, output_tokens: 1, cache_read_tokens: 0 },
  },
  { name: "an answer of another form", answer: { text: "secret" }, event: {} },
  { name: "no object", answer: "secret", event: {} },
  { name: "usage that is none", answer: { choices: [null], usage: { prompt_tokens: "12" } }, event: {} },
  { name: "a Response", answer: new Response("secret"), event: {} },
  {
    name: "a Response that is an error",
    answer: new Response("secret", { status: 529 }),
    event: { status: undefined, http_status: 529 },
  },
];

test.each(ANSWERS)("$name is read, and returned as it is", async ({ answer, event }) => {
  const { client, events } = wrapping();
  expect(await client.wrap(FIELDS, async () => answer)).toBe(answer);
  const reported = await events();
  const expected = JSON.parse(JSON.stringify({ ...SUCCESS, ...event }));
  expect(reported).toEqual([expected]);
  expect(JSON.stringify(reported)).not.toContain("secret");
});

test("what the answer says of the model holds, what the caller says of all else", async () => {
  const { client, events } = wrapping();
  const answer = { model: "asked", service_tier: "flex", choices: [] };
  const fields = { ...FIELDS, service_tier: "standard", team: "search", id: "req-1", user: undefined };
  client.wrap(fields, () => answer);
  client.wrap({ ...FIELDS, service_tier: null, operation: undefined }, () => answer);
  expect(await events()).toEqual([
    { ...SUCCESS, service_tier: "standard", team: "search" },
    { ...SUCCESS, service_tier: "flex" },
  ]);
});

test("the promise is the one that the call made, with its members", async () => {
  const { client, events } = wrapping();
  const promise = apiPromise({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } });
  const wrapped = client.wrap(FIELDS, () => promise);
  expect(wrapped).toBe(promise);
  expect(await wrapped.withResponse()).toMatchObject({ response: { status: 200 } });
  expect(await events()).toEqual([{ ...SUCCESS, input_tokens: 3, output_tokens: 4 }]);
});

test("an answer inside of what withResponse() gives is read as well", async () => {
  const { client, events } = wrapping();
  const promise = apiPromise({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } });
  await client.wrap(FIELDS, () => promise.withResponse());
  expect(await events()).toEqual([{ ...SUCCESS, input_tokens: 3, output_tokens: 4 }]);
});

test.each([
  { asked: "gpt-4o", answered: "gpt-4o-2024-08-06" },
  { asked: "claude-sonnet-4-5", answered: "claude-sonnet-4-5-20250929" },
  { asked: "claude-sonnet-4-5", answered: "claude-sonnet-4-5@20250929" },
  { asked: "anthropic.claude-sonnet-4-5", answered: "anthropic.claude-sonnet-4-5-20250929-v1:0" },
  { asked: "gemini-2.0-flash", answered: "gemini-2.0-flash-001" },
  { asked: "gemini-2.5-flash-preview", answered: "gemini-2.5-flash-preview-09-2025" },
  { asked: "gpt-3.5-turbo", answered: "gpt-3.5-turbo-0125" },
  { asked: "titan-embed", answered: "titan-embed:0" },
])("$answered counts as $asked, as the failures of it do", async ({ asked, answered }) => {
  const { client, events } = wrapping();
  client.wrap({ model: asked }, () => ({ model: answered, choices: [] }));
  const [event] = await events();
  expect(event).toMatchObject({ model: asked });
  expect(event).not.toHaveProperty("requested_model");
});

test.each([
  { asked: "gpt-4o", answered: "gpt-4o-mini" },
  { asked: "gpt-4", answered: "gpt-4-32k" },
  { asked: "gpt-4o", answered: "gpt-4o-mini-2024-07-18" },
  { asked: "gpt-4o-latest", answered: "gpt-4o-2024-08-06" },
  { asked: "llama-3.1", answered: "llama-3.1-405b" },
  { asked: "deployment", answered: "gpt-4o" },
])("$answered is another model than $asked", async ({ asked, answered }) => {
  const { client, events } = wrapping();
  client.wrap({ model: asked }, () => ({ model: answered, choices: [] }));
  expect(await events()).toMatchObject([{ model: answered, requested_model: asked }]);
});

test("a call takes from its beginning until its promise settles", async () => {
  const { client, events, pass } = wrapping();
  await client.wrap(FIELDS, async () => {
    pass(300);
    await Promise.resolve();
    pass(50);
  });
  expect(await events()).toEqual([{ ...SUCCESS, duration_ms: 350 }]);
});

test("an object with a then that is no promise is left alone", async () => {
  const { client, events } = wrapping();
  let begun = 0;
  const lazy = {
    // biome-ignore lint/suspicious/noThenProperty: what this test is about
    then(resolve: (value: string) => void) {
      begun += 1;
      resolve("done");
    },
  };
  expect(await client.wrap(FIELDS, () => lazy)).toBe("done");
  expect(begun).toBe(1);
  expect(await events()).toHaveLength(1);
});

describe("a failure is thrown on, and reported:", () => {
  const named = (name: string, message = "secret") => Object.assign(new Error(message), { name });
  const coded = (code: string) => Object.assign(new TypeError("secret"), { cause: { code } });
  const FAILURES = [
    { name: "a status", thrown: new APIError(503, "secret"), event: { http_status: 503 } },
    {
      name: "the code of OpenAI",
      thrown: new APIError(400, "secret", { code: "context_length_exceeded" }),
      event: { error_type: "context_length", http_status: 400 },
    },
    {
      name: "insufficient quota, which OpenAI answers with 429",
      thrown: new APIError(429, "secret", { code: "insufficient_quota" }),
      event: { error_type: "quota", http_status: 429 },
    },
    {
      name: "the type of Anthropic",
      thrown: new APIError(529, "secret", { error: { type: "error", error: { type: "overloaded_error" } } }),
      event: { error_type: "overloaded", http_status: 529 },
    },
    {
      name: "an abort of the SDK",
      thrown: new APIUserAbortError(undefined, "x"),
      event: { status: "cancelled" },
    },
    { name: "an AbortError", thrown: named("AbortError"), event: { status: "cancelled" } },
    {
      name: "a time-out of the SDK",
      thrown: new APIConnectionTimeoutError(undefined, "secret"),
      event: { error_type: "timeout" },
    },
    { name: "a TimeoutError", thrown: named("TimeoutError"), event: { error_type: "timeout" } },
    {
      name: "a time-out of fetch",
      thrown: coded("UND_ERR_HEADERS_TIMEOUT"),
      event: { error_type: "timeout" },
    },
    {
      name: "no connection",
      thrown: new APIConnectionError(undefined, "secret"),
      event: { error_type: "network" },
    },
    { name: "a refused connection", thrown: coded("ECONNREFUSED"), event: { error_type: "network" } },
    { name: "an error that says nothing", thrown: new Error("secret"), event: { error_type: "other" } },
    { name: "a string", thrown: "secret", event: { error_type: "other" } },
    { name: "undefined", thrown: undefined, event: { error_type: "other" } },
    {
      name: "an error that throws when it is read",
      thrown: {
        get name(): string {
          throw new Error("broken");
        },
      },
      event: { error_type: "other" },
    },
  ];
  test.each(FAILURES)("$name", async ({ thrown, event }) => {
    const { client, events } = wrapping();
    await expect(client.wrap(FIELDS, () => Promise.reject(thrown))).rejects.toBe(thrown);
    const call = () => {
      throw thrown;
    };
    let caught: unknown = "nothing";
    try {
      client.wrap(FIELDS, call);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(thrown);
    const expected = { ...REPORTED, status: "error", ...event };
    expect(await events()).toEqual([expected, expected]);
  });
});

test("what throws while it is read does not reach the application", async () => {
  const { client, events } = wrapping();
  const answer = {
    model: "gpt-4o",
    get usage(): never {
      throw new Error("broken");
    },
  };
  expect(await client.wrap(FIELDS, async () => answer)).toBe(answer);
  expect(client.wrap(undefined as unknown as object, () => 7)).toBe(7);
  expect(await events()).toHaveLength(2);
});

describe("accessors are left alone, for one may begin work that nobody waits for:", () => {
  const NAMES = [
    ...[
      "response",
      "data",
      "usage",
      "choices",
      "output",
      "model",
      "service_tier",
      "type",
      "object",
      "content",
    ],
    ...["on", "done", "emitted", "next", "iterator", "controller", "status", "stop_reason", "error"],
    Symbol.asyncIterator,
  ];
  const trapped = (target: object, touched: PropertyKey[], names: readonly PropertyKey[] = NAMES) => {
    for (const name of names) {
      const get = () => {
        touched.push(name);
        return Promise.reject(new Error("work that failed"));
      };
      Object.defineProperty(target, name, { get });
    }
    return target;
  };
  class Result {}

  test.each([
    { name: "of the answer", make: (touched: PropertyKey[]) => trapped({}, touched) },
    {
      name: "of its class",
      make: (touched: PropertyKey[]) => Object.create(trapped(Result.prototype, touched)),
    },
    {
      name: "inside of it",
      make: (touched: PropertyKey[]) => ({
        usage: trapped({}, touched, ["prompt_tokens", "input_tokens", "total_tokens"]),
        choices: [trapped({}, touched, ["message", "finish_reason"])],
      }),
    },
  ])("$name", async ({ make }) => {
    const touched: PropertyKey[] = [];
    const { client, events } = wrapping();
    const answer = make(touched);
    expect(client.wrap(FIELDS, () => answer)).toBe(answer);
    await client.wrap(FIELDS, async () => answer);
    expect(await events()).toEqual([SUCCESS, SUCCESS]);
    expect(touched).toEqual([]);
  });

  test("what a class has as values is read, and so is a proxy of an answer", async () => {
    const { client, events } = wrapping();
    class Answer {
      choices = [];
      usage = { prompt_tokens: 3 };
    }
    client.wrap(FIELDS, () => new Answer());
    client.wrap(FIELDS, () => new Proxy(new Answer(), {}));
    expect(await events()).toEqual([
      { ...SUCCESS, input_tokens: 3 },
      { ...SUCCESS, input_tokens: 3 },
    ]);
  });

  test.each(["getOwnPropertyDescriptor", "getPrototypeOf", "get", "has"])(
    "a proxy that throws at %s comes through",
    async (trap) => {
      const { client, events } = wrapping();
      const handler = {
        [trap]: () => {
          throw new Error("broken");
        },
      };
      const answer = new Proxy({ model: "asked" }, handler);
      expect(client.wrap(FIELDS, () => answer)).toBe(answer);
      expect(await events()).toEqual([SUCCESS]);
    },
  );
});

describe("close()", () => {
  const ANSWER = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } };

  test("waits for calls that are under way, and takes what they report", async () => {
    const { client, events } = wrapping();
    const { promise, resolve } = Promise.withResolvers<typeof ANSWER>();
    void client.wrap(FIELDS, () => promise);
    const closed = client.close(60_000);
    expect(client.track({})).toBeUndefined();
    resolve(ANSWER);
    expect(await closed).toEqual({ left: 0 });
    expect(await events()).toEqual([{ ...SUCCESS, input_tokens: 3, output_tokens: 4 }]);
    expect(client.stats.droppedBy).toEqual({ closed: 1 });
  });

  test("reports those as cancelled that take longer, and still has time to send that", async () => {
    const { client, events } = wrapping();
    void client.wrap(FIELDS, () => new Promise(() => {}));
    const closed = client.close(200);
    expect(await events()).toEqual([]);
    expect(await closed).toEqual({ left: 0 });
    expect(await events()).toEqual([{ ...REPORTED, status: "cancelled" }]);
  });

  test("keeps time for an exporter that is slow to answer", async () => {
    const exporter = fakeExporter(async (body) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return acceptAll(body);
    });
    const client = createClient({ url: "http://exporter.test", fetch: exporter.fetch });
    void client.wrap(FIELDS, () => new Promise(() => {}));
    expect(await client.close(400)).toEqual({ left: 0 });
    expect(client.stats).toMatchObject({ accepted: 1, dropped: 0 });
  });
});
