/** What is wrong with a configuration file, as the operator reads it. */
import { expect } from "vitest";
import type { z } from "zod";
import { configSchema } from "../../src/config/schema.ts";
import { ConfigError, parseYaml } from "../../src/config/yaml-file.ts";

/** The lines of the message, one for each fault. Fails unless the text is refused with a ConfigError. */
export function faultsIn(text: string, schema: z.ZodType = configSchema): string[] {
  try {
    parseYaml("config.yml", text, schema);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.split("\n");
  }
  return expect.unreachable(`expected a fault in ${JSON.stringify(text)}`);
}

/** The message with which a promise was rejected. Fails unless it was, and with a ConfigError. */
export async function refusalOf(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => expect.unreachable("expected a refusal"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}
