/**
 * Rates in LiteLLM's price map. The part of the usage, the length of the input and the class of service are parts of a
 * key: `cache_read_input_token_cost_above_200k_tokens_priority`.
 */
import { canonicalProvider } from "../event/provider-names.ts";
import { perUnit, usdPerUnit } from "./decimal.ts";
import { type Bracket, type Brackets, COMPONENTS, NO_RATES, type Rates } from "./rate-card.ts";

/** One model of the map, as it is. */
export type Fields = Readonly<Record<string, unknown>>;
export type RateName = keyof Rates;
/** Where a rate holds: `above` so many input tokens (-1: always), in a tier (`""`: the standard one). */
type Place = { readonly name: RateName; readonly above: number; readonly tier: string };
/** `alone`: of a table, whose rows say all that holds in them. */
export type Point = Place & { readonly pico: number; readonly alone: boolean };
type NamedRates = Partial<Record<RateName, number>>;
/** By `above`. */
export type Levels = Map<number, { readonly named: NamedRates; alone: boolean }>;

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
export const TIERS: Readonly<Record<string, string>> = {
  _batches: "batch",
  _flex: "flex",
  _priority: "priority",
};

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

/** Every rate that is named, and what is wrong with others. */
export function pointsOf(fields: Fields): { points: Point[]; faults: string[] } {
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

/** Named rates of a tier. A fee for the request does not depend on the tier. */
export function levelsOf(points: readonly Point[], tier: string): Levels {
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
export function bracketsOf(levels: Levels, standard: Levels): Brackets {
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

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > VALUE_SHOWN_MAX ? `${text.slice(0, VALUE_SHOWN_MAX)}...` : text;
}
