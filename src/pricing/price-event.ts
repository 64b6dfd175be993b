/**
 * The cost of an event. The sender's own figure wins; without one the cost is unknown, and says so: `undefined`,
 * never 0.
 */
import type { Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { totalTokens } from "../event/token-usage.ts";

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
