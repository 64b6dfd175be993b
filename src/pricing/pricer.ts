/**
 * Prices events by the books in force, the first of which goes before the others. The sender's own figure wins over
 * all of them. What a model costs is looked up once and kept, so that pricing an event is a look-up by two names and a
 * handful of multiplications.
 */
import { fromNanoUsd, type Money } from "../event/money.ts";
import type { CostResult, Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import type { TokenUsage } from "../event/token-usage.ts";
import { type ModelName, modelNames } from "./model-names.ts";
import type { PriceBook } from "./price-book.ts";
import { inputTokens, type PricedUsage, priceUsage } from "./price-usage.ts";
import { type Bracket, type Brackets, bracketFor, isValidAt, NO_RATES, type RateCard } from "./rate-card.ts";

/** A card, and under which names it was found. */
export type CardMatch = { readonly card: RateCard; readonly name: ModelName };

/** All cards of a model in every book; of those valid at an instant the first one holds. */
export type Resolution = readonly CardMatch[];

/** How a usage is priced, for people who ask. */
export type Quote = {
  /** `undefined` if no book has a card for the model at the time. */
  readonly match: CardMatch | undefined;
  /** `undefined` if the card has none for the class of service. */
  readonly bracket: Bracket | undefined;
  readonly priced: PricedUsage;
  /** How many requests the event stands for. */
  readonly requests: number;
};

export type PricerLimits = {
  /** Models whose cards are kept; beyond it all are forgotten and looked up again. */
  readonly modelsMax: number;
};

const NOTHING_TO_PRICE: Price = {
  result: undefined,
  cost: undefined,
  cacheSavings: undefined,
  cacheSurcharge: undefined,
  unpricedTokens: 0,
  missing: undefined,
  bookCost: undefined,
};

export class Pricer {
  limits: PricerLimits;
  /** How often all kept cards were forgotten because of the limit. */
  evictions = 0;

  #books: readonly PriceBook[];
  #kept = new Map<string, Map<string, Resolution>>();
  #keptCount = 0;

  /** Throws nothing. `books`: the one that goes before the others first. */
  constructor(books: readonly PriceBook[], limits: PricerLimits) {
    this.#books = books;
    this.limits = limits;
  }

  get books(): readonly PriceBook[] {
    return this.#books;
  }

  /** Puts other books in force. */
  set books(books: readonly PriceBook[]) {
    this.#books = books;
    this.#forget();
  }

  /** Models whose cards are kept. */
  get keptModels(): number {
    return this.#keptCount;
  }

  /** Prices an ended request at the time when it ended. O(1) for a model seen before; never throws. */
  readonly price = (event: RequestEvent): Price => {
    const { usage, reportedCostNanoUsd } = event;
    const priced =
      usage === undefined || event.cacheHit === true ? undefined : this.quote(event, usage).priced;
    if (reportedCostNanoUsd !== undefined) return reportedPrice(fromNanoUsd(reportedCostNanoUsd), priced);
    if (priced === undefined || (priced.cost === undefined && priced.unpricedTokens === 0)) {
      return NOTHING_TO_PRICE;
    }
    return {
      result: resultOf(priced),
      cost: priced.cost,
      cacheSavings: priced.cacheSavings,
      cacheSurcharge: priced.cacheSurcharge,
      unpricedTokens: priced.unpricedTokens,
      missing: priced.missing,
      bookCost: undefined,
    };
  };

  /** How the books price the usage of an event. */
  quote(event: RequestEvent, usage: TokenUsage): Quote {
    const match = this.cardAt(event.provider, event.model, event.timestampMicros);
    const brackets = match === undefined ? undefined : bracketsFor(match.card, event.serviceTier);
    const bracket = brackets === undefined ? undefined : bracketFor(brackets, inputTokens(usage));
    const requests = requestsOf(event);
    const rates = bracket?.rates ?? NO_RATES;
    return { match, bracket, priced: priceUsage(usage, requests, rates), requests };
  }

  /** The card in force at an instant; `undefined` if no book has one. */
  cardAt(provider: string, model: string, micros: number): CardMatch | undefined {
    for (const match of this.#resolve(provider, model)) {
      if (isValidAt(match.card.validity, micros)) return match;
    }
    return undefined;
  }

  /** Every card of a model, in force or not, looked up anew; nothing is kept. */
  find(provider: string, model: string): Resolution {
    return resolveModel(this.#books, provider, model);
  }

  /** The same, looked up once and kept. */
  #resolve(provider: string, model: string): Resolution {
    const known = this.#kept.get(provider)?.get(model);
    if (known !== undefined) return known;
    if (this.#keptCount >= this.limits.modelsMax) {
      this.#forget();
      this.evictions += 1;
    }
    const resolution = this.find(provider, model);
    let models = this.#kept.get(provider);
    if (models === undefined) {
      models = new Map();
      this.#kept.set(provider, models);
    }
    models.set(model, resolution);
    this.#keptCount += 1;
    return resolution;
  }

  #forget(): void {
    this.#kept = new Map();
    this.#keptCount = 0;
  }
}

export function bracketsFor(card: RateCard, serviceTier: string | undefined): Brackets | undefined {
  return serviceTier === undefined ? card.standard : card.serviceTiers.get(serviceTier);
}

/** An event without a batch's id and with its size stands for the whole batch. */
function requestsOf({ batchId, batchSize }: RequestEvent): number {
  return batchId === undefined ? (batchSize ?? 1) : 1;
}

function resolveModel(books: readonly PriceBook[], provider: string, model: string): Resolution {
  const names = namesOf(books, provider, model);
  const exact = books.map((book) => matchesIn(book, names, false));
  // A name without the date of its snapshot is the last resort, in any book.
  const loose = books.map((book, index) => (exact[index]!.length > 0 ? [] : matchesIn(book, names, true)));
  return [...exact, ...loose].flat();
}

/** The cards of the first name that a book knows. */
function matchesIn(book: PriceBook, names: readonly ModelName[], loose: boolean): readonly CardMatch[] {
  for (const name of names) {
    if (name.loose !== loose) continue;
    const cards = book.find(name);
    if (cards.length > 0) return cards.map((card) => ({ card, name }));
  }
  return [];
}

function namesOf(books: readonly PriceBook[], provider: string, model: string): readonly ModelName[] {
  for (const book of books) {
    const alias = book.alias?.(provider, model);
    if (alias === undefined) continue;
    const asProvider = alias.provider ?? provider;
    const asModel = alias.model ?? model;
    const step = `as ${asProvider} ${asModel}, by ${alias.entry}`;
    return modelNames(asProvider, asModel).map((name) => ({ ...name, steps: [step, ...name.steps] }));
  }
  return modelNames(provider, model);
}

function resultOf({ cost, unpricedTokens }: PricedUsage): CostResult {
  if (cost === undefined) return "unpriced";
  return unpricedTokens === 0 ? "priced" : "partial";
}

function reportedPrice(cost: Money, priced: PricedUsage | undefined): Price {
  return {
    result: "reported",
    cost,
    cacheSavings: priced?.cacheSavings,
    cacheSurcharge: priced?.cacheSurcharge,
    unpricedTokens: 0,
    missing: undefined,
    bookCost: priced === undefined || priced.unpricedTokens > 0 ? undefined : priced.cost,
  };
}
