import { describe, expect, test } from "vitest";
import { canonicalProvider } from "../../src/event/provider-names.ts";
import { modelNames } from "../../src/pricing/model-names.ts";

const namesOf = (provider: string, model: string) =>
  modelNames(provider, model).map(
    ({ canonical, model, loose }) => `${canonical} ${model}${loose ? " (loose)" : ""}`,
  );

describe("provider names", () => {
  test.each([
    ["openai", "openai"],
    ["OpenAI", "openai"],
    ["openai.chat", "openai"],
    ["azure.ai.openai", "azure"],
    ["az.ai.inference", "azure"],
    ["azure_ai", "azure"],
    ["aws.bedrock", "aws"],
    ["amazon-bedrock", "aws"],
    ["bedrock_converse", "aws"],
    ["gcp.gemini", "google"],
    ["google.generative-ai", "google"],
    ["gcp.vertex_ai", "google-vertex"],
    ["vertex_ai-anthropic_models", "google-vertex"],
    ["mistral_ai", "mistral"],
    ["x_ai", "x-ai"],
    ["moonshot_ai", "moonshotai"],
    ["Together AI", "together"],
  ])("%s is %s", (spelling, name) => {
    expect(canonicalProvider(spelling)).toBe(name);
  });

  test.each(["ollama", "vllm", "acme", "", "unknown", "openai-compatible", "mistral-self-hosted"])(
    "%s is nobody that a price book could know",
    (spelling) => {
      expect(canonicalProvider(spelling)).toBeUndefined();
    },
  );
});

describe("names of a model", () => {
  test("the name that was sent comes first", () => {
    expect(namesOf("openai", "gpt-4o")).toEqual(["openai gpt-4o"]);
  });

  test.each([
    {
      name: "the id in a Bedrock ARN",
      provider: "aws.bedrock",
      model: "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-x-v1:0",
      expected: "aws eu.anthropic.claude-x-v1:0",
    },
    {
      name: "the id in an ARN of a foundation model",
      provider: "bedrock",
      model: "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      expected: "aws amazon.nova-lite-v1:0",
    },
    {
      name: "a Bedrock route behind LiteLLM's prefix",
      provider: "bedrock",
      model: "bedrock/converse/us.amazon.nova-pro-v1:0",
      expected: "aws us.amazon.nova-pro-v1:0",
    },
    {
      name: "Google's path",
      provider: "gcp.gemini",
      model: "models/gemini-2.5-pro",
      expected: "google gemini-2.5-pro",
    },
    {
      name: "Vertex's long path",
      provider: "vertex_ai",
      model: "projects/p/locations/us-central1/publishers/anthropic/models/claude-sonnet-4@20250514",
      expected: "google-vertex claude-sonnet-4@20250514",
    },
    { name: "the provider's own prefix", provider: "azure", model: "azure/gpt-4o", expected: "azure gpt-4o" },
    {
      name: "a date that no book may know",
      provider: "openai",
      model: "gpt-5-2026-02-03",
      expected: "openai gpt-5 (loose)",
    },
    {
      name: "a date after @",
      provider: "vertex_ai",
      model: "claude-opus-9@20260101",
      expected: "google-vertex claude-opus-9 (loose)",
    },
    {
      name: "Gemini's number of a snapshot",
      provider: "gemini",
      model: "gemini-2.0-flash-001",
      expected: "google gemini-2.0-flash (loose)",
    },
    {
      name: "a vendor before a slash, behind a gateway",
      provider: "litellm",
      model: "anthropic/claude-sonnet-4-5",
      expected: "anthropic claude-sonnet-4-5",
    },
    {
      name: "a vendor's own name, where no provider is said",
      provider: "unknown",
      model: "gemini-2.5-pro",
      expected: "google gemini-2.5-pro",
    },
    {
      name: "what OpenRouter routes to",
      provider: "openrouter",
      model: "openrouter/anthropic/claude-sonnet-4.5",
      expected: "openrouter anthropic/claude-sonnet-4.5",
    },
  ])("are tried with $name", ({ provider, model, expected }) => {
    expect(namesOf(provider, model)).toContain(expected);
  });

  test.each([
    ["unknown", "gpt-oss-20b"],
    ["litellm", "llama3"],
    ["portkey", "deepseek-r1"],
    ["litellm", "acme/own-model"],
    ["unknown", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"],
    ["unknown", "openai/gpt-oss-120b"],
    ["unknown", "mistralai/Mixtral-8x7B-Instruct-v0.1"],
    ["vercel", "deepseek/deepseek-r1"],
    ["ollama", "gpt-4o"],
    ["acme-cloud", "claude-sonnet-4-5"],
  ])("of %s, %s are nobody's in particular", (provider, model) => {
    expect(modelNames(provider, model).every(({ canonical }) => canonical === undefined)).toBe(true);
  });

  test.each([
    ["openai", "davinci-002"],
    ["azure", "gpt-4-001"],
  ])("of %s keep the number of %s, which is no snapshot there", (provider, model) => {
    expect(modelNames(provider, model)).toHaveLength(1);
  });

  test.each([
    ["unknown", "groq/llama-3.3-70b-versatile", "groq llama-3.3-70b-versatile"],
    ["litellm", "deepseek/deepseek-chat", "deepseek deepseek-chat"],
    ["vercel", "anthropic/claude-sonnet-4.5", "anthropic claude-sonnet-4.5"],
  ])("of %s, %s is served by whom the prefix says", (provider, model, expected) => {
    expect(namesOf(provider, model)).toContain(expected);
  });

  test("say what was done to them", () => {
    const [, second] = modelNames("gcp.gemini", "models/gemini-2.5-pro");
    expect(second?.steps).toEqual(["the id in the path"]);
  });

  test("are few, whatever is sent", () => {
    const hostile = `${"models/".repeat(20)}${"arn:aws:bedrock:".repeat(10)}-20250101`;
    for (const provider of ["bedrock", "gemini", "openrouter", "unknown", "litellm"]) {
      expect(modelNames(provider, hostile).length).toBeLessThan(12);
    }
  });
});
