/**
 * LiteLLM's `model_prices_and_context_window.json`, as it is, as price entries. The file has one flat object
 * for each model: US dollars a token, where the part of the usage, the length of the input and the class of
 * service are parts of the key. What is no price of text tokens is left out; what cannot be a price is a
 * fault of its model.
 *
 * Left out with it: factors for regions (`regional_*_multiplier`, `provider_specific_entry`), which events
 * do not tell, and fees for searches (`search_context_cost_per_query`).
 * https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json
 */
import { canonicalProvider } from "../event/provider-names.ts";
import { perUnit, usdPerUnit } from "./decimal.ts";
import type { PriceEntry } from "./price-entry.ts";
import { ALWAYS, type Bracket, type Brackets, COMPONENTS, NO_RATES, type Rates } from "./rate-card.ts";

export type LitellmPrices = {
  readonly entries: PriceEntry[];
  /** Models without a known price of a token: with one of an image, a second or a page, or with none. */
  readonly withoutTokenPrices: number;
  /** One line each; none of these models has an entry. */
  readonly faults: string[];
};

type Fields = Readonly<Record<string, unknown>>;
type RateName = keyof Rates;
/** Where a rate holds: `above` so many input tokens (-1: always), in a tier (`""`: the standard one). */
type Place = { readonly name: RateName; readonly above: number; readonly tier: string };
/** `alone`: of a table, whose rows say all that holds in them. */
type Point = Place & { readonly pico: number; readonly alone: boolean };
type NamedRates = Partial<Record<RateName, number>>;
/** By `above`. */
type Levels = Map<number, { readonly named: NamedRates; alone: boolean }>;
type Named = Pick<PriceEntry, "provider" | "model">;

/** Keys of the file that are no models. */
const RESERVED: ReadonlySet<string> = new Set(["sample_spec", "fallback_generalizations"]);

const RATE_NAMES: readonly RateName[] = [...COMPONENTS, "request"];

const RATE_OF: Readonly<Record<string, RateName>> = {
  input_cost_per_token: "input",
  // The older name of the next one, beside it in most models that have it.
  input_cost_per_token_cache_hit: "cache_read",
  cache_read_input_token_cost: "cache_read",
  cache_creation_input_token_cost: "cache_write",
  cache_creation_input_token_cost_above_1hr: "cache_write_1h",
  output_cost_per_token: "output",
  output_cost_per_reasoning_token: "reasoning",
  input_cost_per_request: "request",
};
/**
 * A rate; and in any order, above how many tokens and in which tier. Other units, and audio, do not match.
 */
const RATE_KEY = new RegExp(
  `^(${Object.keys(RATE_OF)
    .sort((one, other) => other.length - one.length)
    .join("|")})((?:_above_\\d+k?_tokens|_batches|_flex|_priority)*)$`,
);
const TIERS: Readonly<Record<string, string>> = { _batches: "batch", _flex: "flex", _priority: "priority" };

/** Prices that change with the hour or the date. */
const TIMED = ["off_peak_pricing", "pricing_periods"] as const;
const TIMED_REMEDY = "name the model in a price file of your own if no other book has it";

/**
 * US dollars a token. No model has cost more than 0.0006, which are 600 US dollars a million (o1-pro). The
 * real file has prices in larger units among the others, from 0.002 up, and 0.01 for what costs a tenth of a
 * millionth.
 */
const TOKEN_USD_MAX = 1e-3;
/** What is sold costs at least ten times this; below it a price was divided by a million twice. */
const TOKEN_USD_MIN = 1e-10;
const REQUEST_USD_MAX = 1_000;
const TOKEN_RULE = "expected US dollars a token, 0 or from 0.0000000001 to 0.001";
const REQUEST_RULE = `expected US dollars a request, from 0 to ${REQUEST_USD_MAX}`;
const DECIMAL = /^\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i;
const VALUE_SHOWN_MAX = 60;

/** Whether a parsed JSON file looks like LiteLLM's map of models, and not like a price file of our own. */
export function isLitellmPriceMap(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.values(value).some(
    (model) =>
      isObject(model) &&
      Object.keys(model).some(
        (field) => field === "litellm_provider" || /_cost_per_|_token_cost/.test(field),
      ),
  );
}

/**
 * Two keys can name one model of one provider, as `deepseek-chat` and `deepseek/deepseek-chat` do. Then the
 * key without a prefix holds, and of two with a prefix the first by code unit (`azure/x` before
 * `azure_ai/x`): the order of the file decides nothing.
 */
export function litellmPriceEntries(map: Fields): LitellmPrices {
  const best = new Map<string, { readonly entry: PriceEntry; readonly rank: string }>();
  const faults: string[] = [];
  let withoutTokenPrices = 0;
  for (const [key, fields] of Object.entries(map)) {
    if (RESERVED.has(key)) continue;
    const found = isObject(fields)
      ? pricesOf(key, fields)
      : [`${JSON.stringify(key)}: expected an object of prices, got ${shown(fields)}`];
    if (found === undefined) withoutTokenPrices += 1;
    else if (Array.isArray(found)) faults.push(...found);
    else {
      for (const name of namesOf(key, fields as Fields, map)) {
        const { rank, ...named } = name;
        const identity = `${providerIdentity(named.provider)} ${named.model.toLowerCase()}`;
        const other = best.get(identity);
        if (other !== undefined && other.rank <= rank) continue;
        best.set(identity, { rank, entry: { ...named, validity: ALWAYS, ...found, entry: key } });
      }
    }
  }
  return { entries: Array.from(best.values(), ({ entry }) => entry), withoutTokenPrices, faults };
}

type Prices = Pick<PriceEntry, "standard" | "serviceTiers">;

/** Prices of a model; `undefined` if none is known; or what is wrong with them. */
function pricesOf(key: string, fields: Fields): Prices | string[] | undefined {
  const { points, faults } = pointsOf(fields);
  // One rate for all hours would be wrong in some; a book that knows the hours may know the model.
  for (const field of TIMED) {
    if (fields[field] == null) continue;
    faults.push(`.${field}: expected one price at all times, got prices by time; ${TIMED_REMEDY}`);
  }
  if (faults.length > 0) return faults.map((fault) => `${JSON.stringify(key)}${fault}`);
  if (isFree(key, fields, points)) return { standard: FREE, serviceTiers: new Map() };
  const meant = withoutEmptyZeros(fields, points).filter(({ name }) => !isImageOutput(fields, name));
  const fee = meant.some(({ name }) => name === "request");
  const priced = (tier: string) =>
    meant.some((point) => point.tier === tier && point.name !== "request" && (point.pico > 0 || fee));
  if (!priced("")) return undefined;
  const standard = levelsOf(meant, "");
  const tiers = Object.values(TIERS).filter(priced);
  return {
    standard: bracketsOf(standard, standard),
    serviceTiers: new Map(tiers.map((tier) => [tier, bracketsOf(levelsOf(meant, tier), standard)])),
  };
}

/** Every rate that is named, and what is wrong with others. */
function pointsOf(fields: Fields): { points: Point[]; faults: string[] } {
  const points: Point[] = [];
  const faults: string[] = [];
  const read = (rates: Fields, path: string, from: number, alone: boolean) => {
    for (const [field, value] of Object.entries(rates)) {
      const place = placeOf(field, fields, from);
      if (place === undefined || value == null) continue;
      if (field === "input_cost_per_token_cache_hit" && rates.cache_read_input_token_cost != null) continue;
      const pico = picoOf(place.name, value);
      if (typeof pico === "number") points.push({ ...place, pico, alone });
      else faults.push(`.${path}${field}: ${pico}`);
    }
  };
  read(fields, "", -1, false);
  const ranges = Array.isArray(fields.tiered_pricing) ? (fields.tiered_pricing as unknown[]) : [];
  ranges.forEach((tier, index) => {
    // Tables of search engines go by results and name no rates of tokens.
    if (!isObject(tier) || !Object.keys(tier).some((field) => RATE_KEY.test(field))) return;
    const path = `tiered_pricing[${index}].`;
    const start: unknown = Array.isArray(tier.range) ? tier.range[0] : undefined;
    if (typeof start !== "number" || !(start >= 0)) {
      faults.push(`.${path}range: expected from and to in tokens, got ${shown(tier.range)}`);
      return;
    }
    const { output_cost_per_token } = fields;
    // LiteLLM does the same for a table of input rates.
    const whole = output_cost_per_token == null ? tier : { output_cost_per_token, ...tier };
    read(whole, path, start === 0 ? -1 : start, true);
  });
  return { points, faults };
}

/**
 * What a key prices. LiteLLM compares the prompt's tokens, cached ones included, and takes the higher rates
 * above the threshold; for xAI from the threshold on, for that is how xAI bills.
 */
function placeOf(field: string, { litellm_provider }: Fields, from: number): Place | undefined {
  const match = RATE_KEY.exec(field);
  if (match === null) return undefined;
  const [, rate, rest] = match as unknown as [string, string, string];
  const threshold = /_above_(\d+)(k?)_tokens/.exec(rest);
  const inclusive = typeof litellm_provider === "string" && canonicalProvider(litellm_provider) === "x-ai";
  const above = threshold && Number(threshold[1]) * (threshold[2] === "k" ? 1e3 : 1) - (inclusive ? 1 : 0);
  const tier = /_(?:batches|flex|priority)/.exec(rest)?.[0];
  return { name: RATE_OF[rate]!, above: above ?? from, tier: tier === undefined ? "" : TIERS[tier]! };
}

/**
 * Pico-dollars, or what is wrong with the value. Files that have been YAML have texts for numbers like
 * `3e-7`.
 */
function picoOf(name: RateName, value: unknown): number | string {
  const rule = name === "request" ? REQUEST_RULE : TOKEN_RULE;
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  if (!DECIMAL.test(text)) return `${rule}, got ${shown(value)}`;
  const usd = Number(text);
  if (name === "request") return usd <= REQUEST_USD_MAX ? perUnit(text) : `${rule}, got ${shown(value)}`;
  if (usd > TOKEN_USD_MAX) {
    const remedy = `for a price of a million tokens write ${usdPerUnit(perUnit(text) / 1e6)}`;
    return `${rule}, got ${shown(value)}; ${remedy}`;
  }
  if (usd > 0 && usd < TOKEN_USD_MIN) {
    return `${rule}, got ${shown(value)}; divide a price of a million tokens by 1000000 only once`;
  }
  return perUnit(text);
}

const FREE: Brackets = [
  {
    aboveInputTokens: -1,
    rates: { ...NO_RATES, ...Object.fromEntries(COMPONENTS.map((name) => [name, 0])) },
  },
];

/** `:free` of OpenRouter, `-Free` of Together. */
const FREE_NAME = /(?:^|[:/_-])free$/i;
/** Servers that run on the operator's own machines. */
const SELF_HOSTED: ReadonlySet<string> = new Set([
  "docker_model_runner",
  "hosted_vllm",
  "lemonade",
  "llamafile",
  "lm_studio",
  "ollama",
  "ollama_chat",
  "vllm",
  "xinference",
]);
/** Ollama's names of models that run on its own machines, which a subscription pays for. */
const CLOUD_NAME = /[:-]cloud$/i;
const MODES_WITHOUT_OUTPUT: ReadonlySet<unknown> = new Set(["embedding", "rerank", "moderation"]);

/**
 * Zeros in the file mean free, priced otherwise (by search, by subscription), a router, or that nobody knew.
 * So a model of zeros is free only where its name or its provider says so. All of it is free then, also what
 * is not named.
 */
function isFree(key: string, fields: Fields, points: readonly Point[]): boolean {
  const selfHosted = SELF_HOSTED.has(String(fields.litellm_provider)) && !CLOUD_NAME.test(key);
  if (!selfHosted && !FREE_NAME.test(key)) return false;
  const named = (name: RateName) => points.some((point) => point.name === name);
  return (
    named("input") && (named("output") || isWithoutOutput(fields)) && points.every(({ pico }) => pico === 0)
  );
}

/**
 * Zeros beside prices: models without a prompt cache have a cache at 0, a router that adds to the price of
 * input has output at 0. They are no prices, but for output where there is none, and where a fee for the
 * request pays for tokens.
 */
function withoutEmptyZeros(fields: Fields, points: readonly Point[]): readonly Point[] {
  const fee = points.some(({ name, pico }) => name === "request" && pico > 0);
  const noOutput = isWithoutOutput(fields);
  return points.filter(
    ({ name, pico }) => pico > 0 || (name === "output" && noOutput) || (name !== "request" && fee),
  );
}

function isWithoutOutput({ mode, litellm_provider }: Fields): boolean {
  return MODES_WITHOUT_OUTPUT.has(mode) || /embedding/.test(String(litellm_provider));
}

/**
 * Whether the rate is for the words beside generated images. These are most of what such a model puts out
 * and cost some ten times as much, and a usage does not tell the two apart.
 */
function isImageOutput(fields: Fields, name: RateName): boolean {
  if (name !== "output" && name !== "reasoning") return false;
  const images = fields.output_cost_per_image_token;
  return fields.mode === "image_generation" && images != null && images !== fields.output_cost_per_token;
}

/** Named rates of a tier. A fee for the request does not depend on the tier. */
function levelsOf(points: readonly Point[], tier: string): Levels {
  const levels: Levels = new Map([[-1, { named: {}, alone: false }]]);
  for (const point of points) {
    if (point.tier !== tier && point.name !== "request") continue;
    const level = levels.get(point.above) ?? { named: {}, alone: false };
    level.named[point.name] = point.pico;
    level.alone ||= point.alone;
    levels.set(point.above, level);
  }
  return levels;
}

/**
 * A bracket has the rates of the one below it that it does not name, as in LiteLLM. A tier does not have
 * those of the standard one. There LiteLLM falls back to them, rate by rate; but a tier is there to cost
 * something else, so the number would be wrong. For the same reason a tier's rate ends where the standard
 * one changes and the tier's does not.
 */
function bracketsOf(levels: Levels, standard: Levels): Brackets {
  const starts = Array.from(new Set([...levels.keys(), ...standard.keys()])).sort(
    (one, other) => one - other,
  );
  let rates: Rates = NO_RATES;
  return starts.map((aboveInputTokens): Bracket => {
    const level = levels.get(aboveInputTokens);
    const changed = aboveInputTokens === -1 ? undefined : standard.get(aboveInputTokens)?.named;
    const below = level?.alone === true ? { ...NO_RATES, request: rates.request } : rates;
    rates = ratesAbove(below, level?.named ?? {}, changed ?? {});
    return { aboveInputTokens, rates };
  }) as [Bracket, ...Bracket[]];
}

function ratesAbove(below: Rates, named: NamedRates, changed: NamedRates): Rates {
  const rates: Record<RateName, number | undefined> = { ...below };
  for (const name of RATE_NAMES) {
    if (named[name] !== undefined) rates[name] = named[name];
    else if (changed[name] !== undefined) rates[name] = undefined;
  }
  // Reasoning that costs what output costs goes on doing so; LiteLLM keeps it at the lower rate.
  const follows = named.reasoning === undefined && below.reasoning === below.output;
  if (named.output !== undefined && follows) rates.reasoning = undefined;
  return rates;
}

type Ranked = Named & {
  /** The least holds. */
  readonly rank: string;
};

/** Names of a model: its key's, and those of aliases that are no keys themselves, as LiteLLM has it. */
function namesOf(key: string, fields: Fields, map: Fields): readonly Ranked[] {
  const aliases: unknown[] = Array.isArray(fields.aliases) ? fields.aliases : [];
  const others = aliases.filter(
    (alias) => typeof alias === "string" && alias !== "" && !Object.hasOwn(map, alias),
  );
  return [nameOf(key, fields, "key"), ...others.map((alias) => nameOf(alias as string, fields, "alias"))];
}

/**
 * Provider and model of a key. Only the provider's own prefix goes; regions and sizes stay in the model's
 * name (`us-east-1/anthropic.claude-v2`, `eu/gpt-4o`), so that they do not shadow the model without one. A
 * model without a provider is any provider's, unless its prefix is a provider that is known.
 */
function nameOf(key: string, { litellm_provider }: Fields, kind: "key" | "alias"): Ranked {
  const provider =
    typeof litellm_provider === "string" && litellm_provider !== "" ? litellm_provider : undefined;
  const slash = key.indexOf("/");
  const prefix = key.slice(0, Math.max(slash, 0));
  const model = key.slice(slash + 1);
  const own = prefix !== "" && model !== "" && isPrefixOf(prefix, provider);
  const rank = `${own ? 1 : 0} ${kind === "key" ? 0 : 1} ${key}`;
  if (!own) return { provider, model: key, rank };
  // Families such as `vertex_ai-zai_models` come faster than anyone learns them; their prefix is known.
  const known = provider !== undefined && canonicalProvider(provider) !== undefined;
  const family = provider?.startsWith(`${prefix}-`) === true;
  return { provider: provider === undefined || (family && !known) ? prefix : provider, model, rank };
}

function isPrefixOf(prefix: string, provider: string | undefined): boolean {
  const canonical = canonicalProvider(prefix);
  if (provider === undefined) return canonical !== undefined;
  if (providerIdentity(prefix) === providerIdentity(provider)) return true;
  return provider.startsWith(`${prefix}-`);
}

/** The same for every spelling of a provider: `amazon-nova/` in a key, `amazon_nova` as the provider. */
function providerIdentity(provider: string | undefined): string {
  if (provider === undefined) return "*";
  return canonicalProvider(provider) ?? provider.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > VALUE_SHOWN_MAX ? `${text.slice(0, VALUE_SHOWN_MAX)}...` : text;
}
