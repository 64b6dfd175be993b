import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { decodeEnd, decodeRecord, encodeRecord } from "../../src/history/log-record.ts";
import { arbitraryEvent, eventOf } from "../ledger/sample-events.ts";
import { priceByBook } from "../pricing/pricers.ts";

/** What is kept of an event; of an ended one not what its usage was worked out from. */
const kept = (event: RequestEvent, ended: boolean): RequestEvent => ({
  ...event,
  reportedUsage: ended ? undefined : event.reportedUsage,
  remarks: { labelValuesAltered: 0, unknownFields: 0, conventionInferred: undefined },
});

describe("a record of the log", () => {
  test("gives back an ended request and its price", () => {
    fc.assert(
      fc.property(arbitraryEvent, (event) => {
        const price = priceByBook(event);
        const record = decodeRecord(encodeRecord({ kind: "end", event, price }));
        expect(record).toEqual({ kind: "end", event: kept(event, true), price });
      }),
    );
  });

  test("gives back a report with its counts as they were reported", () => {
    const event = eventOf({
      ...{ id: "r-1", phase: "update", provider: "anthropic", model: "claude-sonnet-4-5", team: "search" },
      ...{ input_tokens: 5, cache_read_tokens: 7, tags: { route: "a", n: 1 }, rotation: "failover" },
    });
    expect(decodeRecord(encodeRecord({ kind: "report", event, startArrivalMicros: 7 }))).toEqual({
      kind: "report",
      event: kept(event, false),
      startArrivalMicros: 7,
    });
  });

  test("gives back every field that an event can have", () => {
    const event = eventOf({
      ...{ id: "r", timestamp: "2026-03-01T12:00:00.000001Z", start_time: "2026-03-01T11:59:58Z" },
      ...{
        provider: "bedrock",
        model: 'm\u2028"\\',
        pool: "p",
        requested_model: "q",
        operation: "embeddings",
      },
      ...{
        service_tier: "batch",
        error_type: "rate_limit",
        http_status: 429,
        stream: true,
        duration_ms: 1500.25,
      },
      ...{ ttft_ms: 10.5, input_tokens: 1, output_tokens: 9, cache_read_tokens: 2, cache_write_tokens: 4 },
      ...{
        cache_write_1h_tokens: 3,
        reasoning_tokens: 5,
        input_includes_cache: false,
        cost_usd: 0.0000000375,
      },
      ...{ team: "t", user: "u", end_user: "e", tags: { a: "b" }, tool_use_count: 1, tool_result_count: 2 },
      ...{ tool_call_count: 3, message_count: 4, request_size: 5, response_size: 6, cache_hit: false },
      ...{ batch_id: "b", batch_size: 7, rotation: true, attempt: 2 },
      ...{ trace_id: "0af7651916cd43dd8448eb211c80319c", span_id: "b7ad6b7169203331" },
    });
    const unset = Object.entries(event).filter(([, value]) => value === undefined);
    expect(unset).toEqual([]);
    const price = priceByBook(event);
    expect(decodeEnd(encodeRecord({ kind: "end", event, price })).event).toEqual(kept(event, true));
  });

  test("gives back a reset of the statistics, which is no ended request", () => {
    const text = encodeRecord({ kind: "reset", sinceMicros: 1_793_000_000_123_000 });
    expect(decodeRecord(text)).toEqual({ kind: "reset", sinceMicros: 1_793_000_000_123_000 });
    expect(() => decodeEnd(text)).toThrow(RangeError);
  });

  test("gives back a mark", () => {
    expect(decodeRecord(encodeRecord({ kind: "mark" }))).toEqual({ kind: "mark" });
  });

  test.each(["", "{}", "[]", "[9]", '[1,"end"'])("is not read from %s", (text) => {
    expect(() => decodeRecord(text)).toThrow();
  });
});
