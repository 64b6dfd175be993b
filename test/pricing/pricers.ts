/** Pricers for tests: by the built-in book, and one that knows only what senders report. */
import { genaiPricesBook } from "../../src/pricing/genai-prices-book.ts";
import type { PriceBook } from "../../src/pricing/price-book.ts";
import { Pricer } from "../../src/pricing/pricer.ts";

const LIMITS = { modelsMax: 1_000 };

export const BUILT_IN = await genaiPricesBook();

export function pricerOf(...books: readonly PriceBook[]): Pricer {
  return new Pricer(books, LIMITS);
}

export const { price: priceByBook } = pricerOf(BUILT_IN);
export const { price: priceByReport } = pricerOf();
