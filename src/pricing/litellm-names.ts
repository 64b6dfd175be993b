/** Providers and models as LiteLLM's price map names them, in its keys, prefixes and aliases. */
import { canonicalProvider } from "../event/provider-names.ts";
import type { Fields } from "./litellm-rates.ts";
import type { PriceEntry } from "./price-entry.ts";

export type LitellmName = Pick<PriceEntry, "provider" | "model"> & {
  /** The least holds. */
  readonly rank: string;
};

/** Names of a model: its key's, and those of aliases that are no keys themselves, as LiteLLM has it. */
export function namesOf(key: string, fields: Fields, map: Fields): readonly LitellmName[] {
  const aliases: unknown[] = Array.isArray(fields.aliases) ? fields.aliases : [];
  const others = aliases.filter(
    (alias) => typeof alias === "string" && alias !== "" && !Object.hasOwn(map, alias),
  );
  return [nameOf(key, fields, "key"), ...others.map((alias) => nameOf(alias as string, fields, "alias"))];
}

/**
 * Provider and model of a key. Only the provider's own prefix goes; regions and sizes stay in the model's
 * name (`us-east-1/anthropic.claude-v2`, `eu/gpt-4o`), so that they do not shadow the model without one. A
 * model without a provider is any provider's, unless its prefix is a provider that is known.
 */
function nameOf(key: string, { litellm_provider }: Fields, kind: "key" | "alias"): LitellmName {
  const provider =
    typeof litellm_provider === "string" && litellm_provider !== "" ? litellm_provider : undefined;
  const slash = key.indexOf("/");
  const prefix = key.slice(0, Math.max(slash, 0));
  const model = key.slice(slash + 1);
  const own = prefix !== "" && model !== "" && isPrefixOf(prefix, provider);
  const rank = `${own ? 1 : 0} ${kind === "key" ? 0 : 1} ${key}`;
  if (!own) return { provider, model: key, rank };
  // Families such as `vertex_ai-zai_models` come faster than anyone learns them; their prefix is known.
  const known = provider !== undefined && canonicalProvider(provider) !== undefined;
  const family = provider?.startsWith(`${prefix}-`) === true;
  return { provider: provider === undefined || (family && !known) ? prefix : provider, model, rank };
}

function isPrefixOf(prefix: string, provider: string | undefined): boolean {
  const canonical = canonicalProvider(prefix);
  if (provider === undefined) return canonical !== undefined;
  if (providerIdentity(prefix) === providerIdentity(provider)) return true;
  return provider.startsWith(`${prefix}-`);
}

/** The same for every spelling of a provider: `amazon-nova/` in a key, `amazon_nova` as the provider. */
export function providerIdentity(provider: string | undefined): string {
  if (provider === undefined) return "*";
  return canonicalProvider(provider) ?? provider.toLowerCase().replace(/[^a-z0-9]/g, "");
}
