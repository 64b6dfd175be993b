/** The cost of a usage by rates: a sum of products of integers, exact in pico-dollars. */
import { carried, type Money, PICOS } from "../event/money.ts";
import type { TokenUsage } from "../event/token-usage.ts";
import type { Component, Rates } from "./rate-card.ts";

/** All input tokens, cached ones included; what context tiers go by. */
export function inputTokens({ input, cacheRead, cacheWrite }: TokenUsage): number {
  return input + cacheRead + cacheWrite;
}

/** Tokens of a component. */
export function tokensOf(usage: TokenUsage, component: Component): number {
  switch (component) {
    case "input":
      return usage.input;
    case "cache_read":
      return usage.cacheRead;
    case "cache_write":
      return usage.cacheWrite - usage.cacheWrite1h;
    case "cache_write_1h":
      return usage.cacheWrite1h;
    case "output":
      return usage.output;
    case "reasoning":
      return usage.reasoning;
  }
}

/** Pico-dollars a token of a component; reasoning is output and costs the same unless the card says otherwise. */
export function rateOf(rates: Rates, component: Component): number | undefined {
  return rates[component] ?? (component === "reasoning" ? rates.output : undefined);
}

/** Running sum in two numbers, so that no product or sum of them exceeds the integers of a float. */
export class CostSum {
  #microUsd = 0;
  #picoUsd = 0;

  /** Adds so many tokens at a rate in pico-dollars. A rate finer than that is rounded here, once for each component. */
  add(tokens: number, rate: number): void {
    const micros = Math.floor(rate / PICOS);
    this.#microUsd += tokens * micros;
    this.#picoUsd += Math.round(tokens * (rate - micros * PICOS));
  }

  get total(): Money {
    return carried(this.#microUsd, this.#picoUsd);
  }
}

export type PricedUsage = {
  /** Cost of the components that have a rate; `undefined` if none has. */
  readonly cost: Money | undefined;
  /** Components with tokens and without a rate; `undefined` if there are none. */
  readonly missing: readonly Component[] | undefined;
  readonly unpricedTokens: number;
  readonly cacheSavings: Money | undefined;
  readonly cacheSurcharge: Money | undefined;
};

/** Prices a usage; `requests` is how many requests it stands for. */
export function priceUsage(usage: TokenUsage, requests: number, rates: Rates): PricedUsage {
  const sum = new CostSum();
  let missing: Component[] | undefined;
  let unpricedTokens = 0;
  let hasCost = false;
  const add = (component: Component, tokens: number, rate: number | undefined) => {
    if (tokens === 0) return;
    if (rate === undefined) {
      missing ??= [];
      missing.push(component);
      unpricedTokens += tokens;
      return;
    }
    sum.add(tokens, rate);
    hasCost = true;
  };
  const { input, cacheRead, cacheWrite, cacheWrite1h, output, reasoning } = usage;
  add("input", input, rates.input);
  add("cache_read", cacheRead, rates.cache_read);
  add("cache_write", cacheWrite - cacheWrite1h, rates.cache_write);
  add("cache_write_1h", cacheWrite1h, rates.cache_write_1h);
  add("output", output, rates.output);
  add("reasoning", reasoning, rates.reasoning ?? rates.output);
  if (rates.request !== undefined) {
    sum.add(requests, rates.request);
    hasCost = true;
  }
  const cached = cacheRead + cacheWrite > 0;
  return {
    cost: hasCost ? sum.total : undefined,
    missing,
    unpricedTokens,
    cacheSavings: cached ? cacheSavings(usage, rates) : undefined,
    cacheSurcharge: cached ? cacheSurcharge(usage, rates) : undefined,
  };
}

/** What the tokens read from the cache would have cost more as plain input. */
function cacheSavings({ cacheRead }: TokenUsage, rates: Rates): Money | undefined {
  if (cacheRead === 0 || rates.input === undefined || rates.cache_read === undefined) return undefined;
  if (rates.input <= rates.cache_read) return undefined;
  const sum = new CostSum();
  sum.add(cacheRead, rates.input - rates.cache_read);
  return sum.total;
}

/** What the tokens written to the cache would have cost less as plain input. */
function cacheSurcharge({ cacheWrite, cacheWrite1h }: TokenUsage, rates: Rates): Money | undefined {
  const { input } = rates;
  if (cacheWrite === 0 || input === undefined) return undefined;
  const sum = new CostSum();
  const add = (tokens: number, rate: number | undefined) => {
    if (rate !== undefined && rate > input) sum.add(tokens, rate - input);
  };
  add(cacheWrite - cacheWrite1h, rates.cache_write);
  add(cacheWrite1h, rates.cache_write_1h);
  return sum.total;
}
