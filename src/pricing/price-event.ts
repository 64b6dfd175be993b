/**
 * The cost of an event. The sender's own figure wins; without one the cost is unknown, and says so: `undefined`,
 * never 0.
 */
import type { CostResult } from "../catalogue/families.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { totalTokens } from "../event/token-usage.ts";

export type Price = {
  /** `undefined` for an event with neither usage nor a reported cost: there was nothing to look up. */
  readonly result: CostResult | undefined;
  /** Integer nano-USD; `undefined` when unknown. */
  readonly costNanoUsd: number | undefined;
  /** What prompt caching saved, in integer nano-USD. */
  readonly savingsNanoUsd: number;
  /** Tokens for which no price was found. */
  readonly unpricedTokens: number;
};

export type PriceEvent = (event: RequestEvent) => Price;

const NOTHING_TO_PRICE: Price = {
  result: undefined,
  costNanoUsd: undefined,
  savingsNanoUsd: 0,
  unpricedTokens: 0,
};

/** Prices an event by what its sender reports. O(1), never throws. */
export function priceByReport(event: RequestEvent): Price {
  if (event.reportedCostNanoUsd !== undefined) {
    return {
      result: "reported",
      costNanoUsd: event.reportedCostNanoUsd,
      savingsNanoUsd: 0,
      unpricedTokens: 0,
    };
  }
  if (event.usage === undefined) return NOTHING_TO_PRICE;
  return {
    result: "unpriced",
    costNanoUsd: undefined,
    savingsNanoUsd: 0,
    unpricedTokens: totalTokens(event.usage),
  };
}
