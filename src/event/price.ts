/** What an event costs, as far as it is known. Pricing finds it, the ledger adds it up. */

/** How the cost of an event was found; values of `result` in the family of cost look-ups. */
export const COST_RESULTS = ["priced", "reported", "partial", "unpriced"] as const;
export type CostResult = (typeof COST_RESULTS)[number];

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
