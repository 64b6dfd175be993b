/** The rules by which log records of coding agents become events, each by small cases. */
import { describe, expect, it } from "vitest";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { CodexConversations } from "../../src/ingest/otlp/codex-conversations.ts";
import { logElements } from "../../src/ingest/otlp/log-elements.ts";
import type { AttributeValue, LogRecord } from "../../src/ingest/otlp/records.ts";
import { eventsOfLogs, log, NOW_MICROS, readDrafts, SETTINGS, sourceOf } from "./otlp.ts";

type Values = Readonly<Record<string, AttributeValue>>;

const reasonsOf = (...records: LogRecord[]) =>
  logElements(records, SETTINGS).map((element) =>
    element.kind === "ignored" ? element.reason : element.kind,
  );

describe("a record is known by its name", () => {
  const source = sourceOf("com.anthropic.claude_code.events");

  it.each<[string, LogRecord]>([
    ["in an attribute, with a prefix", log({ "event.name": "claude_code.api_request" })],
    ["in an attribute, without one", log({ "event.name": "api_request" }, { source })],
    ["in the body", log({}, { body: "claude_code.api_request" })],
    ["in its own field", log({}, { eventName: "api_request", source })],
  ])("%s", (_, record) => {
    expect(eventsOfLogs([record])).toMatchObject([{ provider: "anthropic", operation: "chat" }]);
  });

  it.each<[string, LogRecord, string]>([
    ["another's event of that name", log({ "event.name": "api_request" }), "not_inference"],
    ["an event of something else", log({ "event.name": "claude_code.tool_result" }), "not_inference"],
    ["a refusal: it was a request, too", log({ "event.name": "claude_code.api_refusal" }), "told_elsewhere"],
    [
      "OpenTelemetry's event",
      log({}, { eventName: "gen_ai.client.inference.operation.details" }),
      "told_elsewhere",
    ],
    ["what Gemini CLI is about to ask", log({ "event.name": "gemini_cli.api_request" }), "told_elsewhere"],
    ["a tool of Gemini CLI", log({ "event.name": "gemini_cli.tool_call" }), "not_inference"],
    ["a line of a log", log({}, { body: "api_request" }), "not_inference"],
  ])("and is no request: %s", (_, record, reason) => {
    expect(reasonsOf(record)).toEqual([reason]);
  });
});

describe("Claude Code", () => {
  const request = (attributes: Values) =>
    eventsOfLogs([log({ "event.name": "claude_code.api_request", ...attributes })])[0]!;
  const failure = (attributes: Values) =>
    eventsOfLogs([log({ "event.name": "claude_code.api_error", ...attributes })])[0]!;

  it("counts cached tokens beside the input, and writes numbers as text", () => {
    const { usage, remarks } = request({
      input_tokens: " 7 ",
      cache_read_tokens: "3",
      cache_creation_tokens: 2,
    });
    expect(usage).toMatchObject({ input: 7, cacheRead: 3, cacheWrite: 2 });
    expect(remarks.conventionInferred).toBeUndefined();
  });

  it("tells its own cost, in dollars or in millionths", () => {
    expect(request({ cost_usd: "0.5" }).reportedCost).toEqual({ microUsd: 500_000, picoUsd: 0 });
    expect(request({ cost_usd_micros: 19_036 }).reportedCost).toEqual({ microUsd: 19_036, picoUsd: 0 });
    expect(request({ cost_usd: 0 }).reportedCost).toBeUndefined();
  });

  it("took a time that can be", () => {
    expect(request({ duration_ms: "1190" }).durationNanos).toBe(1_190e6);
    expect(request({ duration_ms: -5 }).durationNanos).toBeUndefined();
    expect(request({ duration_ms: 1e12 }).durationNanos).toBeUndefined();
  });

  it("says when in an attribute, if not in the record", () => {
    const attributes = {
      "event.name": "claude_code.api_request",
      "event.timestamp": "2026-11-18T09:15:04.099Z",
    };
    const [event] = eventsOfLogs([log(attributes, { atMicros: undefined })]);
    expect(event!.timestampMicros).toBe(Date.parse("2026-11-18T09:15:04.099Z") * 1e3);
    expect(eventsOfLogs([log(attributes)])[0]!.timestampMicros).toBe(NOW_MICROS - 3e6);
  });

  it("says who asked for what", () => {
    const asked = {
      "organization.id": "org",
      "user.account_uuid": "u",
      query_source: "compact",
      speed: "fast",
    };
    expect(request(asked)).toMatchObject({ team: "org", user: "u", pool: "compact", serviceTier: "fast" });
    expect(request({ speed: "normal" }).serviceTier).toBeUndefined();
  });

  it.each<[string, Values, Partial<RequestEvent>]>([
    [
      "a status",
      { status_code: 529, attempt: 11 },
      // One record for all eleven.
      { errorType: "overloaded", httpStatus: 529, attempt: 1 },
    ],
    ["a status as text", { status_code: "429" }, { errorType: "rate_limit", attempt: 1 }],
    ["no connection", { error: "Connection error." }, { errorType: "network" }],
    ["no answer", { error: "Request timed out." }, { errorType: "timeout" }],
    ["a user who stopped it", { error: "Request was aborted." }, { status: "cancelled" }],
    ["text of the provider's", { error: "timeout" }, { errorType: "other", httpStatus: undefined }],
  ])("fails by %s", (_, attributes, fields) => {
    expect(failure(attributes)).toMatchObject({ status: "error", usage: undefined, ...fields });
  });

  it("says where it ran, and in which trace", () => {
    const attributes = { "event.name": "claude_code.api_request" };
    const source = sourceOf("x", { "service.name": "laptop" });
    const [event] = eventsOfLogs([
      log(attributes, { source, traceId: "a".repeat(32), spanId: "b".repeat(16) }),
    ]);
    expect(event).toMatchObject({ traceId: "a".repeat(32), spanId: "b".repeat(16) });
    expect(event!.tags).toEqual(new Map([["service_name", "laptop"]]));
  });

  it("has ids of requests; older versions of places in a session, or none", () => {
    expect(request({ request_id: "r", client_request_id: "c" }).id).toBe("claude-code/r");
    expect(request({ client_request_id: "c" }).id).toBe("claude-code/c");
    const place = { "session.id": "s", "event.sequence": 4 };
    expect(request(place).id).toBe(`claude-code/s/4/${NOW_MICROS - 3e6}`);
    expect(request({}).id).toBeUndefined();
    expect(request({ request_id: "r".repeat(300) }).id).toBeUndefined();
  });

  it("counts its records anew when a session is resumed: they are told apart by their times", () => {
    const attributes = { "event.name": "claude_code.api_request", "session.id": "s", "event.sequence": 4 };
    const ids = [1e6, 2e6, 2e6].map(
      (micros) => eventsOfLogs([log(attributes, { atMicros: NOW_MICROS - micros })])[0]!.id,
    );
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids[1]).toBe(ids[2]);
  });
});

describe("Gemini CLI", () => {
  const response = (attributes: Values, event = "api_response") =>
    eventsOfLogs([log({ "event.name": `gemini_cli.${event}`, ...attributes })])[0]!;

  it("counts thoughts beside the output and tools beside the input", () => {
    const { usage } = response({
      input_token_count: 100,
      tool_token_count: 20,
      cached_content_token_count: 40,
      output_token_count: 50,
      thoughts_token_count: 30,
    });
    expect(usage).toMatchObject({ input: 80, cacheRead: 40, output: 50, reasoning: 30 });
  });

  it("asks Vertex or the Gemini API", () => {
    expect(response({ auth_type: "vertex-ai" }).provider).toBe("gcp.vertex_ai");
    expect(response({ auth_type: "oauth-personal", role: "subagent" })).toMatchObject({
      provider: "gcp.gemini",
      pool: "subagent",
    });
  });

  it("fails with a type or a status", () => {
    const failed = (attributes: Values) => response(attributes, "api_error");
    expect(failed({ "error.type": "AbortError" })).toMatchObject({ status: "cancelled" });
    expect(failed({ status_code: "503" })).toMatchObject({ errorType: "overloaded", httpStatus: 503 });
    expect(failed({})).toMatchObject({ status: "error", errorType: "other" });
  });

  it("leaves sums out that are beyond what a request has", () => {
    expect(
      response({ input_token_count: 1e9, tool_token_count: 1, output_token_count: 5 }).usage,
    ).toMatchObject({
      input: 0,
      output: 5,
    });
  });
});

describe("Codex", () => {
  const record = (event: string, second: number, attributes: Values = {}, conversation = "conv") =>
    log(
      {
        "event.name": `codex.${event}`,
        "event.timestamp": new Date(NOW_MICROS / 1e3 - 60_000 + second * 1e3).toISOString(),
        "conversation.id": conversation,
        model: "gpt-5-codex",
        ...attributes,
      },
      { atMicros: NOW_MICROS - 60e6 + second * 1e6 },
    );
  const asked = (second: number, attributes: Values = {}, conversation?: string) =>
    record(
      "api_request",
      second,
      { duration_ms: "500", "http.response.status_code": "200", ...attributes },
      conversation,
    );
  const completed = (second: number, attributes: Values = {}, conversation?: string) =>
    record("sse_event", second, { "event.kind": "response.completed", ...attributes }, conversation);
  const USED = {
    input_token_count: "100",
    output_token_count: "10",
    cached_token_count: 60,
    reasoning_token_count: 4,
  };
  const read = (records: readonly LogRecord[], conversations = new CodexConversations()) => {
    const ofBody = conversations.ofBody();
    const body = readDrafts(logElements(records, SETTINGS, ofBody));
    ofBody.commit();
    return body;
  };

  it("tells of a request in two records, which are one event", () => {
    const { events, ignored } = read([asked(1), completed(8.9), completed(9, USED)]);
    expect(events).toMatchObject([
      { status: "success", httpStatus: 200, durationNanos: 8.5e9, stream: true, provider: "openai" },
    ]);
    expect(events[0]!.usage).toMatchObject({ input: 40, cacheRead: 60, output: 6, reasoning: 4 });
    expect(events[0]!.remarks.conventionInferred).toBeUndefined();
    expect(ignored).toEqual(new Map([["told_elsewhere", 2]]));
  });

  it("in different bodies, too, with the duration if the first was seen", () => {
    const conversations = new CodexConversations();
    expect(read([asked(1)], conversations).events).toEqual([]);
    expect(read([completed(9, USED)], conversations).events).toMatchObject([{ durationNanos: 8.5e9 }]);
    expect(read([completed(9, USED)]).events).toMatchObject([
      { durationNanos: undefined, httpStatus: undefined, status: "success" },
    ]);
  });

  it("with the duration when the second body was refused at first and is sent again", () => {
    const conversations = new CodexConversations();
    read([asked(1)], conversations);
    const refused = readDrafts(logElements([completed(9, USED)], SETTINGS, conversations.ofBody()));
    expect(refused.events).toMatchObject([{ durationNanos: 8.5e9 }]);
    expect(read([completed(9, USED)], conversations).events).toEqual(refused.events);
  });

  it("under the same id when a body comes again", () => {
    const conversations = new CodexConversations();
    const ids = [1, 2].map(() =>
      read([asked(1), completed(9, USED)], conversations).events.map(({ id }) => id),
    );
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[0]).toHaveLength(1);
    expect(ids[0]![0]).toBeDefined();
  });

  it("in whatever order a body has its records, of several conversations", () => {
    const records = [
      asked(1),
      asked(2, {}, "other"),
      completed(3, USED),
      completed(7, USED, "other"),
      asked(8),
      completed(9, USED),
    ];
    const durations = (list: readonly LogRecord[]) =>
      read(list)
        .events.map(({ id, durationNanos }) => `${id} ${durationNanos}`)
        .sort();
    expect(durations(records.toReversed())).toEqual(durations(records));
    expect(read(records).events.map(({ durationNanos }) => durationNanos! / 1e9)).toEqual([2.5, 5.5, 1.5]);
  });

  it("as one that failed, and then as one that was tried again", () => {
    const { events } = read([
      asked(1, { attempt: 0, "http.response.status_code": 429, "error.message": "x" }),
      asked(2, { attempt: 1 }),
      completed(9, USED),
    ]);
    expect(events).toMatchObject([
      { status: "error", errorType: "rate_limit", httpStatus: 429, attempt: 1, durationNanos: 500e6 },
      { status: "success", durationNanos: 7.5e9, attempt: 2 },
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  it("as one that never got an answer", () => {
    const lost = record("api_request", 1, { "error.message": "dns", attempt: "2" });
    expect(read([lost]).events).toMatchObject([{ errorType: "network", httpStatus: undefined, attempt: 3 }]);
  });

  it("as one that failed in the stream, once, whatever its frames say", () => {
    const { events, ignored } = read([
      asked(1),
      record("sse_event", 4, { "event.kind": "response.failed", duration_ms: "9", "error.message": "x" }),
      record("sse_event", 4.1, { duration_ms: "9", "error.message": "idle timeout waiting for SSE" }),
      completed(4.2, { "error.message": "x", duration_ms: "9" }),
      completed(4.2, { "error.message": "x" }),
      record("sse_event", 4.3, { "event.kind": "response.created", duration_ms: "9" }),
    ]);
    expect(events).toMatchObject([
      { status: "error", errorType: "streaming", usage: undefined, durationNanos: 3.7e9 },
    ]);
    expect(ignored).toEqual(
      new Map([
        ["told_elsewhere", 4],
        ["not_inference", 1],
      ]),
    );
  });

  it("and what one request took is not what the next one took", () => {
    const durations = (records: readonly LogRecord[]) =>
      read(records).events.map((event) => event.durationNanos);
    expect(durations([asked(1), completed(3, USED), completed(9, USED)])).toEqual([2.5e9, undefined]);
    const refused = asked(5, { "http.response.status_code": 429 });
    expect(durations([asked(1), refused, completed(9, USED)])).toEqual([500e6, undefined]);
  });

  it("over a websocket as well", () => {
    const sent = record("websocket_request", 1, { duration_ms: "100", success: "true" });
    expect(read([sent, completed(3, USED)]).events).toMatchObject([{ durationNanos: 2.1e9 }]);
    expect(read([record("websocket_request", 1, { success: "false" })]).events).toEqual([]);
  });

  it("and of whom it asks, when a conversation starts", () => {
    const starts = record("conversation_starts", 0, { provider_name: "Azure" });
    expect(read([starts, completed(3, USED)]).events).toMatchObject([{ provider: "azure.ai.openai" }]);
  });

  it("in more conversations than are remembered: the silent ones only lose their duration", () => {
    const conversations = new CodexConversations();
    const ask = (conversation: string) => read([asked(1, {}, conversation)], conversations);
    ask("first");
    for (let other = 0; other < 999; other++) ask(`conv-${other}`);
    ask("first");
    ask("last");
    const durationOf = (conversation: string) =>
      read([completed(9, USED, conversation)], conversations).events[0]!.durationNanos;
    expect(durationOf("first")).toBe(8.5e9);
    expect(durationOf("last")).toBe(8.5e9);
    expect(durationOf("conv-0")).toBeUndefined();
  });
});
