/** A request as the cost tracker lists it. */
import type { Money } from "../event/money.ts";
import type { Status } from "../event/outcome.ts";
import { isoFormat } from "./iso-format.ts";
import { type KeptRequest, numbersOf } from "./kept-request.ts";

export type RecentRequest = {
  readonly timestamp: string;
  readonly model: string;
  readonly prompt_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
  /** null: unknown. */
  readonly cost: Money | null;
  readonly latency_ms: number | null;
  readonly status: Status;
  readonly team: string | null;
  readonly user: string | null;
  readonly cache_hit: boolean;
  readonly request_id: string;
};

export function recentRequest(request: KeptRequest): RecentRequest {
  const { event } = request;
  const { requestId, inputTokens, outputTokens, cost, durationMillis } = numbersOf(request);
  return {
    timestamp: isoFormat(event.timestampMicros),
    model: event.model,
    prompt_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    cost: cost ?? null,
    latency_ms: durationMillis ?? null,
    status: event.status,
    team: event.team ?? null,
    user: event.endUser ?? null,
    cache_hit: event.cacheHit === true,
    // Ids of its client are kept apart from those of other senders; the client knows nothing of that.
    request_id: requestId.replace(/^track /, ""),
  };
}
