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
import { namesOf, providerIdentity } from "./litellm-names.ts";
import {
  bracketsOf,
  type Fields,
  isObject,
  levelsOf,
  type Point,
  pointsOf,
  type RateName,
  shown,
  TIERS,
} from "./litellm-rates.ts";
import type { PriceEntry } from "./price-entry.ts";
import { ALWAYS, type Brackets, COMPONENTS, NO_RATES } from "./rate-card.ts";

export type LitellmPrices = {
  readonly entries: PriceEntry[];
  /** Models without a known price of a token: with one of an image, a second or a page, or with none. */
  readonly withoutTokenPrices: number;
  /** Models with a price that cannot be right; none of them has an entry. */
  readonly ignored: number;
  /** What is wrong with them, one line each. */
  readonly faults: string[];
};

/** Keys of the file that are no models. */
const RESERVED: ReadonlySet<string> = new Set(["sample_spec", "fallback_generalizations"]);

/** Prices that change with the hour or the date. */
const TIMED = ["off_peak_pricing", "pricing_periods"] as const;
const TIMED_REMEDY = "name the model in a price file of your own if no other book has it";

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
  let ignored = 0;
  for (const [key, fields] of Object.entries(map)) {
    if (RESERVED.has(key)) continue;
    const found = isObject(fields)
      ? pricesOf(key, fields)
      : [`${JSON.stringify(key)}: expected an object of prices, got ${shown(fields)}`];
    if (found === undefined) withoutTokenPrices += 1;
    else if (Array.isArray(found)) {
      ignored += 1;
      faults.push(...found);
    } else {
      for (const name of namesOf(key, fields as Fields, map)) {
        const { rank, ...named } = name;
        const identity = `${providerIdentity(named.provider)} ${named.model.toLowerCase()}`;
        const other = best.get(identity);
        if (other !== undefined && other.rank <= rank) continue;
        best.set(identity, { rank, entry: { ...named, validity: ALWAYS, ...found, entry: key } });
      }
    }
  }
  return { entries: Array.from(best.values(), ({ entry }) => entry), withoutTokenPrices, ignored, faults };
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
