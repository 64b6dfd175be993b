/** What a request would cost, component by component, as a JSON value. Nothing is recorded. */
import { type Money, ZERO_USD } from "../event/money.ts";
import type { CostResult } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { inferredConvention, type TokenUsage } from "../event/token-usage.ts";
import { type PresentedCard, type PresentedRates, presentCard, presentRates } from "./present-card.ts";
import { CostSum, rateOf, tokensOf } from "./price-usage.ts";
import type { Pricer, Quote } from "./pricer.ts";
import { COMPONENTS, type Component, NO_RATES } from "./rate-card.ts";

export type PresentedComponent = {
  readonly component: Component | "request";
  /** Tokens; of `request` the number of requests. */
  readonly quantity: number;
  /** US dollars for a million tokens, or for one request; `null` if not known. */
  readonly rate_usd: number | null;
  readonly cost_usd: Money | null;
};

export type PresentedPrice = {
  readonly result: CostResult | null;
  /** What the exporter would count: the sender's own figure if there is one. `null` if unknown. */
  readonly cost_usd: Money | null;
  readonly reported_cost_usd: Money | null;
  /** What the book says of the components that have a rate. */
  readonly book_cost_usd: Money | null;
  /** They add up to `book_cost_usd`. */
  readonly components: readonly PresentedComponent[];
  readonly missing: readonly Component[];
  readonly unpriced_tokens: number;
  readonly cache_savings_usd: Money;
  readonly cache_surcharge_usd: Money;
  /** Disjoint. */
  readonly usage: Readonly<Record<Component, number>> | null;
  /** Whether cached tokens were taken to be inside the input count, and why; `null` if none were reported. */
  readonly convention: { readonly input_includes_cache: boolean; readonly basis: string } | null;
  readonly service_tier: string | null;
  readonly rates: PresentedRates | null;
  readonly card: PresentedCard | null;
  /** Why there is no price or only part of one; `null` if there is one. */
  readonly reason: string | null;
};

export function presentPrice(event: RequestEvent, pricer: Pricer): PresentedPrice {
  const { usage, serviceTier } = event;
  const quote = usage === undefined ? undefined : pricer.quote(event, usage);
  const price = pricer.price(event);
  const { match, bracket } = quote ?? {};
  return {
    result: price.result ?? null,
    cost_usd: price.cost ?? null,
    reported_cost_usd: price.result === "reported" ? price.cost! : null,
    book_cost_usd: quote?.priced.cost ?? null,
    components: quote === undefined ? [] : componentsOf(usage!, quote),
    missing: quote?.priced.missing ?? [],
    unpriced_tokens: price.unpricedTokens,
    cache_savings_usd: price.cacheSavings ?? ZERO_USD,
    cache_surcharge_usd: price.cacheSurcharge ?? ZERO_USD,
    usage: usage === undefined ? null : usageByComponent(usage),
    convention: conventionOf(event),
    service_tier: serviceTier ?? null,
    rates: bracket === undefined ? null : presentRates(bracket.rates, bracket.aboveInputTokens),
    card: match === undefined ? null : presentCard(match, pricer.books),
    reason: quote === undefined ? "the event has no usage" : reasonOf(event, quote),
  };
}

function componentsOf(usage: TokenUsage, { bracket, requests }: Quote): readonly PresentedComponent[] {
  const rates = bracket?.rates ?? NO_RATES;
  const tokens = COMPONENTS.filter((component) => tokensOf(usage, component) > 0).map((component) =>
    componentOf(component, tokensOf(usage, component), rateOf(rates, component)),
  );
  return rates.request === undefined ? tokens : [...tokens, componentOf("request", requests, rates.request)];
}

function componentOf(
  component: PresentedComponent["component"],
  quantity: number,
  rate: number | undefined,
): PresentedComponent {
  if (rate === undefined) return { component, quantity, rate_usd: null, cost_usd: null };
  const sum = new CostSum();
  sum.add(quantity, rate);
  const units = component === "request" ? 12 : 6;
  return { component, quantity, rate_usd: Number(`${rate}e-${units}`), cost_usd: sum.total };
}

function usageByComponent(usage: TokenUsage): Readonly<Record<Component, number>> {
  return Object.fromEntries(COMPONENTS.map((component) => [component, tokensOf(usage, component)])) as Record<
    Component,
    number
  >;
}

function conventionOf({ usage, reportedUsage, provider, model }: RequestEvent): PresentedPrice["convention"] {
  if (usage === undefined || usage.cacheRead + usage.cacheWrite === 0) return null;
  const inferred = inferredConvention(reportedUsage!, provider, model);
  if (inferred === undefined) {
    return { input_includes_cache: reportedUsage!.inputIncludesCache!, basis: "reported" };
  }
  return { input_includes_cache: inferred.convention === "inside", basis: inferred.basis };
}

/** Rule and remedy, for a usage that has no price or only part of one. */
function reasonOf({ provider, model, serviceTier, cacheHit }: RequestEvent, quote: Quote): string | null {
  if (cacheHit === true) return "the application's own response cache answered: no provider was asked";
  const { match, bracket, priced, isTierKnown, requests } = quote;
  if (match === undefined) {
    return `no price book has a price for ${provider} ${model} at this time; add it to a price file`;
  }
  const card = `${match.card.provider} ${match.card.model} (${match.card.source})`;
  if (bracket === undefined) {
    return `${card} has no price for the service tier ${serviceTier}; add service_tiers.${serviceTier} in a price file`;
  }
  if (priced.missing === undefined) return null;
  if (!isTierKnown) {
    return `${card} charges by the length of each input, which is not known of ${requests} requests in one event; report them one by one, or their cost`;
  }
  return `${card} has no rate for ${priced.missing.join(", ")}; add it in a price file`;
}
