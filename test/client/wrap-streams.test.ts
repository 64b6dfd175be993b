/** Calls that answer with a stream: when its first token came, what it cost, and how it ended. */
import { describe, expect, test } from "vitest";
import { APIError, APIUserAbortError, apiPromise, type Script, SdkEmitter, sdkStream } from "./sdk-shapes.ts";
import { type Wrapping, wrapping } from "./wrapped.ts";

const FIELDS = { provider: "p", model: "m" };
const REPORTED = { ...FIELDS, stream: true };

const delta = (content: string, more: object = {}) => ({
  ...{ object: "chat.completion.chunk", model: "m" },
  choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }],
});
const ROLE = delta("", { delta: { role: "assistant", content: "" } });
const STOP = delta("", { finish_reason: "stop" });
const USAGE = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 } };

const toolDelta = (index: number) =>
  delta("", { delta: { tool_calls: [{ index, function: { arguments: "secret" } }] } });

const MESSAGE_START = {
  type: "message_start",
  message: {
    ...{ type: "message", model: "m", content: [], stop_reason: null },
    usage: {
      input_tokens: 25,
      output_tokens: 1,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 0,
    },
  },
};
const TEXT = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "secret" } };
const MESSAGE_DELTA = {
  type: "message_delta",
  delta: { stop_reason: "end_turn" },
  usage: { output_tokens: 15 },
};
const ANTHROPIC_INPUT = {
  input_tokens: 25,
  cache_read_tokens: 100,
  cache_creation_tokens: 0,
  input_includes_cache: false,
};

type Case = { name: string; script: (pass: (millis: number) => void) => Script; event: object };
const WHOLE: Case[] = [
  {
    name: "chat completions with their usage in the last chunk",
    script: (pass) => [
      () => pass(100),
      ROLE,
      () => pass(200),
      delta("a"),
      () => pass(50),
      delta("b"),
      STOP,
      USAGE,
    ],
    event: { input_tokens: 9, output_tokens: 4, duration_ms: 350, time_to_first_token_ms: 300 },
  },
  {
    name: "chat completions without usage",
    script: (pass) => [() => pass(100), delta("a"), STOP],
    event: { duration_ms: 100, time_to_first_token_ms: 100 },
  },
  {
    name: "tool calls of chat completions",
    script: (pass) => [ROLE, () => pass(5), toolDelta(0), toolDelta(0), toolDelta(1), STOP, USAGE],
    event: {
      tool_call_count: 2,
      input_tokens: 9,
      output_tokens: 4,
      duration_ms: 5,
      time_to_first_token_ms: 5,
    },
  },
  {
    name: "responses",
    script: (pass) => [
      {
        type: "response.created",
        response: { object: "response", status: "in_progress", model: "m", output: [] },
      },
      { type: "response.output_item.added", output_index: 1, item: { type: "function_call" } },
      () => pass(40),
      { type: "response.output_text.delta", delta: "secret" },
      () => pass(10),
      {
        type: "response.completed",
        response: {
          ...{ object: "response", status: "completed", model: "m" },
          output: [{ type: "message" }, { type: "function_call" }],
          usage: {
            input_tokens: 7,
            output_tokens: 3,
            total_tokens: 10,
            input_tokens_details: { cached_tokens: 0 },
          },
        },
      },
    ],
    event: {
      ...{ input_tokens: 7, output_tokens: 3, cache_read_tokens: 0, tool_call_count: 1 },
      ...{ duration_ms: 50, time_to_first_token_ms: 40 },
    },
  },
  {
    name: "messages",
    script: (pass) => [
      MESSAGE_START,
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "ping" },
      () => pass(30),
      TEXT,
      { type: "content_block_start", index: 1, content_block: { type: "tool_use" } },
      () => pass(30),
      MESSAGE_DELTA,
      { type: "message_stop" },
    ],
    event: {
      ...ANTHROPIC_INPUT,
      output_tokens: 15,
      tool_call_count: 1,
      duration_ms: 60,
      time_to_first_token_ms: 30,
    },
  },
  {
    name: "older completions, which have text",
    script: (pass) => [
      () => pass(3),
      { choices: [{ text: "secret" }] },
      { choices: [{ text: "", finish_reason: "stop" }] },
    ],
    event: { duration_ms: 3, time_to_first_token_ms: 3 },
  },
  {
    name: "chunks of another form",
    script: (pass) => [() => pass(3), { text: "secret" }, () => pass(4)],
    event: { duration_ms: 7, time_to_first_token_ms: 3 },
  },
];

/** Wraps a call that answers with a stream of these. */
async function opened({ client, pass }: Wrapping, script: Case["script"]) {
  const stream = sdkStream(script(pass));
  const wrapped = await client.wrap(FIELDS, () => apiPromise(stream));
  expect(wrapped).toBe(stream);
  return stream;
}

async function read<Chunk>(stream: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const chunksOf = (script: Script) => script.filter((step) => typeof step === "object");

test.each(WHOLE)("$name: read to the end", async ({ script, event }) => {
  const wrapper = wrapping();
  const stream = await opened(wrapper, script);
  expect(await read(stream)).toEqual(chunksOf(script(() => {})));
  const events = await wrapper.events();
  expect(events).toEqual([{ ...REPORTED, status: "success", ...event }]);
  expect(JSON.stringify(events)).not.toContain("secret");
});

test.each(WHOLE)("$name: read through both halves of tee()", async ({ script, event }) => {
  const wrapper = wrapping();
  const [left, right] = (await opened(wrapper, script)).tee();
  const chunks = chunksOf(script(() => {}));
  expect(await Promise.all([read(left), read(right)])).toEqual([chunks, chunks]);
  expect(await wrapper.events()).toEqual([{ ...REPORTED, status: "success", ...event }]);
});

test("a stream is reported once, however often its end is read", async () => {
  const wrapper = wrapping();
  const iterator = (await opened(wrapper, () => [delta("a"), STOP]))[Symbol.asyncIterator]();
  while (!(await iterator.next()).done);
  await iterator.next();
  await iterator.return?.();
  await wrapper.client.close();
  expect(await wrapper.events()).toHaveLength(1);
});

test("nothing is read before the application reads", async () => {
  const { client, pass, events } = wrapping();
  let taken = 0;
  const stream = await client.wrap(FIELDS, async () =>
    sdkStream([() => (taken += 1), delta("a"), () => (taken += 1), STOP]),
  );
  pass(1_000);
  await Promise.resolve();
  expect(taken).toBe(0);
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  expect(taken).toBe(1);
  expect(await events()).toEqual([]);
  await iterator.next();
  await iterator.next();
  expect(await events()).toMatchObject([{ duration_ms: 1_000 }]);
});

describe("a stream that the application leaves", () => {
  test.each([
    { name: "of chat completions", chunks: [delta("a"), delta("b"), STOP, USAGE], event: {} },
    {
      name: "of messages",
      chunks: [MESSAGE_START, TEXT, TEXT, MESSAGE_DELTA],
      event: { ...ANTHROPIC_INPUT, output_tokens: 1 },
    },
  ])("$name is cancelled, with what is known", async ({ chunks, event }) => {
    const wrapper = wrapping();
    const stream = await opened(wrapper, (pass) => [
      ...chunks.slice(0, 2),
      () => pass(20),
      ...chunks.slice(2),
    ]);
    let taken = 0;
    for await (const _ of stream) {
      taken += 1;
      if (taken === 2) break;
    }
    expect(stream.controller.signal.aborted).toBe(true);
    expect(await wrapper.events()).toEqual([
      { ...REPORTED, status: "cancelled", duration_ms: 0, time_to_first_token_ms: 0, ...event },
    ]);
  });

  test("when it has all of the answer is not cancelled", async () => {
    const wrapper = wrapping();
    for await (const chunk of await opened(wrapper, () => [delta("a"), STOP, USAGE]))
      if (chunk === STOP) break;
    expect(await wrapper.events()).toMatchObject([{ status: "success" }]);
  });

  test("by its controller is cancelled when its end is read", async () => {
    const wrapper = wrapping();
    const stream = await opened(wrapper, () => [delta("a"), delta("b"), STOP]);
    for await (const _ of stream) stream.controller.abort();
    expect(await wrapper.events()).toMatchObject([{ status: "cancelled" }]);
  });

  test("without a word is cancelled when the client closes", async () => {
    const wrapper = wrapping();
    const iterator = (await opened(wrapper, () => [MESSAGE_START, TEXT, TEXT]))[Symbol.asyncIterator]();
    await iterator.next();
    expect(await wrapper.events()).toEqual([]);
    await wrapper.client.close(40);
    expect(await wrapper.events()).toMatchObject([{ status: "cancelled", input_tokens: 25 }]);
  });

  test("by an iterator that has no return is cancelled as well", async () => {
    const { client, events } = wrapping();
    const stream = await client.wrap(FIELDS, async () => ({
      [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: delta("a") }) }),
    }));
    for await (const _ of stream) break;
    expect(await events()).toMatchObject([{ status: "cancelled" }]);
  });
});

describe("a stream that breaks", () => {
  const BREAKS = [
    {
      name: "by a reset that has a code of its own",
      thrown: Object.assign(new Error("secret"), { code: "ECONNRESET" }),
      event: { error_type: "streaming" },
    },
    {
      name: "by a reset",
      thrown: Object.assign(new TypeError("terminated"), { cause: { code: "ECONNRESET" } }),
      event: { error_type: "streaming" },
    },
    {
      name: "by an error of the SDK",
      thrown: new APIError(undefined, "secret"),
      event: { error_type: "streaming" },
    },
    {
      name: "by an error that the provider names",
      thrown: new APIError(undefined, "secret", { error: { error: { type: "overloaded_error" } } }),
      event: { error_type: "overloaded" },
    },
    {
      name: "by an abort",
      thrown: new APIUserAbortError(undefined, "secret"),
      event: { status: "cancelled" },
    },
    {
      name: "by a time-out",
      thrown: Object.assign(new Error("secret"), { name: "TimeoutError" }),
      event: { error_type: "timeout" },
    },
  ];
  test.each(BREAKS)("$name throws it on, and is reported", async ({ thrown, event }) => {
    const wrapper = wrapping();
    const stream = await opened(wrapper, () => [MESSAGE_START, TEXT, thrown]);
    await expect(read(stream)).rejects.toBe(thrown);
    expect(await wrapper.events()).toEqual([
      {
        ...REPORTED,
        ...ANTHROPIC_INPUT,
        output_tokens: 1,
        duration_ms: 0,
        time_to_first_token_ms: 0,
        status: "error",
        ...event,
      },
    ]);
  });

  test("before its first token has no time to it", async () => {
    const wrapper = wrapping();
    const thrown = Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } });
    await expect(read(await opened(wrapper, () => [thrown]))).rejects.toBe(thrown);
    expect(await wrapper.events()).toEqual([
      { ...REPORTED, duration_ms: 0, status: "error", error_type: "network" },
    ]);
  });

  test.each([
    { name: "chat completions", script: [delta("a"), delta("b")] },
    { name: "messages", script: [MESSAGE_START, TEXT] },
    { name: "responses", script: [{ type: "response.output_text.delta" }] },
  ])("off without an error, of $name, is no success", async ({ script }) => {
    const wrapper = wrapping();
    await read(await opened(wrapper, () => script));
    expect(await wrapper.events()).toMatchObject([{ status: "error", error_type: "streaming" }]);
  });

  test.each([
    {
      name: "an error event of OpenAI",
      chunk: { type: "error", code: "rate_limit_exceeded", message: "secret" },
      word: "rate_limit",
    },
    {
      name: "a response that failed",
      chunk: { type: "response.failed", response: { status: "failed", error: { code: "server_error" } } },
      word: "server_error",
    },
  ])("by $name keeps its name", async ({ chunk, word }) => {
    const wrapper = wrapping();
    await read(await opened(wrapper, () => [chunk]));
    expect(await wrapper.events()).toMatchObject([{ status: "error", error_type: word }]);
  });
});

test("an async generator is heard, however it is read", async () => {
  const { client, events } = wrapping();
  async function* chunks() {
    yield delta("a");
    yield STOP;
    yield USAGE;
  }
  const generator = client.wrap(FIELDS, () => chunks());
  const { next } = generator;
  // Heard once, not once for each time that somebody asks for its iterator.
  expect(generator[Symbol.asyncIterator]().next).toBe(next);
  while (!(await generator.next()).done);
  expect(await read(client.wrap(FIELDS, () => chunks()))).toHaveLength(3);
  expect(await events()).toMatchObject([{ output_tokens: 4 }, { output_tokens: 4 }]);
});

test("a stream of bytes counts when it is answered, and can be read", async () => {
  const { client, events } = wrapping();
  const stream = await client.wrap(FIELDS, async () => new Response("data").body!);
  expect(await new Response(stream).text()).toBe("data");
  expect(await events()).toMatchObject([{ status: "success", stream: true }]);
});

test("an object that cannot be changed counts when it is answered, and can be read", async () => {
  const { client, events } = wrapping();
  const stream = await client.wrap(FIELDS, async () => Object.freeze(sdkStream([delta("a")])));
  expect(await read(stream)).toHaveLength(1);
  expect(await events()).toMatchObject([{ status: "success", stream: true }]);
});

test("an iterator that cannot be changed can be read, and the call counts", async () => {
  const { client, events } = wrapping();
  const steps = [{ done: false, value: delta("a") }, { done: true }] as IteratorResult<object>[];
  const iterator = Object.freeze({ next: async () => steps.shift()! });
  const stream = client.wrap(FIELDS, () => ({ [Symbol.asyncIterator]: () => iterator }));
  expect(await read(stream)).toEqual([delta("a")]);
  expect(await events()).toMatchObject([{ status: "success", stream: true }]);
});

test("a streamed answer of an edge runtime is whole, though close() was called before it was read", async () => {
  const { client, events } = wrapping();
  const stream = client.wrap(FIELDS, () => sdkStream([delta("a"), STOP, USAGE]));
  const closed = client.close(120_000);
  await read(stream);
  expect(await closed).toEqual({ left: 0 });
  expect(await events()).toMatchObject([{ status: "success", input_tokens: 9, output_tokens: 4 }]);
});

describe("a helper that reads by itself", () => {
  const SCENES = [
    {
      name: "to the end",
      act: () => {},
      chunks: [MESSAGE_START, TEXT, MESSAGE_DELTA],
      event: { status: "success", output_tokens: 15 },
    },
    {
      name: "until it is aborted",
      act: (one: SdkEmitter) => (one.aborted = true),
      chunks: [MESSAGE_START, TEXT],
      event: { status: "cancelled" },
    },
    {
      name: "until it breaks",
      act: (one: SdkEmitter) => (one.errored = true),
      chunks: [MESSAGE_START, TEXT],
      event: { error_type: "streaming" },
    },
  ];
  test.each(SCENES)("$name is heard by its events", async ({ act, chunks, event }) => {
    const { client, pass, events } = wrapping();
    const emitter = client.wrap(FIELDS, () => new SdkEmitter());
    pass(20);
    for (const chunk of chunks) emitter.emit("streamEvent", chunk);
    pass(20);
    act(emitter);
    emitter.emit("end");
    expect(await events()).toMatchObject([
      { ...REPORTED, input_tokens: 25, duration_ms: 40, time_to_first_token_ms: 20, ...event },
    ]);
  });
});

test.each([
  { act: {}, event: { status: "success" } },
  { act: { aborted: true }, event: { status: "cancelled" } },
  { act: { errored: true }, event: { status: "error" } },
])("a helper that is over before it is wrapped counts at once: %j", async ({ act, event }) => {
  const { client, events } = wrapping();
  client.wrap(FIELDS, () => Object.assign(new SdkEmitter(), { ended: true }, act));
  expect(await events()).toMatchObject([{ ...REPORTED, ...event }]);
});

test("an answer that the content filter ended is no success", async () => {
  const wrapper = wrapping();
  await read(
    await opened(wrapper, () => [delta("a"), delta("", { finish_reason: "content_filter" }), USAGE]),
  );
  expect(await wrapper.events()).toMatchObject([{ error_type: "content_filter", output_tokens: 4 }]);
});

test("a server that gives no reason for the end has ended with its usage", async () => {
  const wrapper = wrapping();
  await read(await opened(wrapper, () => [delta("a"), USAGE]));
  expect(await wrapper.events()).toMatchObject([{ status: "success", output_tokens: 4 }]);
});
