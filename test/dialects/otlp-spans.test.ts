/** The rules by which spans become events, each by small cases. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestEvent } from "../../src/event/request-event.ts";
import type { AttributeValue, Span } from "../../src/ingest/otlp/records.ts";
import { spanElements } from "../../src/ingest/otlp/span-elements.ts";
import { attributeFilter, isWantedAttribute } from "../../src/ingest/otlp/wanted-attributes.ts";
import { bare, chat, eventOf, NOW_MICROS, readDrafts, reasonOf, SETTINGS, sourceOf } from "./otlp.ts";

type Values = Readonly<Record<string, AttributeValue>>;

const USED = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5 };
const CACHED = { "gen_ai.usage.cache_read.input_tokens": 40 };

describe("a request is", () => {
  it.each<[string, Values, string]>([
    ["a chat", { "gen_ai.operation.name": "chat" }, "chat"],
    ["generated content", { "gen_ai.operation.name": "generate_content" }, "chat"],
    ["a completion of text", { "gen_ai.operation.name": "text_completion" }, "text_completion"],
    ["an embedding", { "gen_ai.operation.name": "embeddings" }, "embeddings"],
    ["a rerank", { "gen_ai.operation.name": "rerank" }, "rerank"],
    ["a response, in any case", { "gen_ai.operation.name": "Responses" }, "chat"],
    ["OpenLLMetry's older completion", { "llm.request.type": "completion" }, "text_completion"],
    ["OpenLLMetry's older embedding", { "llm.request.type": "embedding" }, "embeddings"],
    ["OpenInference's LLM", { "openinference.span.kind": "LLM" }, "chat"],
    ["OpenInference's EMBEDDING", { "openinference.span.kind": "EMBEDDING" }, "embeddings"],
    ["what Vercel generates", { "ai.operationId": "ai.generateObject.doGenerate" }, "chat"],
    ["what Vercel streams", { "ai.operationId": "ai.streamText.doStream" }, "chat"],
    ["what Vercel embeds", { "ai.operationId": "ai.embedMany.doEmbed" }, "embeddings"],
  ])("%s", (_, attributes, operation) => {
    expect(eventOf(bare(attributes)).operation).toBe(operation);
  });

  it.each([
    ["acompletion", "chat"],
    ["completion", "chat"],
    ["anthropic_messages", "chat"],
    ["aembedding", "embeddings"],
    ["atext_completion", "text_completion"],
  ])("LiteLLM's %s: %s", (type, operation) => {
    const span = bare({ "llm.request.type": type }, { source: sourceOf("litellm") });
    expect(eventOf(span).operation).toBe(operation);
  });
});

describe("no request is", () => {
  it.each<[string, Values, Partial<Span>, string]>([
    ["anything else", { "http.response.status_code": 200 }, {}, "not_inference"],
    ["an agent", { "gen_ai.operation.name": "invoke_agent" }, {}, "not_inference"],
    ["an agent with sums", { "gen_ai.operation.name": "invoke_agent", ...USED }, {}, "aggregate"],
    ["a tool", { "gen_ai.operation.name": "execute_tool" }, {}, "not_inference"],
    ["an older agent run, which repeats its sums", USED, { name: "agent run" }, "aggregate"],
    ["OpenInference's chain", { "openinference.span.kind": "CHAIN" }, {}, "not_inference"],
    [
      "OpenInference's agent, whatever else it says",
      { "openinference.span.kind": "AGENT", "gen_ai.operation.name": "chat", ...USED },
      {},
      "aggregate",
    ],
    [
      "Envoy's count of a prompt's tokens",
      { "openinference.span.kind": "TOKEN_COUNTER", "llm.token_count.prompt": 9 },
      {},
      "not_inference",
    ],
    [
      "Vercel's outer span",
      { "ai.operationId": "ai.streamText", "ai.usage.inputTokens": 3 },
      {},
      "aggregate",
    ],
    ["Vercel's tool", { "ai.operationId": "ai.toolCall" }, {}, "not_inference"],
    [
      "OpenLLMetry's workflow",
      { "traceloop.span.kind": "workflow", "gen_ai.operation.name": "chat" },
      {},
      "not_inference",
    ],
    ["Claude Code's span, beside its log", {}, { name: "claude_code.llm_request" }, "told_elsewhere"],
    [
      "Codex's span, beside its log",
      USED,
      { source: sourceOf("codex", { "service.name": "codex_cli_rs" }) },
      "told_elsewhere",
    ],
    [
      "the span of Codex run by an editor",
      USED,
      { source: sourceOf("codex_vscode", { "service.name": "codex_vscode" }) },
      "told_elsewhere",
    ],
    [
      "Gemini CLI's span, beside its log",
      { "gen_ai.operation.name": "generate_content", ...USED },
      { source: sourceOf("gemini-cli", { "service.name": "gemini-cli" }) },
      "told_elsewhere",
    ],
    ["a list where a name belongs", { "gen_ai.operation.name": ["chat"] }, {}, "not_inference"],
    [
      "what Vercel puts around embeddings",
      { "gen_ai.operation.name": "embeddings" },
      { source: sourceOf("gen_ai") },
      "aggregate",
    ],
  ])("%s", (_, attributes, fields, reason) => {
    expect(reasonOf(bare(attributes, fields))).toBe(reason);
  });

  it.each([
    ["whose name only begins like an agent's", "test", "codex-search"],
    [
      "with an agent's name and an instrumentation",
      "opentelemetry.instrumentation.openai.v1",
      "codex_cli_rs",
    ],
    ["with an agent's name and a gateway", "envoyproxy/ai-gateway", "claude-code"],
  ])("but is one of a service %s", (_, scope, service) => {
    expect(reasonOf(chat(USED, { source: sourceOf(scope, { "service.name": service }) }))).toBeUndefined();
  });

  it("the outer one of Vercel's embeddings; the inner one, with usage, is", () => {
    const used = { "gen_ai.operation.name": "embeddings", "gen_ai.usage.input_tokens": 3 };
    expect(reasonOf(bare(used, { source: sourceOf("gen_ai") }))).toBeUndefined();
  });

  it("the outer one of Vercel's failed embeddings; the inner one is", () => {
    const source = sourceOf("gen_ai");
    const attributes = { "gen_ai.operation.name": "embeddings" };
    const outer = bare(attributes, { source, statusCode: 2 });
    const inner = bare(attributes, {
      source,
      statusCode: 2,
      spanId: "2".repeat(16),
      parentSpanId: outer.spanId,
    });
    expect(spanElements([outer, inner], SETTINGS).map(({ kind }) => kind)).toEqual(["ignored", "event"]);
  });
});

describe("a request that two spans tell of counts once", () => {
  const outerId = "b".repeat(16);
  const middleId = "c".repeat(16);
  const outer = (attributes: Values = USED) => chat(attributes, { spanId: outerId });
  const inner = (attributes: Values = USED, parentSpanId = outerId) =>
    chat(attributes, { spanId: "d".repeat(16), parentSpanId, source: sourceOf("other") });
  const kinds = (...spans: Span[]) =>
    spanElements(spans, SETTINGS).map((element) =>
      element.kind === "ignored" ? element.reason : element.kind,
    );

  it("as the outer one, whichever comes first", () => {
    expect(kinds(outer(), inner())).toEqual(["event", "repeated_by_parent"]);
    expect(kinds(inner(), outer())).toEqual(["repeated_by_parent", "event"]);
  });

  it("also with something else in between, and three times over", () => {
    const middle = bare({}, { spanId: middleId, parentSpanId: outerId });
    expect(kinds(outer(), middle, inner(USED, middleId))).toEqual([
      "event",
      "not_inference",
      "repeated_by_parent",
    ]);
    const again = chat(USED, { spanId: middleId, parentSpanId: outerId });
    expect(kinds(inner(USED, middleId), again, outer())).toEqual([
      "repeated_by_parent",
      "repeated_by_parent",
      "event",
    ]);
  });

  it.each<[string, Values, Values]>([
    ["the same answer", { "gen_ai.response.id": "r" }, { ...USED, "gen_ai.response.id": "r" }],
    ["the same model behind a vendor", USED, { ...USED, "gen_ai.request.model": "openai/GPT-5" }],
    [
      "the same tokens, counted in two ways",
      { ...USED, "gen_ai.usage.input_tokens": 50, ...CACHED },
      { ...USED, ...CACHED, "gen_ai.provider.name": "anthropic" },
    ],
    ["the same failure", { "error.type": "x" }, { "error.type": "y" }],
  ])("known by %s", (_, ofOuter, ofInner) => {
    expect(kinds(outer(ofOuter), inner(ofInner))).toEqual(["event", "repeated_by_parent"]);
  });

  it.each<[string, Values]>([
    ["other tokens", { ...USED, "gen_ai.usage.output_tokens": 6 }],
    ["another input", { ...USED, "gen_ai.usage.input_tokens": 11 }],
    ["another model", { ...USED, "gen_ai.request.model": "gpt-5-mini" }],
    ["another operation", { ...USED, "gen_ai.operation.name": "embeddings" }],
    ["another outcome", { ...USED, "error.type": "x" }],
    ["no tokens", {}],
  ])("but not with %s", (_, ofInner) => {
    expect(kinds(outer(), inner(ofInner))).toEqual(["event", "event"]);
  });

  it("but not if neither says what was used: nothing is like nothing", () => {
    expect(kinds(outer({}), inner({}))).toEqual(["event", "event"]);
    const half = { "gen_ai.usage.output_tokens": 5 };
    expect(kinds(outer(half), inner(half))).toEqual(["event", "event"]);
  });

  const attempt = (digit: string, endMicros: number, attributes: Values = { "error.type": "429" }) =>
    chat(attributes, { spanId: digit.repeat(16), parentSpanId: outerId, endMicros });
  const STARTED = NOW_MICROS - 5e6;

  it("and attempts that failed before it succeeded count as well", () => {
    const failed = [attempt("3", STARTED + 1e6), attempt("4", STARTED + 15e5)];
    expect(kinds(outer({}), ...failed)).toEqual(["event", "event", "event"]);
    const succeeded = attempt("5", STARTED + 2e6, USED);
    expect(kinds(outer(USED), ...failed, succeeded)).toEqual([
      "event",
      "event",
      "event",
      "repeated_by_parent",
    ]);
  });

  it("and of the attempts of one that failed the last is its own", () => {
    const failed = [attempt("4", STARTED + 15e5), attempt("3", STARTED + 1e6)];
    const outerFailed = outer({ "error.type": "RateLimitError" });
    expect(kinds(...failed, outerFailed)).toEqual(["repeated_by_parent", "event", "event"]);
    const succeeded = attempt("5", STARTED + 2e6, USED);
    expect(kinds(...failed, succeeded, outerFailed)).toEqual(["event", "event", "event", "event"]);
  });

  it("with the tokens of the inner one where only that tells them of the same answer", () => {
    const answer = { "gen_ai.response.id": "r" };
    const spans = [
      outer({ ...answer, "gen_ai.provider.name": "openrouter" }),
      inner({
        ...answer,
        ...USED,
        "gen_ai.usage.cache_read_input_tokens": 4,
        "gen_ai.provider.name": "anthropic",
      }),
    ];
    for (const order of [spans, spans.toReversed()]) {
      const { events } = readDrafts(spanElements(order, SETTINGS));
      expect(events).toMatchObject([{ provider: "openrouter", spanId: outerId }]);
      expect(events[0]!.usage).toMatchObject({ input: 10, cacheRead: 4, output: 5 });
    }
  });

  it("but not side by side, nor in another trace", () => {
    expect(kinds(outer(), chat(USED, { spanId: middleId }))).toEqual(["event", "event"]);
    expect(kinds(outer(), { ...inner(), traceId: "e".repeat(32) })).toEqual(["event", "event"]);
  });

  it("and spans that claim to be inside each other are not lost", () => {
    const one = chat(USED, { spanId: outerId, parentSpanId: middleId });
    const other = chat(USED, { spanId: middleId, parentSpanId: outerId });
    expect(kinds(one, other)).toEqual(["event", "event"]);
    expect(kinds(chat(USED, { spanId: outerId, parentSpanId: outerId }), outer({}))).toContain("event");
  });
});

describe("a model", () => {
  it("is the one that answered; the one that was asked for is said if it is another", () => {
    const models = (attributes: Values) => {
      const { model, requestedModel } = eventOf(chat(attributes));
      return [model, requestedModel];
    };
    expect(models({ "gen_ai.response.model": "gpt-5-2025" })).toEqual(["gpt-5-2025", "gpt-5"]);
    expect(models({ "gen_ai.response.model": "gpt-5" })).toEqual(["gpt-5", undefined]);
    expect(models({})).toEqual(["gpt-5", undefined]);
  });
});

describe("an answer is streamed", () => {
  it.each<[string, Values, boolean]>([
    ["as Vercel's operation says", { "ai.operationId": "ai.streamText.doStream" }, true],
    [
      "or not, as it says",
      { "ai.operationId": "ai.generateText.doGenerate", "gen_ai.is_streaming": true },
      false,
    ],
    [
      "as the parameters of the request say",
      { "openinference.span.kind": "LLM", "llm.invocation_parameters": '{"stream": true}' },
      true,
    ],
    ["as LiteLLM writes it", { "llm.request.type": "chat", "llm.is_streaming": "True" }, true],
  ])("%s", (_, attributes, stream) => {
    expect(eventOf(bare(attributes)).stream).toBe(stream);
  });
});

describe("cached tokens", () => {
  const split = (span: Span) => {
    const { usage, remarks } = eventOf(span);
    return [usage!.input, usage!.cacheRead, remarks.conventionInferred];
  };
  const ANTHROPIC = { "gen_ai.provider.name": "anthropic" };
  const MANY = { "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 5, ...CACHED };

  it.each<[string, Values, number, string | undefined]>([
    ["opentelemetry.instrumentation.anthropic", ANTHROPIC, 60, undefined],
    ["pydantic-ai", ANTHROPIC, 60, undefined],
    ["gen_ai", ANTHROPIC, 60, undefined],
    ["openlit.instrumentation.anthropic", ANTHROPIC, 100, undefined],
    ["openlit.instrumentation.openai", {}, 60, undefined],
    ["envoyproxy/ai-gateway", ANTHROPIC, 100, undefined],
    ["envoyproxy/ai-gateway", {}, 60, undefined],
    ["custom.genai.instrumentation", ANTHROPIC, 100, undefined],
    ["somebody", ANTHROPIC, 60, undefined],
    ["somebody", { "gen_ai.provider.name": "aws.bedrock" }, 60, undefined],
    ["somebody", {}, 60, undefined],
  ])("of %s are where it counts them: %j", (scope, attributes, input, inferred) => {
    const span = chat({ ...MANY, ...attributes }, { source: sourceOf(scope) });
    expect(split(span)).toEqual([input, 40, inferred]);
  });

  it("of somebody are where the provider counts them if the names are not the conventions' own", () => {
    const older = { ...USED, "gen_ai.usage.cache_read_input_tokens": 4 };
    expect(split(chat({ ...older, ...ANTHROPIC }))).toEqual([10, 4, "provider"]);
    const prompt = { "gen_ai.usage.prompt_tokens": 100, ...CACHED, ...ANTHROPIC };
    expect(split(chat(prompt))).toEqual([100, 40, "provider"]);
    const half = { ...MANY, ...ANTHROPIC, "gen_ai.usage.cache_creation_input_tokens": 7 };
    expect(split(chat(half))).toEqual([100, 40, "provider"]);
    const whole = { ...MANY, ...ANTHROPIC, "gen_ai.usage.cache_creation.input_tokens": 7 };
    expect(split(chat(whole))).toEqual([53, 40, undefined]);
  });

  it("are inside wherever the attributes are OpenInference's", () => {
    const attributes = { ...MANY, ...ANTHROPIC, "openinference.span.kind": "LLM" };
    expect(split(chat(attributes, { source: sourceOf("envoyproxy/ai-gateway") }))).toEqual([
      60,
      40,
      undefined,
    ]);
  });

  it("of OpenLIT are known by the attribute as well", () => {
    expect(split(chat({ ...MANY, ...ANTHROPIC, "telemetry.sdk.name": "openlit" }))).toEqual([
      100,
      40,
      undefined,
    ]);
  });

  it("that are more than the input are beside it, whatever a producer does", () => {
    const span = chat({ ...USED, ...CACHED }, { source: sourceOf("pydantic-ai") });
    expect(split(span)).toEqual([10, 40, undefined]);
    expect(split(chat({ ...USED, ...CACHED }))).toEqual([10, 40, undefined]);
  });

  it("of Vercel are those of its details, where there are any", () => {
    const vercel = {
      "ai.operationId": "ai.generateText.doGenerate",
      "ai.model.provider": "anthropic.messages",
      "ai.usage.inputTokens": 100,
      "ai.usage.cachedInputTokens": 40,
    };
    expect(split(bare(vercel))).toEqual([100, 40, "provider"]);
    const details = {
      "ai.usage.inputTokenDetails.noCacheTokens": 50,
      "ai.usage.inputTokenDetails.cacheReadTokens": 45,
      "ai.usage.inputTokenDetails.cacheWriteTokens": 5,
    };
    expect(split(bare({ ...vercel, ...details }))).toEqual([50, 45, undefined]);
  });

  it("written to the cache are known under the names of all", () => {
    const written = (name: string) => eventOf(chat({ ...USED, [name]: 7 })).usage!.cacheWrite;
    expect(written("gen_ai.usage.cache_creation.input_tokens")).toBe(7);
    expect(written("gen_ai.usage.cache_creation_input_tokens")).toBe(7);
    expect(written("llm.token_count.prompt_details.cache_creation")).toBe(7);
  });
});

describe("tokens", () => {
  it("of reasoning that are more than the output are beside it", () => {
    const { usage } = eventOf(chat({ ...USED, "gen_ai.usage.reasoning_tokens": 30 }));
    expect(usage).toMatchObject({ output: 5, reasoning: 30 });
  });

  it("that were read from a cache may be all that is known", () => {
    const span = chat(CACHED, { source: sourceOf("pydantic-ai") });
    expect(eventOf(span).usage).toMatchObject({ input: 0, cacheRead: 40 });
  });

  it("that nobody told are not zero, nor are the zeros of a failure", () => {
    expect(eventOf(chat()).usage).toBeUndefined();
    const zeros = { "gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 0 };
    expect(eventOf(chat(zeros)).usage).toMatchObject({ input: 0 });
    expect(eventOf(chat({ ...zeros, "error.type": "x" })).usage).toBeUndefined();
  });
});

describe("the first token", () => {
  const STREAM = { "gen_ai.request.stream": true };
  const chunk = (millis: number, attributes: Values = {}, name = "gen_ai.content.completion.chunk") => ({
    name,
    atMicros: NOW_MICROS - 5e6 + millis * 1e3,
    attributes: new Map(Object.entries(attributes)),
  });
  const ttftMillis = (attributes: Values, fields: Partial<Span> = {}) => {
    const { timeToFirstTokenNanos, stream } = eventOf(chat(attributes, fields));
    return [timeToFirstTokenNanos === undefined ? undefined : timeToFirstTokenNanos / 1e6, stream];
  };

  it.each<[string, Values, Partial<Span>, number | undefined, boolean]>([
    [
      "seconds, which are of streams only",
      { "gen_ai.client.operation.time_to_first_chunk": 0.42 },
      {},
      420,
      true,
    ],
    ["OpenLIT's seconds of a stream", { "gen_ai.server.time_to_first_token": 0.7, ...STREAM }, {}, 700, true],
    ["OpenLIT's seconds of no stream", { "gen_ai.server.time_to_first_token": 2 }, {}, undefined, false],
    ["the first of its chunks", {}, { events: [chunk(710), chunk(650)] }, 650, true],
    ["an event of OpenInference", {}, { events: [chunk(9, {}, "First Token Stream Event")] }, 9, true],
    [
      "what Vercel says on an event",
      {},
      { events: [chunk(600, { "ai.stream.msToFirstChunk": 512 }, "ai.stream.firstChunk")] },
      512,
      true,
    ],
    ["not a chunk before the start", {}, { events: [chunk(-5), chunk(80)] }, 80, true],
    ["not another event", {}, { events: [chunk(9, {}, "exception")] }, undefined, false],
    ["not beyond the duration", { "gen_ai.client.operation.time_to_first_chunk": 2.1 }, {}, undefined, false],
    [
      "not where nothing was streamed",
      { "gen_ai.client.operation.time_to_first_chunk": 0.4, "gen_ai.is_streaming": "False" },
      {},
      undefined,
      false,
    ],
    ["not below zero", { "gen_ai.client.operation.time_to_first_chunk": -1, ...STREAM }, {}, undefined, true],
  ])("is told by %s", (_, attributes, fields, millis, stream) => {
    expect(ttftMillis(attributes, fields)).toEqual([millis, stream]);
  });
});

describe("a failure", () => {
  const exception = (type: string) => ({
    name: "exception",
    atMicros: NOW_MICROS,
    attributes: new Map([["exception.type", type]]),
  });
  const FAILED = { statusCode: 2 };

  it.each<[string, Values, Partial<Span>, string, number | undefined]>([
    ["its type", { "error.type": "RateLimitError" }, FAILED, "rate_limit", undefined],
    [
      "a class in a module",
      { "error.type": "openai.AuthenticationError" },
      FAILED,
      "authentication",
      undefined,
    ],
    ["a status in digits", { "error.type": "529" }, FAILED, "overloaded", 529],
    ["a status", { "http.response.status_code": 503 }, {}, "overloaded", 503],
    [
      "a status beside a class nobody knows",
      { "error.type": "E1", "http.status_code": "401" },
      {},
      "authentication",
      401,
    ],
    [
      "the last exception",
      {},
      { ...FAILED, events: [exception("Odd"), exception("TimeoutError")] },
      "timeout",
      undefined,
    ],
    [
      "an exception where the type is none",
      { "error.type": "_OTHER" },
      { ...FAILED, events: [exception("APITimeoutError")] },
      "timeout",
      undefined,
    ],
    [
      "the word before the colon",
      {},
      { ...FAILED, statusMessage: "BadRequestError: no such tool" },
      "invalid_request",
      undefined,
    ],
    [
      "no text of the provider's",
      {},
      { ...FAILED, statusMessage: "my secret: rate_limit" },
      "other",
      undefined,
    ],
    ["nothing at all", {}, FAILED, "other", undefined],
  ])("is called by %s", (_, attributes, fields, errorType, httpStatus) => {
    expect(eventOf(chat(attributes, fields))).toMatchObject({ status: "error", errorType, httpStatus });
  });

  it("that somebody wanted is none", () => {
    expect(eventOf(chat({ "error.type": "AbortError" }, FAILED))).toMatchObject({
      status: "cancelled",
      errorType: "cancelled",
    });
  });

  it("is not called by what other events say", () => {
    const events = [
      exception("TimeoutError"),
      { ...exception("RateLimitError"), name: "ai.stream.firstChunk" },
    ];
    expect(eventOf(chat({}, { ...FAILED, events })).errorType).toBe("timeout");
  });

  it("is no exception that was dealt with", () => {
    expect(eventOf(chat({}, { events: [exception("TimeoutError")] }))).toMatchObject({ status: "success" });
  });
});

describe("a provider has one name", () => {
  it.each<[string, string]>([
    ["OpenAI", "openai"],
    ["openai.responses", "openai"],
    ["azure", "azure.ai.openai"],
    ["az.ai.openai", "azure.ai.openai"],
    ["azure.ai.inference", "azure.ai.inference"],
    ["anthropic.messages", "anthropic"],
    ["Anthropic", "anthropic"],
    ["vertex_ai", "gcp.vertex_ai"],
    ["google-vertex", "gcp.vertex_ai"],
    ["google.vertex.chat", "gcp.vertex_ai"],
    ["google.generative-ai", "gcp.gemini"],
    ["gemini", "gcp.gemini"],
    ["bedrock", "aws.bedrock"],
    ["amazon-bedrock", "aws.bedrock"],
    ["aws.anthropic", "aws.bedrock"],
    ["mistral_ai", "mistral_ai"],
    ["mistral.chat", "mistral_ai"],
    ["xai", "x_ai"],
    ["moonshot", "moonshot_ai"],
    ["groq.transcription", "groq"],
    ["azure.ai.inference.chat", "azure.ai.inference"],
    ["Own-Host.chat", "own-host"],
    ["llama.cpp", "llama.cpp"],
  ])("%s is %s", (spelling, label) => {
    expect(eventOf(chat({ "gen_ai.provider.name": spelling })).provider).toBe(label);
  });

  it.each<[string, string]>([
    ["api.openai.com", "openai"],
    ["shop.openai.azure.com", "azure.ai.openai"],
    ["api.groq.com", "groq"],
    ["openrouter.ai", "openrouter"],
    ["127.0.0.1", "openai"],
  ])("and OpenAI's client says so of all: at %s it is %s", (host, label) => {
    expect(eventOf(chat({ "server.address": host })).provider).toBe(label);
  });

  it("which the older attribute tells if the newer does not", () => {
    expect(eventOf(bare({ "llm.request.type": "chat", "gen_ai.system": "Anthropic" })).provider).toBe(
      "anthropic",
    );
    expect(eventOf(bare({ "llm.request.type": "chat" })).provider).toBe("unknown");
  });
});

describe("names of other versions and producers are known, too", () => {
  it.each<[string, AttributeValue, Partial<RequestEvent>]>([
    ["openai.response.service_tier", "flex", { serviceTier: "flex" }],
    ["gen_ai.openai.request.service_tier", "priority", { serviceTier: "priority" }],
    ["gen_ai.user", "u", { user: "u" }],
    ["user.id", "u", { user: "u" }],
    ["metadata.user_api_key_user_id", "u", { user: "u" }],
    ["llm.user", "e", { endUser: "e" }],
    ["enduser.id", "e", { endUser: "e" }],
    ["metadata.user_api_key_team_id", "t", { team: "t" }],
    ["llm.request.model_name", "m", { model: "m" }],
    ["llm.response.model_name", "m", { model: "m", requestedModel: "gpt-5" }],
    ["gen_ai.usage.cost", 0.5, { reportedCost: { microUsd: 500_000, picoUsd: 0 } }],
    ["llm.cost.total", "0.5", { reportedCost: { microUsd: 500_000, picoUsd: 0 } }],
  ])("%s", (name, value, fields) => {
    expect(eventOf(chat({ [name]: value }))).toMatchObject(fields);
  });

  it.each<[string, "input" | "output" | "cacheRead" | "cacheWrite" | "reasoning"]>([
    ["gen_ai.usage.prompt_tokens", "input"],
    ["ai.usage.promptTokens", "input"],
    ["ai.usage.tokens", "input"],
    ["gen_ai.usage.completion_tokens", "output"],
    ["ai.usage.completionTokens", "output"],
    ["gen_ai.usage.cache_read_input_tokens", "cacheRead"],
    ["llm.token_count.prompt_details.cache_input", "cacheRead"],
    ["gen_ai.usage.input_tokens.cached", "cacheRead"],
    ["gen_ai.usage.cache_write.input_tokens", "cacheWrite"],
    ["gen_ai.usage.input_tokens.cache_write", "cacheWrite"],
    ["gen_ai.usage.reasoning.output_tokens", "reasoning"],
    ["llm.usage.reasoning_tokens", "reasoning"],
    ["ai.usage.outputTokenDetails.reasoningTokens", "reasoning"],
    ["gen_ai.usage.output_tokens.reasoning", "reasoning"],
  ])("%s: %s", (name, part) => {
    expect(eventOf(chat({ [name]: 7 })).usage![part]).toBe(7);
  });
});

describe("a value that is not what it should be is left out", () => {
  it.each<[string, Values]>([
    ["below zero", { "gen_ai.usage.input_tokens": -5 }],
    ["no number", { "gen_ai.usage.input_tokens": Number.NaN }],
    ["2^60", { "gen_ai.usage.input_tokens": 2 ** 60 }],
    ["more than any request has", { "gen_ai.usage.input_tokens": 1e9 + 1 }],
    ["a fraction", { "gen_ai.usage.input_tokens": 1.5 }],
    ["in hexadecimal", { "gen_ai.usage.input_tokens": "0x10" }],
    ["a list", { "gen_ai.usage.input_tokens": [5] }],
  ])("tokens: %s", (_, attributes) => {
    const { usage } = eventOf(chat({ ...attributes, "gen_ai.usage.output_tokens": "5" }));
    expect(usage).toMatchObject({ input: 0, output: 5 });
  });

  it.each<[string, Values, Partial<RequestEvent>]>([
    ["white space around a name", { "gen_ai.request.model": " gpt-5 " }, { model: "gpt-5" }],
    [
      "more cached tokens than any request has",
      { ...USED, "gen_ai.usage.cache_read.input_tokens": 1e9 + 1 },
      { usage: expect.objectContaining({ input: 10, cacheRead: 0 }) },
    ],
    ["a list for a model", { "gen_ai.request.model": ["gpt-5"] }, { model: "unknown" }],
    ["an object for a provider", { "gen_ai.provider.name": { a: "b" } }, { provider: "unknown" }],
    ["a cost below zero", { "operation.cost": -1 }, { reportedCost: undefined }],
    ["a cost of zero", { "gen_ai.usage.cost": 0 }, { reportedCost: undefined }],
    ["a cost beyond all", { "llm.cost.total": 1e9 }, { reportedCost: undefined }],
    [
      "a status that is none",
      { "http.response.status_code": 9 },
      { httpStatus: undefined, status: "success" },
    ],
    ["neither yes nor no", { "gen_ai.request.stream": "perhaps" }, { stream: false }],
    ["JSON that is none", { "llm.invocation_parameters": "{" }, { model: "gpt-5" }],
  ])("%s", (_, attributes, fields) => {
    expect(eventOf(chat(attributes))).toMatchObject(fields);
  });

  it("sums beyond what a request has", () => {
    const most = { "gen_ai.usage.output_tokens": 1e9 - 1, "gen_ai.usage.reasoning_tokens": 1e9 };
    expect(eventOf(chat(most)).usage).toMatchObject({ output: 0 });
  });

  it("times: a clock that was put back, one that never was set, more than 30 days", () => {
    const of = (startMicros: number | undefined, endMicros: number | undefined) =>
      eventOf(chat({}, { startMicros, endMicros }));
    expect(of(NOW_MICROS, NOW_MICROS - 1)).toMatchObject({
      durationNanos: undefined,
      timestampMicros: NOW_MICROS - 1,
    });
    expect(of(undefined, undefined)).toMatchObject({ durationNanos: undefined, timestampReported: false });
    expect(of(1, NOW_MICROS)).toMatchObject({ durationNanos: undefined, timestampMicros: NOW_MICROS });
    expect(of(NOW_MICROS - 7, NOW_MICROS)).toMatchObject({ durationNanos: 7_000 });
  });

  it("whatever stands where: the event counts", () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constantFrom(2 ** 60, -1, Number.NaN, "429", "1e400", "True"),
      fc.array(fc.string(), { maxLength: 2 }),
    );
    const names = fc.constantFrom(
      ...["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.reasoning_tokens"],
      ...["gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens", "error.type"],
      ...["gen_ai.request.model", "gen_ai.response.model", "operation.cost", "gen_ai.request.stream"],
      ...["gen_ai.client.operation.time_to_first_chunk", "http.response.status_code", "llm.pool", "user.id"],
      ...["llm.invocation_parameters", "gen_ai.provider.name", "openai.response.service_tier"],
    );
    fc.assert(
      fc.property(fc.dictionary(names, value, { maxKeys: 8 }), fc.nat(2), (attributes, statusCode) => {
        const { events, rejections } = readDrafts(spanElements([chat(attributes, { statusCode })], SETTINGS));
        expect(rejections).toEqual([]);
        expect(events).toHaveLength(1);
      }),
    );
  });
});

describe("what the settings ask for", () => {
  const settings = {
    poolAttributes: ["team.pool", "metadata.pool"],
    tagAttributes: ["k8s.namespace.name", "9"],
  };

  it("names the pool, on the span before the resource", () => {
    const source = sourceOf("test", { "team.pool": "of-resource" });
    expect(eventOf(chat({}, { source }), settings).pool).toBe("of-resource");
    expect(eventOf(chat({ "team.pool": "of-span" }, { source }), settings).pool).toBe("of-span");
    expect(eventOf(chat({ "team.pool": "" }), settings).pool).toBe("default");
    expect(eventOf(chat({ metadata: '{"pool": "of-json"}' }), settings).pool).toBe("of-json");
    expect(eventOf(chat({ metadata: { pool: "of-map" } }), settings).pool).toBe("of-map");
  });

  it("is read from a body; of the rest, only what tells of requests", () => {
    const isWanted = attributeFilter(settings);
    for (const name of ["team.pool", "k8s.namespace.name", "gen_ai.usage.input_tokens"]) {
      expect(isWanted(name), name).toBe(true);
    }
    for (const name of [
      "gen_ai.input.messages",
      "gen_ai.prompt.0.content",
      "input.value",
      "ai.prompt",
      "error.stack",
    ]) {
      expect(isWanted(name), name).toBe(false);
      expect(isWantedAttribute(name), name).toBe(false);
    }
    expect(isWantedAttribute("team.pool")).toBe(false);
  });

  it("makes tags of the resource, under names that labels may have", () => {
    const source = sourceOf("test", { "k8s.namespace.name": "x".repeat(300), "9": 9, other: "o" });
    expect(eventOf(chat({}, { source }), settings).tags).toEqual(
      new Map([
        ["k8s_namespace_name", "x".repeat(128)],
        ["_9", "9"],
      ]),
    );
  });
});

describe("the order of spans in a body", () => {
  const id = (index: number) => (index + 1).toString(16).padStart(16, "0");
  const arbitrarySpan = fc.record({
    parent: fc.nat(11),
    input: fc.nat(2),
    model: fc.constantFrom("a", "b"),
    kind: fc.nat(2),
  });
  const batch = fc.array(arbitrarySpan, { minLength: 1, maxLength: 12 }).map((shapes) =>
    shapes.map(({ parent, input, model, kind }, index) => {
      const fields = { spanId: id(index), parentSpanId: parent === 11 ? undefined : id(parent) };
      const attributes = { "gen_ai.usage.input_tokens": input, "gen_ai.request.model": model };
      return kind === 0 ? bare({}, fields) : chat(attributes, fields);
    }),
  );
  const told = (spans: readonly Span[]) =>
    readDrafts(spanElements(spans, SETTINGS))
      .events.map(({ id, usage }) => [id, usage!.input])
      .sort();

  it("changes neither which count nor their totals", () => {
    const shuffled = batch.chain((spans) =>
      fc.tuple(fc.constant(spans), fc.shuffledSubarray(spans, { minLength: spans.length })),
    );
    fc.assert(
      fc.property(shuffled, ([spans, other]) => {
        expect(told(other)).toEqual(told(spans));
      }),
    );
  });

  it("is that of the elements", () => {
    const spans = [bare({}), chat(USED), bare({}, { name: "claude_code.llm_request" })];
    expect(spanElements(spans, SETTINGS).map(({ kind }) => kind)).toEqual(["ignored", "event", "ignored"]);
  });
});
