/**
 * One name for a provider, whoever reports it: that of OpenTelemetry's registry where it has one, else the one that
 * prices go by. A provider that nobody knows keeps its name in lower case.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/#gen-ai-provider-name
 */
import { bareName, canonicalProvider } from "../../event/provider-names.ts";
import { registeredName } from "../../event/registered-provider.ts";

/** Where the registry tells apart what has one price list, or a producer has names of its own. By bare spelling. */
const OWN: ReadonlyMap<string, string> = new Map([
  ["azureaiinference", "azure.ai.inference"],
  ["azaiinference", "azure.ai.inference"],
  ["azureai", "azure.ai.inference"],
  // Envoy AI Gateway, by the schema of the backend.
  ["gcpanthropic", "gcp.vertex_ai"],
]);

/** Hosts that speak OpenAI's protocol: instrumentations of its client call all of them `openai`. */
const HOSTS: readonly (readonly [host: RegExp, provider: string])[] = [
  [/\.openai\.azure\.(?:com|us)$/, "azure.ai.openai"],
  [/\.(?:cognitiveservices|services\.ai)\.azure\.com$/, "azure.ai.openai"],
  [/^generativelanguage\.googleapis\.com$/, "gcp.gemini"],
  [/aiplatform\.googleapis\.com$/, "gcp.vertex_ai"],
  [/^bedrock[a-z-]*\..*\.amazonaws\.com$/, "aws.bedrock"],
  [/^api\.anthropic\.com$/, "anthropic"],
  [/^api\.groq\.com$/, "groq"],
  [/^(?:api\.)?openrouter\.ai$/, "openrouter"],
  [/^api\.deepseek\.com$/, "deepseek"],
  [/^(?:[a-z0-9-]+\.)?api\.x\.ai$/, "x_ai"],
  [/^api\.mistral\.ai$/, "mistral_ai"],
  [/^api\.perplexity\.ai$/, "perplexity"],
  [/^api\.together\.(?:xyz|ai)$/, "together"],
  [/^api\.fireworks\.ai$/, "fireworks"],
  [/^api\.cerebras\.ai$/, "cerebras"],
  [/^api\.moonshot\.(?:ai|cn)$/, "moonshot_ai"],
];

/** Longer than any name that is known here, and than a host's name can be. */
const SPELLING_LENGTH_MAX = 128;
const HOST_LENGTH_MAX = 253;

/** `serverAddress` decides where the provider is said to be OpenAI; `undefined` if nothing is known. */
export function providerLabel(
  spelling: string | undefined,
  serverAddress: string | undefined,
): string | undefined {
  const label = spelling === undefined ? undefined : labelOf(spelling);
  if (serverAddress === undefined || (label !== undefined && label !== "openai")) return label;
  if (serverAddress.length > HOST_LENGTH_MAX) return label;
  const host = serverAddress.toLowerCase();
  return HOSTS.find(([pattern]) => pattern.test(host))?.[1] ?? label;
}

/** The kind of model that the Vercel AI SDK appends: `groq.chat`, `my-host.textEmbedding`. */
const KIND = /\.(?:chat|completion|responses|messages|embedding|textembedding|image|transcription|speech)$/;

function labelOf(spelling: string): string {
  const name = spelling.slice(0, SPELLING_LENGTH_MAX).toLowerCase();
  for (let whole = name; ; whole = whole.slice(0, whole.lastIndexOf("."))) {
    const own = OWN.get(bareName(whole));
    if (own !== undefined) return own;
    const canonical = canonicalProvider(whole);
    if (canonical !== undefined) return registeredName(canonical);
    if (!whole.includes(".")) return name.replace(KIND, "");
  }
}
