/**
 * Prices events by the books in force, the first of which goes before the others. The sender's own figure wins over
 * all of them. What a model costs is looked up once and kept, so that pricing an event is a look-up by two names and a
 * handful of multiplications.
 */
import type { Money } from "../event/money.ts";
import type { CostResult, Price } from "../event/price.ts";
import { type RequestEvent, STANDARD_TIER } from "../event/request-event.ts";
import type { TokenUsage } from "../event/token-usage.ts";
import { type ModelName, modelNames } from "./model-names.ts";
import type { PriceBook } from "./price-book.ts";
import { inputTokens, type PricedUsage, priceUsage } from "./price-usage.ts";
import {
  type Bracket,
  type Brackets,
  bracketFor,
  commonBracket,
  isValidAt,
  NO_RATES,
  type RateCard,
} from "./rate-card.ts";

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
  /** Whether the context tier is known; if not, the bracket has only the rates that all tiers share. */
  readonly isTierKnown: boolean;
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
    const { usage, reportedCost } = event;
    const priced =
      usage === undefined || event.cacheHit === true ? undefined : this.quote(event, usage).priced;
    if (reportedCost !== undefined) return reportedPrice(reportedCost, priced);
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
    const requests = requestsOf(event);
    const isTierKnown = brackets === undefined || isOneTier(brackets, inputTokens(usage), requests);
    const bracket =
      brackets && (isTierKnown ? bracketFor(brackets, inputTokens(usage)) : commonBracket(brackets));
    const rates = bracket?.rates ?? NO_RATES;
    return { match, bracket, isTierKnown, priced: priceUsage(usage, requests, rates), requests };
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
  const isStandard = serviceTier === undefined || serviceTier === STANDARD_TIER;
  return isStandard ? card.standard : card.serviceTiers.get(serviceTier);
}

/** Of several requests together it is not known how long the input of each was, unless all of it is short enough for one. */
function isOneTier(brackets: Brackets, inputTokens: number, requests: number): boolean {
  return requests === 1 || brackets[1] === undefined || inputTokens <= brackets[1].aboveInputTokens;
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

/** The names to try; those of what the operator calls the model otherwise, if there is an alias for any of them. */
function namesOf(books: readonly PriceBook[], provider: string, model: string): readonly ModelName[] {
  const names = modelNames(provider, model);
  for (const book of books) {
    for (const name of names) {
      const alias = name.loose ? undefined : book.alias?.(name);
      if (alias === undefined) continue;
      const asProvider = alias.provider ?? name.canonical ?? name.provider;
      const asModel = alias.model ?? name.model;
      const steps = [...name.steps, `as ${asProvider} ${asModel}, by ${alias.entry}`];
      return modelNames(asProvider, asModel).map((other) => ({
        ...other,
        steps: [...steps, ...other.steps],
      }));
    }
  }
  return names;
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
