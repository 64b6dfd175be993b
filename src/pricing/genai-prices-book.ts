/**
 * The built-in price book: `@pydantic/genai-prices`, which carries its data with it and asks no network. Its data
 * says which names a model has and what it costs; the names go into an index and the prices become cards, both of ours:
 * the library walks hundreds of rules for each request and multiplies in floats.
 */
import { type ModelInfo, type ModelPrice, type Provider, waitForUpdate } from "@pydantic/genai-prices";
import type { ProviderName } from "../event/provider-names.ts";
import { perMillionTokens, perUnit } from "./decimal.ts";
import { ModelIndex } from "./model-index.ts";
import type { PriceBook } from "./price-book.ts";
import {
  ALWAYS,
  type Bracket,
  type Brackets,
  COMPONENTS,
  NO_RATES,
  type RateCard,
  type Rates,
  type Validity,
} from "./rate-card.ts";

/** The installed version, and when it was published; the package itself says neither. A test holds it to the package. */
export const GENAI_PRICES = { version: "0.1.8", publishedAt: "2026-09-23T10:11:04Z" } as const;

const NAME = "genai-prices";

/** The library's price keys that are rates for tokens of text. */
const PRICE_KEYS = {
  input: "input_mtok",
  cache_read: "cache_read_mtok",
  cache_write: "cache_write_mtok",
  cache_write_1h: "cache_write_1h_mtok",
  output: "output_mtok",
  reasoning: "output_reasoning_mtok",
} as const satisfies Record<keyof Omit<Rates, "request">, string>;
const REQUEST_KEY = "requests_kcount";

/** Providers that the library knows under another id. */
const LIBRARY_IDS: Partial<Record<ProviderName, string>> = { "google-vertex": "google" };

type Catalogue = ReadonlyMap<string, { readonly provider: Provider; readonly models: ModelIndex<ModelInfo> }>;

export async function genaiPricesBook(): Promise<PriceBook> {
  const providers = (await waitForUpdate()) ?? [];
  const catalogue: Catalogue = new Map(
    providers.map((provider) => [provider.id, { provider, models: new ModelIndex(provider.models) }]),
  );
  return {
    name: NAME,
    version: GENAI_PRICES.version,
    timestampMicros: Date.parse(GENAI_PRICES.publishedAt) * 1e3,
    cardCount: providers.reduce((sum, { models }) => sum + models.length, 0),
    ignoredCount: 0,
    find: ({ canonical, model }) => {
      const bare = model.toLowerCase().trim();
      if (canonical === undefined || bare.startsWith("arn:")) return [];
      const providerId = LIBRARY_IDS[canonical] ?? canonical;
      if (NOT_TRUSTED.some((name) => name.provider === providerId && name.model.test(bare))) return [];
      const found = modelOf(catalogue, providerId, bare);
      return found === undefined ? [] : cardsOf(found.providerId, found.model);
    },
  };
}

/** Names that the book prices as another model, or that the provider does not sell: found wrong, so not priced at all. */
const NOT_TRUSTED: readonly { readonly provider: string; readonly model: RegExp }[] = [
  // Open weights; whoever says `openai` has pointed its client at a server of its own.
  { provider: "openai", model: /^gpt-oss/ },
  // Matched as version 1, which costs five times as much. https://aws.amazon.com/bedrock/pricing/
  { provider: "aws", model: /titan-embed-text-v2/ },
  // Matched as gemini-1.5-flash, which costs twice as much. https://ai.google.dev/gemini-api/docs/pricing
  { provider: "google", model: /gemini-1\.5-flash-8b/ },
];

/** Vendors that charge the same in the clouds that the library looks them up for; others have prices of their own there. */
const LIST_PRICE_VENDORS: ReadonlySet<string> = new Set(["openai", "anthropic", "x-ai"]);

/** A date without dashes in the middle of a name; the book writes some with and some without. */
const BARE_DATE = /(?<=-)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g;

/**
 * As the library finds it: among the provider's own models, then among those of vendors that it serves; and again with
 * dashes in the date. A test holds the two together.
 */
function modelOf(
  catalogue: Catalogue,
  providerId: string,
  name: string,
): { readonly providerId: string; readonly model: ModelInfo } | undefined {
  const served = catalogue.get(providerId)?.provider.fallback_model_providers ?? [];
  const ids = [providerId, ...served.filter((id) => LIST_PRICE_VENDORS.has(id))];
  for (const spelling of new Set([name, name.replace(BARE_DATE, "$1-$2-$3")])) {
    for (const id of ids) {
      const model = catalogue.get(id)?.models.find(spelling);
      if (model !== undefined) return { providerId: id, model };
    }
  }
  return undefined;
}

/**
 * The library takes the last price whose condition holds, and the first one if none does. Hours of the day that stand
 * after a date came with that date: we let them hold from then on, where the library lets them hold ever.
 */
function cardsOf(provider: string, model: ModelInfo): readonly RateCard[] {
  const { id, prices } = model;
  const list = Array.isArray(prices) ? prices : [{ prices }];
  const card = (price: ModelPrice, validity: Validity): RateCard => ({
    provider,
    model: id,
    source: NAME,
    entry: `${provider}/${id}`,
    validity,
    standard: bracketsOf(isFree(id, price) ? FREE : price),
    serviceTiers: new Map(),
  });
  let fromMicros: number | undefined;
  const cards = list.map(({ constraint, prices }) => {
    const validity = validityOf(constraint);
    fromMicros = validity.fromMicros ?? fromMicros;
    return card(prices, validity.timeOfDay === undefined ? validity : { ...validity, fromMicros });
  });
  const isConditional = list.every(({ constraint }) => constraint !== undefined);
  return [...cards.reverse(), ...(isConditional ? [card(list[0]!.prices, ALWAYS)] : [])];
}

const FREE: ModelPrice = Object.fromEntries(Object.values(PRICE_KEYS).map((key) => [key, 0]));

/** A model without any price is free where its name says so; of others the price is not known. */
function isFree(id: string, price: ModelPrice): boolean {
  return id.endsWith(":free") && Object.keys(price).length === 0;
}

type Constraint =
  Exclude<ModelInfo["prices"], ModelPrice> extends readonly (infer Item)[]
    ? Item extends { constraint?: infer Constraint }
      ? Constraint
      : never
    : never;

function validityOf(constraint: Constraint | undefined): Validity {
  if (constraint === undefined) return ALWAYS;
  if (constraint.type === "start_date") {
    return { ...ALWAYS, fromMicros: Date.parse(`${constraint.start_date}T00:00:00Z`) * 1e3 };
  }
  const { start_time, end_time } = constraint;
  return {
    ...ALWAYS,
    timeOfDay: { fromSeconds: utcSeconds(start_time), untilSeconds: utcSeconds(end_time) },
  };
}

/** Seconds since midnight UTC of a time such as `16:30:00Z` or `08:00:00+08:00`. */
function utcSeconds(time: string): number {
  const millis = Date.parse(`1970-01-02T${time}`);
  if (Number.isNaN(millis)) throw new RangeError(`expected a time of day, got ${time}`);
  return (millis / 1e3) % 86_400;
}

function bracketsOf(price: ModelPrice): Brackets {
  const starts = new Set<number>();
  for (const key of Object.values(PRICE_KEYS)) {
    const value = price[key];
    if (typeof value === "object") for (const { start } of value.tiers) starts.add(start);
  }
  const above = Array.from(starts).sort((one, other) => one - other);
  const bracket = (aboveInputTokens: number): Bracket => ({
    aboveInputTokens,
    rates: ratesAbove(price, aboveInputTokens),
  });
  return [bracket(-1), ...above.map(bracket)];
}

function ratesAbove(price: ModelPrice, aboveInputTokens: number): Rates {
  const rates: Record<keyof Rates, number | undefined> = { ...NO_RATES };
  for (const component of COMPONENTS) {
    const value = price[PRICE_KEYS[component]];
    if (value === undefined) continue;
    if (typeof value === "number") rates[component] = perMillionTokens(value);
    else {
      const tier = value.tiers
        .filter(({ start }) => start <= aboveInputTokens)
        .reduce((latest, next) => (next.start >= latest.start ? next : latest), {
          start: -1,
          price: value.base,
        });
      rates[component] = perMillionTokens(tier.price);
    }
  }
  const requests = price[REQUEST_KEY];
  if (typeof requests === "number") rates.request = perUnit(requests) / 1e3;
  return rates;
}
