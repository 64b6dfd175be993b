/** Embeddings of several vendors: only input has a price. */
import type { BillingCase } from "../billing-case.ts";

const OPENAI = "https://platform.openai.com/docs/pricing";
const GUIDE = "https://platform.openai.com/docs/guides/embeddings";
const AZURE = "https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/";
const VOYAGE = "https://docs.voyageai.com/docs/pricing";
const COHERE = "https://cohere.com/pricing";
const GOOGLE = "https://ai.google.dev/gemini-api/docs/pricing";
const BEDROCK = "https://aws.amazon.com/bedrock/pricing/";
const MISTRAL = "https://mistral.ai/pricing";
const CLOUDFLARE = "https://developers.cloudflare.com/workers-ai/platform/pricing/";

export const EMBEDDINGS_CASES: readonly BillingCase[] = [
  {
    name: "five tokens of the small model",
    event: {
      provider: "openai.embedding",
      model: "text-embedding-3-small",
      operation: "embeddings",
      input_tokens: 5,
    },
    result: "priced",
    nanoUsd: 100,
    derivation: "5*20",
    source: GUIDE,
  },
  {
    name: "the large model, its output count zero",
    event: {
      provider: "openai",
      model: "text-embedding-3-large",
      operation: "embeddings",
      input_tokens: 8191,
      output_tokens: 0,
    },
    result: "priced",
    nanoUsd: 1_064_830,
    derivation: "8191*130",
    source: OPENAI,
  },
  {
    name: "the oldest model by its alias",
    event: {
      provider: "openai",
      model: "text-embedding-ada-002-v2",
      operation: "embeddings",
      input_tokens: 8,
    },
    result: "priced",
    nanoUsd: 800,
    derivation: "8*100",
    source: OPENAI,
  },
  {
    name: "output tokens of an embedding have no price",
    event: {
      provider: "openai",
      model: "text-embedding-3-small",
      operation: "embeddings",
      input_tokens: 1000,
      output_tokens: 1,
    },
    result: "partial",
    nanoUsd: 20000,
    derivation: "1000*20",
    source: OPENAI,
  },
  {
    name: "nothing but output tokens",
    event: {
      provider: "openai",
      model: "text-embedding-3-large",
      operation: "embeddings",
      input_tokens: 0,
      output_tokens: 3,
    },
    result: "unpriced",
    nanoUsd: null,
    derivation: "null",
    source: OPENAI,
  },
  {
    name: "cached input of an embedding has no price",
    event: {
      provider: "openai",
      model: "text-embedding-3-large",
      operation: "embeddings",
      input_tokens: 1000,
      cache_read_tokens: 10,
    },
    result: "partial",
    nanoUsd: 128_700,
    derivation: "(1000-10)*130",
    source: OPENAI,
  },
  {
    name: "a thousand million tokens",
    event: {
      provider: "openai",
      model: "text-embedding-3-small",
      operation: "embeddings",
      input_tokens: 1_000_000_000,
    },
    result: "priced",
    nanoUsd: 20_000_000_000,
    derivation: "1000000000*20",
    source: OPENAI,
  },
  {
    name: "the same by the batch API",
    event: {
      provider: "openai",
      model: "text-embedding-3-small",
      operation: "embeddings",
      input_tokens: 1_000_000_000,
      service_tier: "batch",
    },
    result: "unpriced",
    nanoUsd: null,
    derivation: "null",
    source: OPENAI,
  },
  {
    name: "Azure with LiteLLM's prefix",
    event: {
      provider: "azure",
      model: "azure/text-embedding-3-large",
      operation: "embeddings",
      input_tokens: 300,
    },
    result: "priced",
    nanoUsd: 39000,
    derivation: "300*130",
    source: AZURE,
  },
  {
    name: "Azure's oldest model",
    event: {
      provider: "azure.ai.openai",
      model: "text-embedding-ada-002",
      operation: "embeddings",
      input_tokens: 300,
    },
    result: "priced",
    nanoUsd: 30000,
    derivation: "300*100",
    source: AZURE,
  },
  {
    name: "Voyage's general model",
    event: { provider: "voyage", model: "voyage-3.5", operation: "embeddings", input_tokens: 1000 },
    result: "priced",
    nanoUsd: 60000,
    derivation: "1000*60",
    source: VOYAGE,
  },
  {
    name: "Voyage's large model with LiteLLM's prefix",
    event: {
      provider: "voyage",
      model: "voyage/voyage-3-large",
      operation: "embeddings",
      input_tokens: 1000,
    },
    result: "priced",
    nanoUsd: 180_000,
    derivation: "1000*180",
    source: VOYAGE,
  },
  {
    name: "Voyage's smallest model, one token",
    event: { provider: "Voyage AI", model: "voyage-4-lite", operation: "embeddings", input_tokens: 1 },
    result: "priced",
    nanoUsd: 20,
    derivation: "1*20",
    source: VOYAGE,
  },
  {
    name: "Cohere's model of text and images",
    event: { provider: "cohere", model: "embed-v4.0", operation: "embeddings", input_tokens: 2500 },
    result: "priced",
    nanoUsd: 300_000,
    derivation: "2500*120",
    source: COHERE,
  },
  {
    name: "Google's model by the API's resource name",
    event: {
      provider: "gemini",
      model: "models/gemini-embedding-001",
      operation: "embeddings",
      input_tokens: 2500,
    },
    result: "priced",
    nanoUsd: 375_000,
    derivation: "2500*150",
    source: GOOGLE,
  },
  {
    name: "Google's model on Vertex AI",
    event: {
      provider: "vertex_ai-embedding-models",
      model: "gemini-embedding-001",
      operation: "embeddings",
      input_tokens: 7,
    },
    result: "priced",
    nanoUsd: 1050,
    derivation: "7*150",
    source: GOOGLE,
  },
  {
    name: "Amazon's first Titan model",
    event: {
      provider: "aws.bedrock",
      model: "amazon.titan-embed-text-v1",
      operation: "embeddings",
      input_tokens: 1000,
    },
    result: "priced",
    nanoUsd: 100_000,
    derivation: "1000*100",
    source: BEDROCK,
  },
  {
    name: "Mistral's model",
    event: { provider: "mistralai", model: "mistral-embed", operation: "embeddings", input_tokens: 640 },
    result: "priced",
    nanoUsd: 64000,
    derivation: "640*100",
    source: MISTRAL,
  },
  {
    name: "an open model on Cloudflare",
    event: { provider: "workers-ai", model: "@cf/baai/bge-m3", operation: "embeddings", input_tokens: 1000 },
    result: "priced",
    nanoUsd: 12000,
    derivation: "1000*12",
    source: CLOUDFLARE,
  },
];
