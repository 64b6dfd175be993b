import { describe, expect, test } from "vitest";
import { FIELDS, type FieldKind } from "../../src/event/fields.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { eventOf, eventParser, NOW_MICROS } from "../ledger/sample-events.ts";

function issuesOf(value: unknown) {
  const result = eventParser().parse(value, NOW_MICROS);
  return result.ok ? [] : result.issues;
}

/** A value of each kind that differs from every default. */
const EXAMPLES: Readonly<Record<FieldKind, unknown>> = {
  label: "some-name",
  id: "id-1",
  word: undefined,
  boolean: true,
  count: 7,
  positive: 2,
  bytes: 1_024,
  milliseconds: 1_500,
  seconds: 1.5,
  usd: 0.25,
  time: "2026-11-20T11:59:00Z",
  http_status: 429,
  error_type: "rate_limit",
  error: "it broke",
  tags: { route: "/chat" },
  rotation: true,
  trace_id: "0af7651916cd43dd8448eb211c80319c",
  span_id: "b7ad6b7169203331",
};

describe("fields", () => {
  const spellings = FIELDS.flatMap(({ names: [canonical, ...aliases], kind }) =>
    aliases.map((alias) => ({ alias, canonical, kind })),
  );
  test.each(spellings)("$alias says the same as $canonical", ({ alias, canonical, kind }) => {
    // Enough beside it that the value is not refused for want of company.
    const company = kind === "milliseconds" ? { stream: true } : {};
    const plain = eventOf(company);
    const event = eventOf({ ...company, [alias]: EXAMPLES[kind] });
    expect(event).toEqual(eventOf({ ...company, [canonical]: EXAMPLES[kind] }));
    if (kind !== "boolean" || alias !== "success") expect(event).not.toEqual(plain);
  });

  test("durations in seconds and in milliseconds are one field", () => {
    expect(eventOf({ duration_seconds: 1.5 }).durationNanos).toBe(1_500_000_000);
    expect(eventOf({ duration_seconds: 1.5, duration_ms: 1_500 }).durationNanos).toBe(1_500_000_000);
    expect(issuesOf({ duration_seconds: 1.5, duration_ms: 1_501 })[0]?.code).toBe("conflict");
  });

  test.each(FIELDS.map(({ names: [name] }) => name))("%s: null is the same as absence", (name) => {
    const phase = name === "phase" ? {} : { phase: "end" };
    expect(eventOf({ ...phase, [name]: null })).toEqual(eventOf(phase));
  });

  test("two spellings of one field must agree", () => {
    expect(eventOf({ input_tokens: 5, prompt_tokens: 5 }).usage?.input).toBe(5);
    expect(issuesOf({ input_tokens: 5, tokens_in: 6 })).toMatchObject([
      { code: "conflict", path: "tokens_in" },
    ]);
  });

  test("unknown fields are counted and never kept", () => {
    const event = eventOf({
      messages: [{ role: "user", content: "a secret" }],
      prompt: "another",
      model: "m",
    });
    expect(event.remarks.unknownFields).toBe(2);
    expect(JSON.stringify(event)).not.toMatch(/secret|another/);
  });

  test("all that is wrong with an event is said at once", () => {
    const issues = issuesOf({ input_tokens: -1, status: "fine", duration_ms: "12" });
    expect(issues.map(({ path, code }) => `${path} ${code}`)).toEqual([
      "input_tokens out_of_range",
      "duration_ms wrong_type",
      "status unknown_value",
    ]);
    expect(issues[1]!.message).toBe('duration_ms: expected number from 0 to 2592000000, got "12"');
  });
});

describe("defaults", () => {
  test("an empty event is a successful chat request of unknown origin that ended on arrival", () => {
    expect(eventOf({})).toMatchObject({
      phase: "end",
      provider: "unknown",
      model: "unknown",
      pool: "default",
      operation: "chat",
      status: "success",
      stream: false,
      attempt: 1,
      timestampMicros: NOW_MICROS,
      usage: undefined,
      durationNanos: undefined,
    });
  });

  test("an empty name is no name", () => {
    expect(eventOf({ provider: "", model: "", pool: "" })).toMatchObject({
      provider: "unknown",
      model: "unknown",
    });
  });
});

describe("outcome", () => {
  test.each<{ name: string; fields: Record<string, unknown>; status: string; errorType?: string }>([
    { name: "nothing said", fields: {}, status: "success" },
    { name: "success: true", fields: { success: true }, status: "success" },
    { name: "success: false", fields: { success: false }, status: "error", errorType: "other" },
    { name: "HTTP 200", fields: { http_status: 200 }, status: "success" },
    { name: "HTTP 429", fields: { http_status: 429 }, status: "error", errorType: "rate_limit" },
    { name: "HTTP 499", fields: { http_status: 499 }, status: "cancelled", errorType: "cancelled" },
    {
      name: "a type beats the HTTP status",
      fields: { error_type: "quota", http_status: 429 },
      status: "error",
      errorType: "quota",
    },
    { name: "an HTTP status as type", fields: { error_type: 503 }, status: "error", errorType: "overloaded" },
    {
      name: "a class name",
      fields: { error_type: "openai.RateLimitError" },
      status: "error",
      errorType: "rate_limit",
    },
    {
      name: "an unknown word beside an HTTP status",
      fields: { error_type: "SomeError", http_status: 429 },
      status: "error",
      errorType: "rate_limit",
    },
    { name: "free text", fields: { error_type: "the dog ate it" }, status: "error", errorType: "other" },
    { name: "a message", fields: { error: "boom" }, status: "error", errorType: "other" },
    {
      name: "an error object",
      fields: { error: { type: "overloaded_error", message: "busy" } },
      status: "error",
      errorType: "overloaded",
    },
    { name: "error: false", fields: { error: false }, status: "success" },
    {
      name: "status cancelled",
      fields: { status: "cancelled" },
      status: "cancelled",
      errorType: "cancelled",
    },
    {
      name: "an aborted request",
      fields: { error_type: "AbortError" },
      status: "cancelled",
      errorType: "cancelled",
    },
    { name: "status error alone", fields: { status: "error" }, status: "error", errorType: "other" },
  ])("$name", ({ fields, status, errorType }) => {
    expect(eventOf(fields)).toMatchObject({ status, errorType });
  });

  test.each([
    { name: "a type", fields: { status: "success", error_type: "timeout" }, path: "status" },
    { name: "an HTTP status", fields: { status: "success", http_status: 500 }, path: "status" },
    { name: "a message", fields: { success: true, error: "boom" }, path: "success" },
  ])("success beside $name is a contradiction", ({ fields, path }) => {
    expect(issuesOf(fields)).toMatchObject([{ code: "conflict", path }]);
  });
});

describe("times", () => {
  const end = "2026-11-20T11:59:59.250Z";
  test.each<{ name: string; fields: Record<string, unknown>; expected: Partial<RequestEvent> }>([
    {
      name: "end and start give the duration",
      fields: { start_time: "2026-11-20T11:59:57Z", end_time: end },
      expected: { durationNanos: 2_250_000_000 },
    },
    {
      name: "a given duration wins",
      fields: { start_time: "2026-11-20T11:59:57Z", end_time: end, duration_ms: 1 },
      expected: { durationNanos: 1_000_000 },
    },
    {
      name: "start and duration give the end",
      fields: { start_time: "2026-11-20T11:00:00Z", duration_ms: 500 },
      expected: { timestampMicros: Date.UTC(2026, 10, 20, 11) * 1e3 + 500_000 },
    },
    {
      name: "a start alone gives no duration",
      fields: { start_time: "2026-11-20T11:00:00Z" },
      expected: { durationNanos: undefined, timestampMicros: NOW_MICROS },
    },
    {
      name: "a first token implies a stream",
      fields: { ttft_ms: 5 },
      expected: { stream: true, timeToFirstTokenNanos: 5_000_000 },
    },
    {
      name: "epoch seconds with a fraction",
      fields: { timestamp: 1_790_000_000.25 },
      expected: { timestampMicros: 1_790_000_000_250_000 },
    },
    {
      name: "epoch milliseconds",
      fields: { timestamp: 1_790_000_000_250 },
      expected: { timestampMicros: 1_790_000_000_250_000 },
    },
  ])("$name", ({ fields, expected }) => {
    expect(eventOf(fields)).toMatchObject(expected);
  });

  test.each([
    {
      name: "a start after the end",
      fields: { start_time: end, timestamp: "2026-11-20T11:59:58Z" },
      code: "conflict",
    },
    { name: "a first token after the end", fields: { duration_ms: 5, ttft_ms: 6 }, code: "conflict" },
    { name: "a first token without a stream", fields: { stream: false, ttft_ms: 6 }, code: "conflict" },
    { name: "an end ahead of the clock", fields: { timestamp: "2026-11-20T12:10:01Z" }, code: "in_future" },
    { name: "a start ahead of the clock", fields: { start_time: "2099-01-01T00:00:00Z" }, code: "in_future" },
    {
      name: "an update before its start",
      fields: { id: "1", phase: "update", start_time: end, timestamp: "2026-11-20T11:00:00Z" },
      code: "conflict",
    },
    {
      name: "a start more than 30 days before the end",
      fields: { start_time: 0, timestamp: "2026-01-01T00:00:00.000001Z" },
      code: "out_of_range",
    },
    { name: "a start without an id", fields: { phase: "start" }, code: "missing_field" },
  ])("refuses $name", ({ fields, code }) => {
    expect(issuesOf(fields)[0]?.code).toBe(code);
  });
});

describe("tokens", () => {
  test.each([
    {
      name: "inside, said",
      fields: { input_tokens: 1_200, cache_read_tokens: 800, input_includes_cache: true },
      input: 400,
      inferred: undefined,
    },
    {
      name: "beside, said",
      fields: { input_tokens: 400, cache_read_tokens: 800, input_includes_cache: false },
      input: 400,
      inferred: undefined,
    },
    {
      name: "inside, by the provider",
      fields: { provider: "openai", input_tokens: 1_200, cache_read_tokens: 800 },
      input: 400,
      inferred: "provider",
    },
    {
      name: "beside, by the provider",
      fields: { provider: "anthropic", input_tokens: 1_200, cache_read_tokens: 800 },
      input: 1_200,
      inferred: "provider",
    },
    {
      name: "beside, by the numbers",
      fields: { provider: "acme", input_tokens: 12, cache_read_tokens: 800 },
      input: 12,
      inferred: "counts",
    },
    {
      name: "inside, as for most",
      fields: { provider: "acme", input_tokens: 1_200, cache_read_tokens: 800 },
      input: 400,
      inferred: "default",
    },
    {
      name: "beside, as Bedrock counts in any spelling",
      fields: { provider: "aws.bedrock", input_tokens: 1_200, cache_read_tokens: 800 },
      input: 1_200,
      inferred: "provider",
    },
    {
      name: "beside, for Claude in another cloud",
      fields: {
        provider: "gcp.vertex_ai",
        model: "claude-sonnet-4@20250514",
        input_tokens: 9,
        cache_read_tokens: 4,
      },
      input: 9,
      inferred: "provider",
    },
    {
      name: "inside, for Gemini there",
      fields: { provider: "gcp.vertex_ai", model: "gemini-2.5-pro", input_tokens: 9, cache_read_tokens: 4 },
      input: 5,
      inferred: "provider",
    },
    {
      name: "without an input to be inside of",
      fields: { provider: "openai", cache_read_tokens: 800 },
      input: 0,
      inferred: "provider",
    },
    {
      name: "reads and writes",
      fields: {
        input_tokens: 100,
        cache_read_tokens: 20,
        cache_write_tokens: 30,
        input_includes_cache: true,
      },
      input: 50,
      inferred: undefined,
    },
    { name: "nothing cached, nothing inferred", fields: { input_tokens: 5 }, input: 5, inferred: undefined },
  ])("cached input $name", ({ fields, input, inferred }) => {
    const event = eventOf(fields);
    expect(event.usage?.input).toBe(input);
    expect(event.remarks.conventionInferred).toBe(inferred);
  });

  test("output does not include reasoning inside", () => {
    expect(eventOf({ output_tokens: 50, reasoning_tokens: 20 }).usage).toMatchObject({
      output: 30,
      reasoning: 20,
    });
  });

  test("writes of one hour are part of all writes", () => {
    expect(eventOf({ cache_write_1h_tokens: 5 }).usage).toMatchObject({ cacheWrite: 5, cacheWrite1h: 5 });
    expect(issuesOf({ cache_creation_tokens: 4, cache_write_1h_tokens: 5 })[0]?.path).toBe(
      "cache_write_1h_tokens",
    );
  });

  test("more cached than input names both numbers", () => {
    const [issue] = issuesOf({ input_tokens: 5, cache_read_tokens: 6, input_includes_cache: true });
    expect(issue?.message).toMatch(/6.*5/);
  });

  test("absence is not zero", () => {
    expect(eventOf({}).usage).toBeUndefined();
    expect(eventOf({ output_tokens: 0 }).usage).toBeDefined();
  });
});
