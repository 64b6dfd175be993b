/** A request whose cost is known from its provider's published prices, worked out by hand. */
export type BillingCase = {
  /** What the case shows, as a sentence fragment: `cached input costs half`. */
  readonly name: string;
  /** Fields of an event as a sender posts it; `timestamp` unless the prices never changed. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly result: "priced" | "partial" | "unpriced" | "reported";
  /** Nano-dollars with up to three decimals; `null` if the cost is unknown. */
  readonly nanoUsd: number | null;
  /** The arithmetic: `(1200-800)*2500 + 800*1250 + 350*10000`, in tokens times nano-dollars a token. */
  readonly derivation: string;
  /** URL of the provider's price page or documented example. */
  readonly source: string;
};
