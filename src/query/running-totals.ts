/**
 * Totals as a Vandamme dashboard reads them: models, rolled up to providers, rolled up to a summary. Every number is that
 * of a cell: a provider's cell is the merge of its models', the summary's that of its providers', so that none can disagree.
 * A request in flight is recorded into the cell of its model, and comes to each level from there, once.
 */

import { globMatcher } from "../event/glob.ts";
import type { Price } from "../event/price.ts";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { ActiveRequest } from "../ledger/active-requests.ts";
import { type Cell, merge, record, zeroCell } from "../ledger/cell.ts";
import { SLOT, SUMS_LAYOUT } from "../ledger/cell-layout.ts";
import { startMicrosOf } from "./active-rows.ts";
import type { Group } from "./fold.ts";
import { type Split, splitSums, tokensInOut } from "./sums.ts";

/** Keys of this and the other types are those of the dashboard, in its order. */
export type TotalsBlock = {
  readonly requests: number;
  /** Failed or cancelled. */
  readonly errors: number;
  /** Without what was read from or written to a cache. */
  readonly input_tokens: number;
  /** Reasoning included. */
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_creation_tokens: number;
  readonly tool_uses: number;
  readonly tool_results: number;
  readonly tool_calls: number;
  /** Over the requests whose duration is known; 0 if there is none. Rounded. */
  readonly average_duration_ms: number;
  readonly total_duration_ms: number;
};

/** Without a split that has no request. */
export type SplitTotals = {
  readonly total: TotalsBlock;
  readonly streaming?: TotalsBlock;
  readonly non_streaming?: TotalsBlock;
};

/** The latest request, as `2026-01-31T12:00:00` in UTC; `null` if there was none. */
type LastAccessed = string | null;

export type ModelTotals = { readonly last_accessed: LastAccessed } & SplitTotals;

export type ProviderTotals = {
  /** Of all its models, whatever is asked for. */
  readonly last_accessed: LastAccessed;
  readonly rollup: SplitTotals & { readonly avg_duration_ms: number };
  /** By name, sorted; never empty. */
  readonly models: ReadonlyMap<string, ModelTotals>;
};

export type TotalsSummary = {
  /** Of everything, whatever is asked for. */
  readonly last_accessed: { readonly top: string } | null;
  readonly total_requests: number;
  readonly total_errors: number;
  readonly total_input_tokens: number;
  readonly total_output_tokens: number;
  readonly total_cache_read_tokens: number;
  readonly total_cache_creation_tokens: number;
  readonly total_tool_uses: number;
  readonly total_tool_results: number;
  readonly total_tool_calls: number;
  /** All that are in flight, whatever is asked for. */
  readonly active_requests: number;
  readonly average_duration_ms: number;
  /** Rounded. */
  readonly total_duration_ms: number;
  readonly cache_read_tokens: number;
  readonly cache_creation_tokens: number;
  readonly streaming_average_duration_ms: number;
  readonly non_streaming_average_duration_ms: number;
};

export type RunningTotals = {
  readonly summary: TotalsSummary;
  /** By name, sorted. */
  readonly providers: ReadonlyMap<string, ProviderTotals>;
};

export type RunningTotalsParts = {
  /** Of everything, by RUNNING_TOTALS_BY: what is asked for is picked here, since some of the answer is about all. */
  readonly groups: readonly Group[];
  readonly active: readonly ActiveRequest[];
  /** Patterns for names, in any case; `undefined`: all. */
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** Whether requests in flight are counted among the others. */
  readonly includesActive: boolean;
};

export const RUNNING_TOTALS_BY = ["provider", "model"] as const;

export function runningTotals(parts: RunningTotalsParts): RunningTotals {
  const isAsked = { provider: matcherOf(parts.provider), model: matcherOf(parts.model) };
  const everything = zeroCell(SUMS_LAYOUT);
  const asked = zeroCell(SUMS_LAYOUT);
  const providers = new Map<string, ProviderTotals>();
  for (const [name, cells] of byName(cellsByName(parts))) {
    const whole = zeroCell(SUMS_LAYOUT);
    const rollup = zeroCell(SUMS_LAYOUT);
    const models = new Map<string, ModelTotals>();
    for (const [model, cell] of byName(cells)) {
      merge(whole, cell, SUMS_LAYOUT);
      // A label set may be known for a request that has not ended.
      if (!isAsked.model(model) || splitSums(cell, "total").requests === 0) continue;
      merge(rollup, cell, SUMS_LAYOUT);
      models.set(model, { last_accessed: lastAccessed(cell), ...splitTotals(cell) });
    }
    merge(everything, whole, SUMS_LAYOUT);
    if (!isAsked.provider(name) || models.size === 0) continue;
    merge(asked, rollup, SUMS_LAYOUT);
    providers.set(name, {
      last_accessed: lastAccessed(whole),
      rollup: { ...splitTotals(rollup), avg_duration_ms: averageMillis(rollup, "total") },
      models,
    });
  }
  return { summary: summaryOf(asked, lastAccessed(everything), parts.active.length), providers };
}

function matcherOf(pattern: string | undefined): (name: string) => boolean {
  return pattern === undefined ? () => true : globMatcher(pattern, { ignoreCase: true });
}

/** Cells by provider and model, requests in flight in them if they are to be. */
function cellsByName({ groups, active, includesActive }: RunningTotalsParts): Map<string, Map<string, Cell>> {
  const cells = new Map<string, Map<string, Cell>>();
  const cellOf = (provider: string, model: string): Cell => {
    let models = cells.get(provider);
    if (models === undefined) {
      models = new Map();
      cells.set(provider, models);
    }
    let cell = models.get(model);
    if (cell === undefined) {
      cell = zeroCell(SUMS_LAYOUT);
      models.set(model, cell);
    }
    return cell;
  };
  for (const { values, cell } of groups) merge(cellOf(values[0]!, values[1]!), cell, SUMS_LAYOUT);
  for (const request of includesActive ? active : []) {
    // Under the names that it will be counted by when it ends.
    const [provider, model] = request.series.labelValues;
    recordActive(cellOf(provider!, model!), request);
  }
  return cells;
}

const NO_PRICE: Price = {
  result: undefined,
  cost: undefined,
  cacheSavings: undefined,
  cacheSurcharge: undefined,
  unpricedTokens: 0,
  missing: undefined,
  bookCost: undefined,
};

/** Adds a request and its tokens so far: it has no outcome and no duration. */
function recordActive(cell: Cell, request: ActiveRequest): void {
  const event = {
    ...request.event,
    timestampMicros: startMicrosOf(request),
    status: "success",
    errorType: undefined,
    durationNanos: undefined,
    timeToFirstTokenNanos: undefined,
  } as const;
  record(cell, SUMS_LAYOUT, event, NO_PRICE, false);
}

function summaryOf(cell: Cell, top: LastAccessed, activeRequests: number): TotalsSummary {
  const total = blockOf(cell, "total");
  return {
    last_accessed: top === null ? null : { top },
    total_requests: total.requests,
    total_errors: total.errors,
    total_input_tokens: total.input_tokens,
    total_output_tokens: total.output_tokens,
    total_cache_read_tokens: total.cache_read_tokens,
    total_cache_creation_tokens: total.cache_creation_tokens,
    total_tool_uses: total.tool_uses,
    total_tool_results: total.tool_results,
    total_tool_calls: total.tool_calls,
    active_requests: activeRequests,
    average_duration_ms: total.average_duration_ms,
    total_duration_ms: Math.round(total.total_duration_ms),
    cache_read_tokens: total.cache_read_tokens,
    cache_creation_tokens: total.cache_creation_tokens,
    streaming_average_duration_ms: averageMillis(cell, "streaming"),
    non_streaming_average_duration_ms: averageMillis(cell, "non_streaming"),
  };
}

function splitTotals(cell: Cell): SplitTotals {
  const streaming = blockOf(cell, "streaming");
  const nonStreaming = blockOf(cell, "non_streaming");
  return {
    total: blockOf(cell, "total"),
    ...(streaming.requests === 0 ? {} : { streaming }),
    ...(nonStreaming.requests === 0 ? {} : { non_streaming: nonStreaming }),
  };
}

function blockOf(cell: Cell, split: Split): TotalsBlock {
  const sums = splitSums(cell, split);
  return {
    requests: sums.requests,
    errors: sums.failures + sums.cancellations,
    input_tokens: sums.tokens.input,
    output_tokens: tokensInOut(sums).output,
    cache_read_tokens: sums.tokens.cache_read,
    cache_creation_tokens: sums.tokens.cache_write,
    tool_uses: sums.tools.use,
    tool_results: sums.tools.result,
    tool_calls: sums.tools.call,
    average_duration_ms: averageMillis(cell, split),
    total_duration_ms: sums.durationMillis,
  };
}

function averageMillis(cell: Cell, split: Split): number {
  const { timed, durationMillis } = splitSums(cell, split);
  return timed === 0 ? 0 : Math.round(durationMillis / timed);
}

function lastAccessed({ values, base }: Cell): LastAccessed {
  const micros = values[base + SLOT.lastRequestMicros]!;
  return micros === 0 ? null : rfc3339OfMicros(micros).slice(0, 19);
}

function byName<Of>(named: ReadonlyMap<string, Of>): readonly (readonly [string, Of])[] {
  return Array.from(named).sort(([one], [other]) => (one < other ? -1 : 1));
}
