/** Cards as JSON values for people who ask where a price comes from. Rates are US dollars for a million tokens. */
import { rfc3339OfMicros } from "../event/timestamp.ts";
import { usdPerMillionTokens, usdPerUnit } from "./decimal.ts";
import type { PriceBook } from "./price-book.ts";
import type { CardMatch } from "./pricer.ts";
import { type Brackets, COMPONENTS, type Component, type Rates, type TimeOfDay } from "./rate-card.ts";

/** `null`: not known. */
export type PresentedRates = {
  /** Input tokens, cached ones included, above which these hold; `null` for the ones that hold below. */
  readonly above_input_tokens: number | null;
  readonly usd_per_million_tokens: Readonly<Record<Component, number | null>>;
  readonly usd_per_request: number | null;
};

export type PresentedCard = {
  readonly provider: string;
  readonly model: string;
  readonly source: string;
  readonly source_version: string;
  readonly entry: string;
  /** What was done to the names of the event to find it, in order. */
  readonly matched_by: readonly string[];
  /** RFC 3339; `null`: since ever, for good. */
  readonly valid_from: string | null;
  readonly valid_until: string | null;
  /** UTC. `null`: all day. */
  readonly time_of_day: { readonly from: string; readonly until: string } | null;
  readonly rates: readonly PresentedRates[];
  readonly service_tiers: Readonly<Record<string, readonly PresentedRates[]>>;
};

export function presentCard({ card, name }: CardMatch, books: readonly PriceBook[]): PresentedCard {
  const { fromMicros, untilMicros, timeOfDay } = card.validity;
  return {
    provider: card.provider,
    model: card.model,
    source: card.source,
    source_version: books.find((book) => book.name === card.source)?.version ?? "",
    entry: card.entry,
    matched_by: name.steps,
    valid_from: fromMicros === undefined ? null : rfc3339OfMicros(fromMicros),
    valid_until: untilMicros === undefined ? null : rfc3339OfMicros(untilMicros),
    time_of_day: timeOfDay === undefined ? null : presentTimeOfDay(timeOfDay),
    rates: presentBrackets(card.standard),
    service_tiers: Object.fromEntries(
      Array.from(card.serviceTiers, ([tier, brackets]) => [tier, presentBrackets(brackets)]),
    ),
  };
}

export function presentRates(rates: Rates, aboveInputTokens: number): PresentedRates {
  return {
    above_input_tokens: aboveInputTokens < 0 ? null : aboveInputTokens,
    usd_per_million_tokens: Object.fromEntries(
      COMPONENTS.map((component) => [component, usdOf(rates[component])]),
    ) as Record<Component, number | null>,
    usd_per_request: rates.request === undefined ? null : Number(usdPerUnit(rates.request)),
  };
}

function presentBrackets(brackets: Brackets): readonly PresentedRates[] {
  return brackets.map(({ rates, aboveInputTokens }) => presentRates(rates, aboveInputTokens));
}

function usdOf(pico: number | undefined): number | null {
  return pico === undefined ? null : Number(usdPerMillionTokens(pico));
}

function presentTimeOfDay({ fromSeconds, untilSeconds }: TimeOfDay): { from: string; until: string } {
  const time = (seconds: number) => new Date(seconds * 1e3).toISOString().slice(11, 19);
  return { from: `${time(fromSeconds)}Z`, until: `${time(untilSeconds)}Z` };
}
