/** A sum as `/v1/totals` shows it: plain values under their names. */
import { TOKEN_TYPES } from "../catalogue/families.ts";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { Cell } from "../ledger/cell.ts";
import { latencyOf, type Timing } from "./latency.ts";
import { splitSums, tokensInOut, wholeSums } from "./sums.ts";

/** Absent numbers are null. `isNow`: of what goes on at the moment, which a range of time does not know. */
export function presentTotals(cell: Cell, { isNow }: { readonly isNow: boolean }) {
  const sums = splitSums(cell, "total");
  const { requests, successes, failures, cancellations, tokens, tools } = sums;
  const whole = wholeSums(cell);
  const { unpricedTokens, costLookups, lastRequestMicros } = whole;
  const { input, output } = tokensInOut(sums);
  return {
    requests,
    successes,
    errors: failures,
    cancelled: cancellations,
    error_rate: ratio(failures, requests),
    streaming_requests: splitSums(cell, "streaming").requests,
    retries: whole.retries,
    rotations: whole.rotations,
    in_flight: isNow ? whole.inFlight : null,
    tokens,
    tokens_in: input,
    tokens_out: output,
    tool_uses: tools.use,
    tool_results: tools.result,
    tool_calls: tools.call,
    cost_usd: whole.cost,
    cost: {
      ...costLookups,
      unpriced_tokens: unpricedTokens,
      unpriced_share: ratio(
        unpricedTokens,
        TOKEN_TYPES.reduce((sum, type) => sum + tokens[type], 0),
      ),
    },
    cache_savings_usd: whole.cacheSavings,
    cache_surcharge_usd: whole.cacheSurcharge,
    latency_ms: presentLatency(cell, "duration"),
    time_to_first_token_ms: presentLatency(cell, "time_to_first_token"),
    time_per_output_token_ms: presentLatency(cell, "time_per_output_token"),
    last_request: lastRequestMicros === undefined ? null : rfc3339OfMicros(lastRequestMicros),
  };
}

function presentLatency(cell: Cell, timing: Timing) {
  const latency = latencyOf(cell, timing);
  if (latency === undefined) return null;
  const { count, averageMillis, p50Millis, p95Millis, p99Millis } = latency;
  return { count, average: averageMillis, p50: p50Millis, p95: p95Millis, p99: p99Millis };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
