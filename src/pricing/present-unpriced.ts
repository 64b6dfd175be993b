/** Models without a price as JSON values, each with what to add to a price file, ready to be copied. */

import { isGlob } from "../event/glob.ts";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import { usdPerMillionTokens } from "./decimal.ts";
import { rateOf } from "./price-usage.ts";
import { bracketsFor, type Pricer } from "./pricer.ts";
import { COMPONENTS, type Component, type Rates } from "./rate-card.ts";
import type { UnpricedModel } from "./unpriced-models.ts";

export type PresentedUnpriced = {
  readonly provider: string;
  readonly model: string;
  readonly service_tier: string | null;
  readonly unpriced_requests: number;
  readonly partial_requests: number;
  readonly unpriced_tokens: number;
  /** RFC 3339. */
  readonly first_seen: string;
  readonly last_seen: string;
  readonly missing: readonly Component[];
  /** Whether the books in force now have a rate for everything that was missing. */
  readonly priced_now: boolean;
  /**
   * An entry for `prices` of a price file; `?` stands where a figure is to be filled in. `null` for names with `*` or
   * `?`, which a file would read as patterns.
   */
  readonly add: string | null;
};

export function presentUnpriced(unpriced: UnpricedModel, pricer: Pricer): PresentedUnpriced {
  const { provider, model, serviceTier, lastSeenMicros } = unpriced;
  const card = pricer.cardAt(provider, model, lastSeenMicros)?.card;
  const standard = card?.standard[0].rates;
  const rates = card === undefined ? undefined : bracketsFor(card, serviceTier)?.[0].rates;
  const missing = COMPONENTS.filter((component) => unpriced.missing.has(component));
  return {
    provider,
    model,
    service_tier: serviceTier ?? null,
    unpriced_requests: unpriced.unpricedRequests,
    partial_requests: unpriced.partialRequests,
    unpriced_tokens: unpriced.unpricedTokens,
    first_seen: rfc3339OfMicros(unpriced.firstSeenMicros),
    last_seen: rfc3339OfMicros(lastSeenMicros),
    missing,
    priced_now: rates !== undefined && missing.every((component) => rateOf(rates, component) !== undefined),
    add: isGlob(provider) || isGlob(model) ? null : snippet(unpriced, missing, { standard, rates }),
  };
}

/** Names are quoted as JSON, which YAML reads as well: they come from senders. */
function snippet(
  { provider, model, serviceTier }: UnpricedModel,
  missing: readonly Component[],
  known: { readonly standard: Rates | undefined; readonly rates: Rates | undefined },
): string {
  const head = [`- provider: ${JSON.stringify(provider)}`, `  model: ${JSON.stringify(model)}`];
  if (serviceTier === undefined) return [...head, ...rateLines(missing, known.rates, "  ")].join("\n");
  return [
    ...head,
    ...rateLines(known.standard === undefined ? missing : [], known.standard, "  "),
    "  service_tiers:",
    `    ${JSON.stringify(serviceTier)}:`,
    ...rateLines(missing, known.rates, "      "),
  ].join("\n");
}

/** The rates that are known, and a place for each that is not. Reasoning costs what output costs unless it is said. */
function rateLines(missing: readonly Component[], rates: Rates | undefined, indent: string): string[] {
  const asked =
    missing.includes("reasoning") && !missing.includes("output") ? [...missing, "output"] : missing;
  return COMPONENTS.flatMap((component) => {
    const rate = rates?.[component];
    if (rate !== undefined) return [`${indent}${component}: "${usdPerMillionTokens(rate)}"`];
    if (component === "reasoning") return [];
    return asked.includes(component) ? [`${indent}${component}: "?"  # US dollars for a million tokens`] : [];
  });
}
