/**
 * Under which names a price book may know the model of an event. Gateways and clouds wrap a model's name: in paths,
 * ARNs, regions, vendor prefixes. Names are tried in order, the one that was sent first; how a price was found is kept,
 * for people who ask.
 */
import { bareName, canonicalProvider, type ProviderName, vendorByModel } from "../event/provider-names.ts";

export type ModelName = {
  /** As the event says it, for books that know it so. */
  readonly provider: string;
  /** `undefined` if the provider is not one that a book can know. */
  readonly canonical: ProviderName | undefined;
  readonly model: string;
  /** What was done to the names that were sent, in words; empty for the names as they are. */
  readonly steps: readonly string[];
  /** The name lacks the date of the snapshot that was sent: another one of this model may have had another price. */
  readonly loose: boolean;
};

/** Gateways that pass requests on: not they, but whom they pass them to sets the price. The same where no provider is named. */
const GATEWAYS: ReadonlySet<string> = new Set([
  "unknown",
  "litellm",
  "litellmproxy",
  "portkey",
  "helicone",
  "bifrost",
  "kong",
  "envoy",
  "envoyaigateway",
  "vercel",
  "gateway",
  "vercelaigateway",
  "aigateway",
  "cloudflareaigateway",
  "langdb",
  "requesty",
]);
/** Of these the prefix of a model says who serves it, whatever the model is. */
const PREFIX_IS_SERVER: ReadonlySet<string> = new Set([
  "litellm",
  "litellmproxy",
  "portkey",
  "bifrost",
  "requesty",
]);

/** Before a slash they say who serves the model; the others may only have made it, and anyone may serve it. */
const SERVERS: ReadonlySet<ProviderName> = new Set([
  "azure",
  "aws",
  "google-vertex",
  "groq",
  "openrouter",
  "together",
  "fireworks",
  "cerebras",
  "novita",
  "baseten",
  "cohere",
  "perplexity",
  "voyageai",
]);

const ARN = /^arn:aws[a-z-]*:bedrock:[^:]*:[^:]*:(?:foundation-model|inference-profile)\/(.+)$/i;
/** `models/x`, `publishers/google/models/x`, `projects/p/locations/l/publishers/google/models/x`. */
const GOOGLE_PATH = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?models\/(.+)$/i;
const BEDROCK_ROUTE = /^(?:converse|converse_like|invoke)\//i;
/** `-20250514`, `@20250514`, `-2025-05-14`. */
const DATE = /[-@]20\d{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])$/;
/** Google numbers its snapshots; elsewhere such a number makes another model. */
const GOOGLE_NUMBER = /-00\d$/;

/** Every name to try, in order, each once. */
export function modelNames(provider: string, model: string): readonly ModelName[] {
  const names: ModelName[] = [];
  const push = (name: Omit<ModelName, "loose">, loose = false) => {
    const known = names.some((other) => other.canonical === name.canonical && other.model === name.model);
    if (!known && name.model !== "") names.push({ ...name, loose });
  };
  const canonical = canonicalProvider(provider);
  push({ provider, canonical, model, steps: [] });
  for (const name of unwrapped(provider, canonical, model)) push(name);
  if (canonical === undefined && GATEWAYS.has(bareName(provider))) {
    for (const name of byVendor(provider, model)) push(name);
  }
  for (const name of names.slice()) {
    const isGoogle = name.canonical === "google" || name.canonical === "google-vertex";
    const dateless = name.model.replace(DATE, "").replace(isGoogle ? GOOGLE_NUMBER : "", "");
    if (dateless === name.model) continue;
    push({ ...name, model: dateless, steps: [...name.steps, "without the date of the snapshot"] }, true);
  }
  return names;
}

/** The name without what a cloud or SDK puts around it. */
function* unwrapped(
  provider: string,
  canonical: ProviderName | undefined,
  model: string,
): Generator<Omit<ModelName, "loose">> {
  let rest = model;
  const steps: string[] = [];
  const step = (next: string, what: string) => {
    if (next === rest) return false;
    rest = next;
    steps.push(what);
    return true;
  };
  const own = (prefix: string) => canonical !== undefined && canonicalProvider(prefix) === canonical;
  const slash = rest.indexOf("/");
  if (slash > 0 && own(rest.slice(0, slash)) && canonical !== "openrouter") {
    step(rest.slice(slash + 1), `without the prefix ${rest.slice(0, slash)}/`);
    yield { provider, canonical, model: rest, steps: [...steps] };
  } else if (slash > 0 && canonical === "openrouter" && rest.toLowerCase().startsWith("openrouter/")) {
    // OpenRouter's own models keep the prefix; the name as it is has been tried by now.
    step(rest.slice(slash + 1), "without the prefix openrouter/");
    yield { provider, canonical, model: rest, steps: [...steps] };
  }
  if (canonical === "aws") {
    const changed = [
      step(rest.replace(ARN, "$1"), "the id in the ARN"),
      step(rest.replace(BEDROCK_ROUTE, ""), "without the route"),
    ];
    if (changed.includes(true)) yield { provider, canonical, model: rest, steps: [...steps] };
  }
  if (canonical === "google" || canonical === "google-vertex") {
    if (step(rest.replace(GOOGLE_PATH, "$1"), "the id in the path")) {
      yield { provider, canonical, model: rest, steps: [...steps] };
    }
  }
}

/** The vendor as the name says: before a slash, or by a name that is the vendor's own. */
function* byVendor(provider: string, model: string): Generator<Omit<ModelName, "loose">> {
  const slash = model.indexOf("/");
  if (slash > 0) {
    const vendor = canonicalProvider(model.slice(0, slash));
    const rest = model.slice(slash + 1);
    const isServer =
      vendor !== undefined && (SERVERS.has(vendor) || PREFIX_IS_SERVER.has(bareName(provider)));
    if (vendor === undefined || !(isServer || vendorByModel(rest) === vendor)) return;
    const steps = [`provider ${vendor}, by the prefix of the model`];
    yield { provider: vendor, canonical: vendor, model: rest, steps };
    for (const name of unwrapped(vendor, vendor, rest)) yield { ...name, steps: [...steps, ...name.steps] };
    return;
  }
  const vendor = vendorByModel(model);
  if (vendor === undefined) return;
  yield { provider, canonical: vendor, model, steps: [`provider ${vendor}, by the name of the model`] };
}
