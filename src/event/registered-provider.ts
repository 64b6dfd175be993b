/**
 * What OpenTelemetry's registry calls a provider. Where it has a name, that name must be used.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/#gen-ai-provider-name
 */
import { bareName, canonicalProvider, type ProviderName } from "./provider-names.ts";

/** Where it is not our own name for it. */
const REGISTERED: { readonly [Name in ProviderName]?: string } = {
  azure: "azure.ai.openai",
  aws: "aws.bedrock",
  google: "gcp.gemini",
  "google-vertex": "gcp.vertex_ai",
  mistral: "mistral_ai",
  "x-ai": "x_ai",
  moonshotai: "moonshot_ai",
};

/** What the registry tells apart though it has one price list, by bare spelling. */
const TOLD_APART: ReadonlyMap<string, string> = new Map(
  [
    ["azure.ai.inference", "azure.ai.inference"],
    ["az.ai.inference", "azure.ai.inference"],
    ["azure_ai", "azure.ai.inference"],
    ["gcp.gen_ai", "gcp.gen_ai"],
  ].map(([spelling, name]) => [bareName(spelling!), name!]),
);

/** The registered name of a provider that is known here. */
export function registeredName(canonical: ProviderName): string {
  return REGISTERED[canonical] ?? canonical;
}

/** The registered name of a provider; a provider that nobody knows keeps the one it has. */
export function registeredProvider(spelling: string): string {
  const apart = TOLD_APART.get(bareName(spelling));
  if (apart !== undefined) return apart;
  const canonical = canonicalProvider(spelling);
  return canonical === undefined ? spelling : registeredName(canonical);
}
