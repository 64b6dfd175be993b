/** What a request costs and why, which models have no price. These routes record nothing. */
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { ParsedBody } from "../ingest/events-dialect.ts";
import type { BodyProblem } from "../ingest/json-body.ts";
import { presentCard } from "../pricing/present-card.ts";
import { presentPrice } from "../pricing/present-price.ts";
import { presentUnpriced } from "../pricing/present-unpriced.ts";
import { Pricer } from "../pricing/pricer.ts";
import { isValidAt } from "../pricing/rate-card.ts";
import type { UnpricedModels } from "../pricing/unpriced-models.ts";
import type { BodyReader } from "./body.ts";
import { EVENTS_CONTENT, EVENTS_PROBLEMS } from "./event-schemas.ts";
import { bodyKind } from "./events-route.ts";
import { sendJson } from "./json.ts";
import { instantParameter, readParameters, requiredTextParameter, textParameter } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import { CARDS_SCHEMA, PRICE_SCHEMA, UNPRICED_SCHEMA } from "./pricing-schemas.ts";
import { HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";

export type PricingRoutesParts = {
  readonly pricer: Pricer;
  readonly unpriced: UnpricedModels;
  /** One event; an array or an envelope may hold it. */
  readonly parse: (text: string, receivedAtMicros: number) => ParsedBody | BodyProblem;
  readonly bodies: BodyReader;
  readonly nowMicros: () => number;
};

const CARD_PARAMETERS = {
  model: requiredTextParameter("Name of the model."),
  provider: textParameter("Name of the provider; `unknown` without it."),
  at: instantParameter("When the price is to hold; now without it."),
};

export function pricingRoutes(parts: PricingRoutesParts): readonly Route[] {
  return [
    {
      path: PATHS.prices,
      method: "get",
      role: "query",
      handle: (request, response) => sendJson(response, cardFor(request.originalUrl, parts)),
      operation: {
        tag: "prices",
        summary: "The price card of a model",
        parameters: CARD_PARAMETERS,
        answer: {
          description: "The card in force, and others.",
          content: { "application/json": CARDS_SCHEMA },
        },
        problems: ["price_not_found"],
      },
    },
    {
      path: PATHS.price,
      method: "post",
      role: "query",
      handle: async (request, response) => {
        if (bodyKind(request.headers["content-type"]) !== "json") {
          throw new HttpProblem("unsupported_media_type", "content-type: expected application/json");
        }
        sendJson(response, priceOf(await parts.bodies.readText(request), parts));
      },
      operation: {
        tag: "prices",
        summary: "What a request would cost, and why",
        description: "Takes one event, and records nothing.",
        body: { "application/json": EVENTS_CONTENT["application/json"]! },
        answer: { description: "Its cost by component.", content: { "application/json": PRICE_SCHEMA } },
        problems: [...EVENTS_PROBLEMS, "invalid_event"],
      },
    },
    {
      path: PATHS.unpriced,
      method: "get",
      role: "query",
      handle: (request, response) => {
        readParameters(request.originalUrl, {});
        sendJson(response, unpricedModels(parts));
      },
      operation: {
        tag: "prices",
        summary: "Models without a price",
        parameters: {},
        answer: {
          description: "The models, and what to add to a price file.",
          content: { "application/json": UNPRICED_SCHEMA },
        },
      },
    },
  ];
}

function cardFor(url: string, { pricer, nowMicros }: PricingRoutesParts): unknown {
  const { provider, model, at } = readParameters(url, CARD_PARAMETERS);
  const micros = at ?? nowMicros();
  const cards = pricer.find(provider ?? "unknown", model);
  const inForce = cards.find(({ card }) => isValidAt(card.validity, micros));
  if (inForce === undefined) {
    throw new HttpProblem(
      "price_not_found",
      `expected a model that a price book knows, got provider ${JSON.stringify(provider ?? "unknown")} and model ${JSON.stringify(model)}; add it to a price file (docs/pricing.md)`,
    );
  }
  return {
    provider: provider ?? "unknown",
    model,
    at: rfc3339OfMicros(micros),
    card: presentCard(inForce, pricer.books),
    other_cards: cards.filter((match) => match !== inForce).map((match) => presentCard(match, pricer.books)),
  };
}

function priceOf(text: string, { parse, pricer, nowMicros }: PricingRoutesParts): unknown {
  const parsed = parse(text, nowMicros());
  if ("code" in parsed) throw new HttpProblem(parsed.code, parsed.detail);
  const { events, rejections } = parsed;
  const issues = rejections.flatMap((rejection) => rejection.issues);
  if (issues.length > 0) {
    throw new HttpProblem("invalid_event", issues.map(({ message }) => message).join("; "));
  }
  if (events[0] === undefined) throw new HttpProblem("bad_envelope", "expected one event, got none");
  return presentPrice(events[0], askedOnly(pricer));
}

/** The same prices, without a trace in what is kept at hand for events. */
function askedOnly({ books }: Pricer): Pricer {
  return new Pricer(books, { modelsMax: 1 });
}

function unpricedModels({ unpriced, pricer }: PricingRoutesParts): unknown {
  return {
    models: unpriced.list().map((model) => presentUnpriced(model, askedOnly(pricer))),
    models_limit: unpriced.limits.modelsMax,
    /** Requests of models that the list had no room for. */
    dropped_requests: unpriced.dropped,
  };
}
