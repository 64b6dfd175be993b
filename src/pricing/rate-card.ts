/**
 * What a model costs: rates by part of the usage, by how long the input is, by class of service, and for a time.
 * Every book brings its prices into this form; nothing behind it knows where they come from.
 */

import { COMPONENTS, type Component } from "../event/price.ts";

export { COMPONENTS, type Component };

/**
 * Pico-dollars for each token; `undefined`: not known. Only reasoning has a rule for that: without a rate of its own it
 * costs what output costs, for it is output. A cached token without a rate is not priced as any other.
 */
export type Rates = Readonly<Record<Component, number | undefined>> & {
  /** Pico-dollars for each request, on top of its tokens. */
  readonly request: number | undefined;
};

/** Rates for requests with more input tokens, cached ones included, than `aboveInputTokens`; all of the request moves. */
export type Bracket = { readonly aboveInputTokens: number; readonly rates: Rates };

/** Ascending; the first one is for every request (`aboveInputTokens` is -1). */
export type Brackets = readonly [Bracket, ...Bracket[]];

/** Part of each day, in seconds since midnight UTC: from (inclusive) until (exclusive); across midnight if it ends first. */
export type TimeOfDay = { readonly fromSeconds: number; readonly untilSeconds: number };

export type Validity = {
  /** Microseconds since the epoch, inclusive; `undefined`: since ever. */
  readonly fromMicros: number | undefined;
  /** Exclusive; `undefined`: for good. */
  readonly untilMicros: number | undefined;
  readonly timeOfDay: TimeOfDay | undefined;
};

export const ALWAYS: Validity = { fromMicros: undefined, untilMicros: undefined, timeOfDay: undefined };

export type RateCard = {
  /** As the book names them. */
  readonly provider: string;
  readonly model: string;
  /** Name of the book, and where in it: a model's id, or an entry of a file. */
  readonly source: string;
  readonly entry: string;
  readonly validity: Validity;
  readonly standard: Brackets;
  /** By name in lower case; a class of service that is not here has no known price. */
  readonly serviceTiers: ReadonlyMap<string, Brackets>;
};

const DAY_SECONDS = 86_400;

export function isValidAt({ fromMicros, untilMicros, timeOfDay }: Validity, micros: number): boolean {
  if (fromMicros !== undefined && micros < fromMicros) return false;
  if (untilMicros !== undefined && micros >= untilMicros) return false;
  if (timeOfDay === undefined) return true;
  const { fromSeconds, untilSeconds } = timeOfDay;
  const seconds = (((micros / 1e6) % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
  return fromSeconds <= untilSeconds
    ? seconds >= fromSeconds && seconds < untilSeconds
    : seconds >= fromSeconds || seconds < untilSeconds;
}

/** The bracket of a request of so many input tokens, cached ones included. */
export function bracketFor(brackets: Brackets, inputTokens: number): Bracket {
  let found = brackets[0];
  for (const bracket of brackets) if (inputTokens > bracket.aboveInputTokens) found = bracket;
  return found;
}

/** The rates that are the same in all brackets; the others are not known. */
export function commonBracket(brackets: Brackets): Bracket {
  const [{ aboveInputTokens, rates }] = brackets;
  const common = { ...rates } as Record<keyof Rates, number | undefined>;
  for (const key of Object.keys(common) as (keyof Rates)[]) {
    if (brackets.some((bracket) => bracket.rates[key] !== rates[key])) common[key] = undefined;
  }
  return { aboveInputTokens, rates: common };
}

export const NO_RATES: Rates = {
  input: undefined,
  cache_read: undefined,
  cache_write: undefined,
  cache_write_1h: undefined,
  output: undefined,
  reasoning: undefined,
  request: undefined,
};
