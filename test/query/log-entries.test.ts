/** Ended requests as entries of a log. */
import { expect, it } from "vitest";
import { logEntry } from "../../src/query/log-entries.ts";
import { eventOf } from "../ledger/sample-events.ts";

const AT = "2026-11-20T11:00:00.250Z";

it("an entry holds all that is known of a request", () => {
  const event = eventOf({
    ...{ id: "r1", timestamp: AT, provider: "anthropic", model: "claude-sonnet-4-5", stream: true },
    ...{ duration_ms: 820.25, input_tokens: 12, cache_read_tokens: 20_480, cache_creation_tokens: 512 },
    ...{
      output_tokens: 70,
      reasoning_tokens: 30,
      tool_use_count: 1,
      tool_call_count: 2,
      tool_result_count: 3,
    },
  });
  expect(logEntry(7, event)).toEqual({
    seq: 7,
    ts: Date.parse(AT) / 1e3,
    request_id: "r1",
    provider: "anthropic",
    model: "claude-sonnet-4-5",
    is_streaming: true,
    duration_ms: 820.25,
    input_tokens: 12,
    output_tokens: 70,
    cache_read_tokens: 20_480,
    cache_creation_tokens: 512,
    tool_use_count: 1,
    tool_call_count: 2,
    tool_result_count: 3,
    status: "ok",
    error: null,
    error_type: null,
  });
});

it.each([
  { fields: { http_status: 429 }, error: "rate_limit (HTTP 429)", error_type: "rate_limit" },
  { fields: { status: "cancelled" }, error: "cancelled", error_type: "cancelled" },
  { fields: { status: "error", error: { message: "secret" } }, error: "other", error_type: "other" },
])("of $fields the error is $error", ({ fields, error, error_type }) => {
  expect(logEntry(1, eventOf({ timestamp: AT, ...fields }))).toMatchObject({
    ...{ status: "error", error, error_type },
    ...{ request_id: "", duration_ms: 0, input_tokens: 0 },
  });
});
