/**
 * OpenTelemetry's conventions for generative AI: names of metrics and attributes, in the two wordings that are asked for.
 * What they do not name goes under the names of families.ts, never under `gen_ai`.
 *
 * `v1.36`: https://github.com/open-telemetry/semantic-conventions/blob/v1.36.0/docs/gen-ai/gen-ai-metrics.md; its metrics are
 * the same up to v1.41, and the attribute that v1.37 renamed goes under both names.
 * `latest`: https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/client-inference.md, as of
 * October 2026.
 */
import type { HistogramKey, TOKEN_TYPES } from "./families.ts";

type TokenType = (typeof TOKEN_TYPES)[number];

export const GEN_AI_ATTRIBUTES = {
  operation: "gen_ai.operation.name",
  requestModel: "gen_ai.request.model",
  responseModel: "gen_ai.response.model",
  /** Ours: the conventions know no pool. */
  pool: "llm.pool",
} as const;

/** What other labels are called there: `llm.team`. */
export const LABEL_ATTRIBUTE_PREFIX = "llm.";

export type TokenMetric = {
  readonly name: string;
  /** A histogram has a sum and a count and no bounds: how tokens are distributed is not kept. */
  readonly type: "counter" | "histogram";
  readonly help: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Which of our disjoint types add up to it. */
  readonly tokenTypes: readonly TokenType[];
};

export type GenAiProfile = {
  readonly providerAttributes: readonly string[];
  /** In seconds. */
  readonly durations: Readonly<Record<HistogramKey, { readonly name: string; readonly help: string }>>;
  readonly tokens: readonly TokenMetric[];
  /** Whether every type of token has a metric, so that our own family would say it twice. */
  readonly namesAllTokens: boolean;
};

/** As both wordings have it: input includes what is cached, output includes reasoning. */
const INPUT: readonly TokenType[] = ["input", "cache_read", "cache_write"];
const OUTPUT: readonly TokenType[] = ["output", "reasoning"];

const SERVER_DURATIONS = {
  timeToFirstToken: {
    name: "gen_ai.server.time_to_first_token",
    help: "Time from sending a streaming request to its first token.",
  },
  timePerOutputToken: {
    name: "gen_ai.server.time_per_output_token",
    help: "Mean time between output tokens of a successful streaming request.",
  },
} as const;

const usage = (type: "input" | "output", tokenTypes: readonly TokenType[]): TokenMetric => ({
  name: "gen_ai.client.token.usage",
  type: "histogram",
  help: "Tokens used. Every request is an observation, of zero tokens if none were reported.",
  attributes: { "gen_ai.token.type": type },
  tokenTypes,
});

const counter = (of: string, tokenTypes: readonly TokenType[], help: string): TokenMetric => ({
  name: `gen_ai.client.inference.usage.${of}`,
  type: "counter",
  help,
  // Senders report no modality, and this is the word for it.
  attributes: { "gen_ai.token.modality": "unknown" },
  tokenTypes,
});

export const GEN_AI_PROFILES = {
  "v1.36": {
    providerAttributes: ["gen_ai.provider.name", "gen_ai.system"],
    durations: {
      duration: {
        name: "gen_ai.client.operation.duration",
        help: "Time from sending a request to its completion, whatever its status.",
      },
      ...SERVER_DURATIONS,
    },
    tokens: [usage("input", INPUT), usage("output", OUTPUT)],
    namesAllTokens: false,
  },
  latest: {
    providerAttributes: ["gen_ai.provider.name"],
    durations: {
      duration: {
        name: "gen_ai.client.inference.duration",
        help: "Time from sending a request to its completion, whatever its status.",
      },
      ...SERVER_DURATIONS,
    },
    tokens: [
      counter("input_tokens", INPUT, "Input tokens, cached ones included."),
      counter("output_tokens", OUTPUT, "Output tokens, reasoning included."),
      counter("cache_read.input_tokens", ["cache_read"], "Input tokens read from the prompt cache."),
      counter("cache_write.input_tokens", ["cache_write"], "Input tokens written to the prompt cache."),
      counter("reasoning.output_tokens", ["reasoning"], "Output tokens used for reasoning."),
    ],
    namesAllTokens: true,
  },
} as const satisfies Record<string, GenAiProfile>;

export type GenAiProfileName = keyof typeof GEN_AI_PROFILES;
export const GEN_AI_PROFILE_NAMES = Object.keys(GEN_AI_PROFILES) as [GenAiProfileName, ...GenAiProfileName[]];
