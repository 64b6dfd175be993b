/** What a price book answers, and what is known of the book itself. */
import type { ModelName } from "./model-names.ts";
import type { RateCard } from "./rate-card.ts";

export type PriceBook = {
  /** Such as `genai-prices`, or the path of a file. */
  readonly name: string;
  readonly version: string;
  /** When the book was published or written, in microseconds since the epoch. */
  readonly timestampMicros: number;
  readonly cardCount: number;
  /** Entries that were left out because a price in them cannot be right. */
  readonly ignoredCount: number;
  /**
   * Every card of a model, whatever its validity; of those valid at an instant the first one holds. Empty for a model that
   * the book does not know. Not for the hot path: the caller keeps what it got.
   */
  readonly find: (name: ModelName) => readonly RateCard[];
  /** What the operator calls a model otherwise; `undefined` if nothing. */
  readonly alias?: (name: ModelName) => ModelAlias | undefined;
};

/** Priced as another model. What is `undefined` stays as the event has it. */
export type ModelAlias = {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** File and entry, for people who ask. */
  readonly entry: string;
};
