/** Events for tests: a builder with defaults, and a generator of arbitrary ones. */
import fc from "fast-check";
import { EventParser } from "../../src/event/parse-event.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";

export const NOW_MICROS = Date.UTC(2026, 10, 20, 12) * 1e3;

const LIMITS = { labelBytesMax: 128, futureToleranceMicros: 600e6, depthMax: 32 };

export function eventParser(limits: Partial<typeof LIMITS> = {}): EventParser {
  return new EventParser({ ...LIMITS, ...limits });
}

/** The event that the parser makes of the fields; throws what is wrong with them. */
export function eventOf(fields: Record<string, unknown>): RequestEvent {
  const result = eventParser().parse(fields, NOW_MICROS);
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join("; "));
  return result.event;
}

const count = (max: number) => fc.nat({ max });
const milliseconds = fc.oneof(fc.nat({ max: 2_000_000 }), fc.double({ min: 0, max: 2e6, noNaN: true }));

/** JSON events that the parser accepts, of a few label sets, with every family driven. */
export const arbitraryFields: fc.Arbitrary<Record<string, unknown>> = fc
  .record(
    {
      timestamp: fc.integer({ min: 1_700_000_000_000, max: 1_795_000_000_000 }),
      provider: fc.constantFrom("openai", "anthropic", "vllm"),
      model: fc.constantFrom("gpt-4o", "claude-sonnet-4-5", "llama"),
      pool: fc.constantFrom("chat", "rag"),
      status: fc.constantFrom("success", "error", "cancelled"),
      stream: fc.constant(true),
      duration_ms: milliseconds,
      ttft_share: fc.double({ min: 0, max: 1, noNaN: true }),
      input_tokens: count(1_000_000),
      output_tokens: count(100_000),
      cache_read_tokens: count(100_000),
      cache_creation_tokens: count(100_000),
      input_includes_cache: fc.constant(false),
      service_tier: fc.constantFrom("default", "batch"),
      cost_usd: fc.double({ min: 0, max: 100, noNaN: true }),
      tool_use_count: count(9),
      tool_result_count: count(9),
      tool_call_count: count(9),
      message_count: count(99),
      request_size: count(1_000_000),
      response_size: count(1_000_000),
      cache_hit: fc.boolean(),
      batch_id: fc.constantFrom("b-1", "b-2"),
      rotation: fc.boolean(),
      attempt: fc.integer({ min: 1, max: 3 }),
      trace_id: fc.constantFrom("0af7651916cd43dd8448eb211c80319c", "5b8efff798038103d269b633813fc60c"),
      span_id: fc.constantFrom("b7ad6b7169203331", "eee19b7ec3c1b174"),
    },
    { requiredKeys: ["timestamp", "provider", "model", "pool", "status", "input_includes_cache"] },
  )
  .map(({ ttft_share, ...fields }) =>
    ttft_share === undefined || fields.duration_ms === undefined || fields.stream === undefined
      ? fields
      : { ...fields, ttft_ms: Math.floor(fields.duration_ms * ttft_share) },
  );

export const arbitraryEvent: fc.Arbitrary<RequestEvent> = arbitraryFields.map(eventOf);
