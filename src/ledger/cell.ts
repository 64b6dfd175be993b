/**
 * The aggregate of a set of events, and its algebra: zero, record, merge. Every number is an integer, so merging is
 * exact, associative and commutative, and no order or batching of events can be told from a cell.
 * Knows no label, family name or clock.
 */

import { type Money, PICOS } from "../event/money.ts";
import { ERROR_TYPES, STATUSES } from "../event/outcome.ts";
import { COST_RESULTS, type Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { type CellLayout, type HistogramLayout, MONEY_SLOTS, NANO_SLOTS, SLOT } from "./cell-layout.ts";
import { type Exemplar, laterExemplar } from "./exemplar.ts";
import { ExponentialHistogram } from "./exponential-histogram.ts";

export type Cell = {
  /** Slots of this cell are `values[base] .. values[base + layout.size - 1]`; other cells may share the array. */
  readonly values: Float64Array;
  readonly base: number;
  /** In the order of HISTOGRAM_KEYS; `undefined` until the first observation. */
  readonly exponentials: (ExponentialHistogram | undefined)[];
  /** Latest exemplar by slot; `undefined` until an event carried a trace id. */
  exemplars: Map<number, Exemplar> | undefined;
};

const STATUS_INDEX = new Map(STATUSES.map((status, index) => [status, index]));
const ERROR_INDEX = new Map(ERROR_TYPES.map((type, index) => [type, index]));
const COST_INDEX = new Map(COST_RESULTS.map((result, index) => [result, index]));
const NANOS = 1e9;

/** The cell of no events. */
export function zeroCell(
  layout: CellLayout,
  values: Float64Array = new Float64Array(layout.size),
  base = 0,
): Cell {
  return { values, base, exponentials: [undefined, undefined, undefined], exemplars: undefined };
}

/**
 * Adds one ended request. `opensBatch`: it is the first of its batch in this cell.
 * Constant work: additions into the slots, one logarithm for each histogram.
 */
export function record(
  cell: Cell,
  layout: CellLayout,
  event: RequestEvent,
  price: Price,
  opensBatch: boolean,
): void {
  const { values, base } = cell;
  const stream = event.stream ? 1 : 0;
  values[base + SLOT.requests + STATUS_INDEX.get(event.status)! * 2 + stream]! += 1;
  if (event.timestampMicros > values[base + SLOT.lastRequestMicros]!) {
    values[base + SLOT.lastRequestMicros] = event.timestampMicros;
  }
  if (event.attempt > 1) values[base + SLOT.retries]! += 1;
  if (event.rotated) values[base + SLOT.rotations]! += 1;
  if (event.errorType !== undefined) recordError(cell, event);
  recordUsage(cell, event, stream);
  recordPrice(cell, price);
  recordDurations(cell, layout, event, stream);
  recordSizes(cell, event, stream, opensBatch);
}

/** Adds one rotation that no request reported. */
export function recordRotation({ values, base }: Cell): void {
  values[base + SLOT.rotations]! += 1;
}

function recordError(cell: Cell, event: RequestEvent): void {
  const slot = SLOT.errors + ERROR_INDEX.get(event.errorType!)!;
  cell.values[cell.base + slot]! += 1;
  keepExemplar(cell, slot, event, 1);
}

function recordUsage({ values, base }: Cell, event: RequestEvent, stream: number): void {
  const { usage } = event;
  if (usage === undefined) {
    if (event.status === "success" && event.cacheHit !== true) values[base + SLOT.usageMissing]! += 1;
    return;
  }
  const first = base + SLOT.tokens + stream;
  // In the order of TOKEN_TYPES, two slots each.
  values[first]! += usage.input;
  values[first + 2]! += usage.cacheRead;
  values[first + 4]! += usage.cacheWrite;
  values[first + 6]! += usage.output;
  values[first + 8]! += usage.reasoning;
}

function recordPrice({ values, base }: Cell, price: Price): void {
  if (price.result === undefined) return;
  values[base + SLOT.costLookups + COST_INDEX.get(price.result)!]! += 1;
  const { cost, cacheSavings, cacheSurcharge, bookCost } = price;
  if (cost !== undefined) addMoney(values, base + SLOT.cost, cost);
  if (cacheSavings !== undefined) addMoney(values, base + SLOT.cacheSavings, cacheSavings);
  if (cacheSurcharge !== undefined) addMoney(values, base + SLOT.cacheSurcharge, cacheSurcharge);
  values[base + SLOT.unpricedTokens]! += price.unpricedTokens;
  if (bookCost === undefined || cost === undefined) return;
  addMoney(values, base + SLOT.comparedReportedCost, cost);
  addMoney(values, base + SLOT.comparedBookCost, bookCost);
}

function recordDurations(cell: Cell, layout: CellLayout, event: RequestEvent, stream: number): void {
  const { durationNanos, timeToFirstTokenNanos, usage } = event;
  if (durationNanos !== undefined) {
    const { histograms } = layout;
    cell.values[cell.base + SLOT.durationCount + stream]! += 1;
    addNanos(cell.values, cell.base + SLOT.durationSum + stream * 2, durationNanos);
    observe(cell, 0, histograms.duration, durationNanos, event);
  }
  if (timeToFirstTokenNanos === undefined) return;
  cell.values[cell.base + SLOT.timeToFirstTokenCount]! += 1;
  addNanos(cell.values, cell.base + SLOT.timeToFirstTokenSum, timeToFirstTokenNanos);
  observe(cell, 1, layout.histograms.timeToFirstToken, timeToFirstTokenNanos, event);
  // Only whole answers: a cut stream says nothing about the pace of the tokens that never came.
  if (durationNanos === undefined || usage === undefined || event.status !== "success") return;
  const outputTokens = usage.output + usage.reasoning;
  if (outputTokens <= 1) return;
  const perTokenNanos = Math.round((durationNanos - timeToFirstTokenNanos) / (outputTokens - 1));
  cell.values[cell.base + SLOT.timePerOutputTokenCount]! += 1;
  addNanos(cell.values, cell.base + SLOT.timePerOutputTokenSum, perTokenNanos);
  observe(cell, 2, layout.histograms.timePerOutputToken, perTokenNanos, event);
}

function observe(
  cell: Cell,
  histogramIndex: number,
  histogram: HistogramLayout,
  nanos: number,
  event: RequestEvent,
): void {
  const { boundsNanos, firstBucket } = histogram;
  let bucket = 0;
  while (bucket < boundsNanos.length && boundsNanos[bucket]! < nanos) bucket += 1;
  cell.values[cell.base + firstBucket + bucket]! += 1;
  exponential(cell, histogramIndex).record(nanos);
  keepExemplar(cell, firstBucket + bucket, event, nanos / NANOS);
}

function recordSizes({ values, base }: Cell, event: RequestEvent, stream: number, opensBatch: boolean): void {
  if (event.cacheHit !== undefined) values[base + SLOT.responseCache + (event.cacheHit ? 0 : 1)]! += 1;
  // In the order of TOOL_KINDS, two slots each.
  if (event.toolUseCount !== undefined) values[base + SLOT.toolCalls + stream]! += event.toolUseCount;
  if (event.toolResultCount !== undefined)
    values[base + SLOT.toolCalls + 2 + stream]! += event.toolResultCount;
  if (event.toolCallCount !== undefined) values[base + SLOT.toolCalls + 4 + stream]! += event.toolCallCount;
  if (event.messageCount !== undefined) values[base + SLOT.messages]! += event.messageCount;
  if (event.requestBytes !== undefined) values[base + SLOT.requestBytes]! += event.requestBytes;
  if (event.responseBytes !== undefined) values[base + SLOT.responseBytes]! += event.responseBytes;
  if (event.batchId !== undefined) {
    values[base + SLOT.batchedRequests]! += 1;
    if (opensBatch) values[base + SLOT.batches]! += 1;
  } else if (event.batchSize !== undefined) {
    values[base + SLOT.batchedRequests]! += event.batchSize;
    values[base + SLOT.batches]! += 1;
  }
}

/** Adds all events of `from` to `into`, which is of `layout`; `from` is of it or, for SUMS_LAYOUT, of any, and left as it is. */
export function merge(into: Cell, from: Cell, layout: CellLayout): void {
  addCell(into, from, layout);
  if (from.exemplars === undefined) return;
  into.exemplars ??= new Map();
  for (const [slot, exemplar] of from.exemplars) {
    into.exemplars.set(slot, laterExemplar(into.exemplars.get(slot), exemplar));
  }
}

/** The same without exemplars, for answers: thousands of cells for one of them. */
export function addCell(into: Cell, from: Cell, layout: CellLayout): void {
  const { values, base } = into;
  const { values: added, base: addedBase } = from;
  const last = base + SLOT.lastRequestMicros;
  const lastRequestMicros = Math.max(values[last]!, added[addedBase + SLOT.lastRequestMicros]!);
  for (let slot = 0; slot < layout.size; slot++) values[base + slot]! += added[addedBase + slot]!;
  values[last] = lastRequestMicros;
  carryAll(into);
  for (let index = 0; index < from.exponentials.length; index++) {
    const histogram = from.exponentials[index];
    if (histogram !== undefined) exponential(into, index).merge(histogram);
  }
}

/** To be called after slots of a cell were added to, so that the second slots of pairs stay below a unit. */
export function carryAll({ values, base }: Cell): void {
  for (const slot of NANO_SLOTS) carry(values, base + slot, NANOS);
  for (const slot of MONEY_SLOTS) carry(values, base + slot, PICOS);
}

/** Of HISTOGRAM_KEYS[index], made if it is not there yet. */
export function exponential(cell: Cell, index: number): ExponentialHistogram {
  let histogram = cell.exponentials[index];
  if (histogram === undefined) {
    histogram = new ExponentialHistogram();
    cell.exponentials[index] = histogram;
  }
  return histogram;
}

function keepExemplar(cell: Cell, slot: number, event: RequestEvent, value: number): void {
  const { traceId, spanId, timestampMicros } = event;
  if (traceId === undefined) return;
  cell.exemplars ??= new Map();
  cell.exemplars.set(
    slot,
    laterExemplar(cell.exemplars.get(slot), { traceId, spanId, value, timestampMicros }),
  );
}

/** Adds integer nanos (at most 2^53 - 1e9) to the pair whose units stand at `at`. */
function addNanos(values: Float64Array, at: number, nanos: number): void {
  values[at + 1]! += nanos;
  carry(values, at, NANOS);
}

/** Adds to the pair whose micro-dollars stand at `at`. */
function addMoney(values: Float64Array, at: number, { microUsd, picoUsd }: Money): void {
  values[at]! += microUsd;
  values[at + 1]! += picoUsd;
  carry(values, at, PICOS);
}

/** Brings what exceeds a unit in the second slot of a pair into the first; `parts` make a unit. */
function carry(values: Float64Array, at: number, parts: number): void {
  const rest = values[at + 1]!;
  if (rest < parts) return;
  const units = Math.floor(rest / parts);
  values[at]! += units;
  values[at + 1] = rest - units * parts;
}
