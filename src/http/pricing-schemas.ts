/** Schemas of prices, as src/pricing presents them. */
import { COMPONENTS, COST_RESULTS } from "../event/price.ts";
import {
  count,
  flag,
  instant,
  type JsonSchema,
  list,
  members,
  namedBy,
  nullable,
  oneOf,
  text,
  usd,
} from "./json-schema.ts";

const RATES_SCHEMA: JsonSchema = {
  title: "Rates",
  ...members({
    above_input_tokens: nullable(
      count("Input tokens, cached ones included, above which these hold; null: from none on."),
    ),
    usd_per_million_tokens: {
      ...byComponent(nullable(usd())),
      description: "By part of the usage; null: not known.",
    },
    usd_per_request: nullable(usd("On top of the tokens.")),
  }),
};

export const CARD_SCHEMA: JsonSchema = {
  title: "PriceCard",
  ...members({
    provider: text("As the price book names it."),
    model: text("As the price book names it."),
    source: text("Name of the price book."),
    source_version: text(),
    entry: text("Where in the book it stands."),
    matched_by: list(text(), "What was done to the names that were asked for, in order."),
    valid_from: nullable(instant("Null: since ever.")),
    valid_until: nullable(instant("Exclusive; null: for good.")),
    time_of_day: nullable({
      ...members({ from: text(), until: text("Exclusive.") }),
      description: "Part of each day in UTC, as `08:00:00Z`; null: all day.",
    }),
    rates: list(RATES_SCHEMA, "By length of the input, ascending."),
    service_tiers: namedBy(list(RATES_SCHEMA), "Rates of other classes of service, by name."),
  }),
};

export const CARDS_SCHEMA: JsonSchema = {
  title: "PriceCards",
  ...members({
    provider: text("As asked for."),
    model: text("As asked for."),
    at: instant("When the card is in force."),
    card: CARD_SCHEMA,
    other_cards: list(CARD_SCHEMA, "Of other times, or of other books that were asked in vain."),
  }),
};

export const PRICE_SCHEMA: JsonSchema = {
  title: "Price",
  ...members({
    result: nullable(oneOf(COST_RESULTS, "How the cost was found; null: there was nothing to look up.")),
    cost_usd: nullable(
      usd("What the exporter would count: the sender's own figure if there is one. Null: unknown."),
    ),
    reported_cost_usd: nullable(usd("The sender's own figure.")),
    book_cost_usd: nullable(usd("What the price book says of the components that have a rate.")),
    components: list(
      members({
        component: oneOf([...COMPONENTS, "request"]),
        quantity: count("Tokens; of `request` the number of requests."),
        rate_usd: nullable(usd("For a million tokens, or for one request; null: not known.")),
        cost_usd: nullable(usd()),
      }),
      "They add up to `book_cost_usd`.",
    ),
    missing: list(oneOf(COMPONENTS), "Components without a rate."),
    unpriced_tokens: count("Tokens of components without a rate."),
    cache_savings_usd: usd("What reading from the prompt cache saved."),
    cache_surcharge_usd: usd("What writing to the prompt cache cost on top of plain input."),
    usage: nullable({ ...byComponent(count()), description: "Tokens in disjoint parts." }),
    convention: nullable({
      ...members({ input_includes_cache: flag(), basis: text("What that rests on.") }),
      description: "How the input count was read; null: no cached tokens were reported.",
    }),
    service_tier: nullable(text()),
    rates: nullable(RATES_SCHEMA),
    card: nullable(CARD_SCHEMA),
    reason: nullable(text("Why there is no price, or only part of one.")),
  }),
};

export const UNPRICED_SCHEMA: JsonSchema = {
  title: "UnpricedModels",
  ...members({
    models: list(
      members({
        provider: text(),
        model: text(),
        service_tier: nullable(text()),
        unpriced_requests: count("Nothing of them has a price."),
        partial_requests: count("Some of their tokens have none."),
        unpriced_tokens: count(),
        first_seen: instant(),
        last_seen: instant(),
        missing: list(oneOf(COMPONENTS), "Components without a rate."),
        priced_now: flag("Whether the price books have a rate for all of that by now."),
        add: nullable(
          text(
            "An entry for `prices` of a price file, with `?` where a figure is to be filled in. Null for names that a " +
              "file would read as patterns.",
          ),
        ),
      }),
    ),
    models_limit: count("Most models that are listed."),
    dropped_requests: count("Requests of models that the list had no room for."),
  }),
};

function byComponent(value: JsonSchema): JsonSchema {
  return members(Object.fromEntries(COMPONENTS.map((component) => [component, value])));
}
