import { expect, test } from "vitest";
import { registeredProvider } from "../../src/event/registered-provider.ts";

test.each([
  ["openai", "openai"],
  ["bedrock", "aws.bedrock"],
  ["aws.bedrock", "aws.bedrock"],
  ["azure", "azure.ai.openai"],
  ["azure_ai", "azure.ai.inference"],
  ["azure.ai.inference", "azure.ai.inference"],
  ["gemini", "gcp.gemini"],
  ["gcp.gen_ai", "gcp.gen_ai"],
  ["vertex_ai", "gcp.vertex_ai"],
  ["mistral", "mistral_ai"],
  ["xai", "x_ai"],
  ["kimi", "moonshot_ai"],
  ["openrouter.ai", "openrouter"],
  ["My vLLM", "My vLLM"],
  ["other", "other"],
  ["", ""],
])("%j is registered as %j", (spelling, registered) => {
  expect(registeredProvider(spelling)).toBe(registered);
});
