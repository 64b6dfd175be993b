/** Prices for requests that come without a cost. */
import type { PriceBook } from "../pricing/price-book.ts";

/** To be handed to a collector as it is. */
export type BookPrices = { readonly books: readonly PriceBook[] };

/** The price book that the exporter has built in. Loaded when it is asked for: it is two megabytes that few need. */
export async function bookPrices(): Promise<BookPrices> {
  const { genaiPricesBook } = await import("../pricing/genai-prices-book.ts");
  return { books: [await genaiPricesBook()] };
}
