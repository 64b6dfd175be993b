/** The numbers of a cell under their names, for those who present them. */
import { RESPONSE_CACHE_RESULTS, TOKEN_TYPES, TOOL_KINDS } from "../catalogue/families.ts";
import type { Money } from "../event/money.ts";
import { ERROR_TYPES, type ErrorType, STATUSES } from "../event/outcome.ts";
import { COST_RESULTS, type CostResult } from "../event/price.ts";
import type { Cell } from "../ledger/cell.ts";
import { SLOT } from "../ledger/cell-layout.ts";

export type TokenType = (typeof TOKEN_TYPES)[number];
export type ToolKind = (typeof TOOL_KINDS)[number];

/** Which requests: all, those whose answer was streamed, or the others. */
export type Split = "total" | "streaming" | "non_streaming";

/** What a cell splits by streaming. */
export type SplitSums = {
  readonly requests: number;
  readonly successes: number;
  /** Requests that ended with status `error`. */
  readonly failures: number;
  readonly cancellations: number;
  /** Disjoint: `input` without what was read from or written to a cache, `output` without reasoning. */
  readonly tokens: Readonly<Record<TokenType, number>>;
  readonly tools: Readonly<Record<ToolKind, number>>;
  /** Requests whose duration is known, and their durations added up. */
  readonly timed: number;
  readonly durationMillis: number;
};

/** What a cell has for all requests together. */
export type WholeSums = {
  readonly retries: number;
  readonly rotations: number;
  readonly usageMissing: number;
  readonly inFlight: number;
  /** Completion of the latest request; `undefined` if there was none. */
  readonly lastRequestMicros: number | undefined;
  readonly errors: Readonly<Record<ErrorType, number>>;
  readonly cost: Money;
  readonly costLookups: Readonly<Record<CostResult, number>>;
  readonly unpricedTokens: number;
  readonly cacheSavings: Money;
  readonly cacheSurcharge: Money;
  readonly responseCache: Readonly<Record<(typeof RESPONSE_CACHE_RESULTS)[number], number>>;
  readonly messages: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly batches: number;
  readonly batchedRequests: number;
};

/** Slots to add up of a quantity that is split. */
const OFFSETS: Readonly<Record<Split, readonly number[]>> = {
  total: [0, 1],
  streaming: [1],
  non_streaming: [0],
};

export function splitSums({ values, base }: Cell, split: Split): SplitSums {
  const offsets = OFFSETS[split];
  const at = (slot: number) => {
    let sum = 0;
    for (const offset of offsets) sum += values[base + slot + offset]!;
    return sum;
  };
  const byStatus = named(STATUSES, (_status, index) => at(SLOT.requests + index * 2));
  let durationMillis = 0;
  for (const offset of offsets) durationMillis += millisAt(values, base + SLOT.durationSum + offset * 2);
  return {
    requests: byStatus.success + byStatus.error + byStatus.cancelled,
    successes: byStatus.success,
    failures: byStatus.error,
    cancellations: byStatus.cancelled,
    tokens: named(TOKEN_TYPES, (_type, index) => at(SLOT.tokens + index * 2)),
    tools: named(TOOL_KINDS, (_kind, index) => at(SLOT.toolCalls + index * 2)),
    timed: at(SLOT.durationCount),
    durationMillis,
  };
}

export function wholeSums({ values, base }: Cell): WholeSums {
  const at = (slot: number) => values[base + slot]!;
  const moneyAt = (slot: number): Money => ({ microUsd: at(slot), picoUsd: at(slot + 1) });
  return {
    retries: at(SLOT.retries),
    rotations: at(SLOT.rotations),
    usageMissing: at(SLOT.usageMissing),
    inFlight: at(SLOT.inFlight),
    lastRequestMicros: at(SLOT.lastRequestMicros) || undefined,
    errors: named(ERROR_TYPES, (_type, index) => at(SLOT.errors + index)),
    cost: moneyAt(SLOT.cost),
    costLookups: named(COST_RESULTS, (_result, index) => at(SLOT.costLookups + index)),
    unpricedTokens: at(SLOT.unpricedTokens),
    cacheSavings: moneyAt(SLOT.cacheSavings),
    cacheSurcharge: moneyAt(SLOT.cacheSurcharge),
    responseCache: named(RESPONSE_CACHE_RESULTS, (_result, index) => at(SLOT.responseCache + index)),
    messages: at(SLOT.messages),
    requestBytes: at(SLOT.requestBytes),
    responseBytes: at(SLOT.responseBytes),
    batches: at(SLOT.batches),
    batchedRequests: at(SLOT.batchedRequests),
  };
}

/** Tokens that went in, those of caches included, and tokens that came out, reasoning included. */
export function tokensInOut({ tokens }: SplitSums): { readonly input: number; readonly output: number } {
  return {
    input: tokens.input + tokens.cache_read + tokens.cache_write,
    output: tokens.output + tokens.reasoning,
  };
}

/** Of a pair of slots, whole seconds and nanos. */
function millisAt(values: Float64Array, at: number): number {
  return values[at]! * 1e3 + values[at + 1]! / 1e6;
}

function named<Name extends string>(
  names: readonly Name[],
  valueFor: (name: Name, index: number) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, valueFor(name, index)])) as Record<
    Name,
    number
  >;
}
