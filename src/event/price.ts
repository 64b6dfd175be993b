/** What an event costs, as far as it is known. Pricing finds it, the ledger adds it up. */
import type { Money } from "./money.ts";

/**
 * How the cost of an event was found; values of `result` in the family of cost look-ups. `priced`: every token has a
 * rate in the price book. `reported`: the sender's own figure. `partial`: some parts of the usage have no rate, and the
 * cost is that of the others. `unpriced`: nothing is known.
 */
export const COST_RESULTS = ["priced", "reported", "partial", "unpriced"] as const;
export type CostResult = (typeof COST_RESULTS)[number];

/** Parts of a usage, disjoint, each with a rate of its own; `cache_write` are writes with the shorter lifetime. */
export const COMPONENTS = [
  "input",
  "cache_read",
  "cache_write",
  "cache_write_1h",
  "output",
  "reasoning",
] as const;
export type Component = (typeof COMPONENTS)[number];

/** Amounts are `undefined` when there are none or they are unknown, never 0 for want of knowledge. */
export type Price = {
  /** `undefined` for an event with neither usage nor a reported cost: there was nothing to look up. */
  readonly result: CostResult | undefined;
  readonly cost: Money | undefined;
  /** What reading from the prompt cache saved against the rate of uncached input. */
  readonly cacheSavings: Money | undefined;
  /** What writing to the prompt cache cost on top of the rate of uncached input. */
  readonly cacheSurcharge: Money | undefined;
  /** Tokens for which no rate was found, and the components that they are of (`undefined`: none). */
  readonly unpricedTokens: number;
  readonly missing: readonly Component[] | undefined;
  /** What the price book says a request costs whose sender reports the cost; `undefined` unless it has every rate. */
  readonly bookCost: Money | undefined;
};
