/**
 * An operator's price file: US dollars for a million tokens, as decimals. docs/pricing.md is printed from the schema.
 * LiteLLM's `model_prices_and_context_window.json` is taken as it is.
 */
import { z } from "zod";
import { isGlob } from "../event/glob.ts";
import { canonicalProvider } from "../event/provider-names.ts";
import { STANDARD_TIERS } from "../event/request-event.ts";
import { microsOfRfc3339 } from "../event/timestamp.ts";
import { perMillionTokens, perUnit } from "../pricing/decimal.ts";
import type { AliasEntry, PriceEntry } from "../pricing/price-entry.ts";
import {
  type Bracket,
  type Brackets,
  COMPONENTS,
  type Component,
  NO_RATES,
  type Rates,
} from "../pricing/rate-card.ts";

const DECIMAL = /^\d{1,9}(?:\.\d{1,15})?$/;
/** US dollars a million tokens. Nothing that is sold costs more, and what costs less is a price in another unit. */
const USD_MAX = 10_000;
const USD_MIN = 0.001;
const REQUEST_USD_MAX = 1_000;
const ENTRIES_MAX = 50_000;
const BRACKETS_MAX = 20;
/** Patterns that begin with a wildcard: each is tried on every new name of a model. */
const LEADING_WILDCARDS_MAX = 200;

/** Usd as the file writes it: text, or a number as its shortest text. */
const decimal = (rule: string) =>
  z
    .union([z.string(), z.number()], { error: rule })
    .transform((written) => String(written).trim())
    .refine((text) => DECIMAL.test(text), { error: rule, abort: true });

const RATE_RULE = `expected US dollars for a million tokens as a decimal, 0 or from ${USD_MIN} to ${USD_MAX}`;

const rate = (meaning: string) =>
  decimal(RATE_RULE)
    .superRefine((text, context) => {
      const usd = Number(text);
      if (usd === 0 || (usd >= USD_MIN && usd <= USD_MAX)) return;
      const remedy =
        usd < USD_MIN ? `; for a price of one token write ${Number((usd * 1e6).toPrecision(12))}` : "";
      context.addIssue({ code: "custom", message: `${RATE_RULE}${remedy}`, input: text });
    })
    .transform(perMillionTokens)
    .optional()
    .meta({ description: meaning });

const RATE_KEYS = {
  input: rate("Input that is neither read from nor written to the prompt cache."),
  cache_read: rate("Input read from the prompt cache."),
  cache_write: rate("Input written to the prompt cache with the shorter lifetime."),
  cache_write_1h: rate("Input written to the prompt cache with a lifetime of one hour."),
  output: rate("Output."),
  reasoning: rate("Output spent on reasoning. Absent: as output."),
} as const satisfies Record<Component, z.ZodType>;

const contextTiers = z
  .array(
    z
      .strictObject({
        above: z.int({ error: "expected an integer from 1 to 100000000" }).min(1).max(1e8).meta({
          description: "Input tokens, cached ones included, above which the whole request costs this.",
        }),
        ...RATE_KEYS,
      })
      .refine(hasRate, "expected at least one rate"),
  )
  .max(BRACKETS_MAX, `expected at most ${BRACKETS_MAX} tiers`)
  .refine(
    (tiers) => tiers.every(({ above }, index) => index === 0 || above > tiers[index - 1]!.above),
    "expected tiers in the order of above, each once",
  )
  .optional()
  .meta({ description: "Rates for long input. What a tier does not name costs as below it." });

const serviceTier = z
  .strictObject({
    factor: decimal("expected a decimal above 0 and at most 100, such as 0.5")
      .refine((text) => Number(text) > 0 && Number(text) <= 100, "expected a decimal above 0 and at most 100")
      .transform(Number)
      .optional()
      .meta({ description: "Every rate of the entry times this." }),
    ...RATE_KEYS,
    context_tiers: contextTiers,
  })
  .refine(
    ({ factor, ...rates }) => (factor === undefined) === Object.values(rates).some((of) => of !== undefined),
    "expected either a factor or rates",
  );

const instant = (meaning: string) =>
  z
    .string({ error: "expected a date such as 2026-01-31, or an RFC 3339 timestamp" })
    .transform((written, context) => {
      const micros = microsOfRfc3339(/^\d{4}-\d{2}-\d{2}$/.test(written) ? `${written}T00:00:00Z` : written);
      if (micros !== undefined) return micros;
      context.addIssue({
        code: "custom",
        message: "expected a date such as 2026-01-31, or an RFC 3339 timestamp",
        input: written,
      });
      return z.NEVER;
    })
    .optional()
    .meta({ description: meaning });

const pattern = (meaning: string) =>
  z
    .string({ error: "expected a name or a pattern with * and ?" })
    .min(1, "expected a name or a pattern with * and ?")
    .max(256, "expected at most 256 characters")
    .meta({ description: meaning });

const exactName = (meaning: string) =>
  pattern(meaning).refine((name) => !isGlob(name), "expected a name without * and ?");

function hasRate(section: Readonly<Record<string, unknown>>): boolean {
  return [...COMPONENTS, "request"].some((key) => section[key] !== undefined);
}

const price = z
  .strictObject({
    provider: pattern(
      "Provider, in any spelling that the exporter knows, or a pattern. Absent: any.",
    ).optional(),
    model: z
      .union([pattern("").min(1), z.array(pattern("")).min(1).max(1_000)], {
        error: "expected a model, a pattern with * and ?, or a list of them",
      })
      .meta({ description: "Model id, pattern with `*` and `?`, or a list of them. Case does not matter." }),
    from: instant("From when on the price holds: a day (00:00 UTC) or an RFC 3339 timestamp. Absent: ever."),
    until: instant("Until when it holds, exclusive. Absent: for good."),
    ...RATE_KEYS,
    request: decimal(`expected US dollars for one request as a decimal, at most ${REQUEST_USD_MAX}`)
      .refine(
        (text) => Number(text) <= REQUEST_USD_MAX,
        `expected US dollars for one request, at most ${REQUEST_USD_MAX}`,
      )
      .transform(perUnit)
      .optional()
      .meta({ description: "US dollars for each request, on top of its tokens." }),
    context_tiers: contextTiers,
    service_tiers: z
      .record(
        z
          .string()
          .regex(/^[a-z][a-z0-9_]{0,31}$/, "expected a name such as batch")
          .refine(
            (name) => !STANDARD_TIERS.has(name),
            "expected a name such as batch; the standard tier is the entry itself",
          ),
        serviceTier,
      )
      .optional()
      .meta({
        description:
          "Rates by `service_tier` of the event: `batch`, `flex`, `priority`. What a tier does not name has no price in it.",
      }),
  })
  .refine(hasRate, "expected at least one rate")
  .refine(({ from, until }) => from === undefined || until === undefined || until > from, {
    path: ["until"],
    message: "expected a time after from",
  });

const alias = z
  .strictObject({
    provider: pattern("Provider that events name, or a pattern. Absent: any.").optional(),
    model: pattern("Model that events name, or a pattern. Absent: any.").optional(),
    as: z
      .strictObject({
        provider: exactName("Provider whose prices hold. Absent: the event's own.").optional(),
        model: exactName("Model whose prices hold. Absent: the event's own.").optional(),
      })
      .refine(({ provider, model }) => provider !== undefined || model !== undefined, {
        message: "expected a provider, a model or both",
      })
      .meta({ description: "What such requests are priced as." }),
  })
  .refine(({ provider, model }) => provider !== undefined || model !== undefined, {
    message: "expected a provider, a model or both",
  });

export const priceFileSchema = z
  .strictObject({
    version: z.string({ error: "expected text" }).max(64, "expected at most 64 characters").default("").meta({
      description: "Shown with each price and in a metric; absent: the first digits of the file's hash.",
    }),
    prices: z
      .array(price, { error: "expected a list of prices" })
      .max(ENTRIES_MAX, `expected at most ${ENTRIES_MAX} entries`)
      .optional()
      .meta({ description: "Prices. They go before those of the built-in book." }),
    aliases: z
      .array(alias, { error: "expected a list of aliases" })
      .max(ENTRIES_MAX, `expected at most ${ENTRIES_MAX} entries`)
      .optional()
      .meta({ description: "Names of your own, deployments of Azure for one, and what they are priced as." }),
  })
  // A file that is just being written is empty for a moment.
  .refine(({ prices, aliases }) => prices !== undefined || aliases !== undefined, {
    message: "expected prices, aliases or both",
  })
  .superRefine(({ prices = [], aliases = [] }, context) => {
    for (const { index, other, model } of overlapsIn(prices)) {
      const message = `expected one price for ${model} at a time, got another in prices[${other}]; give both from and until so that they do not overlap`;
      context.addIssue({ code: "custom", path: ["prices", index], message, input: prices[index] });
    }
    const leading = [...prices.flatMap(({ model }) => model), ...aliases.map(({ model }) => model ?? "*")];
    if (leading.filter((model) => /^[*?]/.test(model)).length > LEADING_WILDCARDS_MAX) {
      const message = `expected at most ${LEADING_WILDCARDS_MAX} models that begin with * or ?`;
      context.addIssue({ code: "custom", path: ["prices"], message, input: [] });
    }
  });

type PriceFile = z.output<typeof priceFileSchema>;
type PriceSection = z.output<typeof price>;

export function priceEntries({ prices = [] }: PriceFile): readonly PriceEntry[] {
  return prices.flatMap((section, index) =>
    [section.model].flat().map((model): PriceEntry => {
      const standard = bracketsOf(section, section.request);
      return {
        provider: section.provider,
        model,
        validity: { fromMicros: section.from, untilMicros: section.until, timeOfDay: undefined },
        standard,
        serviceTiers: new Map(
          Object.entries(section.service_tiers ?? {}).map(([name, { factor, ...tier }]) => [
            name,
            factor === undefined ? bracketsOf(tier, section.request) : scaled(standard, factor),
          ]),
        ),
        entry: `prices[${index}]`,
      };
    }),
  );
}

export function aliasEntries({ aliases = [] }: PriceFile): readonly AliasEntry[] {
  return aliases.map(({ provider, model, as }, index) => ({
    provider,
    model,
    asProvider: as.provider,
    asModel: as.model,
    entry: `aliases[${index}]`,
  }));
}

type RateSection = Pick<PriceSection, Component | "context_tiers">;

function bracketsOf(section: RateSection, request: number | undefined): Brackets {
  let rates: Rates = { ...NO_RATES, ...ratesOf(section), request };
  const brackets: [Bracket, ...Bracket[]] = [{ aboveInputTokens: -1, rates }];
  for (const tier of section.context_tiers ?? []) {
    rates = { ...rates, ...ratesOf(tier) };
    brackets.push({ aboveInputTokens: tier.above, rates });
  }
  return brackets;
}

/** The rates that are named. */
function ratesOf(section: Partial<Record<Component, number | undefined>>): Partial<Rates> {
  return Object.fromEntries(
    COMPONENTS.flatMap((component) =>
      section[component] === undefined ? [] : [[component, section[component]]],
    ),
  );
}

function scaled(brackets: Brackets, factor: number): Brackets {
  return brackets.map(({ aboveInputTokens, rates }) => ({
    aboveInputTokens,
    rates: Object.fromEntries(
      Object.entries(rates).map(([key, pico]) => [
        key,
        // As a decimal again: a product of floats has noise in its last digits.
        pico === undefined ? undefined : perUnit(Number((pico * factor).toPrecision(15)) / 1e12),
      ]),
    ) as Rates,
  })) as [Bracket, ...Bracket[]];
}

type Overlap = { readonly index: number; readonly other: number; readonly model: string };

/** Entries that give a model a price for a time at which an earlier one does, each once. */
function overlapsIn(prices: readonly PriceSection[]): readonly Overlap[] {
  const byName = new Map<string, { model: string; index: number; from: number; until: number }[]>();
  prices.forEach(({ provider, model: models, from, until }, index) => {
    for (const model of [models].flat()) {
      const name = `${providerIdentity(provider)} ${model.toLowerCase()}`;
      const span = {
        model,
        index,
        from: from ?? Number.NEGATIVE_INFINITY,
        until: until ?? Number.POSITIVE_INFINITY,
      };
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [span]);
      else same.push(span);
    }
  });
  return Array.from(byName.values()).flatMap((spans) => {
    spans.sort((one, other) => one.from - other.from);
    const overlaps: Overlap[] = [];
    let latest = spans[0]!;
    for (const span of spans.slice(1)) {
      if (span.from < latest.until) {
        const [other, index] = [latest.index, span.index].sort((one, two) => one - two) as [number, number];
        overlaps.push({ index, other, model: span.model });
      }
      if (span.until > latest.until) latest = span;
    }
    return overlaps;
  });
}

function providerIdentity(provider: string | undefined): string {
  if (provider === undefined) return "*";
  return (isGlob(provider) ? undefined : canonicalProvider(provider)) ?? provider.toLowerCase();
}
